"""Plans: refused with defects, in force from a moment, the past stays askable."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import IntegrityError
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from core.errors import Conflict
from geo_grid import queries, services
from geo_grid.models import CellBoundary
from tests.conftest import COMMUNITY, square
from tests.geo_grid.test_queries import INSIDE_A1


def draft(now, *cells):
    shapes = [services.CellShape(code, code, COMMUNITY, shape) for code, shape in cells]
    return services.draft_plan(
        name="new", cells=shapes, srid=settings.METRIC_SRID, provenance="test", now=now
    )


def test_the_first_boundaries_hold_for_all_time_before(ground, now):
    assert queries.cell_at(*INSIDE_A1, now - timedelta(days=4000)) is not None


def test_a_redrawn_cell_keeps_its_past(ground, now):
    code = ground["A1"].code
    plan = draft(now, (code, square(0, 1).buffer(-100)))
    services.publish_plan(plan=plan, now=now, effective_at=now + timedelta(days=1))
    before, after = (
        ground["A1"].boundaries.get(valid_during__contains=now + timedelta(days=n)) for n in (0, 2)
    )
    assert before.area_m2 > after.area_m2


def test_overlapping_cells_are_not_published(ground, now):
    plan = draft(now, ("X1", square(5, 5)), ("X2", square(5, 5).buffer(-10)))
    with pytest.raises(Conflict):
        services.publish_plan(plan=plan, now=now)
    assert plan.boundaries.filter(valid_during__isnull=False).count() == 0


def test_cells_over_cells_in_force_need_an_explicit_word(ground, now):
    plan = draft(now, ("X1", square(0, 1)))
    with pytest.raises(Conflict):
        services.publish_plan(plan=plan, now=now)
    services.publish_plan(plan=plan, now=now, replace=True)
    assert queries.cell_at(*INSIDE_A1, now + timedelta(days=1))["code"] == "X1"


def test_the_database_refuses_two_boundaries_of_a_cell_at_a_time(ground, now):
    plan = draft(now, (ground["A1"].code, square(0, 1)))
    with pytest.raises(IntegrityError):
        CellBoundary.objects.filter(plan=plan).update(valid_during=DateTimeTZRange(now, None))
