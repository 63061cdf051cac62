"""Every matter gets an answer: messages to reporters and calls after closing."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import User
from incidents.models.incident import Incident
from incidents.models.reporter import Reporter
from incidents.models.timeline import IncidentEvent


class Message(models.Model):
    """Outbox: something to tell a reporter, written with the event it tells of.

    The number or address it goes to stays sealed with the reporter until it is sent.
    """

    class Channel(models.TextChoices):
        SMS = "SMS", _("text message")
        MAIL = "MAIL", _("mail")

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting")
        SENT = "SENT", _("sent")
        DEAD = "DEAD", _("given up")

    event = models.ForeignKey(IncidentEvent, models.PROTECT, related_name="messages")
    reporter = models.ForeignKey(Reporter, models.PROTECT, related_name="messages")
    channel = models.CharField(_("channel"), max_length=4, choices=Channel.choices)
    text = models.TextField(_("text"))
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default="WAITING")
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    next_at = models.DateTimeField(_("next attempt at"))
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    receipt = models.CharField(_("receipt"), max_length=80, blank=True)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.UniqueConstraint(
                fields=["event", "reporter", "channel"], name="one_message_of_an_event"
            ),
            models.CheckConstraint(
                name="message_sent_at_fits_state",
                condition=Q(state="SENT", sent_at__isnull=False)
                | (~Q(state="SENT") & Q(sent_at=None)),
            ),
        ]
        indexes = [models.Index("next_at", name="message_waiting", condition=Q(state="WAITING"))]

    def __str__(self) -> str:
        return f"message {self.pk} of event {self.event_id}"


class FollowUpCall(models.Model):
    """The call to the reporter after closing: was it well done?"""

    class Result(models.TextChoices):
        SATISFIED = "SATISFIED", _("satisfied")
        FAIR = "FAIR", _("fairly satisfied")
        DISSATISFIED = "DISSATISFIED", _("dissatisfied")
        UNREACHED = "UNREACHED", _("not reached")

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="calls")
    due_at = models.DateTimeField(_("due at"))
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    caller = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    result = models.CharField(_("result"), max_length=12, choices=Result.choices, blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        verbose_name = _("follow-up call")
        verbose_name_plural = _("follow-up calls")
        constraints = [
            models.CheckConstraint(
                name="call_done_with_a_result",
                condition=Q(done_at=None, result="") | (Q(done_at__isnull=False) & ~Q(result="")),
            ),
            models.UniqueConstraint(
                fields=["incident"], name="one_open_call_of_an_incident", condition=Q(done_at=None)
            ),
        ]
        indexes = [models.Index("due_at", name="call_due", condition=Q(done_at=None))]

    def __str__(self) -> str:
        return f"call about {self.incident_id}"
