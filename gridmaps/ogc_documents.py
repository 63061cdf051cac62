"""The documents of OGC API Features, made from the catalogue of layers."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from django.utils.translation import gettext as _

from core.errors import Invalid, NotFound
from core.layer import Layer
from gridmaps import catalogue, queries

OFFERED = ("cells", "areas", "incidents")
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CONFORMANCE = "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf"
JSON, GEOJSON = "application/json", "application/geo+json"
Period = tuple[datetime | None, datetime | None]
OPENAPI = "application/vnd.oai.openapi+json;version=3.0"


@dataclass(frozen=True, slots=True)
class Site:
    """The service as one viewer sees it. root: the address of `/ogc`, without a slash."""

    root: str
    viewer: object
    now: datetime

    def link(self, rel: str, path: str, media_type: str = JSON, title="") -> dict:
        told = {"rel": rel, "href": self.root + path, "type": media_type}
        return told | ({"title": str(title)} if title else {})

    def landing(self) -> dict:
        """The first page: where everything else is."""
        return {
            "title": "Gridkeeper",
            "description": _("Cells, areas and open incidents, as far as you may see them."),
            "links": [
                self.link("self", "/"),
                self.link("service-desc", "/api", OPENAPI),
                self.link("conformance", "/conformance"),
                self.link("data", "/collections"),
            ],
        }

    def collections(self) -> dict:
        """Every collection the viewer may see."""
        seen = [layer for layer in catalogue.allowed(self.viewer) if layer.name in OFFERED]
        box = queries.served_box()
        return {
            "links": [self.link("self", "/collections")],
            "collections": [self.described(layer, box) for layer in seen],
        }

    def collection(self, name: str) -> dict:
        """One of them."""
        layer = offered(self.viewer, name)
        return self.described(layer, queries.served_box())

    def described(self, layer: Layer, box) -> dict:
        path = f"/collections/{layer.name}"
        extent = {"spatial": {"bbox": [box], "crs": CRS84}} if box else {}
        return {
            "id": layer.name,
            "title": str(layer.title),
            "description": str(layer.note) or str(layer.title),
            "itemType": "feature",
            "crs": [CRS84],
            "extent": extent | {"temporal": {"interval": [[None, None]]}},
            "links": [
                self.link("self", path),
                self.link("items", f"{path}/items", GEOJSON, layer.title),
            ],
        }

    def items(self, name: str, told: Mapping, rest: Mapping[str, str]) -> str:
        """One page of a collection. told: bbox, datetime, limit, offset, after. rest: filters as text."""
        layer = offered(self.viewer, name)
        if "at" in rest:
            raise Invalid(_("unknown field"), "at")
        filters = {**rest, **times_of(layer, told["datetime"])}
        seen = catalogue.view(self.viewer, name, filters, self.now)
        limit, offset = told["limit"], told["offset"]
        after = told["after"] or None
        found = queries.page(layer, seen.parameters(layer), told["bbox"], limit, offset, after)
        asked = {**rest, **as_text(told)}
        pages: dict[str, dict] = {"self": {"offset": offset, "after": after}}
        if found["more"]:
            pages["next"] = {
                "after": found["last"]
            }  # an offset would skip what is closed meanwhile
        if offset and not after:
            pages["prev"] = {"offset": max(offset - limit, 0)}
        path = f"/collections/{name}"
        links = [
            self.link(rel, f"{path}/items?{page_query(asked, limit, start)}", GEOJSON)
            for rel, start in pages.items()
        ]
        head = {
            "type": "FeatureCollection",
            "timeStamp": self.now.isoformat(),
            "numberMatched": found["matched"],
            "numberReturned": found["returned"],
            "links": [*links, self.link("collection", path)],
        }
        return f'{json.dumps(head, ensure_ascii=False)[:-1]}, "features": {found["features"]}}}'

    def item(self, name: str, key: str) -> str:
        """One feature by its key; NotFound where the viewer may not see it."""
        layer = offered(self.viewer, name)
        seen = catalogue.view(self.viewer, name, {"ids": key}, self.now)
        found = queries.page(layer, seen.parameters(layer), None, 1)
        if not found["returned"]:
            raise NotFound(_("There is no such feature that you may see."), "id")
        path = f"/collections/{name}"
        links = [
            self.link("self", f"{path}/items/{quote(key)}", GEOJSON),
            self.link("collection", path),
        ]
        (feature,) = json.loads(found["features"])
        return json.dumps({**feature, "links": links}, ensure_ascii=False)


def conformance() -> dict:
    """The parts of the standard that are kept."""
    return {"conformsTo": [f"{CONFORMANCE}/{part}" for part in ("core", "geojson")]}


def offered(viewer, name: str) -> Layer:
    """A layer that is a collection; NotFound also where the viewer may not see it."""
    if name not in OFFERED:
        raise NotFound(_("There is no layer %s that you may see.") % name[:40], "layers")
    return catalogue.layer_for(viewer, name)


def times_of(layer: Layer, period: Period | None) -> dict[str, str]:
    """`datetime` as the layer knows it: what was reported in the period, both ends included.

    Where nothing is reported it is the map as it stood at the end, since a code names one feature
    of an answer; a layer without times is the same at all of them.
    """
    start, end = period or (None, None)
    if "since" in layer.parsers():
        told = {"since": start, "until": end and end + timedelta(microseconds=1)}
    else:
        told = {"at": end if layer.moment else None}
    return {name: time.isoformat() for name, time in told.items() if time}


def as_text(told: Mapping) -> dict[str, str]:
    """`bbox` and `datetime` as they stand in an address."""
    shown = {}
    if told["bbox"]:
        shown["bbox"] = ",".join(map(str, told["bbox"]))
    if told["datetime"]:
        ends = (time.isoformat() if time else ".." for time in told["datetime"])
        shown["datetime"] = "/".join(ends)
    return shown


def page_query(asked: Mapping[str, str], limit: int, start: Mapping) -> str:
    begins = {name: value for name, value in start.items() if value}
    return urlencode({**asked, "limit": limit, **begins}, safe=",/:")
