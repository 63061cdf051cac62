"""The map of an area's cells with their published contact cards, by folium, for everybody."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import folium
import shapely
from branca.element import Element
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html, format_html_join
from django.utils.translation import gettext as _
from geopandas import GeoDataFrame

from geo_grid import queries
from geo_grid.models import Area
from gridmaps import catalogue
from gridmaps.catalogue import View
from gridmaps.overviews import LocalMap

TINTS = ("#8ecae6", "#f4d58d", "#b8d8ba", "#d9b8d8", "#f2b5a7", "#c9cba3")
MOST_LABELS = 40  # more names than that cover the map: then those of the areas above stand there
TOUCHING = 1e-6  # degrees
HEAD = '<link rel="icon" href="data:,"><link rel="stylesheet" href="{}">'
PAGE = """<header class="sheet-head"><h1>{}</h1><p>{}</p></header>
<aside class="cards" aria-label="{}" tabindex="0">{}<table><thead><tr><th>{}</th><th>{}</th><th>{}</th></tr></thead>
<tbody>{}</tbody></table><p>{}</p></aside>"""
AROUND = '<nav class="around" aria-label="{}">{}</nav>'
LINK = '<a href="{}" class="{}">{}</a>'
ROW = '<tr id="card-{}"><td>{}</td><td>{}</td><td class="phone">{}</td></tr>'
CALL = '<a href="tel:{}">{}</a>'


def contact_map_of(area: Area, now: datetime) -> folium.Map:
    """The map of an area as it is now."""
    seen = catalogue.view(None, "cells", {"area": area.code}, now)
    cards = queries.contact_cards(area.code, now)
    day = date_format(timezone.localdate(now), "DATE_FORMAT")
    told = _("%(n)d cells, as of %(day)s") % {"n": len(cards), "day": day}
    title = _("%s: contact cards of the cells") % area.name
    return contact_map(seen, cards, title, told, _links(area))


def contact_map(
    seen: View, cards: Sequence[dict], title: str, told: str, links: str = ""
) -> folium.Map:
    """Cells in tints that tell neighbours apart, a card on a click, and all cards as a table.

    seen: a view whose first layer is the cells of the area. cards: `geo_grid.queries.contact_cards`.
    told: a line below the title, such as the date. links: to the maps of other areas, as HTML.
    """
    cells = seen.frame(seen.layers[0])
    made = LocalMap(static, control_scale=True)
    style = format_html(HEAD, static("screens/css/contactmap.css"))
    made.get_root().header.add_child(Element(style))
    made.get_root().title = escape(title)
    _cells_with_cards(cells, {card["code"]: card for card in cards}).add_to(made)
    look = "cell-name" if finest(cells) == "code" else "cell-name above"
    for name, shape in names(cells):
        _label(name, shape, cells.crs, look).add_to(made)
    west, south, east, north = cells.total_bounds
    made.fit_bounds([[south, west], [north, east]])
    made.get_root().html.add_child(Element(_page(cards, title, told, links)))
    return made


def finest(cells: GeoDataFrame) -> str:
    """The column of what has a name and a tint: cell, community or town, the finest with room."""
    columns = ("code", "community_code", "town_code")
    fitting = (column for column in columns if cells[column].nunique() <= MOST_LABELS)
    return next(fitting, columns[-1])


def names(cells: GeoDataFrame) -> Iterator[tuple[str, shapely.Geometry]]:
    """What stands on the map, and in which ground; cells of one community by their number."""
    if (column := finest(cells)) != "code":
        for row in cells.dissolve(column).itertuples():
            yield getattr(row, column.replace("code", "name")), row.geometry
        return
    one = cells["community_code"].nunique() == 1
    for row in cells.itertuples():
        short = row.name.removeprefix(row.community_name) if one else ""
        yield short or row.name, row.geometry


def _cells_with_cards(cells: GeoDataFrame, cards: dict[str, dict]) -> folium.GeoJson:
    column = finest(cells)
    joined = cells if column == "code" else cells.dissolve(column, as_index=False)
    tint = dict(zip(joined[column], tints(joined.geometry.to_numpy()), strict=True))
    shown = GeoDataFrame(
        {
            "tint": cells[column].map(tint).to_numpy(),
            "name": [escape(name) for name in cells["name"]],
            "worker": [escape(_name(cards.get(code))) for code in cells["code"]],
            "phone": [escape(_phone(cards.get(code))) for code in cells["code"]],
        },
        geometry=cells.geometry.to_numpy(),
        crs=cells.crs,
    )
    fields, words = ["name", "worker", "phone"], [_("Cell"), _("Grid worker"), _("Phone")]
    return folium.GeoJson(
        shown.to_json(),
        name=_("Cells"),
        style_function=lambda feature: {
            "color": "#33415c",
            "weight": 1.5,
            "fillColor": feature["properties"]["tint"],
            "fillOpacity": 0.75,
        },
        popup=folium.GeoJsonPopup(fields=fields, aliases=words, class_name="card"),
        smooth_factor=0,
    )


def tints(shapes: Sequence[shapely.Geometry]) -> list[str]:
    """A tint for each polygon, another one than its neighbours', while six are enough."""
    tree = shapely.STRtree(shapes)
    pairs = tree.query(shapes, predicate="dwithin", distance=TOUCHING).T.tolist()
    near: list[set[int]] = [set() for _shape in shapes]
    for one, other in pairs:
        if one != other:
            near[one].add(other)
    chosen: dict[int, int] = {}
    for index in sorted(range(len(shapes)), key=lambda each: -len(near[each])):
        taken = {chosen.get(other) for other in near[index]}
        free = [tint for tint in range(len(TINTS)) if tint not in taken]
        chosen[index] = free[0] if free else index % len(TINTS)
    return [TINTS[chosen[index]] for index in range(len(shapes))]


def _label(name: str, shape: shapely.Geometry, crs, look: str) -> folium.GeoJson:
    """The name of a cell where it has most room. A layer of its own: folium binds one tooltip to each."""
    spot = shapely.Point(shapely.maximum_inscribed_circle(shape).coords[0])
    return folium.GeoJson(
        GeoDataFrame({"name": [escape(name)]}, geometry=[spot], crs=crs).to_json(),
        marker=folium.CircleMarker(radius=0, stroke=False, fill_opacity=0, interactive=False),
        tooltip=folium.GeoJsonTooltip(
            fields=["name"],
            labels=False,
            permanent=True,
            direction="center",
            class_name=look,
        ),
    )


def _page(cards: Sequence[dict], title: str, told: str, links: str) -> str:
    rows = ((card["code"], card["name"], _name(card), _call(card)) for card in cards)
    note = _(
        "Only what is published stands here: the cell, who answers for it, and the duty phone."
    )
    return format_html(
        PAGE,
        title,
        told,
        _("Contact cards"),
        links,
        _("Cell"),
        _("Grid worker"),
        _("Phone"),
        format_html_join("", ROW, rows),
        note,
    )


def _links(area: Area) -> str:
    """The way up, and to the areas directly below."""
    above = [(area.parent, "up")] if area.parent else []
    below = [(one, "") for one in queries.areas_below(area)]
    found = ((reverse("area-map", args=[one.code]), way, one.name) for one, way in above + below)
    links = format_html_join("", LINK, found)
    return format_html(AROUND, _("Other maps"), links) if links else ""


def _name(card: dict | None) -> str:
    return card["worker"]["name"] if card and card["worker"] else _("vacant")


def _phone(card: dict | None) -> str:
    return card["worker"]["phone"] if card and card["worker"] else "–"


def _call(card: dict) -> str:
    return format_html(CALL, _phone(card), _phone(card)) if card["worker"] else _phone(card)
