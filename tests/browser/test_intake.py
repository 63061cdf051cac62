"""Taking a report at the telephone: what is known around, who asked before, the number at the end."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from incidents import services, worktime
from incidents.models import Incident, Reporter
from tests.conftest import COMMUNITY, CORNER

SEEDS = Path(__file__).parents[2] / "incidents" / "fixtures"
CELL = f"{COMMUNITY}001"
SPOT = (CORNER[0] - 0.005, CORNER[1] + 0.005)  # the middle of A1
PHONE = "13900001111"


@pytest.fixture
def rules(ground, lin, wang, zhao):
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEEDS / "categories.csv")
    services.load_limits(path=SEEDS / "limits.csv")
    services.load_work_calendar(first_year=2025)


@pytest.fixture
def report(rules):
    """Something that was reported in the middle of A1; answers the number."""

    def send(description="路边垃圾成堆", category="0501", phone=PHONE, days=1):
        then = timezone.now() - timedelta(days=days)
        told = services.Report(
            category=category,
            location=services.Location(lon=SPOT[0], lat=SPOT[1]),
            occurred_at=then,
            description=description,
            reporter_phone=phone,
        )
        return services.report_incident(report=told, actor=None, now=then).number

    return send


@pytest.fixture
def clerk(visit, rules):
    """Somebody takes a report; answers the page."""

    def sit(username="wang", **size):
        made = visit(**size)
        made.page.set_default_timeout(15_000)
        made.log_in(username, "/desk/new/")
        made.page.wait_for_selector("body[data-drawn]", timeout=20_000)
        return made.page

    return sit


def fill(page, place=CELL, category="环境卫生", description="菜市场门口垃圾成堆，没人清运"):
    page.fill("#description", description)
    page.fill("#category", category)
    page.click("#category-list [role=option]:has-text('0501')")
    page.fill("#place", place)
    page.locator("#place-list [role=option]").first.click()
    page.wait_for_selector("#card .cell")


def filed(page):
    page.click("#file")
    page.wait_for_selector("#receipt:not([hidden])")
    return page.get_attribute("#receipt .filed", "data-number")


def test_a_call_is_taken_with_the_neighbours_and_the_earlier_call_in_sight(clerk, report):
    near, before = report(phone="13700000000"), report("楼上漏水", "0102", days=5)
    page = clerk()
    page.fill("#phone", PHONE)
    page.wait_for_selector(f"#by-phone li[data-number='{before}']")
    fill(page)
    page.wait_for_selector(f"#near li[data-number='{near}']")
    assert "路边垃圾成堆" in page.inner_text("#near")
    assert "林小雨" in page.inner_text("#card") and "时限" in page.inner_text("#card")
    assert "周边未办结 1 件" in page.inner_text("#known")
    page.dblclick("#file")  # a hasty hand
    page.wait_for_selector("#receipt:not([hidden])")
    case = Incident.objects.latest("id")
    assert Incident.objects.count() == 3
    assert page.get_attribute("#receipt .filed", "data-number") == case.number
    assert "林小雨" in page.inner_text("#receipt") and "永安第1网格" in page.inner_text("#receipt")
    assert (case.cell.code, case.channel) == (CELL, "TELEPHONE")
    assert PHONE not in page.url
    page.keyboard.press("n")
    page.wait_for_selector("#taking:not([hidden])")
    assert page.input_value("#phone") == "" and page.input_value("#category") == ""


def test_the_same_matter_is_merged_and_both_reporters_are_kept(clerk, report):
    near = report()
    page = clerk()
    page.click("[data-channel='COUNTER']")
    page.fill("#phone", "13800002222")
    fill(page)
    page.click(f"#near li[data-number='{near}'] button")
    page.wait_for_selector("#joins:not([hidden])")
    page.dblclick("#file")
    page.wait_for_selector("#receipt:not([hidden])")
    number = page.get_attribute("#receipt .filed", "data-number")
    assert "已并入" in page.inner_text("#receipt .joined")
    assert near in page.inner_text("#receipt .joined")
    case = Incident.objects.get(number=number)
    assert (case.merged_into.number, case.channel) == (near, "COUNTER")
    assert Reporter.objects.count() == 2


def test_from_above_a_case_is_linked_where_it_may_not_be_merged(clerk, report):
    near = report()
    page = clerk("zhao")
    fill(page)
    page.click(f"#near li[data-number='{near}'] button")
    number = filed(page)
    assert "已与" in page.inner_text("#receipt .joined")
    case = Incident.objects.get(number=number)
    assert case.merged_into is None and case.links_from.count() + case.links_to.count() == 1


def test_the_place_is_touched_on_the_map_and_named_in_words(clerk):
    page = clerk()
    page.fill("#place", CELL)
    page.locator("#place-list [role=option]").first.click()
    page.wait_for_selector("#card .worker")
    page.wait_for_timeout(500)  # the map stands still
    page.click("#map canvas")
    page.fill("#place", "东门小卖部旁")
    page.wait_for_selector("#card .worker")
    page.fill("#category", "0501")
    page.keyboard.press("Enter")
    page.wait_for_selector("#category-list", state="hidden")
    page.press("#description", "Control+Enter")
    page.wait_for_selector("#receipt:not([hidden])")
    case = Incident.objects.get()
    assert (case.address, case.reason) == ("东门小卖部旁", "INSIDE")
    assert case.category.code == "0501"  # not what the list showed before the last letter


def test_what_is_wrong_is_said_at_its_field_and_nothing_is_lost(clerk):
    page = clerk()
    page.fill("#description", "路灯不亮")
    page.click("#file")
    assert "请从列表中选择类别" in page.inner_text("[data-field='category']")
    assert "请填写地址" in page.inner_text("[data-field='location']")
    fill(page, description="路灯不亮")
    page.fill("#occurred_at", f"{timezone.now() + timedelta(days=2):%Y-%m-%dT10:00}")
    page.fill("#mail", "nobody")
    page.click("#file")
    assert "不能晚于现在" in page.inner_text("[data-field='occurred_at']")
    page.fill("#occurred_at", "2026-01-05T10:00")
    page.click("#file")
    page.wait_for_selector("[data-field='mail'] .error")
    assert page.input_value("#description") == "路灯不亮"
    page.fill("#mail", "")
    filed(page)
    assert Incident.objects.get().occurred_at.isoformat() == "2026-01-05T02:00:00+00:00"


def test_a_report_to_which_no_answer_came_goes_again_and_is_filed_once(clerk):
    page = clerk()
    fill(page)
    page.route("**/api/v1/incidents/*-*/", lambda sent: (sent.fetch(), sent.abort()))
    page.click("#file")
    page.wait_for_selector("#report p.error:not([hidden])")
    page.unroute("**/api/v1/incidents/*-*/")
    filed(page)
    assert Incident.objects.count() == 1


def test_the_desk_leads_here_by_its_button_and_by_a_key(visit, rules):
    made = visit()
    made.log_in("wang", "/desk/")
    made.page.wait_for_selector("body[data-ready]", timeout=20_000)
    made.page.keyboard.press("Shift+N")
    made.page.wait_for_url("**/desk/new/")


def test_on_a_telephone_nothing_is_wider_than_the_screen(clerk, report):
    report()
    page = clerk(width=390, height=844)
    page.fill("#phone", PHONE)
    fill(page)
    page.wait_for_selector("#near li")
    wide = "document.documentElement.scrollWidth <= window.innerWidth"
    assert page.evaluate(wide)
    filed(page)
    assert page.evaluate(wide)
