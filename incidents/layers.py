"""Map layers of incidents. Nothing personal, and for the public nothing that tells a household."""

from dataclasses import replace

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.layer import PUBLIC, Layer, Palette, Shade, matching, moment, some_of
from incidents import queries
from incidents.models import Incident

OPEN = [str(status) for status in Incident.OPEN]
PERIOD = {"since": moment, "until": moment}
CATEGORY = matching(r"\d{2}(\d{2})?")
AREA = matching(r"\d{6}(\d{3}){0,2}")
LAMPS = Palette(
    "lamp",
    (
        Shade("red", "#c1121f", _("overdue")),
        Shade("yellow", "#e09f00", _("due soon")),
        Shade("green", "#0a7d55", _("in time")),
    ),
)
CARDS = Palette(
    "level",
    (
        Shade(0, "#8a8f99", _("no reminder yet")),
        Shade(1, "#56b4e9", _("early warning")),
        Shade(2, "#0072b2", _("reminder")),
        Shade(3, "#6a51a3", _("supervision")),
        Shade(4, "#e09f00", _("yellow card")),
        Shade(5, "#c1121f", _("red card")),
    ),
)
HEAT = Palette(
    "incidents",
    (
        Shade(0, "#f7f7f7", "0"),
        Shade(1, "#d0d1e6", "1–2"),
        Shade(3, "#74a9cf", "3–5"),
        Shade(6, "#2b8cbe", "6–11"),
        Shade(12, "#045a8d", "≥ 12"),
    ),
    steps=True,
)
CLASSES = Palette(
    "at_least",
    (
        Shade(0, "#f7f7f7", "0–2"),
        Shade(3, "#d0d1e6", "3–4"),
        Shade(5, "#74a9cf", "5–9"),
        Shade(10, "#045a8d", "≥ 10"),
    ),
    steps=True,
)
PUBLIC_MATTERS = ["03", "05", "06"]  # hazards, cleanliness, facilities: about things, not people
LEAST_TOGETHER = 3  # so many matters share a place before the public is told that place
DELAY = _("As of the end of the day before yesterday, without sensitive matters")


def dots(palette: Palette, radius) -> dict:
    """A filled circle with a white rim."""
    return {
        "type": "circle",
        "paint": {
            "circle-color": palette.expression(),
            "circle-radius": radius,
            "circle-stroke-color": "#ffffff",
            "circle-stroke-width": 2,
        },
    }


def classes(palette: Palette) -> tuple[dict, ...]:
    """Cells filled by class, with a border."""
    return (
        {"type": "fill", "paint": {"fill-color": palette.expression(), "fill-opacity": 0.7}},
        {"type": "line", "paint": {"line-color": "#7c89a3", "line-width": 0.6}},
    )


MARKS = {  # a mark inside, so that colour is not the only sign
    "type": "symbol",
    "layout": {
        "text-field": ["match", ["get", "lamp"], "red", "!", "yellow", "·", ""],
        "text-font": ["Noto Sans CJK SC", "WenQuanYi Micro Hei", "sans-serif"],
        "text-size": 13,
        "text-allow-overlap": True,
        "text-ignore-placement": True,
    },
    "paint": {"text-color": "#ffffff"},
}
ONE_INCIDENT = {
    "source": ("incidents", "layer_incidents"),
    "fields": {
        "number": _("number"),
        "status": _("status"),
        "lamp": _("lamp"),
        "level": _("supervision"),
        "category": _("code of the category"),
        "category_name": _("category"),
        "cell": _("code of the cell"),
        "cell_name": _("cell"),
        "community": _("code of the community"),
        "district": _("district code"),
        "urgent": _("urgent"),
        "reason": _("reason"),
        "reported_at": _("reported at"),
        "due_at": _("due at"),
    },
    "filed": ("external_source", "external_id"),
    "key": "number",
    "geometry": "point",
    "group": "incidents",
    "version": queries.version_of_incidents,
    "moment": True,
    "live": "incident",
    "filters": {
        "status": some_of(*Incident.Status.values),
        "lamp": some_of("red", "yellow", "green"),
        "category": CATEGORY,
        "area": AREA,
        "cell": matching(r"[A-Za-z0-9_.-]{1,20}"),
        "department": matching(r"[A-Za-z0-9_.-]{1,20}"),
        **PERIOD,
    },
}
REPORTED = Layer(
    name="reported",
    title=_("Reports per cell"),
    source=("incidents", "layer_reported"),
    fields={
        "code": _("code"),
        "name": _("name"),
        "reported": _("reported number"),
        "per_km_two": _("per km²"),
    },
    key="code",
    geometry="polygon",
    group="incidents",
    version=queries.version_of_incidents,
    moment=True,
    live="incident",
    filters={"category": CATEGORY, "area": AREA, **PERIOD},
    order=24,
    note=_("All matters of the period but void ones"),
    palette=replace(HEAT, field="reported"),
    style=classes(replace(HEAT, field="reported")),
)

LAYERS = (
    REPORTED,
    Layer(
        **ONE_INCIDENT,
        name="incidents",
        palette=LAMPS,
        title=_("Open incidents"),
        fixed={"open": OPEN, "unassigned": False, "slow": False},
        order=80,
        style=(dots(LAMPS, ["match", ["get", "lamp"], "red", 9, "yellow", 8, 7]), MARKS),
    ),
    Layer(
        **ONE_INCIDENT,
        name="unassigned",
        palette=LAMPS,
        title=_("Unassigned reports"),
        fixed={"open": OPEN, "unassigned": True, "slow": False},
        order=85,
        style=(
            {
                "type": "circle",
                "paint": {
                    "circle-color": "#ffffff",
                    "circle-radius": 8,
                    "circle-stroke-color": LAMPS.expression(),
                    "circle-stroke-width": 3,
                },
            },
        ),
    ),
    Layer(
        **ONE_INCIDENT,
        name="supervision",
        title=_("Slow cases"),
        fixed={"open": OPEN, "unassigned": False, "slow": True},
        order=75,
        note=_("Overdue, or more than seven tenths of the time are used"),
        palette=CARDS,
        style=(
            {
                "type": "circle",
                "paint": {
                    "circle-color": CARDS.expression(),
                    "circle-opacity": 0.25,
                    "circle-radius": 16,
                    "circle-stroke-color": CARDS.expression(),
                    "circle-stroke-width": ["match", ["get", "level"], [4, 5], 3, 1.5],
                },
            },
        ),
    ),
    Layer(
        name="density",
        title=_("Open incidents per cell"),
        source=("incidents", "layer_density"),
        fields={
            "code": _("code"),
            "name": _("name"),
            "incidents": _("open incidents"),
            "per_km_two": _("per km²"),
        },
        key="code",
        geometry="polygon",
        group="incidents",
        version=queries.version_of_incidents,
        moment=True,
        live="incident",
        fixed={"open": OPEN},
        filters={"category": CATEGORY, "area": AREA, **PERIOD},
        order=25,
        palette=HEAT,
        style=classes(HEAT),
    ),
    Layer(
        name="open_counts",
        title=_("Matters being handled, per cell"),
        source=("incidents", "layer_open_counts"),
        fields={"code": _("code"), "name": _("name"), "at_least": _("at least so many")},
        key="code",
        geometry="polygon",
        group="incidents",
        audience=PUBLIC,
        version=queries.version_of_the_day,
        fixed={"zone": settings.TIME_ZONE, "least": LEAST_TOGETHER},
        order=25,
        note=DELAY,
        palette=CLASSES,
        style=classes(CLASSES),
    ),
    Layer(
        name="recent",
        title=_("Matters of the last thirty days"),
        source=("incidents", "layer_recent"),
        fields={
            "rank": _("rank"),
            "category_name": _("category"),
            "category_name_en": _("category in English"),
            "place_level": _("level of the place"),
            "place_name": _("place"),
            "day": _("day"),
            "closed": _("closed"),
        },
        key="rank",
        geometry="point",
        group="incidents",
        audience=PUBLIC,
        version=queries.version_of_the_day,
        fixed={"zone": settings.TIME_ZONE, "public": PUBLIC_MATTERS, "least": LEAST_TOGETHER},
        order=70,
        note=DELAY,
        palette=Palette("", (Shade("", "#0072b2", _("reported matter")),)),
        style=(dots(Palette("", (Shade("", "#0072b2", ""),)), 6),),
    ),
)
