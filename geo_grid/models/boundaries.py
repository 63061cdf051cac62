"""Where cells lie, from when to when; the versions of the map, and which cell came from which."""

from django.contrib.gis.db import models
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.contrib.postgres.indexes import GistIndex
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models.ground import Area, Cell
from geo_grid.models.plans import BoundaryPlan


class CellBoundary(models.Model):
    """Where a cell lies during a time, and what it is called then.

    record: WKB in the plan's metric CRS on the one-millimetre grid, the truth of the drawing.
    geom: the same in EPSG:4326, what is served and searched. valid_during is None in a draft.
    """

    cell = models.ForeignKey(Cell, models.PROTECT, related_name="boundaries")
    community = models.ForeignKey(Area, models.PROTECT, related_name="boundaries")
    plan = models.ForeignKey(BoundaryPlan, models.PROTECT, related_name="boundaries")
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Cell.Kind.choices, default="GENERAL")
    record = models.BinaryField()
    geom = models.MultiPolygonField(srid=4326, spatial_index=False)
    valid_during = DateTimeRangeField(null=True)
    sha256 = models.CharField(max_length=64)
    area_m2 = models.FloatField(_("area in m²"))

    class Meta:
        verbose_name = _("cell boundary")
        verbose_name_plural = _("cell boundaries")
        constraints = [
            ExclusionConstraint(
                name="one_boundary_of_a_cell_at_a_time",
                expressions=[("cell", RangeOperators.EQUAL), ("valid_during", "&&")],
            ),
            models.UniqueConstraint("plan", "cell", name="one_boundary_of_a_cell_in_a_plan"),
            models.CheckConstraint(
                name="boundary_time_is_not_empty",
                condition=Q(valid_during=None) | Q(valid_during__isempty=False),
            ),
        ]
        indexes = [
            GistIndex(fields=["geom", "valid_during"], name="boundary_place_time"),
            models.Index(
                F("cell"),
                name="boundary_in_force",
                condition=Q(valid_during__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"boundary {self.pk} of {self.cell_id}"


class GridRevision(models.Model):
    """A version of a district's map, and its certificate.

    residual: directed edges without a partner (0: no gap and no overlap, to the millimetre);
    area2_mm2: twice the area, exact; sha256: of all cells in force, so that two versions are
    equal exactly if their hashes are. handed_over_at: when the open incidents followed.
    """

    district = models.CharField(_("district code"), max_length=6)
    number = models.PositiveIntegerField(_("version"))
    plan = models.ForeignKey(BoundaryPlan, models.PROTECT, related_name="revisions")
    effective_at = models.DateTimeField(_("effective at"))
    published_at = models.DateTimeField(_("published at"))
    handed_over_at = models.DateTimeField(null=True)
    cells = models.PositiveIntegerField(_("cells"))
    half_edges = models.PositiveBigIntegerField()
    residual = models.PositiveBigIntegerField()
    area2_mm2 = models.DecimalField(max_digits=24, decimal_places=0)
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("version of the map")
        verbose_name_plural = _("versions of the map")
        constraints = [
            models.UniqueConstraint(fields=["district", "number"], name="one_revision_of_a_number"),
            models.UniqueConstraint(
                fields=["district", "effective_at"], name="one_revision_at_a_moment"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.district} version {self.number}"


class CellLineage(models.Model):
    """How much of a cell became part of which cell at a publication."""

    revision = models.ForeignKey(GridRevision, models.PROTECT, related_name="lineage")
    origin = models.ForeignKey(Cell, models.PROTECT, related_name="+")
    result = models.ForeignKey(Cell, models.PROTECT, related_name="+")
    area_m2 = models.FloatField(_("area in m²"))
    share = models.FloatField(_("share of the origin's area"))

    class Meta:
        verbose_name = _("lineage")
        verbose_name_plural = _("lineages")
        constraints = [
            models.UniqueConstraint("revision", "origin", "result", name="one_share_of_a_pair")
        ]

    def __str__(self) -> str:
        return f"{self.origin_id} to {self.result_id}"
