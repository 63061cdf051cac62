"""Base map features, uploaded base maps, and ground drawn coarser for low zooms."""

from django.contrib.gis.db import models
from django.contrib.postgres.indexes import GistIndex
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class BaseFeature(models.Model):
    """One line, point or area of the base map."""

    layer = models.CharField(_("layer"), max_length=20)
    name = models.CharField(_("name"), max_length=120, blank=True)
    kind = models.CharField(_("kind"), max_length=40, blank=True)
    geom = models.GeometryField(srid=4326)

    class Meta:
        verbose_name = _("base map feature")
        verbose_name_plural = _("base map features")
        indexes = [models.Index(fields=["layer"], name="base_layer")]

    def __str__(self) -> str:
        return f"{self.layer} {self.name}"


class BaseMap(models.Model):
    """A PMTiles archive that an administrator brought: tiles of the background."""

    class Kind(models.TextChoices):
        RASTER = "raster", _("images")
        VECTOR = "vector", _("vector tiles")

    name = models.SlugField(_("name"), max_length=40, unique=True)
    title = models.CharField(_("title"), max_length=80)
    attribution = models.CharField(_("attribution"), max_length=300)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind.choices)
    media_type = models.CharField(max_length=60)
    encoding = models.CharField(max_length=10, blank=True)
    minzoom = models.PositiveSmallIntegerField()
    maxzoom = models.PositiveSmallIntegerField()
    bounds = models.JSONField()
    source_layers = models.JSONField(default=list)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField(_("size in bytes"))
    uploaded_at = models.DateTimeField(_("uploaded at"))

    class Meta:
        verbose_name = _("base map")
        verbose_name_plural = _("base maps")
        constraints = [
            models.CheckConstraint(
                name="base_map_zooms",
                condition=Q(minzoom__lte=models.F("maxzoom"), maxzoom__lte=24),
            )
        ]

    def __str__(self) -> str:
        return self.title


class DrawnSet(models.Model):
    """One picture of a layer, complete for all bands of zooms. It can always be made again."""

    layer = models.CharField(max_length=40)
    version = models.CharField(max_length=64)
    drawn_at = models.DateTimeField()

    class Meta:
        verbose_name = _("drawn set")
        verbose_name_plural = _("drawn sets")
        constraints = [models.UniqueConstraint("layer", "version", name="one_set_of_a_version")]

    def __str__(self) -> str:
        return f"{self.layer} {self.version}"


class Drawing(models.Model):
    """One polygon in EPSG:3857 as it is drawn in a band of zooms; borders stay shared.

    band: the highest zoom it is good for. feature: the `id` of the layer's row. told: its fields.
    """

    drawn_set = models.ForeignKey(DrawnSet, models.CASCADE, related_name="drawings", db_index=False)
    band = models.SmallIntegerField()
    feature = models.BigIntegerField()
    told = models.JSONField()
    shape = models.GeometryField(srid=3857, spatial_index=False)

    class Meta:
        verbose_name = _("drawing")
        verbose_name_plural = _("drawings")
        indexes = [GistIndex(fields=["drawn_set", "band", "shape"], name="drawing_place")]

    def __str__(self) -> str:
        return f"{self.feature} to zoom {self.band}"
