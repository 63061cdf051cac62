"""One matter, from report to closure."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, GistIndex, OpClass
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from geo_grid.models import Area, Cell, CellBoundary, Post, User
from incidents.models.category import Category


class Incident(models.Model):
    """One matter, from report to closure. left: the place it lay in before, while it is moved."""

    left: dict | None = None

    class Status(models.TextChoices):
        REPORTED = "REPORTED", _("reported")
        HANDLING = "HANDLING", _("in handling")
        RESOLVED = "RESOLVED", _("resolved")
        REWORK = "REWORK", _("rework")
        CLOSED = "CLOSED", _("closed")
        REFUSED = "REFUSED", _("refused")
        VOID = "VOID", _("void")

    class Reason(models.TextChoices):
        INSIDE = "INSIDE", _("inside the cell")
        ON_BORDER = "ON_BORDER", _("on a border: the lowest code")
        NEAREST = "NEAREST", _("nearest cell within tolerance")
        BY_CODE = "BY_CODE", _("by cell code")
        BY_HAND = "BY_HAND", _("by hand")
        UNASSIGNED = "UNASSIGNED", _("in no cell: waits in the queue")

    class Closing(models.TextChoices):
        NORMAL = "NORMAL", _("closed in time")
        LATE = "LATE", _("closed late")
        MISTAKEN = "MISTAKEN", _("closed as mistaken")
        SPECIAL = "SPECIAL", _("closed as a special case")

    class Unanswered(models.TextChoices):
        ANONYMOUS = "ANONYMOUS", _("no contact was left")
        UNREACHABLE = "UNREACHABLE", _("the reporter cannot be reached")
        DECLINED = "DECLINED", _("the reporter wants no answer")
        OWN_FINDING = "OWN_FINDING", _("found by the grid's own staff")
        ELSEWHERE = "ELSEWHERE", _("answered in the system it came from")
        VOIDED = "VOIDED", _("void: there is nothing to answer")
        MERGED = "MERGED", _("answered with the case it was merged into")

    class Channel(models.TextChoices):
        TELEPHONE = "TELEPHONE", _("telephone")
        COUNTER = "COUNTER", _("counter")
        HOTLINE = "HOTLINE", _("12345 hotline")
        PUBLIC = "PUBLIC", _("public")
        WORKER = "WORKER", _("grid worker")
        IMPORT = "IMPORT", _("import")

    OPEN = (Status.REPORTED, Status.HANDLING, Status.RESOLVED, Status.REWORK)

    number = models.CharField(_("number"), max_length=13, unique=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default="REPORTED")
    category = models.ForeignKey(Category, models.PROTECT, related_name="incidents")
    description = models.TextField(_("description"), blank=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    reported_at = models.DateTimeField(_("reported at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)
    due_at = models.DateTimeField(_("due at"), null=True, blank=True)
    point = models.PointField(srid=4326, null=True, blank=True, spatial_index=False)
    source_lon = models.FloatField(null=True, blank=True)
    source_lat = models.FloatField(null=True, blank=True)
    datum = models.CharField(max_length=20, blank=True)
    accuracy_m = models.FloatField(_("accuracy in m"), null=True, blank=True)
    likely_datum = models.CharField(
        _("datum it may have been meant in"), max_length=8, blank=True, default="", db_default=""
    )
    clock_doubt = models.BooleanField(
        _("device time is implausible"), default=False, db_default=False
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    district = models.CharField(_("district code"), max_length=6)
    community = models.ForeignKey(
        Area, models.PROTECT, null=True, related_name="incidents", db_index=False
    )
    cell = models.ForeignKey(
        Cell, models.PROTECT, null=True, related_name="incidents", db_index=False
    )
    boundary = models.ForeignKey(
        CellBoundary, models.PROTECT, null=True, related_name="+", db_index=False
    )
    reason = models.CharField(_("reason"), max_length=10, choices=Reason.choices)
    distance_m = models.FloatField(_("distance in m"), default=0)
    worker = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="incidents", db_index=False
    )
    worker_post = models.ForeignKey(
        Post, models.PROTECT, null=True, related_name="+", db_index=False
    )
    worker_rule = models.CharField(_("rule"), max_length=20, blank=True)
    urgent = models.BooleanField(_("urgent"), default=False)
    legacy = models.BooleanField(_("legacy"), default=False)
    shape = models.GeometryField(srid=4326, null=True, blank=True, spatial_index=False)
    closing = models.CharField(
        _("way of closing"),
        max_length=8,
        choices=Closing.choices,
        blank=True,
        default="",
        db_default="",
    )
    answer = models.TextField(_("answer"), blank=True, default="", db_default="")
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    unanswered = models.CharField(
        _("why there is no answer"),
        max_length=11,
        choices=Unanswered.choices,
        blank=True,
        default="",
        db_default="",
    )
    returns = models.PositiveSmallIntegerField(_("times sent back"), default=0, db_default=0)
    shirks = models.PositiveSmallIntegerField(_("times passed off"), default=0, db_default=0)
    reworks = models.PositiveSmallIntegerField(_("times reworked"), default=0, db_default=0)
    reopenings = models.PositiveSmallIntegerField(_("times reopened"), default=0, db_default=0)
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="duplicates", db_index=False
    )
    channel = models.CharField(
        _("way in"), max_length=9, choices=Channel.choices, blank=True, default="", db_default=""
    )
    external_source = models.CharField(max_length=40, blank=True)
    external_id = models.CharField(max_length=80, blank=True)

    class Meta:
        verbose_name = _("incident")
        verbose_name_plural = _("incidents")
        constraints = [
            models.UniqueConstraint(
                fields=["external_source", "external_id"],
                name="one_incident_of_an_external_id",
                condition=~Q(external_id=""),
            ),
            models.CheckConstraint(
                name="incident_closed_at_fits_status",
                condition=Q(status__in=["CLOSED", "REFUSED", "VOID"], closed_at__isnull=False)
                | Q(status__in=["REPORTED", "HANDLING", "RESOLVED", "REWORK"], closed_at=None),
            ),
            models.CheckConstraint(
                name="incident_ends_with_an_answer_or_a_reason",
                condition=Q(status__in=["REPORTED", "HANDLING", "RESOLVED", "REWORK"])
                | ~Q(answer="")
                | ~Q(unanswered=""),
            ),
            models.CheckConstraint(
                name="incident_closing_fits_status",
                condition=(Q(status="CLOSED") & ~Q(closing=""))
                | (~Q(status="CLOSED") & Q(closing="")),
            ),
            models.CheckConstraint(
                name="incident_merged_is_void",
                condition=Q(merged_into=None) | Q(status="VOID", unanswered="MERGED"),
            ),
            models.CheckConstraint(
                name="incident_assigned_or_waiting",
                condition=Q(reason="UNASSIGNED", cell=None)
                | (~Q(reason="UNASSIGNED") & Q(cell__isnull=False)),
            ),
        ]
        indexes = [
            GinIndex(OpClass("description", name="gin_trgm_ops"), name="incident_words"),
            GinIndex(OpClass("address", name="gin_trgm_ops"), name="incident_address"),
            models.Index(
                "merged_into", name="incident_duplicates", condition=Q(merged_into__isnull=False)
            ),
            GistIndex(fields=["point"], name="incident_point"),
            models.Index(F("reported_at").desc(), F("id").desc(), name="incident_newest"),
            models.Index("community", "reported_at", name="incident_community"),
            models.Index("cell", "reported_at", name="incident_cell"),
            models.Index(
                "district",
                "due_at",
                name="incident_open_due",
                condition=Q(status__in=["REPORTED", "HANDLING", "RESOLVED", "REWORK"]),
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def moment(self):
        """When it happened, as far as can be believed: its ground is that of this moment."""
        return self.reported_at if self.clock_doubt else self.occurred_at

    @property
    def is_open(self) -> bool:
        return self.status in self.OPEN


class IncidentLink(models.Model):
    """Two matters that belong together, each with its own life."""

    first = models.ForeignKey(Incident, models.PROTECT, related_name="links_from")
    second = models.ForeignKey(Incident, models.PROTECT, related_name="links_to")
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    made_at = models.DateTimeField(_("made at"))

    class Meta:
        verbose_name = _("link")
        verbose_name_plural = _("links")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="one_link_of_two_incidents"),
            models.CheckConstraint(name="link_in_order", condition=Q(first__lt=F("second"))),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} - {self.second_id}"
