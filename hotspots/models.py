"""Runs of an analysis that are kept: what the map shows, and what can be looked up later."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import CellBoundary


class HotspotRun(models.Model):
    """One analysis of one district and period."""

    district = models.CharField(_("district code"), max_length=6)
    method = models.CharField(_("method"), max_length=20)
    since = models.DateTimeField(_("period from"))
    until = models.DateTimeField(_("period to"))
    made_at = models.DateTimeField(_("made at"))
    parameters = models.JSONField(_("parameters"))
    warnings = models.JSONField(_("warnings"), default=list)

    class Meta:
        verbose_name = _("hot-spot run")
        verbose_name_plural = _("hot-spot runs")
        constraints = [
            models.CheckConstraint(name="hotspot_period", condition=Q(since__lt=models.F("until")))
        ]
        indexes = [models.Index("district", models.F("made_at").desc(), name="hotspot_newest")]

    def __str__(self) -> str:
        return f"{self.district} {self.method} {self.made_at:%Y-%m-%d}"


class HotspotValue(models.Model):
    """What a run found in one cell, on the boundary that it looked at."""

    run = models.ForeignKey(HotspotRun, models.CASCADE, related_name="values")
    boundary = models.ForeignKey(CellBoundary, models.PROTECT, related_name="+")
    reported = models.PositiveIntegerField(_("reported number"))
    z = models.FloatField(null=True)
    p = models.FloatField(null=True)
    level = models.SmallIntegerField(_("level"), default=0)
    reason = models.CharField(_("reason"), max_length=40, blank=True)

    class Meta:
        verbose_name = _("hot-spot value")
        verbose_name_plural = _("hot-spot values")
        constraints = [
            models.UniqueConstraint(fields=["run", "boundary"], name="one_value_of_a_boundary")
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.boundary_id} {self.level}"
