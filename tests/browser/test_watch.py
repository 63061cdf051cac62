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
    for tab in page.locator("#tabs [role=tab]").all():
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
