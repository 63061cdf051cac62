"""Calls from below: departments are called to a place and an hour (吹哨报到)."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Area, Department, User
from incidents.models.incident import Incident

WORST, BEST = 1, 5


class Callout(models.Model):
    """A community or town that leads a case calls departments to a place at an hour.

    It cancels a call with a reason; to move one to another hour it cancels it and calls anew.
    """

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="callouts")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", db_index=False)
    place = models.CharField(_("meeting place"), max_length=120)
    hour = models.DateTimeField(_("hour"))
    matter = models.TextField(_("matter"))
    called_by = models.ForeignKey(User, models.PROTECT, related_name="+", db_index=False)
    called_at = models.DateTimeField(_("called at"), db_index=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancelled_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", db_index=False
    )
    cancel_reason = models.TextField(_("why it was cancelled"), blank=True)

    class Meta:
        verbose_name = _("call to a place")
        verbose_name_plural = _("calls to a place")
        constraints = [
            models.CheckConstraint(
                name="callout_cancelled_by_somebody_with_a_reason",
                condition=Q(cancelled_at=None, cancelled_by=None, cancel_reason="")
                | (
                    Q(cancelled_at__isnull=False, cancelled_by__isnull=False) & ~Q(cancel_reason="")
                ),
            )
        ]

    def __str__(self) -> str:
        return f"call {self.pk} about {self.incident_id}"

    @property
    def is_met(self) -> bool:
        """Whether somebody has arrived or was scored: such a call has taken place."""
        return any(one.arrived_at or one.scored_at for one in self.called.all())


class Called(models.Model):
    """One department of a call: what it answered, when it was there, what the caller thinks of it.

    agrees: None until it answers. Who has refused does not arrive; anybody called is scored.
    """

    callout = models.ForeignKey(Callout, models.PROTECT, related_name="called")
    department = models.ForeignKey(Department, models.PROTECT, related_name="+")
    agrees = models.BooleanField(_("agrees"), null=True)
    reason = models.TextField(_("reason"), blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True)
    arrived_at = models.DateTimeField(_("arrived at"), null=True)
    score = models.PositiveSmallIntegerField(_("score"), null=True)
    scored_at = models.DateTimeField(_("scored at"), null=True)

    class Meta:
        verbose_name = _("called department")
        verbose_name_plural = _("called departments")
        constraints = [
            models.UniqueConstraint(
                fields=["callout", "department"], name="department_called_once_by_a_call"
            ),
            models.CheckConstraint(
                name="called_answers_and_refuses_with_a_reason",
                condition=Q(agrees=None, answered_at=None)
                | Q(agrees=True, answered_at__isnull=False)
                | (Q(agrees=False, answered_at__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(
                name="called_arrives_unless_refused",
                condition=Q(arrived_at=None) | Q(agrees=None) | Q(agrees=True),
            ),
            models.CheckConstraint(
                name="called_scored_from_one_to_five",
                condition=Q(score=None, scored_at=None)
                | Q(score__range=(WORST, BEST), scored_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"department {self.department_id} of call {self.callout_id}"
