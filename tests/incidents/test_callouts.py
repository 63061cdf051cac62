"""Departments are called to a place: they answer, arrive, are scored, and stand in the statistics."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from incidents import queries, services
from incidents.indicators import Period
from incidents.models import Called, Callout

BOTH = ("610403-D07", "610403-D14")
HOUR = timedelta(hours=3)


@pytest.fixture
def handled(report, move, wang, now):
    """A case that its community handles."""
    case = report(now)
    move(case, "accept", wang, now)
    return case


@pytest.fixture
def call(handled, move, wang, departments, now):
    """Its community calls both departments; answers code -> called."""

    def send(**changed):
        told = {"departments": BOTH, "place": "社区门口", "hour": now + HOUR, "note": "占道"}
        move(handled, "call_out", wang, now, **(told | changed))
        return {one.department.code: one for one in Called.objects.order_by("id")}

    return send


def answer(called, actor, now, agrees=True, reason=""):
    return services.answer_callout(
        key=called.pk, agrees=agrees, reason=reason, actor=actor, now=now
    )


def score(called, actor, now, points=4):
    return services.score_callout(key=called.pk, score=points, note="", actor=actor, now=now)


def cancel(called, actor, now, reason="已协商解决"):
    return services.cancel_callout(key=called.callout_id, reason=reason, actor=actor, now=now)


def test_they_are_called_answer_arrive_and_are_scored(call, handled, wang, he, gao, now):
    urban, water = call().values()
    answer(urban, he, now)
    answer(water, gao, now, agrees=False, reason="全员防汛")
    services.record_arrival(key=urban.pk, actor=wang, now=now + HOUR)
    score(urban, wang, now + 2 * HOUR, 5)
    score(water, wang, now + 2 * HOUR, 2)
    kinds = [event.kind for event in handled.events.order_by("id")]
    expected = ["CALLED_OUT", "CALL_AGREED", "CALL_REFUSED", "CALL_ARRIVED"]
    assert kinds[-6:] == [*expected, "CALL_SCORED", "CALL_SCORED"]
    assert handled.events.get(kind="CALL_REFUSED").note == "全员防汛"
    told = handled.events.get(kind="CALLED_OUT")
    assert told.details["offices"] == "城市管理执法局、水务局"
    assert told.payload["departments"] == list(BOTH)  # their live pages hear of it


def test_a_called_department_sees_the_case_and_the_call_is_on_everybody_s_sheet(
    call, handled, wang, he, now
):
    with pytest.raises(NotFound):
        queries.sheet(he, handled.number, now)
    urban, water = (one.pk for one in call().values())
    assert queries.sheet(he, handled.number, now).acts == {urban: ["answer"], water: []}
    assert queries.sheet(wang, handled.number, now).acts == dict.fromkeys(
        (urban, water), ["arrive"]
    )
    later = queries.sheet(wang, handled.number, now + HOUR)
    assert later.acts[urban] == ["arrive", "score"]
    assert [row["number"] for row in queries.tray(he, now).rows] == [handled.number]


def test_who_has_a_part_already_gets_no_copy(call, handled, move, wang, he, now):
    move(handled, "copy", wang, now, to=BOTH[0])
    call()
    assert handled.parts.filter(department__code=BOTH[0]).count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"departments": ()}, "departments"),
        ({"departments": ("610403-D99",)}, "departments"),
        ({"departments": ("610403001",)}, "departments"),
        ({"departments": tuple(f"610403-D{n}" for n in range(21))}, "departments"),
        ({"place": ""}, "place"),
        ({"hour": None}, "hour"),
        ({"hour": timedelta(0)}, "hour"),
        ({"note": ""}, "note"),
    ],
)
def test_a_call_says_what_is_wrong_and_stores_nothing(call, now, changed, field):
    if changed.get("hour") is not None:
        changed = {"hour": now}
    with pytest.raises(Invalid) as refused:
        call(**changed)
    assert refused.value.field == field
    assert not Callout.objects.exists()


def test_each_step_is_taken_once_by_whom_it_concerns(call, wang, he, gao, tang, now):
    urban, water = call().values()
    for actor in (wang, gao, tang):
        with pytest.raises((NotAllowed, NotFound)):
            answer(urban, actor, now)
    with pytest.raises(Invalid) as silent:
        answer(urban, he, now, agrees=False)
    assert silent.value.field == "reason"
    answer(urban, he, now, agrees=False, reason="无执法权")
    for act in (
        lambda: answer(urban, he, now),
        lambda: answer(water, gao, now + HOUR),
        lambda: services.record_arrival(key=urban.pk, actor=wang, now=now),
        lambda: score(urban, wang, now),
    ):
        with pytest.raises(Conflict):
            act()
    for actor in (tang, he):
        with pytest.raises(NotAllowed):
            score(urban, actor, now + HOUR)
    with pytest.raises(Invalid):
        score(urban, wang, now + HOUR, 6)
    services.record_arrival(key=water.pk, actor=wang, now=now)
    with pytest.raises(Conflict):
        services.record_arrival(key=water.pk, actor=wang, now=now)
    score(water, wang, now + HOUR)
    with pytest.raises(Conflict):
        score(water, wang, now + HOUR)


def test_who_called_cancels_with_a_reason_and_calls_anew(call, handled, wang, he, gao, tang, now):
    urban, water = call().values()
    answer(urban, he, now)
    for actor in (he, tang):
        with pytest.raises(NotAllowed):
            cancel(urban, actor, now)
    with pytest.raises(Invalid) as silent:
        cancel(urban, wang, now, " ")
    assert silent.value.field == "reason"
    assert queries.sheet(wang, handled.number, now).cancellable == {urban.callout_id}
    assert queries.sheet(he, handled.number, now).cancellable == set()
    cancel(urban, wang, now, " 改到明天 ")
    event = handled.events.order_by("id").last()
    assert (event.kind, event.note, event.actor) == ("CALL_CANCELLED", "改到明天", wang)
    assert event.details["offices"] == "城市管理执法局、水务局"
    assert event.payload["departments"] == list(BOTH)  # their live pages hear of it
    for act in (
        lambda: answer(water, gao, now),
        lambda: services.record_arrival(key=urban.pk, actor=wang, now=now),
        lambda: score(urban, wang, now + HOUR),
        lambda: cancel(urban, wang, now),
    ):
        with pytest.raises(Conflict, match="取消"):
            act()
    for viewer in (wang, he, gao):
        shown = queries.sheet(viewer, handled.number, now + HOUR)
        assert (set(map(tuple, shown.acts.values())), shown.cancellable) == ({()}, set())
    anew = call(hour=now + 2 * HOUR)
    answer(anew[BOTH[1]], gao, now)
    assert Callout.objects.filter(cancelled_at=None).count() == 1


def test_a_call_that_somebody_came_to_or_was_scored_for_is_not_cancelled(call, handled, wang, now):
    arrived = call()[BOTH[0]]
    services.record_arrival(key=arrived.pk, actor=wang, now=now)
    call()
    scored = Called.objects.latest("id")
    score(scored, wang, now + HOUR, 1)
    for one in (arrived, scored):
        with pytest.raises(Conflict):
            cancel(one, wang, now + HOUR)
    assert queries.sheet(wang, handled.number, now + HOUR).cancellable == set()
    assert not Callout.objects.exclude(cancelled_at=None).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"cancelled_at": "now", "cancelled_by": "wang"},
        {"cancelled_at": "now", "cancel_reason": "x"},
        {"cancelled_by": "wang", "cancel_reason": "x"},
        {"cancel_reason": "x"},
    ],
)
def test_the_database_refuses_a_cancelling_without_who_when_or_why(call, wang, now, change):
    call()
    words = {"now": now, "wang": wang}
    change = {name: words.get(value, value) for name, value in change.items()}
    with pytest.raises(IntegrityError, match="callout_cancelled"), transaction.atomic():
        Callout.objects.update(**change)


def test_a_cancelled_call_is_in_no_statistic_that_ends_after_it(call, wang, zhao, gao, now):
    urban = call()[BOTH[0]]
    period = Period(date(2026, 9, 1), date(2026, 10, 31))

    def called(at):
        table = queries.statistics(zhao, at, period, "office")
        return {row.code: row.now.called for row in table.rows if row.now.called}

    cancel(urban, wang, now + HOUR)
    assert called(now + HOUR / 2) == dict.fromkeys(BOTH, 1)
    assert called(now + 2 * HOUR) == {}


def test_the_district_and_a_department_do_not_call(report, move, wang, tang, zhao, he, now):
    case = report(now)
    told = {"departments": BOTH[:1], "place": "x", "hour": now + HOUR, "note": "x"}
    steps = [(wang, "accept", {}), (wang, "escalate", {"note": "x"}), (tang, "accept", {})]
    steps += [(tang, "escalate", {"note": "x"}), (zhao, "accept", {})]
    for who, name, more in steps:
        move(case, name, who, now, **more)
    with pytest.raises(NotAllowed):
        move(case, "call_out", zhao, now, **told)


@pytest.mark.parametrize(
    "change",
    [
        {"agrees": True},
        {"agrees": False, "answered_at": "now"},
        {"agrees": False, "answered_at": "now", "reason": "x", "arrived_at": "now"},
        {"score": 3},
        {"score": 6, "scored_at": "now"},
    ],
)
def test_the_database_refuses_impossible_answers(call, now, change):
    call()
    change = {name: now if value == "now" else value for name, value in change.items()}
    with pytest.raises(Exception, match="called_"), transaction.atomic():
        Called.objects.update(**change)


def test_refusals_arrivals_and_scores_stand_in_the_statistics_of_offices(
    call, handled, wang, zhao, he, gao, as_user, now
):
    urban, water = call().values()
    answer(water, gao, now, agrees=False, reason="全员防汛")
    services.record_arrival(key=urban.pk, actor=wang, now=now + HOUR)
    score(urban, wang, now + HOUR, 5)
    score(water, wang, now + HOUR, 2)
    period = Period(date(2026, 9, 1), date(2026, 10, 31))

    def counted(viewer, at=now + 2 * HOUR):
        table = queries.statistics(viewer, at, period, "office")
        rows = {row.code: row.now for row in [*table.rows, table.total]}
        return {
            code: (one.called, one.call_refused, one.call_arrived, one.means()["mean_score"])
            for code, one in rows.items()
            if one.called
        }

    assert counted(zhao) == {BOTH[0]: (1, 0, 1, 5), BOTH[1]: (1, 1, 0, 2), "": (2, 1, 1, 3.5)}
    before = counted(zhao, now + timedelta(minutes=1))
    assert before == {BOTH[0]: (1, 0, 0, None), BOTH[1]: (1, 1, 0, None), "": (2, 1, 0, None)}
    told = as_user(zhao).get(
        "/api/v1/statistics/file.csv?by=office&first=2026-09-01&last=2026-12-31"
    )
    head, *lines = told.content.decode("utf-8-sig").splitlines()
    assert len({line.count(",") for line in [head, *lines]}) == 1
    assert ",5.00," in next(line for line in lines if line.startswith(BOTH[0]))
    handled.legacy = True
    handled.save()
    assert counted(zhao) == {}


def test_a_call_over_http(call, handled, wang, he, as_user, now):
    moment = now + timedelta(days=400)
    path = f"/api/v1/incidents/{handled.number}/"
    order = {"move": "call_out", "departments": [BOTH[0]], "place": "社区门口", "note": "占道"}
    client = as_user(wang)
    missing = client.post(f"{path}moves/", order, format="json")
    assert (missing.status_code, missing.json()["errors"][0]["field"]) == (400, "hour")
    order["hour"] = moment.isoformat()
    assert client.post(f"{path}moves/", order, format="json").status_code == 200
    (shown,) = client.get(path).json()["callouts"]
    (one,) = shown["called"]
    assert (shown["place"], one["department"], one["acts"]) == (
        "社区门口",
        "城市管理执法局",
        ["arrive"],
    )
    own = f"/api/v1/called/{one['id']}/"
    client = as_user(he)
    assert client.post(f"{own}answer/", {"agrees": True, "x": 1}, format="json").status_code == 400
    assert client.post(f"{own}answer/", {"agrees": True}, format="json").status_code == 200
    assert client.post(f"{own}arrival/", {}, format="json").status_code == 403
    client = as_user(wang)
    assert client.post(f"{own}arrival/", {}, format="json").status_code == 200
    assert client.post(f"{own}score/", {"score": 4}, format="json").status_code == 409
    found = client.get(f"{path}receivers/?part={handled.parts.first().pk}&move=call_out").json()
    assert {office["level"] for office in found["offices"]} == {"DEPARTMENT"}


def test_a_call_is_cancelled_over_http(call, handled, wang, he, as_user, now):
    key = call(hour=now + timedelta(days=400))[BOTH[0]].callout_id
    path, own = f"/api/v1/incidents/{handled.number}/", f"/api/v1/callouts/{key}/cancel/"

    def send(actor, path, **told):
        return as_user(actor).post(path, told, format="json")

    def shown(viewer):
        (found,) = as_user(viewer).get(path).json()["callouts"]
        return found["may_cancel"], found["cancel_reason"], found["cancelled_by"]

    assert shown(wang) == (True, "", None)
    assert send(wang, own).json()["errors"][0]["field"] == "reason"
    assert send(he, own, reason="改期").status_code == 403
    told = send(wang, own, reason="改期")
    assert (told.status_code, told.json()["cancel_reason"]) == (200, "改期")
    assert send(wang, own, reason="改期").status_code == 409
    assert shown(he) == (False, "改期", wang.display_name)
    assert send(wang, "/api/v1/callouts/0/cancel/", reason="x").status_code == 404
