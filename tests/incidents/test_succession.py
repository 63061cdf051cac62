"""A worker leaves: what is open goes on with whoever answers next, and nothing else moves."""

from datetime import timedelta

import pytest

from geo_grid import queries
from geo_grid import services as ground_services
from geo_grid.models import Area, Department
from incidents import services
from incidents.models import Incident, IncidentEvent
from tests.conftest import COMMUNITY, person
from tests.gridmaps.conftest import categories, report  # noqa: F401


@pytest.fixture
def three(report, lin, now):  # noqa: F811
    """Two open cases of Lin's cell and one that is closed."""
    made = [report("A1", before=timedelta(hours=hours)) for hours in (1, 2, 3)]
    closed = Incident.objects.get(pk=made[2].pk)
    Incident.objects.filter(pk=closed.pk).update(
        status="CLOSED", closed_at=now, closing="NORMAL", answer="已处理"
    )
    return made


def holders():
    rows = Incident.objects.order_by("-reported_at").values_list("worker__username", "worker_rule")
    return [tuple(row) for row in rows]


def test_open_cases_follow_to_who_answers_next(three, lin, wang, now):
    due = Incident.objects.get(pk=three[0].pk).due_at
    ground_services.end_post(post=lin.posts.get(), at=now + timedelta(hours=1))
    assert services.follow_posts(now=now) == 0
    later = now + timedelta(hours=2)
    assert services.follow_posts(now=later) == 2
    assert holders() == [("wang", "CELL_HEAD"), ("wang", "CELL_HEAD"), ("lin", "WORKER")]
    assert Incident.objects.get(pk=three[0].pk).due_at == due
    told = IncidentEvent.objects.filter(kind="HANDED_OVER")
    assert told.count() == 2 and told.first().payload["number"]
    assert services.follow_posts(now=later) == 0
    successor = person("zhu", "朱建")
    cell = Incident.objects.get(pk=three[0].pk).cell
    ground_services.appoint(user=successor, role="WORKER", cell=cell, since=later)
    assert services.follow_posts(now=later + timedelta(minutes=1)) == 2
    assert holders()[0] == ("zhu", "WORKER")


def test_a_deputy_has_them_while_the_worker_is_away(three, lin, qian, now):
    week = {"since": now, "until": now + timedelta(days=7)}
    ground_services.grant_leave(post=lin.posts.get(), deputy=qian, **week)
    services.follow_posts(now=now)
    assert holders()[0] == ("qian", "WORKER_DEPUTY")
    services.follow_posts(now=now + timedelta(days=8))
    assert holders()[0] == ("lin", "WORKER")


def test_where_nobody_is_left_it_says_so(three, lin, now):
    lin.is_active = False
    lin.save()
    services.follow_posts(now=now)
    assert holders()[0] == (None, "")
    assert IncidentEvent.objects.filter(kind="HANDED_OVER").first().note


def test_the_office_answers_last_and_never_nobody(three, lin, zhao, now):
    ground_services.end_post(post=lin.posts.get(), at=now)
    cell = Incident.objects.get(pk=three[0].pk).cell_id
    assert queries.responsible_for([cell], now)[cell]["rule"] == "OFFICER"
    town = person("zheng", "郑丽")
    area = Area.objects.get(code=COMMUNITY[:9])
    ground_services.appoint(user=town, role="OFFICER", area=area, since=now)
    assert queries.responsible_for([cell], now)[cell]["user_id"] == town.pk


def test_a_worker_with_two_cells_has_the_cases_of_both(report, ground, lin, now):  # noqa: F811
    ground_services.appoint(user=lin, role="WORKER", cell=ground["A2"], since=now)
    report("A1"), report("A2")
    assert holders() == [("lin", "WORKER")] * 2


def test_posts_that_end_are_those_of_every_level_below(ground, lin, wang, zhao, qian, now):
    """A district sees its communities, towns and departments, a town itself and what is below."""
    works = Department.objects.create(code="610403-D07", name="w", name_en="w", district="610403")
    area = {code: Area.objects.get(code=code) for code in (COMMUNITY, COMMUNITY[:9], COMMUNITY[:6])}
    far = Area.objects.create(code="610404", name="far", level="DISTRICT")
    soon = now + timedelta(days=10)
    posts = {
        "cell": {"role": "WORKER", "cell": ground["A2"]},
        "community": {"role": "OFFICER", "area": area[COMMUNITY]},
        "town": {"role": "OFFICER", "area": area[COMMUNITY[:9]]},
        "district": {"role": "DUTY", "area": area[COMMUNITY[:6]]},
        "department": {"role": "OFFICER", "department": works},
        "elsewhere": {"role": "DUTY", "area": far},
    }
    people = {name: person(name, name) for name in posts}
    for name, told in posts.items():
        ground_services.appoint(user=people[name], since=now, until=soon, **told)
    all_of = ["cell", "community", "town", "district", "department", "elsewhere"]
    expected = {
        "cell": all_of[:1],
        "community": all_of[:2],
        "town": all_of[:3],
        "department": ["department"],
        "district": all_of[:5],
        "elsewhere": ["elsewhere"],
    }
    for name, holders_seen in expected.items():
        found = queries.gaps(viewer=people[name], now=now).ending
        assert {row["holder"] for row in found} == set(holders_seen), name


def test_the_gaps_are_those_of_ones_own_ground(ground, lin, wang, zhao, qian, now):
    found = queries.gaps(viewer=zhao, now=now)
    assert [row["code"][-1] for row in found.vacant] == ["2", "3", "4"]
    assert {row["holder"] for row in found.vacant} == {"王建国"}
    assert found.uncovered == [] and found.doubled == [] and found.ending == []
    ground_services.appoint(user=qian, role="WORKER", cell=ground["A1"], since=now)
    ground_services.end_post(post=lin.posts.get(), at=now + timedelta(days=10))
    found = queries.gaps(viewer=zhao, now=now)
    assert [row["code"][-1] for row in found.doubled] == ["1"]
    assert [(row["holder"], row["role"]) for row in found.ending] == [("林小雨", "WORKER")]
    assert queries.gaps(viewer=zhao, now=now, days=5).ending == []
    assert queries.gaps(viewer=qian, now=now).vacant == []
    wang.is_active = zhao.is_active = False
    wang.save(), zhao.save()
    assert len(queries.gaps(viewer=zhao, now=now).uncovered) == 3
