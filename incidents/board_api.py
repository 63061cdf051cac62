"""The board over HTTP: figures, what is open, a past day, two periods, search."""

from django.http import HttpResponse
from django.utils import timezone
from drf_spectacular.utils import OpenApiTypes, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from core.fields import DayField, MomentField
from geo_grid.models import ApiToken
from incidents import board
from incidents.models import Incident
from incidents.serializers import BoxField


class FiltersIn(serializers.Serializer):
    """What a board shows."""

    status = serializers.ChoiceField(choices=Incident.Status.values, required=False)
    lamp = serializers.ChoiceField(choices=["red", "yellow", "green"], required=False)
    category = serializers.RegexField(r"^\d{2}(\d{2})?$", required=False)
    area = serializers.RegexField(r"^\d{6}(\d{3}){0,2}$", required=False)
    cell = serializers.RegexField(r"^[A-Za-z0-9_.-]{1,20}$", required=False)
    department = serializers.RegexField(r"^[A-Za-z0-9_.-]{1,20}$", required=False)
    since = MomentField(required=False)
    until = MomentField(required=False)


class OpenIn(FiltersIn):
    """The filters, a box to stay in, and which come first where there are too many."""

    bbox = BoxField(required=False)
    order = serializers.ChoiceField(choices=["newest", "due"], required=False)


class DayIn(FiltersIn):
    """The filters, and a local day."""

    date = DayField()


class ComparisonIn(FiltersIn):
    """Two periods of whole local days, both ends included."""

    first_from = DayField()
    first_to = DayField()
    second_from = DayField()
    second_to = DayField()

    def validate(self, attrs):
        for side in ("first", "second"):
            if attrs[f"{side}_from"] > attrs[f"{side}_to"]:
                raise serializers.ValidationError({f"{side}_to": "the end is before the beginning"})
        return attrs


class BoardSearchIn(serializers.Serializer):
    """A number, or a name; what is typed may be a whole address."""

    q = serializers.CharField(min_length=2, max_length=100)


def asked(shape: type[serializers.Serializer], request) -> dict:
    """The checked parameters of a request; 400 names the field."""
    given = shape(data=request.query_params)
    given.is_valid(raise_exception=True)
    return dict(given.validated_data)


def ready(text: str) -> HttpResponse:
    """JSON that the database has written already."""
    return HttpResponse(text, content_type="application/json")


class Figures(APIView):
    """The figures of the day, by lamp, place, category and hour, as far as you see."""

    @extend_schema(parameters=[FiltersIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = asked(FiltersIn, request)
        return ready(board.figures(request.user, timezone.now(), **wanted))


class Open(APIView):
    """What is open now, as rows, with the position at which the live stream goes on."""

    @extend_schema(parameters=[OpenIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted = asked(OpenIn, request)
        return ready(board.open_now(request.user, timezone.now(), **wanted))


class Day(APIView):
    """What was open at some time of a day, as rows."""

    @extend_schema(parameters=[DayIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted, now = asked(DayIn, request), timezone.now()
        start, finish = board.day_of(request.user, wanted.pop("date"), now)
        return ready(board.open_between(request.user, now, start, finish, **wanted))


class Comparison(APIView):
    """Two periods side by side, by category and by town."""

    @extend_schema(parameters=[ComparisonIn], responses=OpenApiTypes.OBJECT)
    def get(self, request):
        wanted, now = asked(ComparisonIn, request), timezone.now()
        first, second = (
            (
                board.day_of(request.user, wanted.pop(f"{side}_from"), now)[0],
                board.day_of(request.user, wanted.pop(f"{side}_to"), now)[1],
            )
            for side in ("first", "second")
        )
        return Response(board.comparison(request.user, now, first, second, **wanted))


class Words(APIView):
    """The names a board shows: categories and areas."""

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request):
        return Response(board.words(request.user, timezone.now()))


class Search(APIView):
    """Incidents by number, people on duty by name. A POST: names belong in no address."""

    throttle_scope = "search"
    token_scopes = {"POST": ApiToken.Scope.READ}

    @extend_schema(request=BoardSearchIn, responses=OpenApiTypes.OBJECT)
    def post(self, request):
        wanted = BoardSearchIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        return Response(board.search(request.user, timezone.now(), wanted.validated_data["q"]))
