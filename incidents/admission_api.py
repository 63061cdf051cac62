"""Admission of new matters over HTTP: the list, asking, deciding."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from incidents import queries, services
from incidents.serializers.admission import DecisionIn, MatterIn, MatterOut, as_matters


class Matters(APIView):
    """Kinds of work that departments bring into the grid: those of your district; ask for one."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        now = timezone.now()
        return Response(as_matters(queries.matters(request.user, now), now))

    @extend_schema(request=MatterIn, responses={201: MatterOut})
    def post(self, request):
        told = MatterIn(data=request.data)
        told.is_valid(raise_exception=True)
        asked = services.ask_admission(
            actor=request.user, now=timezone.now(), **told.validated_data
        )
        return Response(MatterOut(asked).data, status=201)


class Decision(APIView):
    """The district centre admits a matter or declines it."""

    @extend_schema(request=DecisionIn, responses=MatterOut)
    def post(self, request, key):
        told = DecisionIn(data=request.data)
        told.is_valid(raise_exception=True)
        item = services.decide_admission(
            key=key, actor=request.user, now=timezone.now(), **told.validated_data
        )
        return Response(MatterOut(item).data)
