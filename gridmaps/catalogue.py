"""The catalogue: every package's layers in one place, and what a map needs to draw them."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from importlib import import_module
from urllib.parse import urlencode

from django.apps import apps
from django.core.cache import cache
from django.utils.module_loading import module_has_submodule
from django.utils.translation import gettext as _
from geopandas import GeoDataFrame

from core import frames
from core.errors import Invalid, NotFound
from core.layer import EVERYTHING, NOTHING, PUBLIC, Layer, moment
from geo_grid.scope import reach
from gridmaps import queries
from incidents.queries import end_of_events

GROUND = {"id": "ground", "type": "background", "paint": {"background-color": "#eef1f6"}}
MOST_ROWS = 200_000


@lru_cache
def layers() -> dict[str, Layer]:
    """Every layer of every installed package that has a `layers.py`, lowest drawn first."""
    found = []
    for package in apps.get_app_configs():
        if package.module and module_has_submodule(package.module, "layers"):
            found += getattr(import_module(f"{package.name}.layers"), "LAYERS", ())
    return {layer.name: layer for layer in sorted(found, key=lambda layer: layer.order)}


def allowed(viewer) -> list[Layer]:
    """The layers a viewer may put on a map."""
    known = viewer is not None and viewer.is_authenticated
    return [layer for layer in layers().values() if known or layer.audience == PUBLIC]


def layer_for(viewer, name: str) -> Layer:
    """One layer; NotFound also where there is one that the viewer may not see."""
    found = layers().get(name)
    if found is None or found not in allowed(viewer):
        raise NotFound(_("There is no layer %s that you may see.") % name[:40], "layers")
    return found


def layers_for(viewer, names: str) -> list[Layer]:
    """Several layers named with commas, lowest drawn first; every layer where none is named."""
    if not names:
        return allowed(viewer)
    wanted = [layer_for(viewer, name) for name in dict.fromkeys(names.split(","))]
    return sorted(wanted, key=lambda layer: layer.order)


@dataclass(frozen=True, slots=True)
class View:
    """What somebody asks to see: layers, the moment, and what is left in of each.

    at: the moment asked for, None for now. reach: of the viewer, as parameters. filters: as
    text, each for the layers that know it.
    """

    layers: Sequence[Layer]
    now: datetime
    at: datetime | None
    reach: Mapping
    filters: Mapping[str, str]

    def parameters(self, layer: Layer) -> dict:
        """All parameters of one of the layers."""
        past = self.at is not None and layer.moment
        own = {name: text for name, text in self.filters.items() if name in layer.parsers()}
        at = self.at if past else self.now
        try:
            return layer.parameters(own, at=at, past=past, reach=self.reach)
        except ValueError as error:
            raise Invalid(_("This value cannot be used."), str(error)) from None

    def version(self, layer: Layer) -> str:
        """The version of one of the layers; asked of the database at most once a second."""
        past = self.at if self.at is not None and layer.moment else None
        moments = f"{past.timestamp() if past else 'now'}:{int(self.now.timestamp())}"
        return cache.get_or_set(
            f"version:{layer.name}:{moments}", lambda: layer.version(past or self.now), 2
        )

    def query(self, layer: Layer) -> dict[str, str]:
        """The moment and the filters of one of the layers as they stand in an address."""
        moment_asked = {"at": self.at.isoformat()} if self.at and layer.moment else {}
        known = layer.parsers()
        return moment_asked | {name: text for name, text in self.filters.items() if name in known}

    def frame(self, layer: Layer, filed: bool = False) -> GeoDataFrame:
        """One of the layers as a GeoDataFrame, as `core.frames.frame` says."""
        params = self.parameters(layer)
        if queries.count(layer, params) > MOST_ROWS:
            raise Invalid(_("More than %d features: ask for less.") % MOST_ROWS, "layers")
        return frames.frame(layer, params, filed)

    def contents(self) -> list[dict]:
        """What `GET layers/` lists of a view."""
        return [described(layer, self.version(layer), self.query(layer)) for layer in self.layers]

    def style(self, root: str) -> dict:
        """A MapLibre style of a view. root: scheme and host of the site, which tiles must name."""
        return {
            "version": 8,
            "name": "Gridkeeper",
            "sources": {
                layer.name: {
                    "type": "vector",
                    "tiles": [root + tiles_of(layer, self.version(layer), self.query(layer))],
                    "minzoom": 0,
                    "maxzoom": 16,
                    "promoteId": {layer.name: layer.key},
                }
                for layer in self.layers
            },
            "layers": [GROUND, *(part for layer in self.layers for part in style_layers(layer))],
        }

    def geojson(self, box: Sequence[float] | None, limit: int) -> str:
        """One layer of a view as a FeatureCollection.

        `position` is where the live stream stood before the features were read: a page that listens
        from there misses nothing. `complete` is false where there is more than the limit.
        """
        (layer,) = self.layers
        position = end_of_events() if layer.live else None
        found = queries.features(layer, self.parameters(layer), box, limit)
        head = {
            "type": "FeatureCollection",
            "name": layer.name,
            "at": (self.at or self.now).isoformat(),
            "version": self.version(layer),
            "position": position,
            "complete": len(found) <= limit,
        }
        return f'{json.dumps(head)[:-1]}, "features": [{",".join(found[:limit])}]}}'


def view(viewer, names: str, query: Mapping[str, str], now: datetime) -> View:
    """What a viewer asks for by layer names, `at` and filters; refuses what no layer knows."""
    chosen = layers_for(viewer, names)
    filters = {name: text for name, text in query.items() if name != "at"}
    for name in filters:
        if not any(name in layer.parsers() for layer in chosen):
            raise Invalid(_("unknown field"), name[:40])
    scoped = any(layer.audience != PUBLIC for layer in chosen)
    seen = reach(viewer, now).parameters() if scoped else NOTHING
    return View(chosen, now, _moment(query.get("at"), now), seen, filters)


def totals(name: str, now: datetime) -> list[dict]:
    """How many incidents of a layer there are of each kind, for everybody together."""
    layer = layers()[name]
    return queries.totals(layer, layer.parameters({}, at=now, reach=EVERYTHING))


def _moment(text: str | None, now: datetime) -> datetime | None:
    if not text:
        return None
    try:
        return moment(text)
    except ValueError:
        raise Invalid(_("A time with its offset is expected."), "at") from None


def described(layer: Layer, version: str, query: Mapping[str, str]) -> dict:
    """One entry of `GET layers/`. query: what the addresses carry, such as the moment."""
    base = f"/api/v1/layers/{layer.name}"
    return {
        "name": layer.name,
        "title": str(layer.title),
        "note": str(layer.note),
        "group": layer.group,
        "audience": layer.audience,
        "geometry": layer.geometry,
        "key": layer.key,
        "fields": {name: str(title) for name, title in layer.fields.items()},
        "filters": sorted(layer.parsers()),
        "zooms": layer.zooms,
        "moment": layer.moment,
        "live": layer.live,
        "version": version,
        "tiles": tiles_of(layer, version, query),
        "features": _address(f"{base}/", query),
        "export": _address(f"{base}/export/", query),
        "legend": legend(layer),
        "style": style_layers(layer),
    }


def tiles_of(layer: Layer, version: str, query: Mapping[str, str]) -> str:
    """The address of a layer's tiles, with its version in it."""
    return _address(f"/api/v1/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt", {"v": version, **query})


def _address(path: str, query: Mapping[str, str]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def legend(layer: Layer) -> list[dict]:
    """The lines of a layer's legend, in the language of the request."""
    return [
        {"value": shade.value, "colour": shade.colour, "label": str(shade.label)}
        for shade in layer.palette.shades
        if str(shade.label)
    ]


def style_layers(layer: Layer) -> list[dict]:
    """A layer as MapLibre draws it: its style with ids, source and zooms."""
    least, most = layer.zooms
    return [
        {
            "id": f"{layer.name}-{number}",
            "source": layer.name,
            "source-layer": layer.name,
            **({"minzoom": least} if least else {}),
            **({"maxzoom": most} if most < 22 else {}),
            **part,
        }
        for number, part in enumerate(layer.style)
    ]
