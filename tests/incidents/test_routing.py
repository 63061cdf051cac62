"""Moves of a case in the database: nothing impossible, no clock lost, nothing closed unanswered."""

import threading
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from core.errors import Conflict, Invalid, NotAllowed, NotFound
from geo_grid import services as ground_services
from incidents import queries, services
from incidents.models import (
    Category,
    Clock,
    Extension,
    FollowUpCall,
    IncidentLink,
    Message,
    Part,
    SkipRule,
)
from tests.conftest import COMMUNITY, person
from tests.incidents.cases import chain, check, lead
from tests.incidents.conftest import appoint_to


def test_a_department_that_returns_it_twice_passes_off(report, move, wang, tang, zhao, he, now):
    case = report(now)
    for who, name, told in [
        (wang, "accept", {}),
        (wang, "escalate", {"note": "超出能力"}),
        (tang, "accept", {}),
        (tang, "escalate", {"note": "需部门"}),
        (zhao, "accept", {}),
        (zhao, "dispatch", {"to": "610403-D07"}),
        (he, "send_back", {"note": "不属本部门"}),
        (zhao, "dispatch", {"to": "610403-D07"}),
        (he, "send_back", {"note": "仍不属本部门"}),
    ]:
        move(case, name, who, now, **told)
    case.refresh_from_db()
    assert (case.returns, case.shirks) == (2, 1)
    assert chain(case)[-1] == ("610403", "LEAD", "HANDLING")


def test_what_came_back_goes_back_to_who_sent_it_first(report, move, wang, tang, zhao, now):
    case = report(now)
    for who, name, told in [
        (wang, "accept", {}),
        (wang, "escalate", {"note": "超出能力"}),
        (tang, "accept", {}),
        (tang, "dispatch", {"to": COMMUNITY}),
        (wang, "send_back", {"note": "办不了"}),
        (tang, "send_back", {"note": "仍由社区先行处理"}),
    ]:
        move(case, name, who, now, **told)
    assert chain(case)[-1] == (COMMUNITY, "LEAD", "HANDLING")


def test_another_person_checks_what_one_has_resolved(report, move, wang, tang, now):
    case = report(now, "10")
    move(case, "accept", wang, now)
    move(case, "resolve", wang, now, note="已处置")
    with pytest.raises(NotAllowed) as own:
        move(case, "verify", wang, now, note="自己看过")
    assert "verify" not in own.value.extra["allowed"] and "rework" in own.value.extra["allowed"]
    colleague = appoint_to(person("liang", "梁燕"), COMMUNITY)
    for checker in (colleague, tang):
        with transaction.atomic():
            move(case, "verify", checker, now, note="现场已核查")
            assert lead(case).state == "TO_CLOSE"
            transaction.set_rollback(True)


def test_rework_that_was_suspended_is_still_rework(report, move, wang, tang, now):
    case = report(now, "10")
    move(case, "accept", wang, now)
    move(case, "resolve", wang, now, note="已处置")
    move(case, "rework", wang, now, note="还有")
    move(case, "suspend", tang, now, note="等材料", until=date(2027, 1, 4))
    move(case, "resume", tang, now)
    assert lead(case).state == "REWORK"
    case.refresh_from_db()
    assert case.status == "REWORK"


def test_a_deputy_works_in_the_seat_of_who_is_away(report, move, lin, qian, now):
    case, back = report(now), now + timedelta(days=7)
    ground_services.grant_leave(post=lin.posts.get(), deputy=qian, since=now, until=back)
    move(case, "progress", qian, now, note="已到现场")
    assert case.events.get(kind="PROGRESS").actor == qian
    with pytest.raises(NotFound):
        move(case, "progress", qian, back, note="代岗已结束")


def test_who_reported_what_is_void_may_be_told_why(report, move, tang, now):
    silent, told = report(now), report(now, reporter_phone="13900000002")
    move(silent, "void", tang, now, note="误报")
    move(told, "void", tang, now, note="误报", answer="经核实该处并无垃圾。")
    assert Message.objects.get().text.endswith("经核实该处并无垃圾。")
    silent.refresh_from_db(), told.refresh_from_db()
    assert (silent.unanswered, told.unanswered) == ("VOIDED", "")
    assert told.answered_at == now
    check(silent), check(told)


def test_a_suspension_ends_by_itself_on_its_day(report, move, wang, tang, now):
    case = report(now, "0102")
    move(case, "accept", wang, now)
    until = date(2026, 10, 12)
    move(case, "suspend", tang, now + timedelta(hours=1), note="等鉴定", until=until)
    last = timezone.make_aware(datetime.fromisoformat("2026-10-11 23:59"))
    assert services.end_suspensions(now=last) == 0
    morning = last + timedelta(minutes=2)
    assert services.end_suspensions(now=morning) == 1
    assert services.end_suspensions(now=morning) == 0
    assert lead(case).state == "HANDLING"
    clock = Clock.objects.get(incident=case, stopped_at=None)
    assert (
        clock.suspended_at is None and clock.next_at and clock.paused == 4
    )  # 30 September, 8, 9, 10 October
    event = case.events.get(kind="RESUMED")
    assert (event.actor, event.from_state, event.to_state) == (None, "SUSPENDED", "HANDLING")
    check(case)


def test_a_failed_check_goes_back_to_the_handler_and_is_counted(
    report, move, wang, tang, zhao, he, now
):
    case = report(now, "10")
    for who, name, told in [
        (wang, "accept", {}),
        (wang, "escalate", {"note": "紧急"}),
        (tang, "accept", {}),
        (tang, "escalate", {"note": "紧急"}),
        (zhao, "accept", {}),
        (zhao, "dispatch", {"to": "610403-D07"}),
        (he, "accept", {}),
        (he, "resolve", {"note": "已处置"}),
    ]:
        move(case, name, who, now, **told)
    assert chain(case)[-1] == ("610403", "LEAD", "TO_VERIFY")
    move(case, "rework", zhao, now, note="现场仍未处理")
    assert chain(case)[-1] == ("610403-D07", "LEAD", "REWORK")
    move(case, "resolve", he, now, note="再次处置")
    move(case, "verify", zhao, now, note="合格")
    move(case, "close", zhao, now, answer="已处置")
    case.refresh_from_db()
    assert (case.reworks, case.status) == (1, "CLOSED")


def test_support_and_copy_stand_beside_the_lead_and_never_block_it(
    report, move, wang, tang, zhao, he, gao, now
):
    case = report(now, "0102")
    for who, name, told in [
        (wang, "accept", {}),
        (wang, "escalate", {"note": "超出能力"}),
        (tang, "accept", {}),
        (tang, "escalate", {"note": "需部门"}),
        (zhao, "accept", {}),
        (zhao, "involve", {"to": "610403-D14"}),
        (zhao, "copy", {"to": "610403001"}),
        (zhao, "dispatch", {"to": "610403-D07"}),
        (gao, "accept", {}),
        (he, "accept", {}),
        (tang, "read", {}),
        (he, "resolve", {"note": "已调解"}),
        (zhao, "close", {"answer": "双方已达成协议"}),
    ]:
        move(case, name, who, now, **told)
    assert ("610403-D14", "SUPPORT", "DONE") in chain(case)
    assert ("610403001", "COPY", "FILED") in chain(case)
    assert not Clock.objects.filter(incident=case, stopped_at=None).exists()


def test_a_rule_lets_an_urgent_case_pass_over_the_town_which_gets_a_copy(
    report, move, wang, zhao, now
):
    SkipRule.objects.create(category=Category.objects.get(code="03"))
    case = report(now, "0301")
    move(case, "accept", wang, now)
    with pytest.raises(Conflict):
        move(case, "skip_level", wang, now, note="火情")
    move(case, "mark_urgent", wang, now)
    move(case, "skip_level", wang, now, note="火情")
    assert chain(case)[-2:] == [
        ("610403", "LEAD", "WAITING"),
        ("610403001", "COPY", "TO_READ"),
    ]


def test_a_report_in_no_cell_waits_at_the_district_and_is_placed_by_hand(
    report, move, lin, zhao, now
):
    case = report(now, location=services.Location(lon=108.5, lat=34.5))
    assert chain(case) == [("610403", "LEAD", "WAITING")]
    with pytest.raises(Invalid) as refused:
        move(case, "place", zhao, now, cell="nowhere")
    assert refused.value.field == "cell"
    move(case, "place", zhao, now, cell=f"{COMMUNITY}001")
    case.refresh_from_db()
    assert (case.reason, case.worker) == ("BY_HAND", lin)
    assert chain(case)[-1] == (COMMUNITY, "LEAD", "WAITING")


def test_more_time_is_asked_before_it_is_over_and_granted_above(report, move, wang, tang, now):
    case = report(now, "0102")
    move(case, "accept", wang, now)
    due = Clock.objects.get(incident=case, stopped_at=None).due_at
    with pytest.raises(Invalid) as late:
        move(case, "ask_extension", wang, due + timedelta(minutes=1), note="人手不足", workdays=2)
    assert late.value.field == "workdays"
    move(case, "ask_extension", wang, now, note="人手不足", workdays=3)
    with pytest.raises(NotAllowed):
        move(case, "grant_extension", wang, now)
    move(case, "grant_extension", tang, now, workdays=2)
    assert Clock.objects.get(incident=case, stopped_at=None).due_at > due
    assert Extension.objects.get().granted == 2
    assert [message.event.kind for message in Message.objects.order_by("id")] == [
        "ACCEPTED",
        "EXTENDED",
    ]


def test_time_stands_still_while_a_case_is_suspended(report, move, wang, tang, now):
    case = report(now, "0102")
    move(case, "accept", wang, now)
    with pytest.raises(NotAllowed):
        move(case, "suspend", wang, now, note="等待材料", until=date(2026, 12, 1))
    with pytest.raises(Invalid) as past:
        move(case, "suspend", tang, now, note="等待材料", until=date(2020, 1, 1))
    assert past.value.field == "until"
    move(case, "suspend", tang, now, note="等待材料", until=date(2026, 12, 1))
    assert lead(case).state == "SUSPENDED"
    move(case, "resume", wang, now + timedelta(days=3))
    check(case)


def test_nothing_closes_without_an_answer_or_a_reason(report, move, wang, now):
    case = report(now, "0102")
    move(case, "accept", wang, now)
    move(case, "resolve", wang, now, note="已调解")
    for told, field in [
        ({}, "answer"),
        ({"unanswered": "VOIDED"}, "unanswered"),
        ({"unanswered": "ANONYMOUS"}, "unanswered"),
        ({"answer": "好", "unanswered": "DECLINED"}, "answer"),
        ({"answer": "好", "closing": "LATE"}, "closing"),
        ({"answer": "好", "closing": "SPECIAL"}, "note"),
    ]:
        with pytest.raises(Invalid) as refused:
            move(case, "close", wang, now, **told)
        assert refused.value.field == field
    move(case, "close", wang, now, unanswered="UNREACHABLE")
    case.refresh_from_db()
    assert (case.closing, case.unanswered) == ("NORMAL", "UNREACHABLE")
    for row in ("answer = '', unanswered = ''", "closing = ''", "closed_at = NULL"):
        with (
            pytest.raises(Exception, match="incident_"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(f"UPDATE incidents_incident SET {row} WHERE id = %s", [case.pk])


def test_a_late_case_is_closed_late(report, move, wang, now):
    case = report(now, "0102")
    move(case, "accept", wang, now)
    later = now + timedelta(days=60)
    move(case, "resolve", wang, later, note="已调解")
    move(case, "close", wang, later, answer="已调解")
    case.refresh_from_db()
    assert case.closing == "LATE"


def test_a_duplicate_is_merged_and_both_reporters_are_answered(report, move, wang, zhao, now):
    main = report(now, "0102", reporter_phone="13900000001")
    again = report(now, "0102", reporter_phone="13900000002")
    found = queries.similar_to(wang, main, now)
    assert [one.number for one in found] == [again.number]
    move(again, "merge", wang, now, other=main.number)
    again.refresh_from_db()
    assert (again.status, again.merged_into, again.unanswered) == ("VOID", main, "MERGED")
    assert queries.similar_to(wang, main, now) == []
    with pytest.raises(Conflict):
        move(again, "reopen", wang, now, note="重开")
    move(main, "accept", wang, now)
    move(main, "resolve", wang, now, note="已调解")
    move(main, "close", wang, now, answer="已调解")
    told = Message.objects.filter(event__kind="CLOSED")
    assert {message.reporter.incident for message in told} == {main, again}
    assert any(again.number in message.text for message in told)
    assert {event.kind for event in main.events.all()} >= {"TOOK_IN", "CLOSED"}


def test_two_cases_are_linked_once(report, move, wang, now):
    first, second = report(now), report(now, cell=f"{COMMUNITY}002")
    move(first, "link", wang, now, other=second.number)
    with pytest.raises(Conflict):
        move(second, "link", wang, now, other=first.number)
    assert IncidentLink.objects.count() == 1
    sheet = queries.sheet(wang, second.number, now)
    assert [one.number for one in sheet.related] == [first.number]


def test_who_is_dissatisfied_gets_it_done_again(report, move, wang, now):
    case = report(now, "0102")
    move(case, "accept", wang, now)
    move(case, "resolve", wang, now, note="已调解")
    move(case, "close", wang, now, answer="已调解")
    call = {"number": case.number, "actor": wang, "now": now + timedelta(days=1)}
    services.record_call(result="UNREACHED", note="", **call)
    assert FollowUpCall.objects.filter(done_at=None).count() == 1
    with pytest.raises(Invalid):
        services.record_call(result="DISSATISFIED", note="", **call)
    services.record_call(result="DISSATISFIED", note="又吵起来了", **call)
    case.refresh_from_db()
    assert (case.status, case.reopenings, case.answer) == ("HANDLING", 1, "")
    assert lead(case).state == "HANDLING"
    check(case)


@pytest.mark.django_db(transaction=True)
def test_of_two_officers_at_once_one_wins_and_the_other_is_told_by_whom(report, move, wang, now):
    second = appoint_to(person("wu", "吴敏"), COMMUNITY)
    case = report(now)
    outcomes, start = [], threading.Barrier(2)

    def accept(who):
        try:
            start.wait(10)
            move(case, "accept", who, now)
            outcomes.append("done")
        except Conflict as refused:
            outcomes.append(refused)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=accept, args=(who,)) for who in (wang, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (refused,) = [outcome for outcome in outcomes if outcome != "done"]
    assert refused.extra["last"]["by"] in ("王建国", "吴敏")
    assert "resolve" in refused.extra["allowed"]
    assert case.events.filter(kind="ACCEPTED").count() == 1


def test_the_step_one_saw_on_the_page_is_over(report, move, wang, tang, now):
    case = report(now)
    seen = lead(case).pk
    move(case, "accept", wang, now)
    move(case, "escalate", wang, now, note="超出能力")
    with pytest.raises(Conflict) as refused:
        move(case, "progress", wang, now, note="补充", part=seen)
    assert refused.value.extra["last"]["kind"] == "ESCALATED"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "HANDLING"},  # never accepted
        {"state": "TO_READ"},  # a lead does not read
        {"state": "DONE"},  # not ended
        {"outcome": "RESOLVED"},  # not ended
        {"area": None},  # nobody's
    ],
)
def test_the_database_refuses_impossible_parts(report, now, change):
    case = report(now)
    with pytest.raises(Exception, match="part_"), transaction.atomic():
        Part.objects.filter(incident=case).update(**change)


def test_the_database_refuses_a_second_lead(report, now):
    case = report(now)
    part = lead(case)
    with pytest.raises(Exception, match="one_open_lead"), transaction.atomic():
        Part.objects.create(
            incident=case, role="LEAD", area=part.area.parent, state="WAITING", opened_at=now
        )
