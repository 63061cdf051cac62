"""The demo's year of reports: plausible places, times, categories and words."""

import random
from collections.abc import Iterator
from datetime import datetime, time, timedelta

import numpy as np
import shapely
from django.db import transaction
from django.utils import timezone

from geo_grid import queries as ground
from geo_grid.models import CellBoundary
from incidents import queries, services
from incidents.demo.callouts import call_departments
from incidents.demo.handling import ANSWER, History
from incidents.models import Category, Incident

PERIOD_DAYS = 90
FRESH = 45  # reported in the last day, so that the map shows lamps of every colour
REPORTED, CLOSED = 1496, 1439  # of the last period; the rest is open
SPOKEN = {  # category code -> (weight, what people say)
    "0501": (24, ("路边垃圾成堆，气味很大", "垃圾桶满了没人清运", "河道边有建筑垃圾")),
    "0504": (14, ("小区门口占道经营，影响通行", "夜市油烟扰民", "共享单车乱停放")),
    "0503": (8, ("工地夜间施工噪声大", "渣土车未覆盖，沿路抛洒")),
    "0502": (6, ("墙上又贴满了小广告", "广告牌松动，有掉落危险")),
    "0601": (10, ("井盖缺失，夜里很危险", "路灯不亮", "自来水管漏水")),
    "0602": (8, ("路面塌陷", "信号灯不亮", "斑马线磨损看不清")),
    "0604": (5, ("树枝断了挂在电线上", "绿化带被踩坏")),
    "0301": (8, ("楼道堆放杂物，堵塞消防通道", "电动车在楼道充电", "消防栓没有水")),
    "0302": (4, ("作坊用电线路老化",)),
    "0303": (3, ("小餐馆后厨卫生差",)),
    "0102": (6, ("邻居因排水沟发生争吵", "楼上漏水协商不成")),
    "0104": (4, ("土地承包边界有争议",)),
    "0107": (3, ("工地拖欠农民工工资",)),
    "0202": (3, ("电动车电瓶被盗",)),
    "0411": (6, ("停水一整天没有通知", "天然气改造进度慢")),
    "0402": (3, ("老人养老金认证不会操作",)),
    "0404": (2, ("独居老人需要上门体检",)),
}
HOUR_WEIGHTS = [1, 1, 0, 0, 0, 1, 3, 8, 14, 16, 15, 11, 6, 7, 11, 13, 12, 9, 7, 6, 5, 4, 2, 1]


@transaction.atomic
def load_incidents(*, seed: int, number: int, now: datetime) -> dict[str, int]:
    """`number` reports over the year before `now`; the last period shows the district's figures."""
    if not number:
        return {"incidents": 0}
    chance = random.Random(seed)  # noqa: S311  plausible reports, not secrets
    moments = _moments(chance, number, now)
    places = _places(np.random.default_rng(seed), number, now)
    open_ones = _open_ones(chance, moments, now)
    workers = ground.responsible_for([place["cell_id"] for place in places], now)
    related = Category.objects.select_related("department", "parent")
    categories = {one.code: one for one in related}
    rows, history = [], History(chance, now)
    for index, (moment, place) in enumerate(zip(moments, places, strict=True)):
        code = _category(chance)
        rows.append(_incident(chance, moment, place, categories[code], workers, now))
        if index not in open_ones:
            _close(rows[-1], chance, now)
        history.plan(rows[-1])
    Incident.objects.bulk_create(rows, batch_size=1000)
    history.store()
    called = call_departments(history=history, chance=chance)
    return {"incidents": len(rows), "open": len(open_ones), "calls to a place": called}


def _moments(chance: random.Random, number: int, now: datetime) -> list[datetime]:
    """Times of day as people report, oldest first; the last period gets exactly its share."""
    recent = min(REPORTED, number)
    fresh = min(FRESH, recent)
    days = [chance.uniform(0.02, 1) for _ in range(fresh)]
    days += [chance.uniform(1, PERIOD_DAYS - 1) for _ in range(recent - fresh)]
    days += [chance.uniform(PERIOD_DAYS + 1, 364) for _ in range(number - recent)]
    hours = chance.choices(range(24), HOUR_WEIGHTS, k=number)
    today = timezone.localtime(now)
    found = []
    for back, hour in zip(days, hours, strict=True):
        day = (today - timedelta(days=back)).date()
        clock = time(hour, chance.randrange(60), chance.randrange(60), tzinfo=today.tzinfo)
        found.append(
            min(datetime.combine(day, clock), today - timedelta(minutes=chance.randrange(5, 300)))
        )
    return sorted(found)


def _open_ones(chance: random.Random, moments: list[datetime], now: datetime) -> set[int]:
    """Indexes that stay open: mostly fresh, a few forgotten for weeks."""
    recent = [i for i, moment in enumerate(moments) if moment > now - timedelta(days=PERIOD_DAYS)]
    number = min(REPORTED - CLOSED, len(recent))
    fresh = recent[-max(number, 1) :]
    chosen = set(chance.sample(fresh, min(len(fresh), number * 3 // 4)))
    rest = [i for i in recent if i not in chosen]
    return chosen | set(chance.sample(rest, number - len(chosen)))


def _places(chance: np.random.Generator, number: int, now: datetime) -> list[dict]:
    """Points inside cells; small (urban) cells get more of them, and a few cells are hot."""
    fields = ("id", "cell_id", "community_id", "cell__code", "cell__district", "area_m2", "geom")
    cells = list(
        CellBoundary.objects.filter(valid_during__contains=now)
        .order_by("cell__code")
        .values(*fields)
    )
    weight = np.array([1 / np.sqrt(cell["area_m2"]) for cell in cells])
    weight[chance.choice(len(cells), 12, replace=False)] *= 3
    weight[_around(cells, chance.integers(len(cells)))] *= 7
    found = []
    for index in chance.choice(len(cells), number, p=weight / weight.sum()):
        cell = cells[index]
        shape = cell.get("shape") or cell.setdefault(
            "shape", shapely.from_wkb(bytes(cell["geom"].wkb))
        )
        found.append({**cell, "spot": _inside(shape, chance)})
    return found


def _around(cells: list[dict], middle: int) -> list[int]:
    """A neighbourhood of nine cells: a hot spot that an analysis should find."""
    spots = np.array([cell["geom"].centroid.coords for cell in cells])
    away = np.hypot(*((spots - spots[middle]) * (0.83, 1)).T)  # a degree of longitude is shorter
    return np.argsort(away)[:9].tolist()


def _inside(shape, chance: np.random.Generator) -> tuple[float, float]:
    west, south, east, north = shape.bounds
    while True:
        lon, lat = chance.uniform((west, south), (east, north)).round(7).tolist()
        if shapely.contains_xy(shape, lon, lat):
            return lon, lat


def _category(chance: random.Random) -> str:
    return chance.choices(list(SPOKEN), [weight for weight, _words in SPOKEN.values()])[0]


def _incident(chance, moment, place, category, workers, now) -> Incident:
    lon, lat = place["spot"]
    worker = workers.get(place["cell_id"], {})
    incident = Incident(
        number=queries.next_case(moment).number,
        category=category,
        description=chance.choice(SPOKEN[category.code][1]),
        occurred_at=moment,
        reported_at=moment,
        point=f"SRID=4326;POINT({lon!r} {lat!r})",
        source_lon=lon,
        source_lat=lat,
        datum="wgs84",
        accuracy_m=round(chance.uniform(3, 25), 1),
        district=place["cell__district"],
        community_id=place["community_id"],
        cell_id=place["cell_id"],
        boundary_id=place["id"],
        reason=Incident.Reason.INSIDE,
        worker_id=worker.get("user_id"),
        worker_post_id=worker.get("post_id"),
        worker_rule=worker.get("rule", ""),
    )
    return services.set_deadline(incident=incident)


def _close(incident: Incident, chance: random.Random, now: datetime) -> None:
    """Mostly in time, one in twenty late, never in the future."""
    share = chance.uniform(1.05, 1.8) if chance.random() < 0.05 else chance.uniform(0.1, 0.95)
    taken = (incident.due_at - incident.reported_at) * share
    incident.closed_at = min(incident.reported_at + taken, now)
    incident.status = Incident.Status.CLOSED
    incident.closing = Incident.Closing.LATE if share > 1 else Incident.Closing.NORMAL
    incident.answer, incident.answered_at = ANSWER, incident.closed_at


def plausible_bodies(chance: random.Random) -> Iterator[dict]:
    """Bodies for the API, without end: places all over the district."""
    now = timezone.now()
    places = np.random.default_rng(chance.randrange(2**32))
    while True:
        for place in _places(places, 200, now):
            code = _category(chance)
            yield {
                "category": code,
                "description": chance.choice(SPOKEN[code][1]),
                "location": {
                    "point": {"type": "Point", "coordinates": list(place["spot"])},
                    "crs": "wgs84",
                    "accuracy_m": round(chance.uniform(3, 25), 1),
                },
            }
