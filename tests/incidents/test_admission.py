"""Matters over HTTP: a department asks, the district decides, the others look on."""

from datetime import timedelta

import pytest

from geo_grid.models import Department
from incidents import services
from incidents.models import ServiceItem

PATH = "/api/v1/matters/"
ASKED = {"owner": "610403-D07", "name": "夜市整治"}


@pytest.fixture
def far(db, now):
    """A matter of another district."""
    owner = Department.objects.create(code="610404-D07", name="远", name_en="x", district="610404")
    return ServiceItem.objects.create(name="远处事项", owner=owner, asked_at=now)


def test_a_department_asks_and_the_district_decides(as_user, he, zhao, wang, far):
    made = as_user(he).post(PATH, ASKED, format="json")
    assert (made.status_code, made.json()["state"], made.json()["owner"]) == (
        201,
        "ASKED",
        "城市管理执法局",
    )
    assert as_user(he).post(PATH, ASKED, format="json").status_code == 409
    path = f"{PATH}{made.json()['id']}/decision/"
    decision = {"admit": True, "opinion": "同意"}
    for actor in (he, wang):
        assert as_user(actor).post(path, decision, format="json").status_code == 403
    empty = as_user(zhao).post(path, decision | {"opinion": " "}, format="json")
    assert (empty.status_code, empty.json()["errors"][0]["field"]) == (400, "opinion")
    told = as_user(zhao).post(path, decision, format="json").json()
    assert (told["state"], told["decided_by"], told["opinion"]) == ("ADMITTED", "赵敏", "同意")
    assert as_user(zhao).post(path, decision, format="json").status_code == 409
    other = f"{PATH}{far.pk}/decision/"
    assert as_user(zhao).post(other, decision, format="json").status_code == 404


def test_only_a_department_asks_and_a_temporary_matter_names_its_end(as_user, he, zhao, now):
    assert as_user(zhao).post(PATH, ASKED, format="json").status_code == 403
    for wrong in ({"temporary": True}, {"valid_until": "2020-01-01T00:00:00Z"}):
        refused = as_user(he).post(PATH, ASKED | wrong, format="json")
        assert refused.status_code == 400
        assert refused.json()["errors"][0]["field"] == "valid_until"
    assert not ServiceItem.objects.exists()


def test_the_list_says_who_may_ask_and_decide_and_what_waits_comes_first(
    as_user, he, zhao, qian, far, now
):
    asked = {"owner": "610403-D07", "actor": he, "now": now}
    first = services.ask_admission(name="已决", **asked)
    services.decide_admission(key=first.pk, admit=False, opinion="再议", actor=zhao, now=now)
    end = now + timedelta(days=1)
    services.ask_admission(name="临时", temporary=True, valid_until=end, **asked)
    told = as_user(zhao).get(PATH).json()
    assert [(one["name"], one["may_decide"]) for one in told["matters"]] == [
        ("临时", True),
        ("已决", False),
    ]
    assert told["departments"] == []
    told = as_user(he).get(PATH).json()
    assert [one["may_decide"] for one in told["matters"]] == [False, False]
    assert [one["code"] for one in told["departments"]] == ["610403-D07"]
    assert as_user(qian).get(PATH).json() == {"matters": [], "departments": []}
