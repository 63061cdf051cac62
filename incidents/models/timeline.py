"""The one timeline."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Post, User
from incidents.models.incident import Incident
from incidents.models.parts import Part


class IncidentEvent(models.Model):
    """One line of the timeline: history, audit, outbox and live feed at once. Append-only.

    part, to_part: the step it happened in and the step it opened. post: in which office the actor
    acted. details: facts of the move, nothing personal. payload: what a map draws.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="events")
    kind = models.CharField(_("kind"), max_length=20)
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    note = models.TextField(_("note"), blank=True)
    part = models.ForeignKey(Part, models.PROTECT, null=True, related_name="+", db_index=False)
    to_part = models.ForeignKey(Part, models.PROTECT, null=True, related_name="+", db_index=False)
    post = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", db_index=False)
    from_state = models.CharField(max_length=9, blank=True, default="", db_default="")
    to_state = models.CharField(max_length=9, blank=True, default="", db_default="")
    details = models.JSONField(default=dict, db_default={})
    payload = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        indexes = [
            models.Index("actor", "at", name="event_revealed_by", condition=Q(kind="REVEALED"))
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.incident_id}"
