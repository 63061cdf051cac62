"""OGC API Features over HTTP: the layers for QGIS, GDAL and whoever speaks the standard."""

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import Invalid
from core.http import AnyAccept
from gridmaps import ogc_documents
from gridmaps.authentication import BasicAuthentication
from gridmaps.serializers import ItemsIn, NothingIn, asked

FEATURES = {(200, ogc_documents.GEOJSON): OpenApiTypes.OBJECT}


class Ogc(APIView):
    """What all addresses of the standard share: a session, a token, or name and password."""

    authentication_classes = [BasicAuthentication, *APIView.authentication_classes]
    permission_classes = [AllowAny]
    content_negotiation_class = AnyAccept

    def site(self, shape=NothingIn) -> tuple[ogc_documents.Site, dict, dict]:
        """The service as the viewer sees it, and the query in two parts, as `asked` says."""
        told, rest = asked(shape, self.request.query_params)
        if shape is NothingIn and rest:
            raise Invalid(_("unknown field"), next(iter(rest))[:40])
        root = self.request.build_absolute_uri("/ogc")
        return ogc_documents.Site(root, self.request.user, timezone.now()), told, rest


class Landing(Ogc):
    """The first page: links to everything else."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response(self.site()[0].landing())


class Conformance(Ogc):
    """The parts of the standard that are kept."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        self.site()
        return Response(ogc_documents.conformance())


class Collections(Ogc):
    """The collections you may see."""

    @extend_schema(operation_id="ogc_collections", responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response(self.site()[0].collections())


class Collection(Ogc):
    """One collection."""

    @extend_schema(operation_id="ogc_collection", responses=OpenApiTypes.OBJECT)
    def get(self, request, name):
        return Response(self.site()[0].collection(name))


class Items(Ogc):
    """One page of a collection's features, as far as you see them.

    `datetime`, a time or start/end: incidents reported then; cells as they lay at the end of it.
    The layer's own filters, such as `status` or `area`, are parameters too.
    """

    @extend_schema(operation_id="ogc_items", parameters=[ItemsIn], responses=FEATURES)
    def get(self, request, name):
        site, told, rest = self.site(ItemsIn)
        return geojson(site.items(name, told, rest))


class Item(Ogc):
    """One feature."""

    @extend_schema(operation_id="ogc_item", responses=FEATURES)
    def get(self, request, name, key):
        return geojson(self.site()[0].item(name, key))


def geojson(text: str) -> HttpResponse:
    answer = HttpResponse(text, content_type=ogc_documents.GEOJSON)
    answer["Cache-Control"] = "private, no-store"
    return answer
