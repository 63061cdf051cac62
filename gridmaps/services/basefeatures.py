"""Features of the base map from files."""

from pathlib import Path

import geopandas
from django.contrib.gis.geos import GEOSGeometry
from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Invalid
from gridmaps.models import BaseFeature

MOST = 200_000


@transaction.atomic
def load_base_features(*, path: Path, layer: str, box=None, name="", kind="") -> int:
    """Put the features of a file in the place of those a layer has; answers how many.

    path: any vector file with a CRS. box: west, south, east, north in degrees, to clip to.
    name, kind: columns of the file, "" for none.
    """
    try:
        table = geopandas.read_file(path)
    except Exception as error:
        raise Invalid(_("%(file)s cannot be read: %(why)s") % _said(path, error), "file") from None
    if table.crs is None:
        raise Invalid(_("The file does not say its coordinate system."), "file")
    table = table.to_crs("EPSG:4326")
    table = table.clip(box) if box else table
    if len(table) > MOST:
        raise Invalid(_("More than %d features.") % MOST, "file")
    BaseFeature.objects.filter(layer=layer).delete()
    made = [
        BaseFeature(
            layer=layer,
            name=str(row.get(name) or "")[:120],
            kind=str(row.get(kind) or "")[:40],
            geom=GEOSGeometry(memoryview(row["geometry"].wkb), srid=4326),
        )
        for _number, row in table.iterrows()
        if row["geometry"] is not None and not row["geometry"].is_empty
    ]
    return len(BaseFeature.objects.bulk_create(made, batch_size=1000))


def _said(path: Path, error: Exception) -> dict:
    return {"file": path.name, "why": str(error).splitlines()[0][:200]}
