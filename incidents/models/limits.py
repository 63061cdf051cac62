"""How long a body may take: limits as rows."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Department
from incidents import deadlines
from incidents.models.category import Category


class Stage(models.TextChoices):
    """What a clock measures."""

    ACCEPT = "ACCEPT", _("accepting")
    HANDLE = "HANDLE", _("handling")
    VERIFY = "VERIFY", _("verifying")


class Body(models.TextChoices):
    """The kinds of body a limit may be for."""

    DISTRICT = "DISTRICT", _("district")
    TOWN = "TOWN", _("town")
    COMMUNITY = "COMMUNITY", _("community")
    DEPARTMENT = "DEPARTMENT", _("department")


UNITS = [
    ("work_hour", _("work hours")),
    ("workday", _("workdays")),
    ("clock_hour", _("clock hours")),
    ("calendar_day", _("calendar days")),
]


class LimitRule(models.Model):
    """Units of time after which a stage is reminded, supervised, and gets its cards.

    What is left empty means every body, every department, every category, or never. Where
    several rules fit, the most specific one holds: first by body, then by category.
    """

    stage = models.CharField(_("stage"), max_length=6, choices=Stage.choices)
    body = models.CharField(_("body"), max_length=10, choices=Body.choices, blank=True)
    department = models.ForeignKey(
        Department, models.CASCADE, null=True, blank=True, verbose_name=_("department")
    )
    category = models.ForeignKey(
        Category, models.CASCADE, null=True, blank=True, verbose_name=_("category")
    )
    unit = models.CharField(_("unit"), max_length=12, choices=UNITS, default=deadlines.WORKDAY)
    reminded = models.PositiveSmallIntegerField(_("reminder after"), null=True, blank=True)
    supervised = models.PositiveSmallIntegerField(_("supervision after"), null=True, blank=True)
    yellow = models.PositiveSmallIntegerField(_("limit, yellow card after"))
    red = models.PositiveSmallIntegerField(_("red card after"), null=True, blank=True)

    class Meta:
        verbose_name = _("time limit rule")
        verbose_name_plural = _("time limit rules")
        constraints = [
            models.UniqueConstraint(
                fields=["stage", "body", "department", "category"],
                name="one_limit_rule_of_a_kind",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                name="limit_rule_unit", condition=Q(unit__in=list(deadlines.UNITS))
            ),
            models.CheckConstraint(
                name="limit_rule_rises",
                condition=(Q(reminded=None) | Q(reminded__lte=F("yellow")))
                & (Q(supervised=None) | Q(supervised__lte=F("yellow")))
                & (Q(reminded=None) | Q(supervised=None) | Q(reminded__lte=F("supervised")))
                & (Q(red=None) | Q(red__gte=F("yellow"))),
            ),
            models.CheckConstraint(
                name="limit_rule_is_possible",
                condition=Q(yellow__gte=1, yellow__lte=1000) & (Q(red=None) | Q(red__lte=1000)),
            ),
            models.CheckConstraint(
                name="limit_rule_department_is_a_department",
                condition=Q(department=None) | Q(body="DEPARTMENT"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage} {self.body} {self.yellow} {self.unit}"

    @property
    def limit(self) -> deadlines.Limit:
        return deadlines.Limit(self.yellow, self.unit)

    @property
    def ladder(self) -> deadlines.Ladder:
        return deadlines.Ladder(self.unit, self.yellow, self.red, self.reminded, self.supervised)
