"""The supervision lists in a real browser: badge and list agree, and a row leads to its case."""

from datetime import timedelta

import pytest
from django.utils import timezone

from geo_grid.models import User
from incidents import services
from incidents.deadlines import Level
from tests.browser.test_desk import desk, officers, report  # noqa: F401  fixtures


@pytest.fixture
def watch(visit):
    """Somebody opens the lists; answers the page."""

    def look(username, path="/desk/lists/", **size):
        made = visit(**size)
        made.log_in(username, path)
        made.page.wait_for_selector("body[data-ready]", timeout=60_000)
        return made.page

    return look


@pytest.fixture
def supervised(report, zhao):  # noqa: F811
    """A case whose community the district supervises; answers the number."""
    number, now = report(), timezone.now()
    services.supervise_case(
        number=number,
        level=Level.YELLOW,
        instruction="请于今日清运",
        reply_by=now + timedelta(days=1),
        actor=zhao,
        now=now,
    )
    return number


def act(number, username, move, **told):
    services.make_move(
        number=number,
        move=move,
        told=services.Told(**told),
        actor=User.objects.get(username=username),
        now=timezone.now(),
    )


def show(page, name):
    page.click(f"#tab-{name}")
    page.wait_for_selector(f"body[data-ready='{name}']")


def test_every_badge_equals_its_list_and_the_address_keeps_the_tab(watch, report, supervised):  # noqa: F811
    report("第二处垃圾")
    act(supervised, "wang", "accept")
    page = watch("wang")
    found = {}
    for tab in page.locator("#tabs [aria-controls=rows]").all():
        name = tab.get_attribute("data-tab")
        show(page, name)
        found[name] = page.locator("#list li").count()
        assert int(tab.locator("b").inner_text()) == found[name], name
        assert page.locator("#empty").is_visible() == (not found[name])
    assert found["unreplied"] == 1
    show(page, "unreplied")
    assert "请于今日清运" in page.inner_text("#list")
    assert "list=unreplied" in page.url
    page.reload()
    page.wait_for_selector("body[data-ready='unreplied']")
    assert page.get_attribute("#tab-unreplied", "aria-selected") == "true"
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_keyboard_leads_from_the_desk_over_a_list_to_a_case(watch, desk, supervised):  # noqa: F811
    page = desk("wang")
    page.wait_for_selector("#lists .badge:not([hidden])")
    assert page.inner_text("#lists .badge") == "1"
    page.click("#lists")
    page.wait_for_selector("body[data-ready='unreplied']")
    page.keyboard.press("]")
    page.wait_for_selector("body[data-ready='suspended']")
    page.keyboard.press("[")
    page.wait_for_selector("body[data-ready='unreplied'] #list li")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#sheet[data-number='{supervised}']:not([hidden])")


def test_a_list_that_cannot_be_loaded_says_so_and_comes_back(watch, supervised):
    page = watch("wang")
    page.route("**/supervision/lists/unreplied/**", lambda route: route.abort())
    page.click("#tab-unreplied")
    page.wait_for_selector("#trouble:not([hidden])")
    page.unroute("**/supervision/lists/unreplied/**")
    page.wait_for_selector("#list li", timeout=15_000)
    assert page.locator("#trouble").is_hidden()


def test_an_office_replies_to_a_supervision_and_the_district_sees_it(watch, desk, supervised):  # noqa: F811
    office, district = watch("wang", "/desk/lists/?list=unreplied"), desk("zhao")
    office.click("#list .line")
    office.wait_for_selector("#supervisions:not([hidden])")
    assert "请于今日清运" in office.inner_text("#supervisions")
    assert office.locator("#supervisions details").count() == 0  # who is supervised cancels nothing
    district.goto(district.url.partition("?")[0] + f"?n={supervised}")
    district.wait_for_selector("#supervisions details")
    assert district.locator("#supervisions [name='reply']").count() == 0
    office.fill("#supervisions [name='reply']", "已清运完毕")
    office.click("#supervisions button.primary")
    office.wait_for_selector("#timeline [data-kind='SUPERVISION_REPLY']")
    assert office.locator("#supervisions [name='reply']").count() == 0
    office.wait_for_selector("#lists .badge[hidden]", state="attached")
    district.wait_for_selector("#supervisions .reply")  # by itself
    assert "已清运完毕" in district.inner_text("#supervisions")


def test_a_higher_office_supervises_from_the_desk_and_takes_it_back(desk, supervised):  # noqa: F811
    page = desk("zhao")
    page.goto(page.url.partition("?")[0] + f"?n={supervised}")
    page.click("#supervisions > .bar button")
    assert page.input_value("#supervise [name='level']") == "RED"  # only upwards from yellow
    page.fill("#supervise [name='instruction']", "立即办结")
    page.click("#supervise button.primary")
    page.wait_for_selector("#supervisions .badge.red")
    assert "立即办结" in page.inner_text("#supervisions")
    page.click("#supervisions .supervision >> nth=0 >> summary")
    page.fill("#supervisions .supervision >> nth=0 >> [name='reason']", "已协调解决")
    page.click("#supervisions .supervision >> nth=0 >> details button")
    page.wait_for_selector("#supervisions .cancelled")
    assert "已协调解决" in page.inner_text("#supervisions .cancelled")


def test_a_call_that_is_due_is_recorded_and_a_dissatisfied_reporter_reopens_the_case(watch, report):  # noqa: F811
    number = report("楼上楼下争吵", "0102")
    for move, told in (
        ("accept", {}),
        ("resolve", {"note": "已调解"}),
        ("close", {"answer": "已调解"}),
    ):
        act(number, "wang", move, **told)
    page = watch("wang", "/desk/lists/?list=calls")
    assert page.inner_text("#tab-calls b") == "1"
    page.click("#list .line")
    page.select_option("#form [name='result']", "DISSATISFIED")
    page.fill("#form [name='note']", "又吵起来了")
    page.click("#form button.primary")
    page.wait_for_selector("#timeline [data-kind='REOPENED']")
    page.wait_for_selector("#moves [data-move='resolve']")  # with the office that closed it
    assert page.locator("#form form").count() == 0


def test_a_department_asks_for_a_matter_and_the_district_admits_it(watch, officers, zhao):  # noqa: F811
    path = "/desk/lists/?list=matters"
    office = watch("he", path)
    office.click("#matters .ask summary")
    office.fill("#matters [name='name']", "夜市整治")
    office.click("#matters .ask button")
    office.wait_for_selector("#told.good")
    office.locator("#tab-matters b", has_text="1").wait_for()
    assert office.locator("#matters [name='opinion']").count() == 0
    district = watch("zhao", path)
    district.fill("#matters [name='opinion']", "同意，试行一年")
    district.click("#matters li button.primary")
    district.wait_for_selector("#told.good")
    district.wait_for_selector("#matters .badge.green")
    assert "同意，试行一年" in district.inner_text("#matters")
    district.locator("#tab-matters b", has_text="0").wait_for()
    assert district.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
