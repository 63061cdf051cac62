"""Shapes of maps in."""

import re
from datetime import datetime, timedelta

from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from core.layer import moment
from incidents.serializers import BoxField

MOST_FEATURES = 60_000
MOST_ITEMS, ITEMS = 10_000, 1000  # of one page of OGC API Features: at most, and unasked
FARTHEST = 10_000_000
OPEN_END = re.compile(r"(\.\.)?$|0000-|9999-")


class FeaturesIn(serializers.Serializer):
    """`?bbox=` and `?limit=`; everything else is the moment or a filter of the layer."""

    bbox = BoxField(required=False, default=None)
    limit = serializers.IntegerField(min_value=1, max_value=MOST_FEATURES, default=20_000)


class ExportIn(serializers.Serializer):
    """`?format=` and `?bbox=`."""

    format = serializers.ChoiceField(choices=["gpkg", "geojson", "csv"], default="geojson")
    bbox = BoxField(required=False, default=None)


class LayerNamesIn(serializers.Serializer):
    """`?layers=a,b`."""

    layers = serializers.RegexField(
        r"^[a-z_]{1,40}(,[a-z_]{1,40}){0,19}$", required=False, default=""
    )


@extend_schema_field({"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6})
class OgcBoxField(BoxField):
    """Four numbers, or six with heights, which say nothing about what lies on the ground."""

    def to_internal_value(self, data):
        parts = str(data).split(",")
        flat = [*parts[:2], *parts[3:5]] if len(parts) == 6 else parts
        return super().to_internal_value(",".join(flat))


class PeriodField(serializers.CharField):
    """A time, or start/end of which one may be open; answers the first and the last instant.

    Open is "" or "..", and what QGIS writes instead: the years 0000 and 9999. A date is the whole
    day; what comes without an offset, as desktop programs send it, is meant in TIME_ZONE.
    """

    def to_internal_value(self, data) -> tuple[datetime | None, datetime | None]:
        parts = super().to_internal_value(data).split("/")
        try:
            spans = [(None, None) if OPEN_END.match(part) else span(part) for part in parts]
        except ValueError:
            raise serializers.ValidationError(_("A time with its offset is expected.")) from None
        start, end = spans[0][0], spans[-1][1]
        if len(parts) > 2 or not (start or end) or (start and end and start > end):
            raise serializers.ValidationError(_("A time, or start/end, is expected."))
        return start, end


def span(text: str) -> tuple[datetime, datetime]:
    """The first and the last instant of a time or a date; ValueError for everything else."""
    given = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that came unescaped
    start = moment((given if given.tzinfo else make_aware(given)).isoformat())
    return start, start + timedelta(days=1, microseconds=-1) if len(text) == 10 else start


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": MOST_ITEMS, "default": ITEMS})
class PageSizeField(serializers.IntegerField):
    """More than the most is no error: the most comes, as the standard wants it."""

    def to_internal_value(self, data):
        return min(super().to_internal_value(data), MOST_ITEMS)


class ItemsIn(serializers.Serializer):
    """One page of OGC API Features; everything else is a filter of the layer."""

    bbox = OgcBoxField(required=False, default=None)
    datetime = PeriodField(required=False, default=None)
    limit = PageSizeField(min_value=1, default=ITEMS)
    offset = serializers.IntegerField(min_value=0, max_value=FARTHEST, default=0)
    after = serializers.RegexField(r"^[\w.-]{1,40}$", required=False, default="")


class BaseMapIn(serializers.Serializer):
    """A PMTiles archive with what must be known about it."""

    name = serializers.CharField(max_length=40)
    title = serializers.CharField(max_length=80)
    attribution = serializers.CharField(max_length=300)
    file = serializers.FileField()


class NothingIn(serializers.Serializer):
    """No parameter at all."""


def asked(shape, query) -> tuple[dict, dict]:
    """The parts of a query that a shape knows, checked, and the others as they are."""
    told = shape(data=query)
    told.is_valid(raise_exception=True)
    return told.validated_data, {key: query[key] for key in query if key not in told.fields}
