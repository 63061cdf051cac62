"""Map layers of the ground."""

from django.utils.translation import gettext_lazy as _

from core.layer import PUBLIC, Layer, Palette, Shade, matching, some_of
from geo_grid import queries, roles
from geo_grid.models import Area

AREA = matching(r"\d{6}(\d{3}){0,2}")
FONTS = ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"]
HALO = {"text-color": "#14213d", "text-halo-color": "#ffffff", "text-halo-width": 1.6}
NAMED = {"code": _("code"), "name": _("name")}


def text(field: str, size: int) -> dict:
    """Layout of a name on the map. The map draws it with the fonts of the machine."""
    return {
        "text-field": ["get", field],
        "text-font": FONTS,
        "text-size": size,
        "text-max-width": 8,
    }


def wide(at_11: float, at_15: float) -> list:
    """A width in pixels that grows with the zoom."""
    return ["interpolate", ["linear"], ["zoom"], 11, at_11, 15, at_15]


def level(*names: str) -> list:
    """Only areas of these levels."""
    return ["in", ["get", "level"], ["literal", list(names)]]


TINTS = Palette(
    "shade",
    tuple(
        Shade(number, colour, "")
        for number, colour in enumerate(
            ("#8ecae6", "#f4d58d", "#b8d8ba", "#d9b8d8", "#f2b5a7", "#c9cba3")
        )
    ),
)
OUTLINES = Palette(
    "level",
    (
        Shade("DISTRICT", "#14213d", _("district")),
        Shade("TOWN", "#33415c", _("town")),
        Shade("COMMUNITY", "#4a5a7a", _("community")),
    ),
)
DUTY = Palette(
    "duty",
    (
        Shade("worker", "#0072b2", _("worker on duty")),
        Shade("deputy", "#56b4e9", _("deputy on duty")),
        Shade("above", "#e69f00", _("answered for from above")),
        Shade("nobody", "#d55e00", _("nobody answers")),
    ),
)

LAYERS = (
    Layer(
        name="cells",
        title=_("Cells"),
        source=("geo_grid", "layer_cells"),
        fields={
            **NAMED,
            "community_code": _("code of the community"),
            "community_name": _("community"),
            "town_code": _("code of the town"),
            "town_name": _("town"),
            "shade": _("tint"),
            "synthetic": _("synthetic"),
        },
        key="code",
        geometry="polygon",
        audience=PUBLIC,
        version=queries.version_of_cells,
        dated=True,
        moment=True,
        filters={"area": AREA},
        coverage="synthetic",
        order=20,
        palette=TINTS,
        style=(
            {
                "type": "fill",
                "paint": {"fill-color": TINTS.expression(), "fill-opacity": 0.5},
            },
            {"type": "line", "paint": {"line-color": "#7c89a3", "line-width": wide(0.4, 1.4)}},
        ),
    ),
    Layer(
        name="areas",
        title=_("Areas"),
        source=("geo_grid", "layer_areas"),
        fields={**NAMED, "level": _("level")},
        key="code",
        geometry="polygon",
        audience=PUBLIC,
        version=queries.version_of_areas,
        dated=True,
        filters={"area": AREA, "level": some_of(*Area.Level.values)},
        coverage="level",
        order=30,
        palette=OUTLINES,
        style=(
            {
                "type": "line",
                "filter": level("COMMUNITY"),
                "paint": {"line-color": OUTLINES.expression(), "line-width": wide(0.8, 2)},
            },
            {
                "type": "line",
                "filter": level("TOWN", "DISTRICT"),
                "paint": {"line-color": OUTLINES.expression(), "line-width": 2.4},
            },
        ),
    ),
    Layer(
        name="area_names",
        title=_("Names of areas"),
        source=("geo_grid", "layer_area_names"),
        fields={**NAMED, "level": _("level")},
        key="code",
        geometry="point",
        audience=PUBLIC,
        version=queries.version_of_areas,
        dated=True,
        filters={"area": AREA, "level": some_of(*Area.Level.values)},
        order=45,
        palette=Palette("", (Shade("", "#14213d", ""),)),
        style=(
            {
                "type": "symbol",
                "filter": level("COMMUNITY"),
                "minzoom": 11.8,
                "maxzoom": 13.6,
                "layout": text("name", 14),
                "paint": HALO,
            },
            {
                "type": "symbol",
                "filter": level("TOWN"),
                "maxzoom": 11.8,
                "layout": text("name", 18),
                "paint": HALO,
            },
        ),
    ),
    Layer(
        name="cell_names",
        title=_("Names of cells"),
        source=("geo_grid", "layer_cell_names"),
        fields=NAMED,
        key="code",
        geometry="point",
        audience=PUBLIC,
        version=queries.version_of_cells,
        dated=True,
        moment=True,
        filters={"area": AREA},
        zooms=(13, 22),
        order=46,
        palette=Palette("", (Shade("", "#14213d", ""),)),
        style=({"type": "symbol", "minzoom": 13.6, "layout": text("name", 13), "paint": HALO},),
    ),
    Layer(
        name="workers",
        title=_("Workers' contact points"),
        source=("geo_grid", "layer_workers"),
        fixed={"answering": roles.ANSWERING},
        fields={**NAMED, "community": _("community"), "duty": _("on duty")},
        key="code",
        geometry="point",
        group="people",
        version=queries.version_of_duty,
        moment=True,
        filters={"area": AREA},
        zooms=(12, 22),
        order=60,
        palette=DUTY,
        style=(
            {
                "type": "circle",
                "paint": {
                    "circle-color": DUTY.expression(),
                    "circle-radius": wide(3, 6),
                    "circle-stroke-color": "#ffffff",
                    "circle-stroke-width": 1.5,
                },
            },
        ),
    ),
    Layer(
        name="places",
        title=_("Places"),
        source=("geo_grid", "layer_places"),
        fields={**NAMED, "source": _("source")},
        key="code",
        geometry="point",
        group="base",
        audience=PUBLIC,
        version=queries.version_of_places,
        dated=True,
        order=40,
        palette=Palette("", (Shade("", "#5b5b66", _("place")),)),
        style=(
            {
                "type": "symbol",
                "layout": text("name", 12),
                "paint": {**HALO, "text-color": "#5b5b66"},
            },
        ),
    ),
)
