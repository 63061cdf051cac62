"""What a clerk sees while a report is taken: the neighbours, and who asked before."""

from datetime import datetime, timedelta
from uuid import uuid4

import pytest
import time_machine

from incidents import services
from incidents.models import Incident
from tests.conftest import COMMUNITY, CORNER

URL = "/api/v1/incidents/"
SPOT = {"lon": CORNER[0] - 0.005, "lat": CORNER[1] + 0.005}
NEAR = SPOT | {"lon": SPOT["lon"] - 0.0002}


@pytest.fixture
def today(now):
    with time_machine.travel(now, tick=False):
        yield now


@pytest.fixture
def ask(as_user):
    """What is known around a report; answers the body."""

    def send(user, **told):
        answer = as_user(user).post(f"{URL}duplicates/", told, format="json")
        assert answer.status_code == 200, answer.json()
        return answer.json()

    return send


def test_who_says_nothing_is_asked_to_say_something(as_user, wang):
    for body in ({}, []):
        assert as_user(wang).post(f"{URL}duplicates/", body, format="json").status_code == 400


def numbers(rows):
    return [row["number"] for row in rows]


def test_the_neighbours_come_with_their_places_and_with_the_deadline(ask, report, wang, today):
    place = services.Location(**SPOT)
    there = report(today - timedelta(days=2), "0501", location=place, description="路边垃圾成堆")
    told = ask(wang, category="0503", cell=f"{COMMUNITY}001", description="垃圾成堆", **NEAR)
    (near,) = told["found"]
    assert near["number"] == there.number and 10 < near["distance"] < 30
    assert near["geometry"]["coordinates"] == [SPOT["lon"], SPOT["lat"]]
    assert told["asked"] == {"phone": [], "place": []}  # nothing is told twice
    filed = report(today, "0503", location=place)
    assert datetime.fromisoformat(told["due_at"]) == filed.due_at


def test_a_place_that_asked_before_is_known_whatever_it_was_about(ask, report, move, wang, today):
    place = services.Location(**SPOT)
    other = report(today - timedelta(days=3), "0102", location=place)
    old = report(today - timedelta(days=100), "0102", location=place)
    move(other, "merge", wang, today, other=report(today, "0102", cell=f"{COMMUNITY}002").number)
    told = ask(wang, category="0501", **NEAR)
    assert told["found"] == []
    assert numbers(told["asked"]["place"]) == [other.number]
    assert old.number not in str(told)
    assert told["asked"]["place"][0]["status"] == "VOID"


def test_a_cell_stands_for_its_middle(ask, report, wang, today):
    there = report(today, "0501", description="垃圾成堆")
    told = ask(wang, category="0501", cell=f"{COMMUNITY}001", description="垃圾成堆")
    assert numbers(told["found"]) == [there.number]
    assert ask(wang, category="0501", cell="610403001001999")["found"] == []


def test_an_address_that_asked_before_is_known_without_a_point(ask, report, wang, today):
    place = services.Location(cell=f"{COMMUNITY}001", address="康乐路5号")
    there = report(today, "0501", location=place)
    assert numbers(ask(wang, address="康乐路5号")["asked"]["place"]) == [there.number]
    assert ask(wang, address="康乐路")["asked"]["place"] == []


def test_a_telephone_that_asked_before_is_known_to_desks_only(ask, report, lin, wang, qian, today):
    first = report(today - timedelta(days=200), "0102", reporter_phone="139 0000-0000")
    report(today, "0102", reporter_phone="13700000000")
    assert numbers(ask(wang, phone="+86 13900000000")["asked"]["phone"]) == [first.number]
    assert ask(wang, phone="139000")["asked"]["phone"] == []
    for nobody in (lin, qian):
        assert ask(nobody, phone="13900000000")["asked"]["phone"] == []


def test_the_neighbours_of_another_scope_stay_unknown(ask, report, qian, today):
    report(today, "0501", location=services.Location(**SPOT), description="垃圾成堆")
    told = ask(qian, category="0501", description="垃圾成堆", address="康乐路5号", **SPOT)
    assert told["found"] == [] and told["asked"]["place"] == []


def test_a_personal_answer_is_not_kept_and_nonsense_is_refused(as_user, wang, today):
    client = as_user(wang)
    answer = client.post(f"{URL}duplicates/", {"phone": "13900000000"}, format="json")
    assert answer["Cache-Control"] == "no-store"
    for wrong in ({"lon": 108}, {"category": "x"}, {"telephone": "1"}):
        assert client.post(f"{URL}duplicates/", wrong, format="json").status_code == 400


def test_a_report_keeps_its_way_in_and_the_words_for_its_place(as_user, wang, rules, today):
    point = {"type": "Point", "coordinates": [*SPOT.values()]}
    told = {
        "category": "0501",
        "channel": "TELEPHONE",
        "location": {"point": point, "spoken": "东门小卖部旁"},
    }
    as_user(wang).put(f"{URL}{uuid4()}/", told, format="json")
    case = Incident.objects.get()
    assert (case.channel, case.address) == ("TELEPHONE", "东门小卖部旁")
    assert as_user(wang).get(f"{URL}{case.number}/").json()["channel"] == "TELEPHONE"
    as_user(None).put(f"{URL}{uuid4()}/", told, format="json")
    assert Incident.objects.latest("id").channel == "PUBLIC"  # whatever a stranger calls it
