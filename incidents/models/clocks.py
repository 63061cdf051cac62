"""Clocks: how long a body has had a stage of a case, when it is due, and what was said about it."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import User
from incidents import deadlines
from incidents.models.incident import Incident
from incidents.models.limits import UNITS, Stage
from incidents.models.parts import Part

LEVELS = [
    (0, _("none")),
    (1, _("early warning")),
    (2, _("reminder")),
    (3, _("supervision")),
    (4, _("yellow card")),
    (5, _("red card")),
]
MOMENTS = {
    deadlines.Level.WARNED: "warn_at",
    deadlines.Level.REMINDED: "remind_at",
    deadlines.Level.SUPERVISED: "supervise_at",
    deadlines.Level.YELLOW: "due_at",
    deadlines.Level.RED: "red_at",
}


class Clock(models.Model):
    """One stage of one part. It runs, stands still (suspended), or has stopped.

    The limit is a copy of the rule that held when it started; an empty unit means no limit.
    extension: granted units. paused: what suspensions took, in seconds for hours, else in days.
    fired: the level up to which the rules have acted. level: what stands now.
    next_at: when the rules act next, empty while it stands still or where nothing is left.
    """

    Stage = Stage

    part = models.ForeignKey(Part, models.PROTECT, related_name="clocks")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="clocks")
    stage = models.CharField(_("stage"), max_length=6, choices=Stage.choices)
    started_at = models.DateTimeField(_("started at"))
    stopped_at = models.DateTimeField(_("stopped at"), null=True)
    suspended_at = models.DateTimeField(_("suspended at"), null=True)
    unit = models.CharField(_("unit"), max_length=12, choices=UNITS, blank=True)
    reminded = models.PositiveSmallIntegerField(_("reminder after"), null=True)
    supervised = models.PositiveSmallIntegerField(_("supervision after"), null=True)
    yellow = models.PositiveSmallIntegerField(_("limit, yellow card after"), null=True)
    red = models.PositiveSmallIntegerField(_("red card after"), null=True)
    extension = models.PositiveSmallIntegerField(_("extension"), default=0)
    paused = models.PositiveIntegerField(_("paused"), default=0)
    warn_at = models.DateTimeField(_("warns at"), null=True)
    remind_at = models.DateTimeField(null=True)
    supervise_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(_("due at"), null=True)
    red_at = models.DateTimeField(null=True)
    next_at = models.DateTimeField(null=True)
    fired = models.PositiveSmallIntegerField(default=0)
    level = models.PositiveSmallIntegerField(_("supervision"), choices=LEVELS, default=0)

    class Meta:
        verbose_name = _("clock")
        verbose_name_plural = _("clocks")
        constraints = [
            models.UniqueConstraint(
                fields=["part"], name="one_clock_runs_of_a_part", condition=Q(stopped_at=None)
            ),
            models.CheckConstraint(
                name="clock_acts_only_while_it_runs",
                condition=Q(next_at=None) | Q(stopped_at=None, suspended_at=None),
            ),
            models.CheckConstraint(
                name="clock_has_a_limit_or_none",
                condition=Q(unit="", yellow=None, due_at=None)
                | (~Q(unit="") & Q(yellow__isnull=False, due_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="clock_stops_after_it_starts",
                condition=Q(stopped_at=None) | Q(stopped_at__gte=F("started_at")),
            ),
        ]
        indexes = [
            models.Index("next_at", "id", name="clock_next", condition=Q(next_at__isnull=False)),
            models.Index("incident", name="clock_extended", condition=Q(extension__gt=0)),
            models.Index("due_at", name="clock_due", condition=Q(stopped_at=None)),
            models.Index(
                "suspended_at", name="clock_still", condition=Q(suspended_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} of part {self.part_id}"

    @property
    def ladder(self) -> deadlines.Ladder | None:
        if self.yellow is None:
            return None
        return deadlines.Ladder(self.unit, self.yellow, self.red, self.reminded, self.supervised)

    @property
    def rungs(self) -> list[tuple[deadlines.Level, datetime]]:
        """(level, moment) of every level that has a moment, rising."""
        told = ((level, getattr(self, name)) for level, name in MOMENTS.items())
        return [(level, moment) for level, moment in told if moment is not None]

    def after(self, level: int) -> datetime | None:
        """The moment of the first level above this one."""
        return next((moment for rung, moment in self.rungs if rung > level), None)

    def lamp(self, now: datetime) -> str:
        """green, yellow from the early warning on, red when it is over; a suspended one is green."""
        if self.stopped_at or self.suspended_at:
            return deadlines.GREEN
        return deadlines.lamp_of(self.warn_at, self.due_at, now)


class Suspension(models.Model):
    """A time in which a clock stood still, and why."""

    clock = models.ForeignKey(Clock, models.CASCADE, related_name="suspensions")
    incident = models.ForeignKey(Incident, models.CASCADE, related_name="suspensions")
    since = models.DateTimeField(_("since"))
    until = models.DateTimeField(_("until"), null=True)
    reason = models.TextField(_("reason"), blank=True)

    class Meta:
        verbose_name = _("suspension")
        verbose_name_plural = _("suspensions")
        constraints = [
            models.UniqueConstraint(
                fields=["clock"], name="one_suspension_at_a_time", condition=Q(until=None)
            ),
            models.CheckConstraint(
                name="suspension_ends_after_it_begins",
                condition=Q(until=None) | Q(until__gte=F("since")),
            ),
        ]

    def __str__(self) -> str:
        return f"suspension of clock {self.clock_id}"


class Supervision(models.Model):
    """One level reached: by the rules (no actor), or by hand with an instruction and a reply date."""

    clock = models.ForeignKey(Clock, models.PROTECT, related_name="supervisions")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="supervisions")
    level = models.PositiveSmallIntegerField(_("level"), choices=LEVELS[1:])
    by_rule = models.BooleanField(_("by rule"))
    at = models.DateTimeField(_("at"))
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    instruction = models.TextField(_("instruction"), blank=True)
    reply_by = models.DateTimeField(_("reply by"), null=True)
    reply = models.TextField(_("reply"), blank=True)
    replied_at = models.DateTimeField(_("replied at"), null=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True)
    cancel_reason = models.TextField(_("reason for cancelling"), blank=True)

    class Meta:
        verbose_name = _("supervision")
        verbose_name_plural = _("supervisions")
        constraints = [
            models.UniqueConstraint(
                fields=["clock", "level"],
                name="one_card_of_a_clock_by_rule",
                condition=Q(by_rule=True),
            ),
            models.CheckConstraint(
                name="supervision_by_rule_or_by_hand",
                condition=Q(by_rule=True, actor=None, reply_by=None)
                | (
                    Q(by_rule=False, actor__isnull=False, reply_by__isnull=False)
                    & ~Q(instruction="")
                ),
            ),
            models.CheckConstraint(
                name="supervision_cancelled_with_a_reason",
                condition=Q(cancelled_at=None) | ~Q(cancel_reason=""),
            ),
        ]
        indexes = [
            models.Index(
                "reply_by",
                name="supervision_unanswered",
                condition=Q(reply_by__isnull=False, replied_at=None, cancelled_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"level {self.level} of clock {self.clock_id}"

    @property
    def waits_for_reply(self) -> bool:
        """Given by hand, and neither answered nor cancelled."""
        return not (self.by_rule or self.replied_at or self.cancelled_at)
