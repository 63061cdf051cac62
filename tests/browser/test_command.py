"""The command page in a real browser: it draws, follows, filters, and says when it is not live."""

from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.conf import settings
from django.utils import timezone

from geo_grid.models import Cell, Department
from hotspots import services as hotspots
from incidents import services
from tests.conftest import CORNER

SEED = settings.ROOT / "incidents" / "fixtures" / "categories.csv"
READY = "window.gridkeeperReady === true"


@pytest.fixture
def duty(visit, ground, lin, zhao):
    """The officer at the open command page."""
    services.load_categories(path=SEED)
    made = visit()
    made.log_in("zhao", "/command/")
    made.page.wait_for_function(READY, timeout=60_000)
    made.page.wait_for_selector("#link.live")
    return made


@pytest.fixture
def office(transactional_db):
    """A department that has no case."""
    return Department.objects.create(code="D01", name="城管局", name_en="Urban", district="610403")


def post(site, category="0601", east=-0.005):
    """A report by the public; its answer."""
    point = {"type": "Point", "coordinates": [CORNER[0] + east, CORNER[1] + 0.005]}
    body = {"category": category, "location": {"point": point}}
    return requests.post(f"{site}/api/v1/incidents/", json=body, timeout=10).json()


def shown(page):
    return page.eval_on_selector_all("#list button", "them => them.map(one => one.dataset.number)")


def wait_for(page, number):
    page.wait_for_selector(f"[data-number='{number}']", timeout=10_000)


def test_the_duty_officer_sees_a_report_arrive(duty):
    page = duty.page
    assert page.inner_text(".pages [aria-current]") == "指挥中心"
    assert page.is_visible("#empty")
    number = post(duty.site)["number"]
    wait_for(page, number)
    page.wait_for_function("document.getElementById('count-open').textContent === '1'")
    for tab in ("areas", "charts"):
        page.click(f"#tab-{tab}")
        assert "截至" in page.inner_text(f"#panel-{tab} .aged")
    page.click("#tab-list")
    page.click(f"[data-number='{number}']")
    page.wait_for_selector("#card .timeline li")
    card = page.inner_text("#card")
    assert number in card
    assert "林小雨" in card and "19900000001" in card
    page.click("#card .acts button")
    page.fill("#instruction", "今日内到场处置")
    page.click("#supervise .primary")
    page.wait_for_selector("#supervise [role=alert]:visible, #card .timeline li >> nth=1")
    assert page.locator("#supervise [role=alert]").is_hidden()


def test_filters_stay_in_the_address_and_survive_a_reload(office, duty):
    page = duty.page
    road, rubbish = post(duty.site)["number"], post(duty.site, "0501", 0.005)["number"]
    wait_for(page, rubbish)
    page.select_option("#category", "05")
    page.click("[data-lamp='green']")
    page.click("#tab-areas")
    page.wait_for_selector("#areas button")
    page.click("#areas button")
    page.wait_for_function("location.search.includes('area=')")
    asked = parse_qs(urlsplit(page.url).query)
    assert (asked["category"], asked["lamp"], asked["tab"]) == (["05"], ["green"], ["areas"])
    page.click("#tab-list")
    page.reload()
    page.wait_for_function(READY, timeout=60_000)
    assert shown(page) == [rubbish]
    assert page.input_value("#category") == "05"
    page.select_option("#department", "D01")
    page.wait_for_selector("#empty:visible")
    assert "department=D01" in page.url
    page.click("#reset")
    page.wait_for_function("document.querySelectorAll('#list button').length === 2")
    assert set(shown(page)) == {road, rubbish}


def test_what_is_searched_is_found_by_number_and_by_worker(duty):
    page = duty.page
    number = post(duty.site)["number"]
    page.fill("#find", number)
    page.wait_for_selector("#found [role=option]")
    page.press("#find", "Enter")
    page.wait_for_selector(f"#card[data-number='{number}']")
    page.fill("#find", "林小")
    page.wait_for_selector("#found [role=option]:has-text('19900000001')")


def test_a_past_day_plays_and_two_periods_stand_side_by_side(duty):
    page = duty.page
    number = post(duty.site)["number"]
    wait_for(page, number)
    page.click("#replay")
    page.wait_for_selector("#link.replay")
    assert shown(page) == []
    page.click("[name=leave]")
    wait_for(page, number)
    page.click("#compare")
    page.wait_for_selector("#comparison .chart canvas")
    page.fill("[name=second_to]", timezone.localdate().isoformat())
    page.click("#comparison .primary")
    page.wait_for_selector("#comparison tbody tr")


def test_it_says_when_it_is_not_live_and_then_has_everything_once(duty, live_process):
    page = duty.page
    before = post(duty.site)["number"]
    wait_for(page, before)
    live_process.stop()
    page.wait_for_selector("#link.lost", timeout=15_000)
    assert page.is_visible("#stale")
    missed = [post(duty.site)["number"] for _ in range(3)]
    page.evaluate(
        """() => {
        window.order = [];
        const seen = new Set(
          [...document.querySelectorAll('#list button')].map(one => one.dataset.number));
        new MutationObserver(() => {
          for (const one of [...document.querySelectorAll('#list button')].reverse())
            if (!seen.has(one.dataset.number)) {
              seen.add(one.dataset.number);
              window.order.push(one.dataset.number);
            }
        }).observe(document.getElementById('list'), {childList: true});
        }"""
    )
    live_process.start()
    page.wait_for_selector("#link.live", timeout=30_000)
    wait_for(page, missed[-1])
    assert page.is_hidden("#stale")
    assert page.evaluate("window.order") == missed
    assert shown(page) == [*missed[::-1], before]


def test_the_cells_are_drawn_anew_when_others_are_in_force(duty, ground):
    tiles = {url for url in duty.foreign if "/tiles/cells/" in url}
    versions = {url.partition("?")[2] for url in tiles}
    Cell.objects.filter(pk=ground["A1"].pk).update(name="永安新网格")

    def is_new(sent):
        return "/tiles/cells/" in sent.url and sent.url.partition("?")[2] not in versions

    with duty.page.expect_request(is_new, timeout=20_000):
        pass


def test_hot_spots_lie_below_the_points_with_their_legend(duty):
    page = duty.page
    post(duty.site)
    hotspots.keep_runs(now=timezone.now())
    page.click("[data-overlay='hotspots']")
    page.wait_for_selector("#overlay-legend .step")
    assert page.locator("#overlay-legend .step").count() == 7
    assert "热点 99 %" in page.inner_text("#overlay-legend")
    assert "overlay=hotspots" in page.url
    page.click("[data-overlay='density']")
    page.wait_for_selector("[data-overlay='density'][aria-pressed=true]")
    assert page.get_attribute("[data-overlay='hotspots']", "aria-pressed") == "false"
    page.click("[data-overlay='density']")
    page.wait_for_selector("#overlay-legend", state="hidden")
