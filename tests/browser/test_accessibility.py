"""axe looks at every page in a real browser, in the states that people meet, and finds nothing."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from geo_grid.models import User
from incidents import services
from incidents.models import Incident
from tests.conftest import COMMUNITY
from tests.gridmaps.conftest import categories, report  # noqa: F401  fixtures

AXE = (settings.MODULES / "axe-core" / "axe.min.js").read_text()
FOUND = """async () => {
  const told = await axe.run(document, {resultTypes: ["violations"]});
  return told.violations.flatMap((one) => one.nodes.map(
    (node) => `${one.id} ${node.target.join(" ")}: ${node.html.slice(0, 120)}`));
}"""
DRAWN = "window.gridkeeperReady === true"
OPEN = {  # page -> what is there once its scripts have run
    "accounts/login/": "#id_username",
    "map/": "#map canvas",
    "track/": "#ask",
    f"kiosk/{COMMUNITY}/": "body[data-ready]",
    f"maps/{COMMUNITY}/": ".leaflet-container path",
    "api/v1/layers/map.html?layers=cells": ".leaflet-container canvas",
}
INSIDE = {
    "wall/": "#lines li",
    "statistics/": "table",
    "statistics/report/": ".cover",
    "planner/": "#map canvas",
    "posts/": "main h2",
    "desk/lists/": "body[data-ready]",
    "desk/lists/?list=matters": "#matters h2",
}


@pytest.fixture
def look(visit):
    """axe on the page that is open; complains about what it finds."""

    def at(page, what):
        page.evaluate(AXE)
        page.wait_for_timeout(300)  # no colour is half way
        assert [(what, line) for line in page.evaluate(FOUND)] == []

    return at


@pytest.fixture
def chief(transactional_db):
    return User.objects.create_superuser("chief", password="x", display_name="总")


def go(page, address, sign):
    page.goto(address)
    page.wait_for_selector(sign, timeout=60_000)


def test_what_is_open_to_everybody(visit, look, report, lin):  # noqa: F811
    report("A1")
    page = (guest := visit()).page
    for path, sign in OPEN.items():
        go(page, f"{guest.site}/{path}", sign)
        look(page, path)
    number = Incident.objects.get().number
    go(page, f"{guest.site}/track/{number}/", "main")
    look(page, "track")


def test_what_officers_use(visit, look, report, lin, zhao, chief):  # noqa: F811
    report("A1")
    guest = visit()
    guest.log_in("chief", "/wall/")
    for path, sign in INSIDE.items():
        go(guest.page, f"{guest.site}/{path}", sign)
        look(guest.page, path)


def test_the_command_page_with_a_case_its_charts_and_its_dialogs(visit, look, report, lin, zhao):  # noqa: F811
    report("A1")
    guest = visit()
    guest.log_in("zhao", "/command/")
    page = guest.page
    page.wait_for_function(DRAWN, timeout=60_000)
    look(page, "command")
    page.click("#list button")
    page.wait_for_selector("#card .timeline li")
    look(page, "card")
    page.click("#card .acts button")
    page.wait_for_selector("#supervise[open]")
    look(page, "supervise")
    page.click("#supervise [value=cancel]")
    for tab in ("areas", "charts"):
        page.click(f"#tab-{tab}")
        look(page, tab)
    page.click("#compare")
    page.wait_for_selector("#comparison .chart canvas")
    look(page, "comparison")


def test_the_desk_with_a_case_its_supervision_and_a_form(visit, look, report, lin, wang, zhao):  # noqa: F811
    number, now = report("A1").number, timezone.now()
    order = {"level": 4, "instruction": "请清运", "reply_by": now + timedelta(days=1)}
    services.supervise_case(number=number, actor=zhao, now=now, **order)
    guest = visit()
    guest.log_in("wang", "/desk/")
    page = guest.page
    page.wait_for_selector("body[data-ready]", timeout=60_000)
    look(page, "desk")
    page.click("#list li[data-number] .line")
    page.wait_for_selector("#supervisions textarea")
    look(page, "case")
    page.click("#moves [data-move]")
    look(page, "form")


def test_taking_a_report_from_the_first_word_to_its_number(visit, look, report, lin, wang):  # noqa: F811
    report("A1")
    guest = visit()
    guest.log_in("wang", "/desk/new/")
    page = guest.page
    page.wait_for_selector("body[data-drawn]", timeout=60_000)
    look(page, "intake")
    page.click("#file")
    page.click("#category")
    page.wait_for_selector("#category-list li")
    look(page, "categories")
    page.click("#category-list [role=option]:has-text('0501')")
    page.fill("#place", f"{COMMUNITY}001")
    page.locator("#place-list [role=option]").first.click()
    page.wait_for_selector(".around li")
    look(page, "around")
    page.click("#file")
    page.wait_for_selector("#receipt:not([hidden])")
    look(page, "receipt")
