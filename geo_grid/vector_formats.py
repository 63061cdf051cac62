"""The formats of vector files that are read, as rows. Pure.

A new one is one row here and nothing else: the reader, the page, the command and the tests follow.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Format:
    """A format that is read, one row for each ending. title: as people call it. drivers: of GDAL,
    one of which must have opened the file. text: it is text, which may come in another encoding
    than UTF-8. datum: it says of what datum its degrees are. parts: further files that belong to
    it, which is why it comes as an archive."""

    ending: str
    title: str
    drivers: tuple[str, ...]
    text: bool = False
    datum: bool = True
    parts: tuple[str, ...] = ()


FORMATS = (
    Format(".geojson", "GeoJSON", ("GeoJSON",), text=True, datum=False),
    Format(".json", "GeoJSON", ("GeoJSON",), text=True, datum=False),
    Format(".gpkg", "GPKG", ("GPKG",)),
    Format(".shp", "Shapefile", ("ESRI Shapefile",), parts=(".shx", ".dbf", ".prj", ".cpg")),
    Format(".kml", "KML", ("LIBKML", "KML"), text=True, datum=False),
)
UPLOADED = sorted({one.ending for one in FORMATS if not one.parts} | {".zip"})
TITLES = ", ".join(dict.fromkeys(f"{f.title} (zip)" if f.parts else f.title for f in FORMATS))
