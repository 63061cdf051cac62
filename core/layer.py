"""What a map layer is. Packages declare theirs as data in `layers.py`; `gridmaps` gathers them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

PUBLIC, STAFF = "public", "staff"
MOST_VALUES = 200  # of one filter in one request
_NAME = re.compile(r"^[a-z][a-z_]*$")

NOTHING: Mapping[str, Any] = {
    "everything": False,
    "districts": [],
    "communities": [],
    "cells": [],
    "departments": [],
}

EVERYTHING: Mapping[str, Any] = {**NOTHING, "everything": True}

Parser = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class Shade:
    """One line of a legend. value: of the palette's field, or the lower end of a step."""

    value: Any
    colour: str
    label: Any


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a layer, once for MapLibre, folium and the legend.

    field: what decides the colour, "" for one colour. steps: the values are lower ends of
    classes, in rising order, instead of categories.
    """

    field: str
    shades: tuple[Shade, ...]
    other: str = "#767676"
    steps: bool = False

    def expression(self) -> Any:
        """The colour as a MapLibre expression."""
        if not self.field:
            return self.shades[0].colour
        pairs = [part for shade in self.shades for part in (shade.value, shade.colour)]
        if self.steps:
            return ["step", ["to-number", ["get", self.field]], *pairs[1:]]
        return ["match", ["get", self.field], *pairs, self.other]

    def colour_of(self, properties: Mapping[str, Any]) -> str:
        """The colour of one feature."""
        if not self.field:
            return self.shades[0].colour
        value = properties.get(self.field)
        if self.steps:
            below = [shade.colour for shade in self.shades if shade.value <= (value or 0)]
            return below[-1] if below else self.shades[0].colour
        return next((shade.colour for shade in self.shades if shade.value == value), self.other)


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer of the catalogue.

    name: the word in addresses and the source-layer of its tiles. title: translatable.
    source: (package, name) of a SQL file that answers `id` (bigint), `geom` (EPSG:4326) and the
    fields. It may use the parameters `at` (the moment shown), `past` (the moment is not now), the
    reach of the viewer (`everything`, `districts`, `communities`, `cells`), and its filters, which
    are NULL where nobody asks. fixed: parameters that this layer gives itself.
    fields: name -> title. A name that ends in `_at` is a time. Nothing personal.
    key: the field that identifies a feature, also in live messages.
    geometry: point, line or polygon. group: the heading in a list of layers.
    audience: PUBLIC, or STAFF: those who are logged in, as far as they reach.
    version: moment -> a word that changes when the picture does. dated: the same version is the
    same picture for ever, so tiles may be kept.
    moment: the layer can be asked for another time than now. live: the event of the stream that
    changes it. zooms: drawn from and to. order: low ones are drawn first.
    style: MapLibre layers without id and source. coverage: the field whose equal values tile the
    ground without gap or overlap; such polygons are simplified together for low zooms.
    filed: columns of the source that only its files have.
    """

    name: str
    title: Any
    source: tuple[str, str]
    fields: Mapping[str, Any]
    key: str
    geometry: str
    version: Callable[[datetime], str]
    palette: Palette
    style: tuple[Mapping[str, Any], ...]
    group: str = "ground"
    audience: str = STAFF
    fixed: Mapping[str, Any] = field(default_factory=dict)
    filters: Mapping[str, Parser] = field(default_factory=dict)
    dated: bool = False
    moment: bool = False
    live: str = ""
    zooms: tuple[int, int] = (0, 22)
    order: int = 50
    coverage: str = ""
    note: Any = ""
    filed: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        words = [self.name, *self.fields, *self.filters]
        strange = [word for word in words if not _NAME.match(word)]
        if strange or self.key not in self.fields:
            raise ValueError(f"layer {self.name}: {strange or self.key} is no name of a field")

    def parsers(self) -> dict[str, Parser]:
        """The filters a request may use: the layer's own, and the keys of features as `ids`."""
        own = {name: parse for name, parse in self.filters.items() if name not in self.fixed}
        return {"ids": keys, **own}

    def parameters(
        self,
        given: Mapping[str, str],
        *,
        at: datetime,
        past: bool = False,
        reach: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """All parameters of the source; ValueError with the name of a filter that is not proper.

        given: filters as text. reach: what the viewer sees; without it nothing that is scoped.
        """
        parsers = self.parsers()
        parsed = dict.fromkeys(("ids", *self.filters)) | dict(self.fixed)
        parsed |= {"at": at, "past": past, **(reach or NOTHING)}
        for name, text in given.items():
            if name not in parsers:
                raise ValueError(name)
            try:
                parsed[name] = parsers[name](text)
            except ValueError:
                raise ValueError(name) from None
        return parsed


def some_of(*values: str) -> Parser:
    """A filter: one or several of the values, with commas between."""

    def parse(text: str) -> list[str]:
        wanted = text.split(",")
        if len(wanted) > MOST_VALUES or not set(wanted) <= set(values):
            raise ValueError(text)
        return wanted

    return parse


def matching(pattern: str) -> Parser:
    """A filter: a text of that shape."""

    def parse(text: str) -> str:
        if not re.fullmatch(pattern, text, re.ASCII):
            raise ValueError(text)
        return text

    return parse


def moment(text: str) -> datetime:
    """A filter: an ISO 8601 time with its offset, between 1900 and 2200."""
    parsed = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign that came unescaped
    if parsed.tzinfo is None or not 1900 <= parsed.year <= 2200:
        raise ValueError(text)
    return parsed


def keys(text: str) -> list[str]:
    """A filter: keys of features with commas between, at most MOST_VALUES."""
    wanted = text.split(",")
    if len(wanted) > MOST_VALUES or not all(re.fullmatch(r"[\w.-]{1,40}", key) for key in wanted):
        raise ValueError(text)
    return wanted
