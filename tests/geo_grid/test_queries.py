"""Which cell, and who answers for it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction

from geo_grid import demo, queries, services
from geo_grid.models import Area, Cell
from tests.conftest import COMMUNITY, CORNER, SIZE

INSIDE_A1 = (CORNER[0] - 0.005, CORNER[1] + 0.005)


def test_a_point_inside_finds_its_cell(ground, now):
    cell = queries.cell_at(*INSIDE_A1, now)
    assert cell["code"].endswith("001")
    assert not cell["on_border"]


def test_the_shared_corner_belongs_to_the_lowest_code(ground, now):
    from_record = ground["A1"].boundaries.get().geom.coords[0][0]
    corner = min(from_record, key=lambda spot: abs(spot[0] - CORNER[0]) + abs(spot[1] - CORNER[1]))
    cell = queries.cell_at(*corner, now)
    assert (cell["code"][-3:], cell["on_border"]) == ("001", True)


@pytest.mark.parametrize(("metres", "reason"), [(15, "NEAREST"), (25, None)])
def test_just_outside_goes_to_the_nearest_cell_within_tolerance(ground, now, metres, reason):
    north_of_a1 = (INSIDE_A1[0], CORNER[1] + SIZE + metres / 110_930)
    cell = queries.cell_at(*north_of_a1, now)
    assert (cell and queries.reason_of(cell)) == reason
    if cell:
        assert cell["distance_m"] == pytest.approx(metres, abs=0.5)


def test_worker_then_deputy_then_assistant_then_head(ground, lin, wang, zhao, qian, now):
    a1 = ground["A1"].pk

    def rule(at=now):
        found = queries.responsible_for([a1], at).get(a1)
        return found and (found["user_id"], found["rule"])

    assert rule() == (lin.pk, "WORKER")
    week = {"since": now, "until": now + timedelta(days=7)}
    services.grant_leave(post=lin.posts.get(), deputy=qian, **week)
    assert rule() == (qian.pk, "WORKER_DEPUTY")
    assert rule(now + timedelta(days=8)) == (lin.pk, "WORKER")
    qian.is_active = False
    qian.save()
    assert rule() == (wang.pk, "CELL_HEAD")
    area = Area.objects.get(code=COMMUNITY)
    services.appoint(user=zhao, role="ASSISTANT", area=area, since=now)
    assert rule() == (zhao.pk, "ASSISTANT")


def test_many_cells_at_once_answer_like_one_by_one(ground, lin, wang, now):
    together = queries.responsible_for([cell.pk for cell in ground.values()], now)
    single = {key: queries.responsible_for([key], now)[key] for key in together}
    assert together == single
    assert len(together) == 4


def test_vacant_and_doubly_held_cells(ground, lin, qian, now):
    assert {cell.code[-1] for cell in queries.vacant_cells(now)} == {"2", "3", "4"}
    services.appoint(user=qian, role="WORKER", cell=ground["A1"], since=now)
    assert [cell.code[-1] for cell in queries.doubly_held_cells(now)] == ["1"]


@pytest.mark.soak
def test_the_answer_comes_while_statistics_still_say_no_rows(transactional_db, now):
    """As after a first load: the planner knows nothing, and must not do the work once an account."""
    with suppress(ZeroDivisionError), transaction.atomic():
        demo.load_ground(seed=1, now=now)
        raise ZeroDivisionError  # taken back: pages without rows stay behind
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    with transaction.atomic(), connection.cursor() as cursor:
        demo.load_ground(seed=1, now=now)
        cells = list(Cell.objects.values_list("pk", flat=True))
        cursor.execute(
            "SET LOCAL statement_timeout = '30s'"
        )  # it took minutes; it takes half a second
        assert len(queries.responsible_for(cells, now)) == len(cells)
