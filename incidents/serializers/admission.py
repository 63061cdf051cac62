"""Shapes of matters that are to be admitted."""

from datetime import datetime

from rest_framework import serializers

from core.fields import MomentField
from incidents import queries
from incidents.models import ServiceItem
from incidents.serializers.reports import Strict


class MatterIn(Strict):
    """What a department asks for; `valid_until` where it is for a time."""

    owner = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=80)
    temporary = serializers.BooleanField(default=False)
    valid_until = MomentField(required=False)


class DecisionIn(Strict):
    """Admitted or declined, with an opinion."""

    admit = serializers.BooleanField()
    opinion = serializers.CharField(max_length=2000)


class MatterOut(serializers.ModelSerializer):
    """A matter: who asked for it, and what was decided."""

    owner = serializers.CharField(source="owner.name")
    asked_by = serializers.CharField(source="asked_by.display_name", default=None)
    decided_by = serializers.CharField(source="decided_by.display_name", default=None)

    class Meta:
        model = ServiceItem
        fields = (
            *("id", "name", "owner", "state", "temporary", "valid_until", "asked_by", "asked_at"),
            *("decided_by", "decided_at", "opinion"),
        )


def as_matters(found: queries.Matters, now: datetime) -> dict:
    """All matters that are seen, which of them the viewer decides, and for whom one may ask."""
    return {
        "matters": [
            MatterOut(one).data
            | {
                "expired": one.valid_until is not None and one.valid_until <= now,
                "may_decide": one.pk in found.decidable,
            }
            for one in found.items
        ],
        "departments": [{"code": one.code, "name": one.name} for one in found.departments],
    }
