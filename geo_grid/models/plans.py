"""Plans: what is drawn, edit by edit, and who said what to it."""

from django.contrib.gis.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models.ground import Area, Cell
from geo_grid.models.people import User


class BoundaryPlan(models.Model):
    """A set of boundary changes that is checked, approved and published together.

    Drawn on a base, the version of the map it started from. sequence: of the last edit;
    head: sequence of the last edit that counts, 0 at the base (undo moves it back).
    """

    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        SUBMITTED = "SUBMITTED", _("submitted")
        RETURNED = "RETURNED", _("changes requested")
        APPROVED = "APPROVED", _("approved")
        SCHEDULED = "SCHEDULED", _("scheduled")
        PUBLISHED = "PUBLISHED", _("published")
        SUPERSEDED = "SUPERSEDED", _("superseded")
        REVERTED = "REVERTED", _("reverted")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")

    EDITABLE = (Status.DRAFT, Status.SUBMITTED, Status.RETURNED, Status.APPROVED)
    OPEN = (*EDITABLE, Status.SCHEDULED)

    name = models.CharField(_("name"), max_length=120)
    status = models.CharField(_("status"), max_length=10, choices=Status.choices, default="DRAFT")
    district = models.CharField(_("district code"), max_length=6, blank=True, db_index=True)
    base = models.ForeignKey(
        "GridRevision", models.PROTECT, null=True, blank=True, related_name="drafts"
    )
    reverts = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="reverted_by"
    )
    author = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="boundary_plans"
    )
    note = models.TextField(_("note"), blank=True)
    record_srid = models.IntegerField(_("CRS of record"))
    provenance = models.TextField(_("provenance"))
    synthetic = models.BooleanField(_("synthetic"), default=False)
    sequence = models.PositiveIntegerField(_("edits"), default=0)
    head = models.PositiveIntegerField(default=0)
    content_hash = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField(_("created at"))
    effective_at = models.DateTimeField(_("effective at"), null=True, blank=True)
    report = models.JSONField(_("topology report"), default=list)

    class Meta:
        verbose_name = _("boundary plan")
        verbose_name_plural = _("boundary plans")

    def __str__(self) -> str:
        return self.name


class PlanEdit(models.Model):
    """One edit of a plan. Append-only: an undo is an edit of its own.

    parameters: what was asked, geometry in integers of millimetres of the plan's CRS, and the
    codes given to new cells; enough to draw it again, bit by bit. parent: the edit that counted
    before it; undoes: of an UNDO or REDO, the edit it takes back or puts back.
    """

    plan = models.ForeignKey(BoundaryPlan, models.PROTECT, related_name="edits")
    sequence = models.PositiveIntegerField()
    parent = models.PositiveIntegerField(default=0)
    undoes = models.PositiveIntegerField(null=True)
    kind = models.CharField(_("kind"), max_length=20)
    parameters = models.JSONField(default=dict)
    cells = models.JSONField(_("cells"), default=list)
    note = models.CharField(_("note"), max_length=200, blank=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("edit")
        verbose_name_plural = _("edits")
        constraints = [
            models.UniqueConstraint(fields=["plan", "sequence"], name="one_edit_of_a_sequence")
        ]

    def __str__(self) -> str:
        return f"edit {self.sequence} of plan {self.plan_id}"


class PlanCell(models.Model):
    """A cell as a plan draws it, from one edit until another; what is absent is as in the base.

    record, geom, sha256 and area_m2 as in CellBoundary; none for a cell that is no more (gone).
    """

    plan = models.ForeignKey(BoundaryPlan, models.PROTECT, related_name="cells")
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Cell.Kind.choices)
    community = models.ForeignKey(Area, models.PROTECT, related_name="+")
    record = models.BinaryField(null=True)
    geom = models.MultiPolygonField(srid=4326, null=True, spatial_index=False)
    sha256 = models.CharField(max_length=64, blank=True)
    area_m2 = models.FloatField(_("area in m²"), default=0)
    gone = models.BooleanField(default=False)
    since = models.PositiveIntegerField()
    until = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("cell of a plan")
        verbose_name_plural = _("cells of plans")
        constraints = [
            models.UniqueConstraint(
                fields=["plan", "code"], name="a_plan_draws_a_cell_once", condition=Q(until=None)
            ),
            models.CheckConstraint(
                name="plan_cell_drawn_or_gone",
                condition=Q(gone=True, record=None, geom=None)
                | Q(gone=False, record__isnull=False, geom__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["plan", "since"], name="plan_cell_since")]

    def __str__(self) -> str:
        return f"{self.code} of plan {self.plan_id}"


class PlanReview(models.Model):
    """A step on a plan's way: who, when, why, and about which content."""

    class Decision(models.TextChoices):
        SUBMITTED = "SUBMITTED", _("submitted")
        APPROVED = "APPROVED", _("approved")
        RETURNED = "RETURNED", _("changes requested")
        SCHEDULED = "SCHEDULED", _("scheduled")
        PUBLISHED = "PUBLISHED", _("published")
        WITHDRAWN = "WITHDRAWN", _("withdrawn")
        REBASED = "REBASED", _("rebased")

    plan = models.ForeignKey(BoundaryPlan, models.PROTECT, related_name="reviews")
    decision = models.CharField(_("decision"), max_length=10, choices=Decision.choices)
    content_hash = models.CharField(max_length=64)
    comment = models.TextField(_("comment"), blank=True)
    reviewer = models.ForeignKey(User, models.PROTECT, null=True, related_name="plan_reviews")
    at = models.DateTimeField(_("at"))

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")

    def __str__(self) -> str:
        return f"{self.decision} of plan {self.plan_id}"
