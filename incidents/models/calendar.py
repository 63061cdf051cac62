"""The work calendar: the district's own, and those of bodies that keep other days or hours."""

from datetime import time

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Area, Department
from incidents import deadlines

OPENS, NOON, AFTER_NOON, CLOSES = (moment for span in deadlines.SPANS for moment in span)


class WorkCalendar(models.Model):
    """Days on which some bodies differ; every other day is as in the district's calendar.

    The district's calendar is no row: its days have no calendar, so nobody can delete it.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)

    class Meta:
        verbose_name = _("work calendar of a body")
        verbose_name_plural = _("work calendars of bodies")

    def __str__(self) -> str:
        return self.name


class WorkCalendarDay(models.Model):
    """One day: when it is open in the morning and in the afternoon. A day off has neither."""

    calendar = models.ForeignKey(
        WorkCalendar,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="days",
        verbose_name=_("calendar"),
        help_text=_("empty: the district's calendar"),
    )
    date = models.DateField(_("date"))
    morning_from = models.TimeField(_("morning from"), null=True, blank=True, default=OPENS)
    morning_to = models.TimeField(_("morning to"), null=True, blank=True, default=NOON)
    afternoon_from = models.TimeField(
        _("afternoon from"), null=True, blank=True, default=AFTER_NOON
    )
    afternoon_to = models.TimeField(_("afternoon to"), null=True, blank=True, default=CLOSES)
    note = models.CharField(_("note"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("calendar day")
        verbose_name_plural = _("work calendar")
        constraints = [
            models.UniqueConstraint(
                fields=["calendar", "date"], name="one_day_of_a_calendar", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="morning_is_a_span",
                condition=Q(morning_from=None, morning_to=None)
                | Q(
                    morning_from__lt=F("morning_to"),
                    morning_from__isnull=False,
                    morning_to__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="afternoon_is_a_span",
                condition=Q(afternoon_from=None, afternoon_to=None)
                | Q(
                    afternoon_from__lt=F("afternoon_to"),
                    afternoon_from__isnull=False,
                    afternoon_to__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="afternoon_after_morning",
                condition=Q(morning_to=None)
                | Q(afternoon_from=None)
                | Q(morning_to__lte=F("afternoon_from")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.spans}"

    @property
    def spans(self) -> deadlines.Spans:
        """((opens, closes), ...), empty on a day off."""
        return spans_of(self.morning_from, self.morning_to, self.afternoon_from, self.afternoon_to)


def spans_of(*moments: time | None) -> deadlines.Spans:
    """Four moments, of which each pair may be missing, as spans."""
    pairs = (moments[:2], moments[2:])
    return tuple(
        (opens, closes) for opens, closes in pairs if opens is not None and closes is not None
    )


class OfficeCalendar(models.Model):
    """Which body keeps which calendar. While one keeps it, the calendar cannot be deleted."""

    calendar = models.ForeignKey(
        WorkCalendar, models.PROTECT, related_name="offices", verbose_name=_("calendar")
    )
    area = models.OneToOneField(
        Area,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="work_calendar",
        verbose_name=_("area"),
    )
    department = models.OneToOneField(
        Department,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="work_calendar",
        verbose_name=_("department"),
    )
    everybody = models.BooleanField(
        _("for everybody"),
        default=False,
        help_text=_("of a district: its bodies and deadlines keep these days"),
    )

    class Meta:
        verbose_name = _("calendar of a body")
        verbose_name_plural = _("calendars of bodies")
        constraints = [
            models.CheckConstraint(
                name="calendar_of_one_body",
                condition=Q(area=None, department__isnull=False)
                | Q(area__isnull=False, department=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id} of {self.area_id or self.department_id}"
