"""Follow-up calls: who asks, what a dissatisfied reporter brings about, and for how long one tries."""

from datetime import UTC, datetime, timedelta

import pytest

from core.errors import Conflict, NotAllowed
from geo_grid import services as ground_services
from geo_grid.models import Area
from incidents import queries, services
from incidents.models import FollowUpCall, Incident
from tests.conftest import COMMUNITY, person
from tests.incidents.cases import check, lead

DAY = timedelta(days=1)


@pytest.fixture
def helper(ground):
    """An assistant of the community."""
    user = person("xu", "徐静")
    area = Area.objects.get(code=COMMUNITY)
    since = datetime(2020, 1, 1, tzinfo=UTC)
    ground_services.appoint(user=user, role="ASSISTANT", area=area, since=since)
    return user


def close(case, move, actor, now):
    move(case, "resolve", actor, now, note="已调解")
    move(case, "close", actor, now, answer="已调解")


@pytest.fixture
def closed(report, move, wang, now):
    """A quarrel that the community settled; its reporter is to be called."""
    case = report(now, "0102")
    move(case, "accept", wang, now)
    close(case, move, wang, now)
    return case


def call(case, actor, now, result="UNREACHED", note=""):
    return services.record_call(number=case.number, result=result, note=note, actor=actor, now=now)


def waiting(case):
    return FollowUpCall.objects.filter(incident=case, done_at=None).count()


def test_what_an_assistant_hears_reopens_the_case(closed, helper, as_user, wang, now):
    with pytest.raises(NotAllowed):  # the move itself stays with the desk
        services.make_move(
            number=closed.number,
            move="reopen",
            told=services.Told(note="又吵起来了"),
            actor=helper,
            now=now,
        )
    told = {"result": "DISSATISFIED", "note": "又吵起来了"}
    answer = as_user(helper).post(f"/api/v1/incidents/{closed.number}/call/", told, format="json")
    assert (answer.status_code, answer.json()["result"]) == (200, "DISSATISFIED")
    closed.refresh_from_db()
    assert (closed.status, closed.reopenings, closed.answer) == ("HANDLING", 1, "")
    assert (lead(closed).state, lead(closed).office.code) == ("HANDLING", COMMUNITY)
    check(closed)
    kinds = list(closed.events.order_by("id").values_list("kind", "actor__username"))
    assert kinds[-2:] == [("CALLED", "xu"), ("REOPENED", "xu")]
    assert closed.events.get(kind="REOPENED").note == "又吵起来了"
    assert queries.tray(wang, now).figures["handling"] == 1


def test_a_case_that_was_reopened_and_closed_again_is_tried_three_times_anew(
    closed, move, wang, now
):
    for day in (1, 2):
        call(closed, wang, now + day * DAY)
    call(closed, wang, now + 3 * DAY, "DISSATISFIED", "没有解决")
    close(closed, move, wang, now + 4 * DAY)
    for day in (5, 6):
        call(closed, wang, now + day * DAY)
        assert waiting(closed) == 1
    call(closed, wang, now + 7 * DAY)
    assert waiting(closed) == 0
    with pytest.raises(Conflict):
        call(closed, wang, now + 8 * DAY)


def test_who_reopens_a_case_takes_its_call_away(closed, move, wang, as_user, now):
    assert waiting(closed) == 1
    move(closed, "reopen", wang, now + DAY, note="复查发现未解决")
    assert waiting(closed) == 0
    assert as_user(wang).get("/api/v1/incidents/calls/").json()["calls"] == []
    with pytest.raises(Conflict):
        call(closed, wang, now + DAY)
    close(closed, move, wang, now + 2 * DAY)
    assert FollowUpCall.objects.get(incident=closed).due_at > now + 2 * DAY  # a new one


def test_the_list_and_the_sheet_say_who_may_call(closed, helper, wang, lin, now):
    for viewer, may in ((helper, True), (wang, True), (lin, False)):
        assert queries.sheet(viewer, closed.number, now).calls is may
        assert queries.watch_counts(viewer, now)["calls"] == 1
        assert queries.watch_list(viewer, "calls", now).get() == Incident.objects.get()
    with pytest.raises(NotAllowed):
        call(closed, lin, now)
