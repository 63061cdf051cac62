"""Every address, method and role, inside and outside the scope, against one table."""

import json
import re
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import mapbox_vector_tile
import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator

from core import throttles
from geo_grid import services as ground_services
from geo_grid.models import Area, BoundaryPlan, Department, PlanEdit, User
from gridmaps import live
from incidents import services, worktime
from incidents.deadlines import Level
from incidents.models import Called, Incident, IncidentEvent, Part, Reporter, Supervision
from tests.config import matrix
from tests.conftest import COMMUNITY, square
from tests.incidents.conftest import LIMITS, SEED, photo_of

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FAR = "610404001001"


def account(name: str, until: datetime | None = None, /, role="", **ground) -> User:
    user = User.objects.create_user(name, display_name=name, phone="19900000001")
    if role:
        ground_services.appoint(user=user, role=role, since=LONG_AGO, until=until, **ground)
    return user


@pytest.fixture
def people(ground):
    """One account for each column but the first and the last."""
    works = Department.objects.create(
        code="610403-D07", name="城管局", name_en="x", district="610403"
    )
    grounds = {"CELL": {"cell": ground["A1"]}, "DEPARTMENT": {"department": works}}
    for code in (COMMUNITY, COMMUNITY[:9], "610403"):
        area = Area.objects.get(code=code)
        grounds[area.level] = {"area": area}
    seats = matrix.SEATS | matrix.NEWER
    ended = timezone.now() - timedelta(hours=1)
    made = {
        "stranger": account("stranger"),
        **{name: account(name, role=role, **grounds[at]) for name, (role, at) in seats.items()},
        "elsewhere": account("elsewhere", role="WORKER", cell=ground["A2"]),
        "deputy": account("deputy"),
        "expired": account("expired", ended, role="OFFICER", **grounds["DISTRICT"]),
        "disabled": account("disabled", role="OFFICER", **grounds["DISTRICT"]),
        "admin": User.objects.create_superuser("admin", display_name="admin"),
    }
    User.objects.filter(username="disabled").update(is_active=False)
    away = {"since": ended, "until": timezone.now() + timedelta(days=1)}
    post = made["worker"].posts.get()
    ground_services.grant_leave(post=post, deputy=made["deputy"], **away)
    return made


def second_district() -> str:
    """One cell in another district; nobody but the superuser has anything to do with it."""
    ground_services.ensure_community(code=FAR, name="远处社区")
    shape = ground_services.CellShape(f"{FAR}001", "远处网格", FAR, square(20, 20))
    now = timezone.now()
    plan = ground_services.draft_plan(
        name="far", cells=[shape], srid=settings.METRIC_SRID, provenance="test", now=now
    )
    ground_services.publish_plan(plan=plan, now=now)
    Department.objects.create(code="610404-D07", name="远处城管局", name_en="x", district=FAR[:6])
    return shape.code


def case_at(cell: str, officer: User, now: datetime):
    """A case that its community handles, with a photo."""
    told = services.Report(
        category="0501",
        location=services.Location(cell=cell),
        occurred_at=now,
        reporter_phone="13900000000",
    )
    case = services.report_incident(report=told, actor=None, now=now)
    services.make_move(
        number=case.number, move="accept", told=services.Told(), actor=officer, now=now
    )
    photo = services.attach_file(
        number=case.number, name="a.jpg", content=photo_of(), actor=officer, now=now
    )
    return case, photo


def called_to(case, officer: User, code: str, now: datetime) -> Called:
    """A department that the community of a case calls to a place."""
    told = {
        "departments": (code,),
        "place": "门口",
        "hour": now + timedelta(days=1),
        "note": "占道",
    }
    services.make_move(
        number=case.number, move="call_out", told=services.Told(**told), actor=officer, now=now
    )
    return Called.objects.get(callout__incident=case)


@pytest.fixture
def world(people, settings, tmp_path):
    """The objects of addresses, in the scope of most and out of the scope of all."""
    settings.MEDIA_ROOT = tmp_path
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEED)
    services.load_limits(path=LIMITS)
    services.load_work_calendar(first_year=2025)
    now = timezone.now()
    far = second_district()
    desk = account("far", role="OFFICER", area=Area.objects.get(code=FAR))
    above = account("above", role="DUTY", area=Area.objects.get(code="610404"))
    drawer = account("drawer", role="PLANNER", area=Area.objects.get(code="610404"))
    found = {}
    for side, cell, officer, boss, author in (
        ("inside", f"{COMMUNITY}001", people["community"], people["duty"], people["planner"]),
        ("outside", far, desk, above, drawer),
    ):
        case, photo = case_at(cell, officer, now)
        order = services.supervise_case(
            number=case.number,
            actor=boss,
            now=now,
            level=Level.SUPERVISED,
            instruction="请抓紧",
            reply_by=now + timedelta(days=2),
        )
        plan = ground_services.begin_plan(author=author, now=now, name="x", district=cell[:6])
        called = called_to(case, officer, f"{cell[:6]}-D07", now)
        part = case.parts.get(state="HANDLING")
        found[side] = {
            "incident": case.number,
            "attachment": photo.pk,
            "supervision": order.pk,
            "plan": plan.pk,
            "part": part.pk,
            "called": called.pk,
            "callout": called.callout_id,
            "matter": called.department.service_items.create(name=side, asked_at=now).pk,
        }
        if side == "inside":
            Part.objects.create(
                incident=case,
                role="SUPPORT",
                department=people["department"].posts.get().department,
                state="WAITING",
                opened_at=now,
                came_from=part,
            )
    return found


@pytest.fixture
def doors(people, world, monkeypatch, settings):
    """A client for each column. Sessions are older than what ended them; nobody is throttled."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # takes no time
    monkeypatch.setattr(throttles.Window, "allow_request", lambda *_: True)
    monkeypatch.setattr(live, "in_database", in_this_transaction)
    monkeypatch.setattr(SchemaGenerator, "get_schema", lambda *_, **__: {})  # a second each
    clients = {}
    for column in (*matrix.COLUMNS, *matrix.NEWER):
        clients[column] = Client(raise_request_exception=False)
        if column in people:
            clients[column].force_login(people[column])
    key = ground_services.issue_token(
        user=people["duty"], label="read", scopes=["read"], now=timezone.now()
    )
    clients["token"].defaults["HTTP_AUTHORIZATION"] = f"Token {key}"
    return clients


async def in_this_transaction(work, *arguments):
    """The live stream has threads with connections of their own, which see no test."""
    return await sync_to_async(work)(*arguments)


@contextmanager
def undone(method: str):
    """Whatever is written in here is taken back."""
    if method == "GET":
        yield
        return
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def ask(client: Client, route: matrix.Route, method: str, objects: dict) -> int:
    """The status of one request."""
    path = route.path(matrix.values_of(route, objects))
    body = matrix.BODIES.get((route.name, method))
    headers = {"If-Match": "0"}
    with undone(method):
        if callable(body):
            return client.post(path, body(), headers=headers).status_code
        text = json.dumps(body) if body is not None else ""
        kind = "application/json"
        return client.generic(method, path, text, kind, headers=headers).status_code


TABLE = matrix.table()
LISTED = {name for name, _method in TABLE}
ROUTES = [route for route in matrix.routes() if not route.name.startswith("admin")]
ADMIN = [route for route in matrix.routes() if route.name.startswith("admin")]
# Asked inside only: who is let in nowhere, who sees nothing there either, and who sees everything.
INSIDE_ONLY = ("anonymous", "expired", "disabled", "stranger", "elsewhere", "admin")


def methods_of(route: matrix.Route) -> dict[str, dict[str, int]]:
    """method -> column -> status, as the table has them."""
    found = {method: row for (name, method), row in TABLE.items() if name == route.name}
    return dict.fromkeys(matrix.METHODS, found["ANY"]) if "ANY" in found else found


def test_every_address_is_in_the_table():
    missing = [route.name for route in ROUTES if route.name not in LISTED]
    assert missing == [], (
        "An address without a row: add one to TABLE in tests/config/matrix.py for each of its "
        "methods, and to QUERIES or BODIES what it is asked with."
    )
    known = {route.name for route in ROUTES} | {"admin:*"}
    assert LISTED - known == set(), "A row of TABLE without an address: take it out."


def test_a_newer_role_is_asked_as_its_like():
    for (name, _method), row in TABLE.items():
        assert matrix.of_its_like("CELL_HEAD", "COMMUNITY", name, row) == row["head"]
        assert matrix.of_its_like("PLANNER", "DISTRICT", name, row) == row["planner"]


def test_every_method_and_role_in_scope_and_outside(doors, world):
    wrong, asked = [], 0

    def expect(route, method, side, column, status):
        nonlocal asked
        asked += 1
        found = ask(doors[column], route, method, world[side])
        if found != status:
            wrong.append(f"{route.name} {method} {side} {column}: {found} instead of {status}")

    for route in ROUTES:
        listed = methods_of(route)
        for method in set(matrix.METHODS) - set(listed):
            expect(route, method, "inside", "admin", 405)
        for method, row in listed.items():
            for column, status in row.items():
                expect(route, method, "inside", column, status)
                if route.about and column not in INSIDE_ONLY:
                    unscoped = column == "token" and status == 403
                    expect(route, method, "outside", column, 403 if unscoped else 404)
    assert not wrong, "\n".join(wrong)
    assert asked > 1000


def test_the_administration_is_for_administrators(doors, world):
    """Every page of it; the superuser gets an answer at each, and no fault."""
    wrong = []
    row = TABLE["admin:*", "ANY"]
    for route in ADMIN:
        for method, column in (("GET", "anonymous"), ("GET", "duty"), ("POST", "duty")):
            found = ask(doors[column], route, method, world["inside"])
            if route.name not in {"admin:login", "admin:logout"} and found != row[column]:
                wrong.append(f"{route.name} {method} {column}: {found}")
        if ask(doors["admin"], route, "GET", world["inside"]) >= 500:
            wrong.append(f"{route.name} admin: a fault")
    assert wrong == []
    assert len(ADMIN) > 50


# --- what a body may set ------------------------------------------------------------------------
MODELS = (Incident, Part, IncidentEvent, Reporter, Supervision, User, BoundaryPlan, PlanEdit)
EXTRA = {
    name
    for model in MODELS
    for one in model._meta.concrete_fields
    for name in (one.name, one.attname)
}
OF_NO_CONCERN = re.compile(r"(^|_)(id|at|number|uuid|digest|hash|last_login|answer)$|^payload$")


def state() -> list:
    """What is stored, without what differs from one time to the next."""
    return [
        {name: value for name, value in row.items() if not OF_NO_CONCERN.search(name)}
        for model in MODELS
        for row in model.objects.order_by("pk").values()
    ]


def send(client, route, method, objects, body) -> tuple[int, list]:
    """The status of a request with a body, and what was stored after it."""
    path, kind = route.path(matrix.values_of(route, objects)), "application/json"
    with undone(method):
        answer = client.generic(method, path, json.dumps(body), kind, headers={"If-Match": "0"})
        return answer.status_code, state()


def test_a_body_sets_what_it_is_asked_for_and_nothing_else(doors, world):
    """Every column of these models, sent along with every body: refused, or of no effect."""
    outcome = {}
    for route in ROUTES:
        body = matrix.BODIES.get((route.name, "PUT" if route.name == "incident-once" else "POST"))
        if not isinstance(body, dict):
            continue
        method = "PUT" if route.name == "incident-once" else "POST"
        row = TABLE[route.name, method]
        column = next((one for one, told in list(row.items())[1:] if told < 300), "duty")
        more = {**dict.fromkeys(EXTRA - {"note"}, 1), **body}  # a note is asked for at most of them
        clean = send(doors[column], route, method, world["inside"], body)
        hostile = send(doors[column], route, method, world["inside"], more)
        if hostile[0] == 400:
            assert hostile[1] == state(), route.name
            outcome[route.name] = "refused"
        else:
            changed = [
                pair for pair in zip(clean[1], hostile[1], strict=True) if pair[0] != pair[1]
            ]
            assert (hostile[0], changed) == (clean[0], []), route.name
            outcome[route.name] = "ignored"
    assert {name for name, what in outcome.items() if what == "refused"} >= {
        *("incidents", "incident-once", "moves", "accept-many", "contact", "call-made"),
        *("case-supervision", "supervision-reply", "supervision-cancel"),
    }


def test_each_column_alone_is_refused_by_name(doors, world):
    refuse_each(doors, world, "incidents")
    refuse_each(doors, world, "moves")


def refuse_each(doors, world, route):
    (found,) = (one for one in ROUTES if one.name == route)
    path = found.path(matrix.values_of(found, world["inside"]))
    body = matrix.BODIES[route, "POST"]
    known = {
        "part",
        "note",
        "to",
        "cell",
        "other",
        "closing",
        "unanswered",
        "answer",
        "until",
        "category",
    }
    for name in sorted(EXTRA - set(body) - {"description", "occurred_at", "reporter"} - known):
        with undone("POST"):
            answer = doors["community"].post(path, {**body, name: 1}, "application/json")
        assert answer.status_code == 400, name
        assert [one["field"] for one in answer.json()["errors"]] == [name]


# --- one scope ----------------------------------------------------------------------------------
def test_list_count_layer_export_tile_and_figures_are_of_the_same_cases(doors, world, people):
    """The number on the badge is the number of rows, for everybody."""
    now = timezone.now()
    for cell in (f"{COMMUNITY}002", f"{COMMUNITY}002", f"{COMMUNITY}003"):
        case_at(cell, people["community"], now)
    found = {}
    offices = ("community", "town", "department", "duty")
    for column in ("stranger", "worker", "elsewhere", *offices, "admin"):
        client = doors[column]

        def read(path, client=client):
            return client.get(f"/api/v1/{path}").json()

        tile = client.get("/api/v1/tiles/incidents/2/3/1.mvt").content
        drawn = mapbox_vector_tile.decode(tile).get("incidents", {}).get("features", [])
        found[column] = {
            "list": len(read("incidents/")["features"]),
            "count": read("incidents/counts/")["open"],
            "layer": len(read("layers/incidents/")["features"]),
            "export": len(read("layers/incidents/export/?format=geojson")["features"]),
            "tile": sum(one["properties"].get("count", 1) for one in drawn),
            "board": len(read("board/open/")["rows"]),
            "statistics": read("statistics/")["total"]["now"]["reported"],
        }
    told = {column: set(numbers.values()) for column, numbers in found.items()}
    assert told == {
        "stranger": {0},
        "worker": {1},
        "elsewhere": {2},
        "community": {4},
        "town": {4},
        "department": {1},
        "duty": {4},
        "admin": {5},
    }
