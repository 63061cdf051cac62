"""Publishing a plan: what is open follows the ground, what is closed keeps its version."""

import json
import random
from datetime import timedelta

import pytest
import shapely
from django.core.management import CommandError, call_command
from django.db import connection

from config.ticks import TICKS
from core.errors import Conflict, NotAllowed
from geo_grid import plan_queries, queries
from geo_grid import services as ground_services
from geo_grid.coordinates import SERVED, transformer
from geo_grid.models import CellBoundary, CellLineage, GridRevision, Post
from incidents import impact, services
from incidents.models import Category, Handover, Incident, IncidentEvent
from tests.conftest import COMMUNITY, CORNER, SIZE

X, Y = CORNER
DISTRICT = COMMUNITY[:6]


def point(x, y):
    return {"type": "Point", "coordinates": [x, y]}


def line(*spots):
    return {"type": "LineString", "coordinates": [list(spot) for spot in spots]}


def region(west, south, east, north):
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


class Planner:
    """Draws, has it approved, publishes."""

    def __init__(self, sun, zhou, now):
        self.sun, self.zhou, self.now = sun, zhou, now
        self.plan = ground_services.begin_plan(
            name="redraw", district=DISTRICT, author=sun, now=now
        )

    def draw(self, kind, **asked):
        self.plan.refresh_from_db()
        edit = ground_services.edit_plan(
            plan=self.plan,
            kind=kind,
            asked=asked,
            expected=self.plan.sequence,
            actor=self.sun,
            now=self.now,
        )
        self.plan = edit.plan
        return edit

    def decide(self, decision, actor, **more):
        self.plan.refresh_from_db()
        return ground_services.decide_plan(
            plan=self.plan,
            decision=decision,
            content_hash=self.plan.content_hash,
            actor=actor,
            now=self.now,
            **more,
        )

    def approve(self):
        self.decide("SUBMITTED", self.sun)
        self.decide("APPROVED", self.zhou)
        return self

    def publish(self, now):
        return services.publish_plan(plan=self.plan, actor=self.zhou, now=now)


@pytest.fixture
def planner(sun, zhou, now):
    return Planner(sun, zhou, now)


@pytest.fixture
def category(db):
    return Category.objects.create(code="0101", name="井盖", name_en="manhole")


def report(lon, lat, now, closed=False):
    told = services.Report("0101", services.Location(lon=lon, lat=lat), now)
    incident = services.report_incident(report=told, actor=None, now=now)
    if closed:
        close(incident, now)
    return incident


def close(incident, now):
    told = {"status": "CLOSED", "closing": "NORMAL", "unanswered": "ANONYMOUS", "closed_at": now}
    Incident.objects.filter(pk=incident.pk).update(**told)


def split_a1(planner, ground, share=0.5):
    x = X - SIZE + share * SIZE
    planner.draw("SPLIT", cell=ground["A1"].code, lines=[line((x, Y - 0.001), (x, Y + 0.011))])


def test_an_open_incident_follows_its_ground_and_says_so(planner, category, ground, lin, now):
    west, east = report(X - 0.008, Y + 0.005, now), report(X - 0.002, Y + 0.005, now)
    split_a1(planner, ground, 0.7)
    at = now + timedelta(hours=1)
    planner.approve().publish(at)
    east.refresh_from_db()
    west.refresh_from_db()
    assert west.cell == ground["A1"]
    assert east.cell.code == f"{COMMUNITY}005"
    assert east.boundary.cell == ground["A1"]  # the version of its moment
    assert east.worker == lin  # who worked there works in what became of it
    assert Handover.objects.get().new_cell == east.cell
    told = east.events.get(kind="HANDED_OVER")
    assert told.payload["cell"] == east.cell.code
    assert told.payload["departments"] == []
    was = {"district": "610403", "community": COMMUNITY, "cell": ground["A1"].code}
    assert told.payload["was"] == was


def test_a_closed_incident_keeps_its_cell(planner, category, ground, now):
    done = report(X - 0.002, Y + 0.005, now, closed=True)
    split_a1(planner, ground, 0.7)
    planner.approve().publish(now + timedelta(hours=1))
    done.refresh_from_db()
    assert done.cell == ground["A1"]
    assert not IncidentEvent.objects.filter(kind="HANDED_OVER").exists()


def test_reports_before_and_after_the_moment_know_different_maps(planner, category, ground, now):
    split_a1(planner, ground, 0.7)
    at = now + timedelta(hours=1)
    planner.approve().publish(at)
    late = services.report_incident(
        report=services.Report("0101", services.Location(lon=X - 0.002, lat=Y + 0.005), now),
        actor=None,
        now=at + timedelta(minutes=5),
    )
    assert late.boundary.cell == ground["A1"]  # on the map of its moment
    assert late.cell.code == f"{COMMUNITY}005"  # but today's cell answers
    after = report(X - 0.002, Y + 0.005, at + timedelta(minutes=5))
    assert after.boundary.valid_during.lower == at


def test_a_plan_taken_back_restores_the_same_map_and_the_workers(
    planner, category, ground, lin, sun, zhou, now
):
    before = GridRevision.objects.get(district=DISTRICT)
    incident = report(X - 0.002, Y + 0.005, now)
    split_a1(planner, ground, 0.3)  # cuts the outer border too
    planner.draw("RENAME", cell=ground["A2"].code, name="东门")
    planner.draw("MERGE", cells=[ground["A3"].code, ground["A4"].code], into=ground["A4"].code)
    done = planner.approve().publish(now + timedelta(hours=1))
    assert done.sha256 != before.sha256
    back = Planner.__new__(Planner)
    back.sun, back.zhou, back.now = sun, zhou, now + timedelta(hours=2)
    back.plan = ground_services.revert_plan(
        plan=planner.plan, author=sun, now=now + timedelta(hours=2)
    )
    again = back.approve().publish(now + timedelta(hours=3))
    assert again.sha256 == before.sha256
    assert again.area2_mm2 == before.area2_mm2
    assert again.residual == 0
    incident.refresh_from_db()
    assert incident.cell == ground["A1"]
    assert queries.responsible_for([ground["A1"].pk], back.now)[ground["A1"].pk]["name"] == "林小雨"
    planner.plan.refresh_from_db()
    assert planner.plan.status == "REVERTED"


@pytest.mark.parametrize("spot", [-0.008, -0.002])
@pytest.mark.parametrize("clock", [timedelta(days=365 * 2), timedelta(days=-365 * 56)])
def test_a_doubtful_clock_decides_no_boundary(planner, category, ground, now, spot, clock):
    """Ahead or behind: its ground is that of the receipt, before and after a publication."""
    at = now + timedelta(minutes=30)

    def doubtful(received):
        place = services.Location(lon=X + spot, lat=Y + 0.005)
        told = services.Report("0101", place, now + clock, queued=True)
        return services.report_incident(report=told, actor=None, now=received)

    before, between = doubtful(now), doubtful(at + timedelta(seconds=10))
    assert before.clock_doubt and between.clock_doubt
    old = before.boundary
    split_a1(planner, ground, 0.7)
    planner.approve().decide("SCHEDULED", planner.zhou, effective_at=at)
    services.publish_due_plans(now=at + timedelta(seconds=20))
    code = f"{COMMUNITY}{'001' if spot == -0.008 else '005'}"
    for case in (before, between):
        case.refresh_from_db()
        assert case.cell.code == code
    assert before.boundary == old
    assert between.boundary == between.cell.boundaries.get(valid_during__contains=at)


def random_spots(chance, number):
    """Places in and around the ground, many of them exactly on borders and corners."""
    codes = list(CellBoundary.objects.filter(valid_during__endswith=None))
    nodes = [tuple(xy) for b in codes for ring in b.geom for part in ring for xy in part]
    for _ in range(number):
        kind = chance.random()
        if kind < 0.3:
            yield chance.choice(nodes)
        elif kind < 0.5:
            a, b = chance.choice(nodes), chance.choice(nodes)
            yield (a[0] + b[0]) / 2, (a[1] + b[1]) / 2
        else:
            spread = SIZE * 1.03
            yield X + chance.uniform(-spread, spread), Y + chance.uniform(-spread, spread)


def recounted(at):
    """Where every incident belongs by the rule of the intake, one by one."""
    for incident in Incident.objects.filter(point__isnull=False):
        cell = queries.cell_at(incident.point.x, incident.point.y, at)
        yield incident, cell and cell["cell_id"]


@pytest.mark.parametrize("seed", range(3))
def test_publishing_by_pieces_equals_a_full_recount(planner, category, ground, now, seed):
    chance = random.Random(seed)
    split_a1(planner, ground, 0.3)
    planner.draw(
        "CUT_OUT",
        region=region(X - 0.003, Y - 0.004, X + 0.004, Y + 0.002),
        allow_parts=True,
    )
    planner.draw("RECODE", cell=ground["A2"].code)
    planner.draw("MOVE_VERTEX", at=point(X - 0.003, Y - 0.004), to=point(X - 0.0035, Y - 0.0041))
    planner.draw("MERGE", cells=[ground["A3"].code, ground["A4"].code], into=ground["A4"].code)
    for lon, lat in random_spots(chance, 120):
        report(lon, lat, now)
    at = now + timedelta(hours=1)
    drawn = CellBoundary.objects.filter(valid_during__endswith=None).first()
    assert drawn is not None
    planner.approve()
    for lon, lat in plan_nodes(planner.plan):
        report(lon, lat, now)  # exactly on the borders that are to come
    planner.publish(at)
    wrong = [(i.pk, i.cell_id, cell) for i, cell in recounted(at) if i.cell_id != cell]
    assert wrong == []
    assert Handover.objects.exists()


def plan_nodes(plan):
    to_served = transformer(f"EPSG:{plan.record_srid}", SERVED).transform
    for drawn in plan_queries.cells_of(plan).values():
        for x, y in shapely.get_coordinates(drawn.shape).tolist():
            yield to_served(x, y)


def test_the_preview_tells_what_the_publication_does(planner, category, ground, lin, now):
    for step in range(10):
        report(X - 0.009 + step * 0.0009, Y + 0.004, now)
    split_a1(planner, ground, 0.7)
    told = impact.impact(planner.plan, now)
    rows = {row["code"]: row for row in told["cells"]}
    planner.approve().publish(now + timedelta(hours=1))
    for code, row in rows.items():
        here = Incident.objects.filter(cell__code=code, status__in=Incident.OPEN)
        assert row["open_after"] == here.count()
    assert told["summary"]["open_moved"] == Handover.objects.count()
    assert told["summary"]["with_two_cells"] == ["林小雨"]
    assert Post.objects.filter(user=lin, held_during__endswith=None).count() == 2


def test_the_lineage_knows_the_shares(planner, category, ground, now):
    split_a1(planner, ground, 0.3)
    planner.approve().publish(now + timedelta(hours=1))
    shares = {row.result.code: row.share for row in CellLineage.objects.filter(origin=ground["A1"])}
    assert shares[f"{COMMUNITY}005"] == pytest.approx(0.3, abs=0.01)
    assert sum(shares.values()) == pytest.approx(1)


def test_a_crash_in_the_middle_leaves_the_old_map_whole(
    planner, category, ground, now, monkeypatch
):
    incident = report(X - 0.002, Y + 0.005, now)
    before = list(CellBoundary.objects.order_by("pk").values_list("pk", "valid_during", "sha256"))
    split_a1(planner, ground, 0.7)
    planner.approve()

    def crash(*args):
        raise RuntimeError("the power went out")

    monkeypatch.setattr(services.handover, "_tell", crash)
    with pytest.raises(RuntimeError):
        planner.publish(now + timedelta(hours=1))
    after = list(CellBoundary.objects.order_by("pk").values_list("pk", "valid_during", "sha256"))
    assert after == before
    incident.refresh_from_db()
    assert incident.cell == ground["A1"]
    planner.plan.refresh_from_db()
    assert planner.plan.status == "APPROVED"


def test_a_plan_on_an_old_map_must_be_brought_to_the_new_one(
    planner, category, ground, sun, zhou, now
):
    other = Planner(sun, zhou, now)
    other.draw("RENAME", cell=ground["A1"].code, name="北门")
    split_a1(planner, ground)
    planner.approve().publish(now + timedelta(hours=1))
    other.approve()
    later = now + timedelta(hours=2)
    with pytest.raises(Conflict) as refused:
        other.publish(later)
    assert refused.value.extra["findings"][0]["cells"] == [ground["A1"].code]
    other.plan.refresh_from_db()
    ground_services.rebase_plan(plan=other.plan, expected=other.plan.sequence, actor=sun, now=later)
    with pytest.raises(Conflict):  # the approval was of another content
        other.publish(later)
    other.now = later
    assert other.approve().publish(later + timedelta(hours=1)).residual == 0


def test_codes_given_away_meanwhile_are_given_anew(planner, category, ground, sun, zhou, now):
    other = Planner(sun, zhou, now)
    x = X + SIZE / 2
    other.draw("SPLIT", cell=ground["A2"].code, lines=[line((x, Y - 0.001), (x, Y + 0.011))])
    split_a1(planner, ground)
    assert (
        plan_queries.changed_codes(planner.plan) & plan_queries.changed_codes(other.plan) == set()
    )
    planner.approve().publish(now + timedelta(hours=1))
    later = now + timedelta(hours=2)
    other.plan.refresh_from_db()
    ground_services.rebase_plan(plan=other.plan, expected=other.plan.sequence, actor=sun, now=later)
    other.now = later
    revision = other.approve().publish(later)
    assert revision.cells == 6


def test_a_scheduled_plan_is_published_at_its_moment(planner, category, ground, zhou, now):
    split_a1(planner, ground)
    at = now + timedelta(hours=8)
    planner.approve().decide("SCHEDULED", zhou, effective_at=at)
    assert services.publish_due_plans(now=at - timedelta(seconds=1)) == []
    between = report(X - 0.008, Y + 0.005, at + timedelta(seconds=1))
    told = services.publish_due_plans(now=at + timedelta(seconds=20))
    assert told == [{"plan": planner.plan.pk, "published": True, "version": 2}]
    between.refresh_from_db()
    assert between.boundary.valid_during.lower == at  # the map of its moment


def test_the_scheduler_publishes_what_is_due(planner, category, ground, zhou, now):
    split_a1(planner, ground)
    at = now + timedelta(hours=8)
    planner.approve().decide("SCHEDULED", zhou, effective_at=at)
    for moment, number in ((at - timedelta(seconds=1), 1), (at + timedelta(seconds=20), 2)):
        for tick in TICKS:
            tick.run(now=moment)
        assert GridRevision.objects.filter(district=DISTRICT).count() == number


def test_a_file_does_not_redraw_cells_under_open_cases(category, ground, tmp_path, now):
    """A file hands nothing over: refused in one sentence, and nothing has changed."""
    file = tmp_path / "cells.geojson"
    half = region(X - SIZE, Y, X - SIZE / 2, Y + SIZE)
    properties = {"code": ground["A1"].code, "name": "A1"}
    file.write_text(json.dumps({"type": "Feature", "properties": properties, "geometry": half}))
    options = {"code_field": "code", "name_field": "name", "community": COMMUNITY}
    case = report(X - 0.005, Y + 0.005, now)
    report(X + 0.005, Y + 0.005, now)  # in a cell that stays
    before = list(in_force := CellBoundary.objects.filter(valid_during__upper_inf=True))
    with pytest.raises(CommandError, match="1 件"):
        call_command("import_boundaries", str(file), publish=True, **options)
    assert set(in_force.all()) == set(before)
    close(case, now)
    call_command("import_boundaries", str(file), publish=True, **options)
    assert ground["A1"].boundaries.filter(valid_during__isnull=False).count() == 2


def test_officers_do_not_publish(planner, category, ground, sun, now):
    split_a1(planner, ground), planner.approve()
    with pytest.raises(NotAllowed):
        services.publish_plan(plan=planner.plan, actor=sun, now=now + timedelta(hours=1))


def test_two_publications_at_once_do_not_mix(transactional_db, request):
    """Somebody else's turn: refused with the reason, nothing half done."""
    ground, now = request.getfixturevalue("ground"), request.getfixturevalue("now")
    planner = request.getfixturevalue("planner")
    split_a1(planner, ground), planner.approve()
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(hashtext('publish:610403'))")
    try:
        with pytest.raises(Conflict):
            planner.publish(now + timedelta(hours=1))
    finally:
        other.close()
    assert planner.publish(now + timedelta(hours=1)).residual == 0
