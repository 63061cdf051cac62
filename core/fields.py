"""Fields of requests that refuse what no clock of ours can show."""

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

EARLIEST, LATEST = 1900, 2200  # years; beyond them a shift of the time zone can overflow


def refuse_impossible(year: int) -> None:
    if not EARLIEST <= year <= LATEST:
        raise serializers.ValidationError(_("This date is impossible."))


class MomentField(serializers.DateTimeField):
    """A moment of our time."""

    def enforce_timezone(self, value):
        refuse_impossible(value.year)
        return super().enforce_timezone(value)


class DayField(serializers.DateField):
    """A day of our time."""

    def to_internal_value(self, value):
        day = super().to_internal_value(value)
        refuse_impossible(day.year)
        return day


class NumberField(serializers.FloatField):
    """A number as everybody writes it: Python alone reads 1_08 as 108."""

    def to_internal_value(self, data):
        if isinstance(data, str) and "_" in data:
            self.fail("invalid")
        return super().to_internal_value(data)
