"""What differs from district to district: the time zone and the CRS to measure in."""

import time
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings

from geo_grid.models import DistrictSettings, User
from geo_grid.scope import districts_of


@dataclass(frozen=True, slots=True)
class District:
    zone: ZoneInfo
    metric_srid: int


def of(code: str) -> District:
    """The settings of a district by its code, of the site where it has none; read at most once a
    minute per process."""
    return _now_known().get(code) or _site()


def zone_of(viewer: User, now: datetime) -> ZoneInfo:
    """The clock a viewer goes by: of the district where exactly one is in reach, else of the site.

    Where every district goes by the site's clock nothing is asked.
    """
    site = _site().zone
    if all(known.zone == site for known in _now_known().values()):
        return site
    codes = districts_of(viewer, now)
    return of(codes.pop()).zone if len(codes) == 1 else site


def forget() -> None:
    """Read again: settings were changed in this process."""
    _known.cache_clear()


def _site() -> District:
    return District(ZoneInfo(settings.TIME_ZONE), settings.METRIC_SRID)


def _now_known() -> dict[str, District]:
    return _known(int(time.monotonic()) // 60)


@lru_cache(maxsize=2)
def _known(minute: int) -> dict[str, District]:
    rows = DistrictSettings.objects.values_list("area__code", "time_zone", "metric_srid")
    return {code: District(ZoneInfo(zone), srid) for code, zone, srid in rows}
