"""Another category, another calendar: stored dates move by an explicit act alone, and keep pauses."""

from datetime import date, datetime, time, timedelta

import pytest
from django.utils import timezone

from core import recent
from core.errors import Invalid, NotAllowed
from incidents import worktime
from incidents.models import Category, Clock, WorkCalendarDay


def local(text):
    return timezone.make_aware(datetime.fromisoformat(text))


def due(case):
    case.refresh_from_db()
    return f"{timezone.localtime(case.due_at):%Y-%m-%d %H:%M}"


def limit_of(code, workdays):
    Category.objects.filter(code=code).update(limit_value=workdays, limit_unit="workday")
    recent.forget()


def test_a_pause_is_not_lost_when_the_category_changes(report, move, wang, tang):
    limit_of("0501", 5), limit_of("0102", 10)
    case = report(local("2026-03-02 10:00"))
    assert due(case) == "2026-03-09 18:00"
    move(case, "accept", wang, local("2026-03-02 11:00"))
    told = {"note": "等材料", "until": date(2026, 3, 31)}
    move(case, "suspend", tang, local("2026-03-04 10:00"), **told)
    move(case, "resume", tang, local("2026-03-09 10:00"))
    assert due(case) == "2026-03-12 18:00"
    changed = local("2026-03-10 10:00")
    move(case, "recategorise", wang, changed, category="0102", note="实为邻里纠纷")
    assert due(case) == "2026-03-19 18:00"  # 03-16 would be the pause lost
    assert case.category.code == "0102"
    event = case.events.get(kind="RECATEGORISED")
    assert (event.details["from"], event.details["to"]) == ("0501", "0102")
    assert event.details["due_before"] == "2026-03-12T18:00:00+08:00"
    assert event.details["due_after"] == "2026-03-19T18:00:00+08:00"
    assert event.payload["category"] == "0102"
    with pytest.raises(Invalid) as same:
        move(case, "recategorise", wang, changed, category="0102", note="再改")
    assert same.value.field == "category"
    with pytest.raises(Invalid):
        move(case, "recategorise", wang, changed, category="9999", note="没有这一类")


def test_what_was_granted_stays_granted(report, move, wang, tang):
    limit_of("0501", 5), limit_of("0102", 10)
    case = report(local("2026-03-02 10:00"))
    move(case, "accept", wang, local("2026-03-02 11:00"))
    move(case, "ask_extension", wang, local("2026-03-02 12:00"), note="材料多", workdays=3)
    move(case, "grant_extension", tang, local("2026-03-02 15:00"))
    move(case, "recategorise", wang, local("2026-03-03 09:00"), category="0102", note="改类")
    assert due(case) == "2026-03-19 18:00"  # ten workdays and three


def test_a_calendar_that_comes_later_changes_nothing_by_itself(report, move, wang, zhao):
    WorkCalendarDay.objects.filter(date__year=2027).delete()
    worktime._calendar_of.cache_clear()
    limit_of("0501", 5)
    case = report(local("2026-12-30 10:00"))
    assert due(case) == "2027-01-06 18:00"  # Monday to Friday
    move(case, "accept", wang, local("2026-12-30 11:00"))
    for number in range(365):
        day = date(2027, 1, 1) + timedelta(days=number)
        works = day.weekday() < 5 and day != date(2027, 1, 1)
        spans = [time(8, 30), time(12), time(14), time(18)] if works else [None] * 4
        names = ("morning_from", "morning_to", "afternoon_from", "afternoon_to")
        WorkCalendarDay.objects.create(date=day, **dict(zip(names, spans, strict=True)))
    worktime._calendar_of.cache_clear()
    assert due(case) == "2027-01-06 18:00"
    clock = Clock.objects.get(incident=case, stopped_at=None)
    with pytest.raises(NotAllowed):
        move(case, "recompute", wang, local("2027-01-02 09:00"), note="2027 年日历已导入")
    move(case, "recompute", zhao, local("2027-01-02 09:00"), note="2027 年日历已导入")
    assert due(case) == "2027-01-07 18:00"
    clock.refresh_from_db()
    assert clock.started_at == local("2026-12-30 11:00")  # what ran goes on
    assert case.events.get(kind="RECOMPUTED").details["due_after"].startswith("2027-01-07")
