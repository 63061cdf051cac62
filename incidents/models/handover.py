"""Who handed what over when boundaries changed."""

from django.contrib.gis.db import models
from django.utils.translation import gettext_lazy as _

from geo_grid.models import BoundaryPlan, Cell
from incidents.models.incident import Incident


class Handover(models.Model):
    """An open incident that a publication of boundaries moved to another cell."""

    plan = models.ForeignKey(BoundaryPlan, models.PROTECT, related_name="handovers")
    incident = models.ForeignKey(Incident, models.PROTECT, related_name="handovers")
    old_cell = models.ForeignKey(Cell, models.PROTECT, related_name="+", db_index=False)
    new_cell = models.ForeignKey(Cell, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("hand-over")
        verbose_name_plural = _("hand-overs")

    def __str__(self) -> str:
        return f"{self.incident_id} by plan {self.plan_id}"
