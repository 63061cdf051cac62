"""A plan as a file for QGIS and others: GeoJSON, GPKG or zipped Shapefile."""

import json
import tempfile
import zipfile
from collections.abc import Sequence
from pathlib import Path

import geopandas
import pyogrio
import shapely

from geo_grid.coordinates import CGCS2000, WGS84

DRIVERS = {"geojson": "GeoJSON", "gpkg": "GPKG", "shp": "ESRI Shapefile"}
MEDIA = {
    "geojson": "application/geo+json",
    "gpkg": "application/geopackage+sqlite3",
    "shp": "application/zip",
}
ENDINGS = {"geojson": "geojson", "gpkg": "gpkg", "shp": "shp.zip"}
FIELDS = ("code", "name", "kind", "community", "area_m2", "change")


def crs_of(datum: str, srid: int) -> str:
    """The CRS of an export: wgs84, cgcs2000 or metric (the plan's own)."""
    return {WGS84: "EPSG:4326", CGCS2000: "EPSG:4490"}.get(datum, f"EPSG:{srid}")


def as_file(rows: Sequence[dict], kind: str, crs: str) -> bytes:
    """Cells (`plan_queries.features`) as the bytes of one file."""
    shapes = shapely.from_geojson([row["shape"] for row in rows])
    shapes = [shapely.MultiPolygon(list(shapely.get_parts(shape))) for shape in shapes]
    table = geopandas.GeoDataFrame(
        {name: [row[name] for row in rows] for name in FIELDS}, geometry=shapes, crs="EPSG:4326"
    ).to_crs(crs)
    if kind == "geojson" and crs == "EPSG:4326":
        return json.dumps(table.__geo_interface__, ensure_ascii=False).encode()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"plan.{kind}"
        more = {"ENCODING": "UTF-8"} if kind == "shp" else {}
        pyogrio.write_dataframe(table, path, driver=DRIVERS[kind], **more)
        return _zipped(Path(folder)) if kind == "shp" else path.read_bytes()


def _zipped(folder: Path) -> bytes:
    target = folder / "plan.zip"
    parts = sorted(folder.glob("plan.*"))
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for part in parts:
            archive.write(part, part.name)
    return target.read_bytes()
