"""Shapes of the ground in and out."""

import json

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.fields import MomentField, NumberField
from geo_grid.coordinates import DATUMS, WGS84, BadCoordinates, at_the_door


class LocateIn(serializers.Serializer):
    """`?lon=&lat=&crs=`, `?address=` or `?cell=`, and `?at=`."""

    lon = NumberField(required=False)
    lat = NumberField(required=False)
    crs = serializers.ChoiceField(choices=DATUMS, default=WGS84)
    address = serializers.CharField(
        max_length=200,
        required=False,
        help_text="Better sent by POST: addresses of requests are kept in logs.",
    )
    cell = serializers.RegexField(r"^[A-Za-z0-9_.-]{1,20}$", required=False)
    at = MomentField(required=False)

    def validate(self, attrs):
        by_point = "lon" in attrs and "lat" in attrs
        if by_point + ("address" in attrs) + ("cell" in attrs) != 1:
            text = _("Give lon and lat, an address, or the code of a cell.")
            raise serializers.ValidationError({"lon": text})
        if by_point:
            try:
                place = at_the_door(attrs["lon"], attrs["lat"], attrs["crs"])
            except BadCoordinates as error:
                raise serializers.ValidationError({"lon": _(str(error))}) from None
            attrs |= {"lon": place.lon, "lat": place.lat}
        return attrs


class AddressIn(serializers.Serializer):
    """Words that name a place, and the moment."""

    address = serializers.CharField(max_length=200)
    at = MomentField(required=False)


class CellsIn(serializers.Serializer):
    """`?at=` and `?area=`."""

    at = MomentField(required=False)
    area = serializers.RegexField(r"^\d{6}(\d{3}){0,2}$", required=False, default="")


class GapsIn(serializers.Serializer):
    """`?days=`: how soon a post ends to be listed."""

    days = serializers.IntegerField(min_value=1, max_value=366, default=30)


class OutlinesIn(serializers.Serializer):
    """`?level=`."""

    level = serializers.ChoiceField(
        choices=["DISTRICT", "TOWN", "COMMUNITY"], required=False, default=""
    )


def feature_collection(rows, name_of_id: str = "code") -> dict:
    """Rows with a GeoJSON text in `shape` as a FeatureCollection."""
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "id": row[name_of_id],
                "geometry": json.loads(row["shape"]),
                "properties": {
                    key.removeprefix("cell__").removeprefix("plan__"): value
                    for key, value in row.items()
                    if key != "shape"
                },
            }
            for row in rows
        ],
    }
