"""Areas and their outlines, cells, departments, places."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db.models import Q
from django.db.models.functions import Left
from django.utils.translation import gettext_lazy as _


class Area(models.Model):
    """A district, town or community. Its code is its name for ever; its outline is derived.

    A code begins with the code of the area above. own_code: what a city calls it whose codes have
    another form (docs/decisions/0019), once in each district.
    """

    class Level(models.TextChoices):
        DISTRICT = "DISTRICT", _("district")
        TOWN = "TOWN", _("town")
        COMMUNITY = "COMMUNITY", _("community")

    class Setting(models.TextChoices):
        URBAN = "URBAN", _("urban")
        RURAL = "RURAL", _("rural")

    code = models.CharField(_("code"), max_length=12, unique=True)
    own_code = models.CharField(_("code of the city"), max_length=40, blank=True)
    name = models.CharField(_("name"), max_length=80)
    level = models.CharField(_("level"), max_length=10, choices=Level.choices)
    parent = models.ForeignKey("self", models.PROTECT, null=True, related_name="children")
    setting = models.CharField(_("setting"), max_length=8, choices=Setting.choices, blank=True)
    active = models.BooleanField(_("active"), default=True)
    revoked_on = models.DateField(_("revoked on"), null=True, blank=True)

    class Meta:
        verbose_name = _("area")
        verbose_name_plural = _("areas")
        constraints = [
            models.CheckConstraint(
                name="area_code_fits_level",
                condition=Q(level="DISTRICT", code__regex=r"^\d{6}$", parent=None)
                | Q(level="TOWN", code__regex=r"^\d{9}$", parent__isnull=False)
                | Q(level="COMMUNITY", code__regex=r"^\d{12}$", parent__isnull=False),
            ),
            models.UniqueConstraint(
                Left("code", 6),
                "own_code",
                name="own_code_once_in_a_district",
                condition=~Q(own_code=""),
            ),
        ]
        indexes = [GinIndex(OpClass("name", name="gin_trgm_ops"), name="area_name_trgm")]

    def __str__(self) -> str:
        return self.name


class DistrictSettings(models.Model):
    """What differs from district to district; a district without a row has the site's settings."""

    area = models.OneToOneField(
        Area, models.CASCADE, primary_key=True, related_name="settings", verbose_name=_("district")
    )
    time_zone = models.CharField(_("time zone"), max_length=40)
    metric_srid = models.IntegerField(_("CRS to measure in"))

    class Meta:
        verbose_name = _("settings of a district")
        verbose_name_plural = _("settings of districts")

    def __str__(self) -> str:
        return f"settings of {self.area_id}"


class AreaOutline(models.Model):
    """The union of an area's cells now in force; rebuilt at every publication."""

    area = models.OneToOneField(Area, models.CASCADE, related_name="outline")
    geom = models.MultiPolygonField(srid=4326)
    rebuilt_at = models.DateTimeField()

    class Meta:
        verbose_name = _("area outline")
        verbose_name_plural = _("area outlines")

    def __str__(self) -> str:
        return f"outline of {self.area_id}"


class Cell(models.Model):
    """An identity that is never reused. Where it lies is a CellBoundary."""

    class Kind(models.TextChoices):
        GENERAL = "GENERAL", _("general cell")
        SPECIAL = "SPECIAL", _("special cell")

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.GENERAL)
    district = models.CharField(_("district code"), max_length=6, db_index=True)

    class Meta:
        verbose_name = _("cell")
        verbose_name_plural = _("cells")
        constraints = [
            models.CheckConstraint(
                name="cell_code_plain", condition=Q(code__regex=r"^[A-Za-z0-9_.-]{1,20}$")
            )
        ]
        indexes = [GinIndex(OpClass("name", name="gin_trgm_ops"), name="cell_name_trgm")]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Department(models.Model):
    """A functional department of the district."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name"), max_length=80)
    name_en = models.CharField(_("English name"), max_length=120)
    district = models.CharField(_("district code"), max_length=6, db_index=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """A named place of the gazetteer: a village, a building, a crossroads."""

    name = models.CharField(_("name"), max_length=120)
    aliases = models.CharField(_("other names"), max_length=500, blank=True)
    point = models.PointField(srid=4326)
    source = models.CharField(_("source"), max_length=80)
    district = models.CharField(_("district code"), max_length=6, db_index=True)

    class Meta:
        verbose_name = _("place")
        verbose_name_plural = _("places")
        indexes = [
            GinIndex(OpClass("name", name="gin_trgm_ops"), name="place_name_trgm"),
            GinIndex(OpClass("aliases", name="gin_trgm_ops"), name="place_aliases_trgm"),
        ]

    def __str__(self) -> str:
        return self.name
