"""The demo shows calls from below in every state, and the same ones for the same seed."""

import random
from datetime import timedelta

import pytest
from django.db import transaction

from incidents.demo.callouts import call_departments
from incidents.demo.handling import History, Step
from incidents.models import Called


@pytest.fixture
def handled(report, move, wang, zhao, he, gao, now):
    """Six cases in work for days; the first is taken for one of the district."""
    cases = [report(now - timedelta(days=3)) for _ in range(6)]
    for case in cases:
        move(case, "accept", wang, now - timedelta(days=3))
    return cases


def test_a_call_waits_one_is_agreed_to_one_refused_and_one_met(handled, now):
    def called():
        chance = random.Random(7)
        history = History(chance, now)
        for case in handled:
            since = now - timedelta(days=3)
            area = case.community
            office = area.parent.parent if case == handled[0] else area  # the district calls nobody
            history.cases.append((case, [Step(office, False, since, since, None, "")]))
        with transaction.atomic():
            assert call_departments(history=history, chance=chance) == 4
            rows = Called.objects.order_by("id").select_related("callout", "department")
            told = [(one.agrees, bool(one.arrived_at), one.score) for one in rows]
            where = [(one.callout.incident_id, one.department.code) for one in rows]
            assert all(one.callout.hour > now for one in rows if not one.arrived_at)
            assert all(one.reason for one in rows if one.agrees is False)
            transaction.set_rollback(True)
        return told, where

    states, where = called()
    assert [one[:2] for one in states] == [
        (True, True),
        (None, False),
        (True, False),
        (False, False),
    ]
    assert states[0][2] >= 4 and len({case for case, _office in where}) == 4
    assert called() == (states, where)
