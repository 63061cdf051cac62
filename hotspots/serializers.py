"""Shapes in and out. No NaN leaves: what has no value is null and says why."""

import json
from datetime import datetime, time, timedelta

import numpy as np
import shapely
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from hotspots.queries import GI_STAR, WARNINGS, Analysis

DEFAULT_DAYS, MOST_DAYS = 30, 3660


class HotspotsIn(serializers.Serializer):
    """Which analysis: method, and whole local days, both ends included. Without: 30 days."""

    method = serializers.ChoiceField(choices=[GI_STAR], default=GI_STAR)
    category = serializers.RegexField(r"^(\d{2}(\d{2})?)?$", required=False, default="")
    area = serializers.RegexField(r"^(\d{6}(\d{3}){0,2})?$", required=False, default="")

    def get_fields(self):
        days = {name: serializers.DateField(required=False) for name in ("from", "to")}
        return super().get_fields() | days

    def validate(self, attrs):
        last = attrs.pop("to", timezone.localdate())
        first = attrs.pop("from", None) or _before(last, DEFAULT_DAYS - 1)
        if first > last:
            raise serializers.ValidationError({"to": _("The end is before the beginning.")})
        if (last - first).days > MOST_DAYS:
            raise serializers.ValidationError({"from": _("At most ten years at once.")})
        if first.year < 1900 or last.year > 2200:
            raise serializers.ValidationError({"from": _("A date between 1900 and 2200.")})
        return attrs | {"since": _midnight(first), "until": _midnight(last + timedelta(days=1))}


def _before(day, days: int):
    return day - timedelta(days=min(days, day.toordinal() - 1))


def _midnight(day) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def collection(found: Analysis) -> dict:
    """An analysis as a FeatureCollection with method, parameters and caveats."""
    return {
        "type": "FeatureCollection",
        "method": GI_STAR,
        "parameters": found.parameters,
        "caveats": [{"code": name, "text": str(WARNINGS[name])} for name in found.warnings],
        "features": [_feature(row) for row in found.table.itertuples()],
    }


def _feature(row) -> dict:
    return {
        "type": "Feature",
        "id": row.code,
        "geometry": json.loads(shapely.to_geojson(shapely.set_precision(row.geometry, 1e-7))),
        "properties": {
            "code": row.code,
            "name": row.name,
            "reported": row.reported,
            "neighbours": row.neighbours,
            "seen": row.seen,
            "expected": round(row.expected, 3),
            "z": _number(row.z),
            "p": _number(row.p),
            "level": row.level,
            "reason": row.reason,
        },
    }


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
