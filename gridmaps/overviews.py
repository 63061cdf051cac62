"""Overview maps by folium: one document that draws without any other address."""

import base64
import html
from collections.abc import Callable, Mapping

import folium
from branca.element import Element
from django.conf import settings
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.translation import get_language
from geopandas import GeoDataFrame

from core.layer import Layer
from gridmaps.catalogue import View, legend

SCRIPT, SHEET = "npm/leaflet/leaflet.js", "npm/leaflet/leaflet.css"
LEAST_BOX = (107.94, 34.22, 108.14, 34.34)  # shown where a map is empty
LEGEND = """<aside style="position:absolute;left:12px;bottom:64px;z-index:800;background:#fff;
border:1px solid #b8c0cf;border-radius:6px;padding:8px 12px;font:14px/1.5 'Noto Sans CJK SC',
'WenQuanYi Micro Hei',sans-serif;max-width:260px">{}</aside>"""
GROUP = '<strong>{}</strong><ul style="list-style:none;margin:2px 0 6px;padding:0">{}</ul>'
LINE = """<li><i style="display:inline-block;width:12px;height:12px;margin-right:6px;
border:1px solid #55606f;background:{}"></i>{}</li>"""


class LocalMap(folium.Map):
    """A folium map whose one script and one style sheet come from where it is told."""

    def __init__(self, address: Callable[[str], str], **options):
        # quarters of a zoom step: what is fitted fills the window
        super().__init__(tiles=None, attributionControl=False, zoomSnap=0.25, **options)
        self.default_js = [("leaflet", address(SCRIPT))]
        self.default_css = [("leaflet_css", address(SHEET))]


def embedded(name: str) -> str:
    """A static file as a data address, for documents that no server stands behind."""
    media_type = "text/css" if name.endswith(".css") else "text/javascript"
    content = (settings.MODULES / "leaflet" / "dist" / name.rsplit("/", 1)[1]).read_bytes()
    return f"data:{media_type};base64,{base64.b64encode(content).decode()}"


def overview(seen: View, address: Callable[[str], str] = static) -> folium.Map:
    """The layers of a view on a folium map, with names on hover, a legend and a switch for each.

    address: turns the name of a static file into its address; `embedded` for notebooks.
    """
    made = LocalMap(address, control_scale=True, prefer_canvas=True)
    made.get_root().title = html.escape(" · ".join(str(layer.title) for layer in seen.layers))
    boxes = []
    for layer in seen.layers:
        table = seen.frame(layer)
        table = table[~(table.geometry.isna() | table.geometry.is_empty)]
        if len(table):
            folium_layer(layer, table).add_to(made)
            boxes.append(table.total_bounds)
    west, south, east, north = _around(boxes)
    made.fit_bounds([[south, west], [north, east]])
    folium.LayerControl(collapsed=False).add_to(made)
    made.get_root().header.add_child(Element('<link rel="icon" href="data:,">'))
    made.get_root().html.add_child(Element(_legend_of(seen)))
    return made


def document(made: folium.Map, nonce: str) -> str:
    """A map as HTML; its own scripts, which folium writes without attributes, get a nonce.

    It also gets what folium leaves out for screen readers and for people who enlarge a page. What
    users wrote stands in it escaped, so none of these can be theirs.
    """
    text = made.get_root().render()
    mended = {
        "<script>": format_html('<script nonce="{}">', nonce),
        "<html>": format_html('<html lang="{}">', get_language()),
        ', maximum-scale=1.0, user-scalable=no"': '"',
        '<div class="folium-map"': '<div class="folium-map" role="main"',
    }
    for before, after in mended.items():
        text = text.replace(before, after)
    return text


def folium_layer(layer: Layer, table: GeoDataFrame) -> folium.GeoJson:
    """One layer with its own colours; what is written on it cannot become markup."""
    shown = table[[*layer.fields, "geometry"]].copy()
    for name in layer.fields:
        shown[name] = [
            html.escape(str(value)) if value is not None else "" for value in shown[name]
        ]
    values = table.drop(columns="geometry").to_dict("index")
    colours = {str(key): layer.palette.colour_of(row) for key, row in values.items()}
    return folium.GeoJson(
        shown.to_json(drop_id=False),
        name=str(layer.title),
        style_function=lambda feature: look(layer, colours[str(feature["id"])]),
        marker=folium.CircleMarker(radius=6) if layer.geometry == "point" else None,
        tooltip=folium.GeoJsonTooltip(
            fields=list(layer.fields), aliases=[str(title) for title in layer.fields.values()]
        ),
        smooth_factor=0,
    )


def look(layer: Layer, colour: str) -> Mapping:
    """Leaflet's path options for one feature."""
    if layer.geometry == "point":
        return {
            "color": "#ffffff",
            "weight": 2,
            "fill": True,
            "fillColor": colour,
            "fillOpacity": 1,
        }
    filled = any(part["type"] == "fill" for part in layer.style)
    line = "#55606f" if filled else colour
    return {
        "color": line,
        "weight": 1 if filled else 2,
        "fillColor": colour,
        "fillOpacity": 0.5 if filled else 0,
    }


def _around(boxes: list) -> tuple:
    """The box around all boxes."""
    if not boxes:
        return LEAST_BOX
    west, south, east, north = zip(*boxes, strict=True)
    return min(west), min(south), max(east), max(north)


def _legend_of(seen: View) -> str:
    lists = [
        (
            layer.title,
            format_html_join("", LINE, ((line["colour"], line["label"]) for line in lines)),
        )
        for layer in reversed(seen.layers)
        if (lines := legend(layer))
    ]
    return format_html(LEGEND, format_html_join("", GROUP, lists)) if lists else ""
