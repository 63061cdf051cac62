"""The ground over HTTP."""

from dataclasses import asdict

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import APIView

from geo_grid import queries
from geo_grid.models import ApiToken
from geo_grid.serializers import (
    AddressIn,
    CellsIn,
    GapsIn,
    LocateIn,
    OutlinesIn,
    feature_collection,
)


class Locate(APIView):
    """Where is this: cell, areas above, worker on duty and why, or candidates of an address.

    For another moment (`at`) the worker is named to accounts only. An address may be a person's,
    and what stands in a URL is kept in logs: ask for it by POST, which answers the same and writes
    nothing.
    """

    permission_classes = [AllowAny]
    token_scopes = {"POST": ApiToken.Scope.READ}

    @extend_schema(parameters=[LocateIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = LocateIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        told = {**wanted.validated_data}
        told.pop("crs")  # lon and lat are WGS84 by now
        return Response(queries.locate(request.user, timezone.now(), **told))

    @extend_schema(
        operation_id="api_v1_locate_by_words", request=AddressIn, responses=OpenApiTypes.OBJECT
    )
    def post(self, request):
        wanted = AddressIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(queries.locate(request.user, timezone.now(), **wanted.validated_data))


class Cells(APIView):
    """The boundaries in force now or at a moment, as GeoJSON."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[CellsIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = CellsIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        at = wanted.validated_data.get("at") or timezone.now()
        return Response(
            feature_collection(queries.boundaries_at(at, wanted.validated_data["area"]))
        )


class Outlines(APIView):
    """Outlines of districts, towns and communities, derived from the cells now in force."""

    permission_classes = [AllowAny]

    @extend_schema(parameters=[OutlinesIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = OutlinesIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        return Response(feature_collection(queries.outlines(wanted.validated_data["level"])))


class PostGaps(APIView):
    """Cells without a worker, without anybody, with two workers; posts that end soon."""

    @extend_schema(parameters=[GapsIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = GapsIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        found = queries.gaps(viewer=request.user, now=timezone.now(), **wanted.validated_data)
        return Response(asdict(found))
