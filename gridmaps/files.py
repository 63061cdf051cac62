"""Layers as files for other programs: GeoPackage, GeoJSON, CSV."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

from geopandas import GeoDataFrame

from gridmaps.catalogue import View

MEDIA = {
    "gpkg": "application/geopackage+sqlite3",
    "geojson": "application/geo+json",
    "csv": "text/csv; charset=utf-8",
}
ACTIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")


def file_of(seen: View, kind: str, box: Sequence[float] | None) -> bytes:
    """The one layer of a view as the bytes of a file. kind: a key of MEDIA."""
    (layer,) = seen.layers
    table = seen.frame(layer, filed=True)
    if box:
        west, south, east, north = box
        table = table.cx[west:east, south:north]
    return WRITERS[kind](table, layer.name)


def _gpkg(table: GeoDataFrame, name: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.gpkg"
        table.to_file(path, driver="GPKG", layer=name, index=False)
        return path.read_bytes()


def _geojson(table: GeoDataFrame, name: str) -> bytes:
    shown = table.copy()
    for column in shown.columns:
        if column.endswith("_at"):
            shown[column] = [
                None if at is None else at.isoformat() for at in _or_none(shown[column])
            ]
    return shown.to_json(ensure_ascii=False, drop_id=False).encode()


def _csv(table: GeoDataFrame, name: str) -> bytes:
    """Points as lon and lat, everything else as WKT, and of which CRS; a BOM so that spreadsheets read Chinese."""
    shapes = table.geometry
    shown = table.drop(columns=shapes.name)
    for column in shown.select_dtypes(include=["object", "str"]).columns:
        shown[column] = [defused(value) for value in shown[column]]
    if set(shapes.geom_type.dropna()) <= {"Point"}:
        shown["lon"], shown["lat"] = shapes.x.round(7), shapes.y.round(7)
    else:
        shown["wkt"] = shapes.to_wkt(rounding_precision=7)
    shown["crs"] = str(shapes.crs)
    return b"\xef\xbb\xbf" + shown.to_csv(index=False).encode()


WRITERS = {"gpkg": _gpkg, "geojson": _geojson, "csv": _csv}


def _or_none(column) -> list:
    return [None if missing else at for at, missing in zip(column, column.isna(), strict=True)]


def defused(value):
    """A text that no spreadsheet takes for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(ACTIVE) else value
