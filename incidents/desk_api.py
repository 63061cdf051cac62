"""What only the desk asks: to which offices a case may go from here."""

from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from geo_grid.models import Area
from incidents import queries
from incidents.serializers import as_office


class ReceiversIn(serializers.Serializer):
    """The step and the move it is asked for."""

    part = serializers.IntegerField(min_value=1, max_value=2**62)
    move = serializers.ChoiceField(choices=["dispatch", "involve", "copy", "call_out"])


class Receivers(APIView):
    """The offices a case may be sent to; `above` names the town of a community."""

    @extend_schema(parameters=[ReceiversIn], responses=OpenApiTypes.OBJECT)
    def get(self, request, number):
        wanted = ReceiversIn(data=request.query_params)
        wanted.is_valid(raise_exception=True)
        found = queries.receivers(request.user, number, now=timezone.now(), **wanted.validated_data)
        return Response({"offices": [as_receiver(office) for office in found]})


def as_receiver(office) -> dict:
    """An office with the name of what it belongs to."""
    parent = office.parent if isinstance(office, Area) else None
    above = parent.name if parent and parent.level == "TOWN" else ""
    return as_office(office) | {"above": above}
