"""Base maps over HTTP: archives that administrators brought, and Tianditu behind a proxy."""

from django.conf import settings
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny, IsAdminUser
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.http import AnyAccept, form_of
from geo_grid.models import ApiToken
from gridmaps import archives, services, tianditu
from gridmaps.serializers import BaseMapIn

FOR_EVER, A_WEEK = "public, max-age=31536000, immutable", "public, max-age=604800"


class BaseMaps(APIView):
    """The base maps there are; bring another one."""

    token_scopes = ApiToken.MANAGED
    parser_classes = [form_of(lambda: settings.BASE_MAP_MAX_BYTES)]

    def get_permissions(self):
        return [IsAdminUser() if self.request.method == "POST" else AllowAny()]

    @extend_schema(operation_id="api_v1_basemaps_list", responses=OpenApiTypes.OBJECT)
    def get(self, request):
        known = [*archives.listed(), *tianditu.listed()]
        words = {"label": _("Base map"), "none": _("Without a base map")}
        return Response({"basemaps": known, **words})

    @extend_schema(request=BaseMapIn, responses={201: OpenApiTypes.OBJECT})
    def post(self, request):
        told = BaseMapIn(data=request.data)
        told.is_valid(raise_exception=True)
        words = told.validated_data
        file = words.pop("file")
        made = services.add_base_map(source=file, size=file.size, **words, now=timezone.now())
        return Response(archives.described(made), status=201)


class BaseMapGone(APIView):
    """Take a base map away."""

    token_scopes = ApiToken.MANAGED
    permission_classes = [IsAdminUser]

    @extend_schema(responses={204: None})
    def delete(self, request, name):
        services.remove_base_map(name=name)
        return Response(status=204)


class BaseMapTile(APIView):
    """One tile of an archive; `v` is in the address that the list names."""

    permission_classes = [AllowAny]
    throttle_classes = []
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request, name, z, x, y):
        _refuse_place(z, x, y)
        found = archives.tile(name, z, x, y)
        answer = HttpResponse(found.content, content_type=found.media_type)
        if found.encoding:
            answer["Content-Encoding"] = found.encoding
        same = request.query_params.get("v") == found.version
        answer["Cache-Control"] = FOR_EVER if same else "public, no-cache"
        return answer


class TiandituTile(APIView):
    """One tile of Tianditu. The key stays here."""

    permission_classes = [AllowAny]
    throttle_classes = []
    content_negotiation_class = AnyAccept

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request, layer, z, x, y):
        _refuse_place(z, x, y)
        content, media_type = tianditu.tile(layer, z, x, y)
        answer = HttpResponse(content, content_type=media_type)
        answer["Cache-Control"] = A_WEEK
        return answer


def _refuse_place(z: int, x: int, y: int) -> None:
    if z > 24 or x >> z or y >> z:
        raise NotFound(_("There is no such tile."), "z")
