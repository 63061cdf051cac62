"""Slow steps are supervised by rules and by hand, once each, and only upwards."""

from datetime import timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Conflict, Invalid, NotAllowed
from geo_grid.models import Area, Post
from incidents import queries, services
from incidents.models import Clock, Incident, Part, Supervision

KINDS = ["WARNED", "REMINDED", "SUPERVISED", "YELLOW_CARD", "RED_CARD"]


@pytest.fixture
def clock(department_part, now):
    return services.start_clock(part=department_part, stage="HANDLE", now=now)


@pytest.fixture
def officer(department_part, qian, now):
    """Qian at a desk of the department."""
    Post.objects.create(
        user=qian,
        role="OFFICER",
        department=department_part.department,
        held_during=(now - timedelta(days=1), None),
    )
    return qian


def kinds(incident):
    return list(
        incident.events.filter(kind__in=KINDS).order_by("pk").values_list("kind", flat=True)
    )


def test_each_level_comes_at_its_time_and_only_once(clock):
    incident, seen = clock.incident, []
    for moment in (clock.started_at, clock.warn_at, clock.remind_at, clock.due_at, clock.red_at):
        for _again in range(2):
            services.supervise_due(now=moment)
        seen.append(kinds(incident))
    levels = ["WARNED", "REMINDED", "YELLOW_CARD", "RED_CARD"]
    assert seen == [levels[:number] for number in range(5)]
    ended = Clock.objects.get(pk=clock.pk)
    assert (ended.level, ended.next_at) == (5, None)


def test_a_late_scheduler_skips_no_level(clock):
    services.supervise_due(now=clock.red_at + timedelta(days=400))
    assert kinds(clock.incident) == ["WARNED", "REMINDED", "YELLOW_CARD", "RED_CARD"]
    card = clock.incident.events.get(kind="YELLOW_CARD")
    assert (card.part, card.actor, card.details["stage"]) == (clock.part, None, "HANDLE")
    assert card.payload["departments"] == [clock.part.department.code]  # its screens hear it too


def test_a_stopped_or_suspended_clock_is_left_alone(clock, department_part, now):
    services.suspend_clock(part=department_part, now=now)
    assert services.supervise_due(now=now + timedelta(days=90)) == 0
    services.resume_clock(part=department_part, now=now + timedelta(hours=1))
    services.stop_clock(part=department_part, now=now + timedelta(hours=2))
    assert services.supervise_due(now=now + timedelta(days=90)) == 0


def supervise(part, actor, now, **changed):
    told = {"level": 4, "instruction": "clear it", "reply_by": now + timedelta(days=2)} | changed
    return services.supervise_part(part=part, actor=actor, now=now, **told)


def test_a_planner_of_the_office_does_not_answer_for_its_desk(zhao, zhou, now):
    part = Part(area=Area.objects.get(code="610403"))
    assert queries.is_of_office(zhao, part, now)
    assert not queries.is_of_office(zhou, part, now)


def test_a_higher_office_supervises_and_the_office_replies(clock, zhao, officer, now):
    given = supervise(clock.part, zhao, now)
    assert Clock.objects.get(pk=clock.pk).level == 4
    services.supervise_due(now=clock.due_at)
    assert kinds(clock.incident) == ["YELLOW_CARD"]  # what stands is not given again
    with pytest.raises(NotAllowed):
        services.reply_to_supervision(key=given.pk, reply="done", actor=zhao, now=now)
    services.reply_to_supervision(key=given.pk, reply="done", actor=officer, now=now)
    with pytest.raises(Conflict):
        services.reply_to_supervision(key=given.pk, reply="done", actor=officer, now=now)


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"level": 2}, Invalid),
        ({"level": 6}, Invalid),
        ({"instruction": " "}, Invalid),
        ({"reply_by": timedelta(0)}, Invalid),
    ],
)
def test_supervision_says_what_is_wrong(clock, zhao, now, changed, error):
    if "reply_by" in changed:
        changed = {"reply_by": now}
    with pytest.raises(error) as refused:
        supervise(clock.part, zhao, now, **changed)
    assert refused.value.field in changed
    assert not Supervision.objects.exists()


def test_only_a_higher_office_supervises(clock, wang, officer, now):
    for actor in (wang, officer):
        with pytest.raises(NotAllowed):
            supervise(clock.part, actor, now)


def test_it_may_only_rise(clock, zhao, now):
    supervise(clock.part, zhao, now, level=5)
    with pytest.raises(Conflict):
        supervise(clock.part, zhao, now, level=4)


def test_cancelled_with_a_reason_it_stays_cancelled(clock, zhao, now):
    services.supervise_due(now=clock.due_at)
    card = Supervision.objects.get(level=4)
    with pytest.raises(Invalid):
        services.cancel_supervision(key=card.pk, reason="", actor=zhao, now=now)
    services.cancel_supervision(key=card.pk, reason="a flood", actor=zhao, now=now)
    assert Clock.objects.get(pk=clock.pk).level == 2
    services.supervise_due(now=clock.due_at + timedelta(hours=1))
    assert kinds(clock.incident).count("YELLOW_CARD") == 1
    services.supervise_due(now=clock.red_at)
    assert kinds(clock.incident)[-1] == "RED_CARD"


def test_a_count_equals_the_list_behind_it(clock, zhao, wang, qian, now):
    Incident.objects.update(returns=3)
    services.extend_clock(part=clock.part, workdays=1, now=now)
    supervise(clock.part, zhao, now)
    later = now + timedelta(days=30)
    for viewer in (zhao, wang, qian):
        counts = queries.watch_counts(viewer, later)
        for name, count in counts.items():
            assert queries.watch_list(viewer, name, later).count() == count
    told = {name for name, count in queries.watch_counts(zhao, later).items() if count}
    assert told == {"overdue", "extended", "returned", "unreplied"}
    assert not any(queries.watch_counts(qian, later).values())
    services.suspend_clock(part=clock.part, now=now)
    assert queries.watch_counts(zhao, later)["suspended"] == 1


def test_supervision_over_http(clock, zhao, officer, wang, as_user, now):
    number, later = clock.incident.number, now + timedelta(days=400)
    path = f"/api/v1/incidents/{number}/supervision/"
    order = {"level": "YELLOW", "instruction": "clear it", "reply_by": later.isoformat()}
    assert as_user(wang).post(path, order, format="json").status_code == 403
    wrong = as_user(zhao).post(path, order | {"level": "PURPLE"}, format="json")
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "level")
    made = as_user(zhao).post(path, order, format="json")
    assert (made.status_code, made.json()["level"]) == (201, "YELLOW")
    assert as_user(zhao).post(path, order, format="json").status_code == 409
    one = f"/api/v1/supervision/{made.json()['id']}/"
    assert as_user(officer).post(f"{one}reply/", {"text": "done"}, format="json").status_code == 200
    assert as_user(zhao).post(f"{one}cancel/", {"text": ""}, format="json").status_code == 400
    assert as_user(zhao).post(f"{one}cancel/", {"text": "solved"}, format="json").status_code == 200
    (told,) = as_user(zhao).get(path).json()
    assert (told["reply"], told["cancel_reason"]) == ("done", "solved")
    counts = as_user(zhao).get("/api/v1/supervision/lists/").json()
    for name, count in counts.items():
        page = as_user(zhao).get(f"/api/v1/supervision/lists/{name}/").json()
        assert len(page["features"]) == count
    assert as_user(zhao).get("/api/v1/supervision/lists/weather/").status_code == 404


def test_a_row_tells_the_office_and_what_it_stands_on_the_list_for(clock, zhao, as_user, now):
    supervise(clock.part, zhao, now)
    Incident.objects.update(address="康乐路3号")
    Clock.objects.filter(pk=clock.pk).update(due_at=now)
    client, rows = as_user(zhao), {}
    for name in ("unreplied", "overdue"):
        (one,) = client.get(f"/api/v1/supervision/lists/{name}/").json()["features"]
        rows[name] = one["properties"]
        assert (rows[name]["office_name"], rows[name]["address"]) == ("水务局", "康乐路3号")
    assert rows["unreplied"]["instruction"] == "clear it"
    assert rows["unreplied"]["due_at"].startswith("2026-10-01")  # the reply, not the step
    assert (rows["overdue"]["lamp"], rows["overdue"]["due_at"][:10]) == ("red", "2026-09-29")


def test_the_sheet_says_who_may_reply_cancel_and_supervise(
    clock, zhao, officer, wang, lin, as_user, now
):
    given = supervise(clock.part, zhao, now)
    services.supervise_due(now=clock.red_at)
    number = clock.incident.number
    found = {}
    for viewer in (zhao, officer, wang, lin):
        told = as_user(viewer).get(f"/api/v1/incidents/{number}/").json()
        found[viewer.username] = [one["acts"] for one in told["supervisions"]], told["levels"]
        assert [one["level"] for one in told["supervisions"]] == ["RED", "YELLOW"]
    # the rules have shown the red card: nothing is higher, and nobody replies to a rule
    assert found == {
        "zhao": ([["cancel"], ["cancel"]], []),
        "qian": ([[], ["reply"]], []),
        "wang": ([[], []], []),
        "lin": ([[], []], []),
    }
    services.cancel_supervision(key=given.pk, reason="solved", actor=zhao, now=now)
    assert queries.sheet(officer, number, now).replies[given.pk] == []
    red = Supervision.objects.get(level=5)
    services.cancel_supervision(key=red.pk, reason="solved", actor=zhao, now=now)
    assert queries.sheet(zhao, number, now).levels == ["SUPERVISED", "YELLOW", "RED"]
    assert queries.sheet(officer, number, now).levels == []


def test_a_list_goes_on_behind_its_first_page(clock, report, zhao, as_user, now):
    for n in range(4):
        report(now + timedelta(minutes=n))
    Clock.objects.filter(stopped_at=None).update(due_at=now)
    client, path, seen = as_user(zhao), "/api/v1/supervision/lists/overdue/?limit=2", []
    while path:
        page = client.get(path).json()
        seen += [one["properties"]["number"] for one in page["features"]]
        path = page["next"]
    assert len(seen) == len(set(seen)) == 5
    assert client.get("/api/v1/supervision/lists/").json()["overdue"] == 5


acts = st.lists(
    st.sampled_from(["tick", "suspend", "resume", "extend", "hour", "day", "week"]), max_size=14
)


@given(acts=acts)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_happens_no_level_comes_twice_or_early(department_part, now, acts):
    with transaction.atomic():
        live_through(department_part, now, acts)
        transaction.set_rollback(True)


def live_through(department_part, now, acts):
    clock = services.start_clock(part=department_part, stage="HANDLE", now=now)
    steps = {"hour": 1, "day": 24, "week": 168}
    moment = now
    for act in acts:
        held = Clock.objects.get(pk=clock.pk)
        moment += timedelta(hours=steps.get(act, 0))
        if act == "tick":
            services.supervise_due(now=moment)
        elif act == "suspend" and not held.suspended_at:
            services.suspend_clock(part=department_part, now=moment)
        elif act == "resume" and held.suspended_at:
            services.resume_clock(part=department_part, now=moment)
        elif act == "extend":
            services.extend_clock(part=department_part, workdays=1, now=moment)
    services.supervise_due(now=moment)
    told = list(clock.supervisions.order_by("pk").values_list("level", flat=True))
    ended = Clock.objects.get(pk=clock.pk)
    assert told == sorted(set(told))
    assert ended.level == max(told, default=0)
    if not ended.suspended_at:
        reached = [level for level, when in ended.rungs if when <= moment]
        assert set(reached) <= set(told)
        assert ended.next_at is None or ended.next_at > moment
