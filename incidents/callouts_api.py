"""Calls from below over HTTP: answer, arrival, score, cancelling. A call itself is a move of its case."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import services
from incidents.serializers.callouts import (
    AnswerIn,
    CancelIn,
    NothingIn,
    ScoreIn,
    as_called,
    as_cancelled,
)


class Answer(APIView):
    """A called department agrees, or refuses with a reason."""

    @extend_schema(request=AnswerIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, key):
        told = AnswerIn(data=request.data)
        told.is_valid(raise_exception=True)
        called = services.answer_callout(
            key=key, actor=request.user, now=timezone.now(), **told.validated_data
        )
        return Response(as_called(called))


class Arrival(APIView):
    """The office that called sees a department arrive."""

    @extend_schema(request=NothingIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, key):
        NothingIn(data=request.data).is_valid(raise_exception=True)
        called = services.record_arrival(key=key, actor=request.user, now=timezone.now())
        return Response(as_called(called))


class Score(APIView):
    """The office that called scores a department from 1 to 5."""

    @extend_schema(request=ScoreIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, key):
        told = ScoreIn(data=request.data)
        told.is_valid(raise_exception=True)
        called = services.score_callout(
            key=key, actor=request.user, now=timezone.now(), **told.validated_data
        )
        return Response(as_called(called))


class Cancelling(APIView):
    """The office that called cancels its call with a reason."""

    @extend_schema(request=CancelIn, responses=OpenApiTypes.OBJECT)
    def post(self, request, key):
        told = CancelIn(data=request.data)
        told.is_valid(raise_exception=True)
        call = services.cancel_callout(
            key=key, actor=request.user, now=timezone.now(), **told.validated_data
        )
        return Response({"id": call.pk} | as_cancelled(call))
