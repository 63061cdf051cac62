"""Layers as files and as one document, over HTTP."""

from csp.constants import NONCE, NONE, SELF
from csp.decorators import csp
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_safe
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.views import APIView

from core.http import AnyAccept
from geo_grid.models import Area
from gridmaps import catalogue, contactmaps, files, overviews
from gridmaps.serializers import ExportIn, LayerNamesIn, asked


class Export(APIView):
    """A layer as a file: GeoPackage, GeoJSON or CSV, as far as you see it."""

    throttle_scope = "export"
    permission_classes = [AllowAny]
    content_negotiation_class = AnyAccept

    @extend_schema(parameters=[ExportIn], responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request, name):
        told, rest = asked(ExportIn, request.query_params)
        seen = catalogue.view(request.user, name, rest, timezone.now())
        kind = told["format"]
        answer = HttpResponse(
            files.file_of(seen, kind, told["bbox"]), content_type=files.MEDIA[kind]
        )
        answer["Content-Disposition"] = f'attachment; filename="{name}.{kind}"'
        answer["Cache-Control"] = "private, no-store"
        return answer


OWN_POLICY = {
    "sandbox": ["allow-scripts"],
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, "'unsafe-inline'"],
    "img-src": [SELF, "data:"],
    "base-uri": [NONE],
    "form-action": [NONE],
    "frame-ancestors": [NONE],
}


@method_decorator(csp(OWN_POLICY), "dispatch")
class Overview(APIView):
    """Layers on a map in one document that asks no other server.

    folium writes scripts and styles into it; therefore it is shown in a sandbox, as if it came
    from nowhere: it has no cookie and reads nothing of this site.
    """

    throttle_scope = "export"
    permission_classes = [AllowAny]
    content_negotiation_class = AnyAccept

    @extend_schema(parameters=[LayerNamesIn], responses={(200, "text/html"): OpenApiTypes.STR})
    def get(self, request):
        told, rest = asked(LayerNamesIn, request.query_params)
        seen = catalogue.view(request.user, told["layers"] or "areas", rest, timezone.now())
        made = overviews.overview(seen)
        answer = HttpResponse(overviews.document(made, str(request.csp_nonce)))
        answer["Cache-Control"] = "private, no-store"
        return answer


@require_safe
@csp(OWN_POLICY)
def area_map(request, area):
    """Everybody: the cells of an area on a map, with the contact card of each."""
    place = get_object_or_404(Area, code=area, active=True)
    made = contactmaps.contact_map_of(place, timezone.now())
    answer = HttpResponse(overviews.document(made, str(request.csp_nonce)))
    answer["Cache-Control"] = "no-store"  # who answers for a cell may change any day
    return answer
