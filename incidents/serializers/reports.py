"""Shapes of reports in, and of incidents in lists and on maps."""

import math
from functools import cache

import shapely
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.fields import MomentField
from geo_grid.coordinates import DATUMS, WGS84, BadCoordinates, check
from incidents.deadlines import lamp
from incidents.models import Incident
from incidents.services import Location, Report

MOST_VERTICES = 500


class Strict(serializers.Serializer):
    """A shape that refuses keys it does not know."""

    def to_internal_value(self, data):
        if isinstance(data, dict):
            unknown = set(data) - set(self.fields)
            if unknown:
                raise serializers.ValidationError(
                    {name: _("unknown field") for name in sorted(unknown)}
                )
        return super().to_internal_value(data)


def geojson(kinds: list[str], coordinates: dict) -> dict:
    """How a geometry is told in the schema."""
    told = {"type": {"type": "string", "enum": kinds}, "coordinates": coordinates}
    return {
        "type": "object",
        "required": [*told],
        "properties": told,
        "additionalProperties": False,
    }


SPOT = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


@extend_schema_field(geojson(["Point"], SPOT))
class PointField(serializers.Field):
    """A GeoJSON Point with exactly two finite numbers and no other member."""

    def to_internal_value(self, data):
        if not isinstance(data, dict) or set(data) != {"type", "coordinates"}:
            raise serializers.ValidationError(
                _("A GeoJSON Point with type and coordinates is expected.")
            )
        spot = data["coordinates"]
        if data["type"] != "Point" or not isinstance(spot, list) or len(spot) != 2:
            raise serializers.ValidationError(_("A Point has two coordinates."))
        if not all(type(number) in (int, float) and abs(number) < 1e6 for number in spot):
            raise serializers.ValidationError(_("Coordinates must be finite numbers in degrees."))
        try:
            check(*spot)
        except BadCoordinates as error:
            raise serializers.ValidationError(_(str(error))) from None
        return float(spot[0]), float(spot[1])

    def to_representation(self, value):
        return {"type": "Point", "coordinates": list(value)}


@extend_schema_field(geojson(["LineString", "Polygon"], {"type": "array", "items": {}}))
class ShapeField(serializers.Field):
    """A GeoJSON LineString, or a Polygon of one ring, with at most 500 vertices."""

    def to_internal_value(self, data):
        told = isinstance(data, dict) and set(data) == {"type", "coordinates"}
        if not told or data["type"] not in ("LineString", "Polygon"):
            raise serializers.ValidationError(_("A GeoJSON LineString or Polygon is expected."))
        polygon, rings = data["type"] == "Polygon", data["coordinates"]
        if polygon and (not isinstance(rings, list) or len(rings) != 1):
            raise serializers.ValidationError(_("The polygon must have exactly one ring."))
        line = rings[0] if polygon else rings
        least = 4 if polygon else 2
        if not isinstance(line, list) or not least <= len(line) <= MOST_VERTICES:
            raise serializers.ValidationError(
                _("From 2 to %d vertices are expected; a ring has at least 4.") % MOST_VERTICES
            )
        spots = [
            PointField().to_internal_value({"type": "Point", "coordinates": spot}) for spot in line
        ]
        if polygon and spots[0] != spots[-1]:
            raise serializers.ValidationError(_("The ring is not closed."))
        return shapely.Polygon(spots) if polygon else shapely.LineString(spots)

    def to_representation(self, value):
        return shapely.geometry.mapping(value)


class LocationIn(Strict):
    """Where: exactly one of point, address, cell, shape.

    spoken: how the reporter names a place that is given otherwise; kept as its address.
    """

    point = PointField(required=False)
    address = serializers.CharField(max_length=200, required=False)
    cell = serializers.CharField(max_length=20, required=False)
    spoken = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    shape = ShapeField(required=False)
    crs = serializers.ChoiceField(choices=DATUMS, default=WGS84)
    accuracy_m = serializers.FloatField(min_value=0, max_value=100_000, required=False)

    def validate(self, attrs):
        if sum(name in attrs for name in ("point", "address", "cell", "shape")) != 1:
            raise serializers.ValidationError(
                _("Give exactly one of point, address, cell and shape.")
            )
        return attrs


class ReporterIn(Strict):
    """Who reports, if they want to say."""

    name = serializers.CharField(max_length=60, required=False, allow_blank=True, default="")
    phone = serializers.RegexField(
        r"^[0-9+() -]{0,30}$", required=False, allow_blank=True, default=""
    )
    mail = serializers.EmailField(max_length=120, required=False, allow_blank=True, default="")


class IncidentIn(Strict):
    """A report."""

    category = serializers.CharField(max_length=60)
    description = serializers.CharField(max_length=4000, allow_blank=True, default="")
    occurred_at = MomentField(required=False)
    location = LocationIn()
    reporter = ReporterIn(required=False)
    channel = serializers.ChoiceField(
        choices=Incident.Channel.choices, required=False, allow_blank=True, default=""
    )

    def validate_occurred_at(self, value):
        years = (1900, 2200) if self.context.get("queued") else (2000, 2100)
        if not years[0] <= value.year <= years[1]:
            raise serializers.ValidationError(_("This date is impossible."))
        return value


@cache
def _shape(queued: bool) -> IncidentIn:
    """Made once: making it takes longer than checking a report. It keeps nothing of what it checks."""
    return IncidentIn(context={"queued": queued})


def report_of(body, *, queued: bool = False) -> Report:
    """The report these words make. Raises ValidationError."""
    told = _shape(queued).run_validation({} if body is None else body)
    place, reporter = told["location"], told.get("reporter", {})
    lon, lat = place.get("point", (None, None))
    return Report(
        category=told["category"],
        description=told["description"],
        occurred_at=told.get("occurred_at") or timezone.now(),
        location=Location(
            lon=lon,
            lat=lat,
            datum=place["crs"],
            accuracy_m=place.get("accuracy_m"),
            address=place.get("address") or place["spoken"],
            cell=place.get("cell", ""),
            shape=place.get("shape"),
        ),
        reporter_name=reporter.get("name", ""),
        reporter_phone=reporter.get("phone", ""),
        reporter_mail=reporter.get("mail", ""),
        channel=told["channel"],
        queued=queued,
    )


class NameAndCode(serializers.Serializer):
    code = serializers.CharField()
    name = serializers.CharField()


class NameAndPhone(serializers.Serializer):
    name = serializers.CharField()
    phone = serializers.CharField()


class AssignmentOut(serializers.Serializer):
    reason = serializers.ChoiceField(choices=Incident.Reason.choices)
    distance_m = serializers.FloatField()
    boundary = serializers.IntegerField(allow_null=True)
    rule = serializers.CharField()
    hint = serializers.CharField(allow_blank=True)


class IncidentOut(serializers.Serializer):
    """The answer to a report; made by incidents.services.answer_to."""

    number = serializers.CharField()
    status = serializers.ChoiceField(choices=Incident.Status.choices)
    category = serializers.CharField()
    cell = NameAndCode(allow_null=True)
    worker = NameAndPhone(allow_null=True)
    assignment = AssignmentOut()
    reported_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True)


class BoxField(serializers.CharField):
    """west,south,east,north in degrees; what reaches beyond the Earth ends at its edge."""

    def to_internal_value(self, data):
        try:
            west, south, east, north = (
                float(part) for part in super().to_internal_value(data).split(",")
            )
        except ValueError:
            raise serializers.ValidationError(_("west,south,east,north are expected.")) from None
        sides = (west, south, east, north)
        if not all(math.isfinite(side) for side in sides) or west > east or south > north:
            raise serializers.ValidationError(_("west,south,east,north are expected."))
        if west > 180 or east < -180 or south > 90 or north < -90:
            raise serializers.ValidationError(
                _("The box is not on Earth: west,south,east,north are expected.")
            )
        return max(west, -180.0), max(south, -90.0), min(east, 180.0), min(north, 90.0)


class CursorField(serializers.CharField):
    """moment~id of the last incident of the page before."""

    def to_internal_value(self, data):
        moment, _tilde, number = super().to_internal_value(data).partition("~")
        if not number.isdigit() or len(number) > 18:
            raise serializers.ValidationError(_("This cursor is not one of ours."))
        return MomentField().to_internal_value(moment), int(number)


class ListIn(Strict):
    """Filters of the list. One that it does not know is refused: it would be taken for done."""

    bbox = BoxField(required=False)
    status = serializers.ChoiceField(choices=["open", *Incident.Status.values], required=False)
    category = serializers.RegexField(r"^\d{2}(\d{2})?$", required=False)
    area = serializers.RegexField(r"^\d{6}(\d{3}){0,2}$", required=False)
    cell = serializers.CharField(max_length=20, required=False)
    since = MomentField(required=False)
    overdue = serializers.BooleanField(required=False)
    before = CursorField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=2000, default=500)


def as_feature(incident: Incident, now) -> dict:
    """One incident as a GeoJSON feature: nothing personal."""
    spot, suspended = incident.point, getattr(incident, "suspended", False)
    due_at = None if suspended else incident.due_at
    return {
        "type": "Feature",
        "id": incident.number,
        "geometry": spot and {"type": "Point", "coordinates": [spot.x, spot.y]},
        "properties": {
            "number": incident.number,
            "status": incident.status,
            "lamp": lamp(incident.reported_at, due_at, now),
            "suspended": suspended,
            "category": incident.category.code,
            "category_name": incident.category.name,
            "cell": incident.cell and incident.cell.code,
            "cell_name": incident.cell and incident.cell.name,
            "community": incident.community and incident.community.code,
            "reason": incident.reason,
            "reported_at": incident.reported_at.isoformat(),
            "due_at": incident.due_at and incident.due_at.isoformat(),
        },
    }


def as_page(incidents, limit: int, now, address: str) -> dict:
    """A FeatureCollection of at most `limit` incidents and the address of the next page."""
    found = list(incidents[: limit + 1])
    page, more = found[:limit], len(found) > limit
    last = page[-1] if page else None
    cursor = f"{last.reported_at.isoformat().replace('+00:00', 'Z')}~{last.pk}" if more else None
    return {
        "type": "FeatureCollection",
        "features": [as_feature(incident, now) for incident in page],
        "next": cursor and f"{address}{'&' if '?' in address else '?'}before={cursor}",
    }
