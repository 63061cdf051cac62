"""Shapes of supervision by hand."""

from rest_framework import serializers

from core.fields import MomentField
from incidents.deadlines import Level
from incidents.models import Supervision
from incidents.serializers.reports import Strict


class SuperviseIn(Strict):
    """How severe, what is to be done, and by when it is answered."""

    level = serializers.ChoiceField(choices=["SUPERVISED", "YELLOW", "RED"])
    instruction = serializers.CharField(max_length=2000)
    reply_by = MomentField()

    def order(self) -> dict:
        """Arguments of `services.supervise_case`."""
        return {**self.validated_data, "level": Level[self.validated_data["level"]]}


class WordsIn(Strict):
    """A reply, or the reason for cancelling."""

    text = serializers.CharField(max_length=2000)


class SupervisionOut(serializers.ModelSerializer):
    """One level reached. `office` is the supervised body; without an actor the rules said it."""

    level = serializers.SerializerMethodField()
    office = serializers.CharField(source="clock.part.office.name")
    stage = serializers.CharField(source="clock.stage")
    actor = serializers.CharField(source="actor.display_name", default=None)

    class Meta:
        model = Supervision
        fields = (
            *("id", "level", "office", "stage", "by_rule", "at", "actor", "instruction"),
            *("reply_by", "reply", "replied_at", "cancelled_at", "cancel_reason"),
        )

    def get_level(self, given: Supervision) -> str:
        return Level(given.level).name
