"""Where is it? By point, by cell code or by address; never a silent guess."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import shapely
from django.contrib.gis.geos import GEOSGeometry, Point
from django.utils.translation import gettext as _

from core.errors import Invalid
from geo_grid import gazetteer
from geo_grid import queries as ground
from geo_grid.coordinates import (
    BD09,
    CGCS2000,
    GCJ02,
    WGS84,
    BadCoordinates,
    at_the_door,
    from_wgs84,
    to_wgs84,
)
from incidents.models import Incident

EQUAL = {CGCS2000: WGS84}  # centimetres apart
ON_ITS_WAY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Location:
    """One of: lon and lat in `datum` (degrees), an address, a cell code, a line or polygon.

    shape: a shapely geometry in `datum`; the case lies where its representative point lies.
    """

    lon: float | None = None
    lat: float | None = None
    datum: str = WGS84
    accuracy_m: float | None = None
    address: str = ""
    cell: str = ""
    shape: shapely.Geometry | None = None


def locate_incident(*, incident: Incident, location: Location) -> Incident:
    """Give the incident its point, cell, community and boundary, on the ground of its moment."""
    ground.hold_map()
    incident.address = location.address
    incident.accuracy_m = location.accuracy_m
    if location.cell:
        return _by_code(incident, location.cell)
    if location.shape is not None:
        return _by_shape(incident, location)
    if location.lon is None or location.lat is None:
        return _by_address(incident, location.address)
    try:
        place = at_the_door(location.lon, location.lat, location.datum)
    except BadCoordinates as error:
        raise Invalid(_(str(error)), "location.point") from None
    incident.source_lon, incident.source_lat = place.source_lon, place.source_lat
    incident.datum = place.datum
    return _by_point(incident, place.lon, place.lat)


def _by_point(
    incident: Incident, lon: float, lat: float, field: str = "location.point"
) -> Incident:
    incident.point = Point(lon, lat, srid=4326)
    cell = ground.cell_at(lon, lat, incident.moment)
    incident.reason = ground.reason_of(cell) if cell else Incident.Reason.UNASSIGNED
    if cell is None and incident.source_lon is not None:
        _refuse_swapped(incident, field)
        incident.likely_datum = _other_datum(incident)
    return _put(incident, cell)


def _refuse_swapped(incident: Incident, field: str) -> None:
    """In no cell, but with its axes swapped in one: somebody said latitude first."""
    try:
        mirror = at_the_door(incident.source_lat, incident.source_lon, incident.datum)
    except BadCoordinates:
        return
    if ground.cell_at(mirror.lon, mirror.lat, incident.moment):
        raise Invalid(_("Longitude and latitude look swapped."), field)


def _other_datum(incident: Incident) -> str:
    """The datum in which the same numbers would lie in a cell: told, never taken."""
    named = EQUAL.get(incident.datum, incident.datum)
    for datum in (WGS84, GCJ02, BD09):
        if datum == named:
            continue
        lon, lat = to_wgs84(incident.source_lon, incident.source_lat, datum)
        if ground.cell_at(lon, lat, incident.moment):
            return datum
    return ""


def _by_shape(incident: Incident, location: Location) -> Incident:
    """Every vertex is converted at the door; a point on the shape decides the cell."""
    try:
        shape = shapely.transform(
            location.shape,
            lambda spots: [
                (place.lon, place.lat)
                for place in (at_the_door(lon, lat, location.datum) for lon, lat in spots)
            ],
        )
    except BadCoordinates as error:
        raise Invalid(_(str(error)), "location.shape") from None
    if not shape.is_valid or shape.is_empty:
        raise Invalid(_("The shape crosses itself or is empty."), "location.shape")
    incident.shape = GEOSGeometry(memoryview(shapely.to_wkb(shape)), srid=4326)
    incident.datum = location.datum
    spot = shape.representative_point()
    source = from_wgs84(spot.x, spot.y, location.datum)
    incident.source_lon, incident.source_lat = source
    return _by_point(incident, spot.x, spot.y, "location.shape")


def _by_code(incident: Incident, code: str) -> Incident:
    cell = ground.cell_by_code(code, incident.moment)
    if cell is None:
        raise Invalid(_("There is no cell %s.") % code, "location.cell")
    incident.point = Point(cell["lon"], cell["lat"], srid=4326)
    incident.reason = Incident.Reason.BY_CODE
    return _put(incident, cell)


def put_in_cell(*, incident: Incident, code: str, now: datetime) -> Incident:
    """Somebody says by hand in which cell of today it belongs; its point stays what it was."""
    cell = ground.cell_by_code(code, now)
    if cell is None:
        raise Invalid(_("There is no cell %s.") % code, "cell")
    incident.left = {
        "district": incident.district,
        "community": incident.community.code if incident.community else None,
        "cell": incident.cell.code if incident.cell else None,
    }
    incident.reason = Incident.Reason.BY_HAND
    return _put(incident, cell)


def _by_address(incident: Incident, address: str) -> Incident:
    candidates = gazetteer.find_place(address, incident.moment)
    meant = gazetteer.sure(candidates)
    if meant is None:
        text = (
            _("The address fits several places. Choose one of them.")
            if candidates
            else _("No place of this name is known.")
        )
        raise Invalid(text, "location.address", candidates=candidates)
    if meant["kind"] == "cell":
        return _by_code(incident, meant["code"])
    return _by_point(incident, meant["lon"], meant["lat"])


def _put(incident: Incident, cell: dict | None) -> Incident:
    if cell:
        incident.cell = ground.cell_of(cell)
        incident.boundary_id = cell["boundary_id"]
        incident.community = ground.community_of(cell)
        incident.district = cell["district"]
        incident.distance_m = round(cell["distance_m"], 2)
        _hand_to_today(incident, cell)
    return incident


def _hand_to_today(incident: Incident, cell: dict) -> None:
    """A late report keeps the boundary of its moment; the cell that has the ground today answers,
    also if the map changed while the report was on its way."""
    ends_at = cell["ends_at"]
    if ends_at is None or incident.point is None or ends_at > incident.reported_at + ON_ITS_WAY:
        return
    at = max(incident.reported_at, ends_at)
    today = ground.cell_at(incident.point.x, incident.point.y, at)
    if today:
        incident.cell = ground.cell_of(today)
        incident.community = ground.community_of(today)
        incident.district = today["district"]
