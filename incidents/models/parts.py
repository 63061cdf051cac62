"""Who has which part in a case: one row for each step of each body."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Area, Department, User
from incidents import workflow
from incidents.models.category import Category
from incidents.models.incident import Incident


class Part(models.Model):
    """One body's step in a case. The office is an area or a department, exactly one.

    A hand-over ends one part and opens the next, so that each has its own times. At most one
    open part leads; the others stand beside it and never block it.
    """

    class Role(models.TextChoices):
        LEAD = "LEAD", _("lead")
        SUPPORT = "SUPPORT", _("support")
        COPY = "COPY", _("copy")

    class State(models.TextChoices):
        WAITING = "WAITING", _("waiting for acceptance")
        HANDLING = "HANDLING", _("in handling")
        REWORK = "REWORK", _("rework")
        SUSPENDED = "SUSPENDED", _("suspended")
        TO_VERIFY = "TO_VERIFY", _("to be verified")
        TO_CLOSE = "TO_CLOSE", _("to be closed")
        TO_READ = "TO_READ", _("to be read")
        DONE = "DONE", _("step done")
        CLOSED = "CLOSED", _("closed")
        FILED = "FILED", _("filed")

    class Outcome(models.TextChoices):
        DISPATCHED = "DISPATCHED", _("dispatched")
        ESCALATED = "ESCALATED", _("escalated")
        SENT_BACK = "SENT_BACK", _("sent back")
        RESOLVED = "RESOLVED", _("resolved")
        REWORK = "REWORK", _("rework")
        CLOSED = "CLOSED", _("closed")
        REFUSED = "REFUSED", _("refused")
        VOID = "VOID", _("void")
        READ = "READ", _("read")
        OVERTAKEN = "OVERTAKEN", _("ended with the case")
        PLACED = "PLACED", _("placed in a cell")

    OPEN = tuple(workflow.OPEN)
    resolved_by: int | None = None  # account that resolved what is to be verified; not stored

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="parts")
    role = models.CharField(_("part"), max_length=7, choices=Role.choices)
    area = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="parts", db_index=False
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="parts", db_index=False
    )
    state = models.CharField(_("state"), max_length=9, choices=State.choices)
    opened_at = models.DateTimeField(_("opened at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    outcome = models.CharField(_("outcome"), max_length=10, choices=Outcome.choices, blank=True)
    came_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="led_to", db_index=False
    )

    class Meta:
        verbose_name = _("part")
        verbose_name_plural = _("parts")
        constraints = [
            models.CheckConstraint(
                name="part_of_one_office",
                condition=Q(area__isnull=False, department=None)
                | Q(area=None, department__isnull=False),
            ),
            models.CheckConstraint(
                name="part_state_fits_role",
                condition=Q(role="LEAD", state__in=workflow.STATES_OF[workflow.LEAD])
                | Q(role="SUPPORT", state__in=workflow.STATES_OF[workflow.SUPPORT])
                | Q(role="COPY", state__in=workflow.STATES_OF[workflow.COPY]),
            ),
            models.CheckConstraint(
                name="part_ended_or_open",
                condition=Q(state__in=workflow.OPEN, ended_at=None, outcome="")
                | (~Q(state__in=workflow.OPEN) & Q(ended_at__isnull=False) & ~Q(outcome="")),
            ),
            models.CheckConstraint(
                name="part_accepted_before_handled",
                condition=Q(accepted_at__isnull=False)
                | ~Q(state__in=["HANDLING", "REWORK", "SUSPENDED"]),
            ),
            models.CheckConstraint(
                name="part_times_in_order",
                condition=(Q(accepted_at=None) | Q(accepted_at__gte=F("opened_at")))
                & (Q(ended_at=None) | Q(ended_at__gte=F("opened_at"))),
            ),
            models.UniqueConstraint(
                fields=["incident"],
                name="one_open_lead_of_an_incident",
                condition=Q(role="LEAD", ended_at=None),
            ),
            models.UniqueConstraint(
                fields=["incident", "area", "role"],
                name="one_open_role_of_an_area",
                condition=Q(ended_at=None, area__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["incident", "department", "role"],
                name="one_open_role_of_a_department",
                condition=Q(ended_at=None, department__isnull=False),
            ),
        ]
        indexes = [
            models.Index("area", "state", name="part_area_tray", condition=Q(ended_at=None)),
            models.Index(
                "department", "state", name="part_department_tray", condition=Q(ended_at=None)
            ),
            models.Index("department", "incident", name="part_department_cases"),
        ]

    def __str__(self) -> str:
        return f"{self.role} of {self.office} in {self.incident_id}"

    @property
    def office(self) -> Area | Department:
        """The body; needs `area` or `department` loaded."""
        return self.area or self.department

    @property
    def level(self) -> str:
        """DISTRICT, TOWN, COMMUNITY or DEPARTMENT."""
        return self.area.level if self.area_id else workflow.DEPARTMENT

    @property
    def is_open(self) -> bool:
        return self.ended_at is None


class Extension(models.Model):
    """More time asked for a part, and what was decided."""

    class State(models.TextChoices):
        ASKED = "ASKED", _("asked for")
        GRANTED = "GRANTED", _("granted")
        REFUSED = "REFUSED", _("not granted")

    part = models.ForeignKey(Part, models.PROTECT, related_name="extensions")
    wanted = models.PositiveSmallIntegerField(_("workdays wanted"))
    granted = models.PositiveSmallIntegerField(_("workdays granted"), default=0)
    state = models.CharField(_("state"), max_length=7, choices=State.choices, default="ASKED")
    asked_at = models.DateTimeField(_("asked at"))
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        verbose_name = _("extension")
        verbose_name_plural = _("extensions")
        constraints = [
            models.CheckConstraint(
                name="extension_decided_or_asked",
                condition=Q(state="ASKED", granted=0, decided_at=None)
                | Q(state="GRANTED", granted__gt=0, decided_at__isnull=False)
                | Q(state="REFUSED", granted=0, decided_at__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["part"], name="one_asked_extension_of_a_part", condition=Q(state="ASKED")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.wanted} for {self.part_id}"


class DepartmentDuty(models.Model):
    """Which categories a department takes, everywhere or in an area: proposed at a dispatch."""

    department = models.ForeignKey(Department, models.CASCADE, related_name="duties")
    category = models.ForeignKey(Category, models.CASCADE, related_name="duties")
    area = models.ForeignKey(Area, models.CASCADE, null=True, blank=True, related_name="duties")

    class Meta:
        verbose_name = _("duty of a department")
        verbose_name_plural = _("duties of departments")
        constraints = [
            models.UniqueConstraint(
                fields=["department", "category", "area"],
                name="one_duty_of_a_department",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.department_id}: {self.category_id}"


class SkipRule(models.Model):
    """When a case may pass over the town to the district; the town gets a copy (越级)."""

    category = models.ForeignKey(Category, models.CASCADE, related_name="skip_rules")
    area = models.ForeignKey(Area, models.CASCADE, null=True, blank=True, related_name="skip_rules")
    urgent_only = models.BooleanField(_("only urgent cases"), default=True)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("rule for skipping a level")
        verbose_name_plural = _("rules for skipping a level")

    def __str__(self) -> str:
        return f"skip for {self.category_id}"
