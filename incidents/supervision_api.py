"""Supervision over HTTP: by hand, the reply to it, and the lists to look at."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import queries, services
from incidents.serializers.supervision import (
    SuperviseIn,
    SupervisionOut,
    WatchIn,
    WordsIn,
    as_watched,
)


class CaseSupervision(APIView):
    """What was said about the slow steps of a case; supervise the body that leads it now."""

    @extend_schema(responses=SupervisionOut(many=True))
    def get(self, request, number):
        found = queries.supervisions(request.user, number, timezone.now())
        return Response(SupervisionOut(found, many=True).data)

    @extend_schema(request=SuperviseIn, responses={201: SupervisionOut})
    def post(self, request, number):
        told = SuperviseIn(data=request.data)
        told.is_valid(raise_exception=True)
        given = services.supervise_case(
            number=number, actor=request.user, now=timezone.now(), **told.order()
        )
        return Response(SupervisionOut(given).data, status=201)


class Reply(APIView):
    """The supervised office says what it has done."""

    @extend_schema(request=WordsIn, responses=SupervisionOut)
    def post(self, request, key):
        told = WordsIn(data=request.data)
        told.is_valid(raise_exception=True)
        text = told.validated_data["text"]
        given = services.reply_to_supervision(
            key=key, reply=text, actor=request.user, now=timezone.now()
        )
        return Response(SupervisionOut(given).data)


class Cancel(APIView):
    """A higher office takes it back, with a reason."""

    @extend_schema(request=WordsIn, responses=SupervisionOut)
    def post(self, request, key):
        told = WordsIn(data=request.data)
        told.is_valid(raise_exception=True)
        text = told.validated_data["text"]
        given = services.cancel_supervision(
            key=key, reason=text, actor=request.user, now=timezone.now()
        )
        return Response(SupervisionOut(given).data)


class WatchCounts(APIView):
    """How many stand on each list: exactly as many as the list shows."""

    @extend_schema(operation_id="api_v1_supervision_lists_list", responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response(queries.watch_counts(request.user, timezone.now()))


class WatchList(APIView):
    """One of the lists that the counts name, newest first."""

    @extend_schema(parameters=[WatchIn], responses=OpenApiTypes.OBJECT)
    def get(self, request, name):
        wanted = WatchIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        now, told = timezone.now(), wanted.validated_data
        found = queries.watch_list(request.user, name, now, told.get("before"))
        address = f"{request.path}?limit={told['limit']}"
        return Response(as_watched(found, name, told["limit"], now, address))
