"""The catalogue and the features of its layers over HTTP."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from gridmaps import catalogue
from gridmaps.serializers import FeaturesIn, LayerNamesIn, asked


class Layers(APIView):
    """The layers you may put on a map, now or at a moment."""

    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="api_v1_layers_list",
        parameters=[LayerNamesIn],
        responses=OpenApiTypes.OBJECT,
    )
    def get(self, request):
        told, rest = asked(LayerNamesIn, request.query_params)
        seen = catalogue.view(request.user, told["layers"], rest, timezone.now())
        return Response({"layers": seen.contents()})


class Style(APIView):
    """A MapLibre style of layers."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[LayerNamesIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        told, rest = asked(LayerNamesIn, request.query_params)
        seen = catalogue.view(request.user, told["layers"], rest, timezone.now())
        return Response(seen.style(request.build_absolute_uri("/")[:-1]))


class Features(APIView):
    """The features of a layer as GeoJSON, with the position of the live stream they stand at."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[FeaturesIn], responses=OpenApiTypes.OBJECT)
    def get(self, request, name):
        told, rest = asked(FeaturesIn, request.query_params)
        seen = catalogue.view(request.user, name, rest, timezone.now())
        return HttpResponse(
            seen.geojson(told["bbox"], told["limit"]),
            content_type="application/geo+json",
        )
