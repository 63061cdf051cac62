"""The desk in a real browser: one case over three levels and back, two at once, keys, counts, the reporter."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone
from PIL import Image

from geo_grid import services as ground_services
from geo_grid.models import Area, Department, User
from incidents import services, worktime
from incidents.models import Callout
from tests.conftest import COMMUNITY, person

SEEDS = Path(__file__).parents[2] / "incidents" / "fixtures"
ANSWER = "垃圾已清运，感谢您的反映。"


@pytest.fixture
def officers(ground, lin, wang, zhao):
    """Desk officers of the town and of urban management; the rules are loaded."""
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEEDS / "categories.csv")
    services.load_limits(path=SEEDS / "limits.csv")
    services.load_work_calendar(first_year=2025)
    urban = Department.objects.create(
        code="610403-D07", name="城市管理执法局", name_en="Urban management", district="610403"
    )
    town = Area.objects.get(code=COMMUNITY[:9])
    for username, name, office in (
        ("zheng", "郑丽", {"area": town}),
        ("he", "何刚", {"department": urban}),
    ):
        since = timezone.now() - timedelta(days=400)
        ground_services.appoint(user=person(username, name), role="OFFICER", since=since, **office)


@pytest.fixture
def report(officers, lin):
    """The worker reports; answers the number."""

    def send(description="垃圾成堆", category="0501"):
        now = timezone.now()
        place = services.Location(cell=f"{COMMUNITY}001")
        told = services.Report(
            category=category,
            location=place,
            occurred_at=now,
            description=description,
            reporter_name="孙大娘",
            reporter_phone="13900000000",
        )
        return services.report_incident(report=told, actor=lin, now=now).number

    return send


@pytest.fixture
def desk(visit):
    """Somebody sits down at the desk; answers the page."""

    def sit(username, **size):
        made = visit(**size)
        made.log_in(username, "/desk/")
        made.page.wait_for_selector("body[data-ready]", timeout=60_000)
        return made.page

    return sit


@pytest.fixture
def photo(tmp_path):
    """A photo of the cleaned place."""
    path = tmp_path / "清运后.jpg"
    Image.new("RGB", (640, 480), "#7fa37f").save(path)
    return path


def open_case(page, number):
    page.click(f"#list li[data-number='{number}'] .line")
    page.wait_for_selector(f"#sheet[data-number='{number}']:not([hidden])")


def make(page, move, **told):
    """Press the button of a move, fill what its form asks for, confirm."""
    page.click(f"#moves [data-move='{move}']")
    form = page.locator("#form form.move")
    for name, value in told.items():
        control = form.locator(f"[name='{name}']")
        if name == "to":
            control.locator(f"option[value='{value}']").wait_for(state="attached")
            control.select_option(value)
        elif name == "photo":
            control.set_input_files(value)
        else:
            control.fill(value)
    if told:
        form.locator("button.primary").click()
    page.wait_for_selector("#told.good")
    page.click("#told button")


def raise_to_the_district(desk, number):
    """Community and town take it and pass it up."""
    for username, reason in (("wang", "超出社区能力"), ("zheng", "需部门处理")):
        page = desk(username)
        open_case(page, number)
        make(page, "accept")
        make(page, "escalate", note=reason)


def solve_in_the_department(desk, number, photo):
    page = desk("he")
    open_case(page, number)
    make(page, "accept")
    make(page, "resolve", note="已清运", photo=photo)


def test_a_case_goes_up_and_to_a_department_and_back_and_is_answered(desk, visit, report, photo):
    number = report()
    raise_to_the_district(desk, number)
    district = desk("zhao")
    open_case(district, number)
    make(district, "accept")
    make(district, "dispatch", to="610403-D07", note="请限时清运")
    district.wait_for_selector("#empty:not([hidden])")
    solve_in_the_department(desk, number, photo)
    district.wait_for_selector(f"#list li[data-number='{number}']")  # it came back by itself
    open_case(district, number)
    make(district, "verify", note="现场已核查")
    make(district, "close", answer=ANSWER)
    district.wait_for_selector("#timeline [data-kind='CLOSED']")
    kinds = district.eval_on_selector_all(
        "#timeline li", "lines => lines.map(line => line.dataset.kind).reverse()"
    )
    assert kinds == [
        *("REPORTED", "ACCEPTED", "ESCALATED", "ACCEPTED", "ESCALATED", "ACCEPTED"),
        *("DISPATCHED", "ACCEPTED", "ATTACHED", "RESOLVED", "VERIFIED", "CLOSED"),
    ]
    assert "城市管理执法局" in district.inner_text("#timeline")
    assert ANSWER in district.inner_text("#facts")
    the_reporter_follows(visit, number)


def the_reporter_follows(visit, number):
    """On a phone, without an account: how far it is, and nothing about persons."""
    made = visit(width=390, height=844)
    made.page.goto(f"{made.site}/track/{number}/")
    made.page.wait_for_selector("#steps [data-step='closed']")
    told = made.page.inner_text("main")
    assert "已办结" in told and "答复已发送" in told
    assert not any(secret in told for secret in ("孙大娘", "1390", "赵敏", "林小雨", "垃圾成堆"))
    assert made.page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_of_two_officers_at_once_the_second_is_told_who_was_faster(desk, report, officers):
    number = report()
    first, second = desk("wang"), desk("wang")
    for page in (first, second):
        open_case(page, number)
    make(first, "accept")
    second.wait_for_selector("#moves [data-move='escalate']")  # both see the same again
    for page, text in ((first, "先到"), (second, "后到")):
        page.click("#moves [data-move='escalate']")
        page.fill("#form [name='note']", text)
    first.click("#form button.primary")
    first.wait_for_selector("#told.good")
    second.click("#form button.primary")
    second.wait_for_selector("#told.error")
    assert "王建国已先一步操作" in second.inner_text("#told")
    assert second.locator("#moves [data-move='escalate']").count() == 0


def test_a_case_is_accepted_with_the_keyboard_alone(desk, report):
    number = report()
    page = desk("wang")
    page.wait_for_selector(f"#list li[data-number='{number}']")
    page.keyboard.press("j")
    page.keyboard.press("a")
    page.wait_for_selector("#told.good")
    page.wait_for_selector("#timeline [data-kind='ACCEPTED']")
    page.keyboard.press("p")
    page.keyboard.type("现场已拍照")
    page.keyboard.press("Control+Enter")
    page.wait_for_selector("#timeline [data-kind='PROGRESS']")
    assert "现场已拍照" in page.inner_text("#timeline")


def test_every_badge_equals_its_list_and_many_are_accepted_together(desk, report):
    numbers = [report(f"第{n}处垃圾") for n in range(3)]
    page = desk("wang")
    page.wait_for_selector("#list li")
    for button in page.locator("[data-lamp], [data-state]").all():
        button.click()
        page.wait_for_selector("#loading", state="hidden")
        assert int(button.locator("b").inner_text()) == page.locator("#list li").count()
    page.click("[data-lamp='']")
    page.wait_for_selector(f"#list li[data-number='{numbers[0]}'] .pick")
    page.check("#all")
    page.click("#accept-many")
    page.wait_for_selector("#told.good")
    page.wait_for_function("document.querySelector('[data-count=handling]').textContent === '3'")
    numbers.append(report("刚刚上报的一处"))
    page.wait_for_selector(f"#list li[data-number='{numbers[3]}']", timeout=10_000)
    page.fill("#q", "第2处")
    page.keyboard.press("Enter")
    page.wait_for_selector("#found:not([hidden])")
    assert page.locator("#list li").count() == 1


def test_a_contact_is_masked_until_a_reason_is_given_and_a_missing_note_is_named(desk, report):
    number = report()
    page = desk("wang")
    open_case(page, number)
    assert "139****0000" in page.inner_text("#reporter")
    page.fill("#reporter input", "核实具体位置")
    page.click("#reporter form button")
    page.wait_for_selector(".open-contact")
    assert "13900000000" in page.inner_text("#reporter")
    page.wait_for_selector("#timeline [data-kind='REVEALED']")
    make(page, "accept")
    page.click("#moves [data-move='escalate']")
    page.eval_on_selector("#form form", "form => { form.noValidate = true; }")
    page.click("#form button.primary")
    page.wait_for_selector("#form [name='note'][aria-invalid='true']")
    assert page.inner_text("#form .field .error")


def test_departments_are_called_to_a_place_answer_arrive_and_are_scored(desk, report):
    number = report()
    community = desk("wang")
    open_case(community, number)
    make(community, "accept")
    community.click("#moves summary")
    community.click("#moves [data-move='call_out']")
    community.check("#form [value='610403-D07']")
    community.fill("#form [name='place']", "社区门口")
    community.fill("#form [name='note']", "占道经营，请到场执法")
    community.click("#form button.primary")
    community.wait_for_selector("#callouts li")
    assert "未回应" in community.inner_text("#callouts")
    department = desk("he")
    open_case(department, number)
    assert "占道经营" in department.inner_text("#callouts")
    news_take_nothing_away(department, community)
    community.click("#moves summary")
    department.click("#callouts [data-act='agree']")
    department.wait_for_selector("#timeline [data-kind='CALL_AGREED']")
    community.wait_for_selector("#callouts .badge.blue")  # seen at once by who called
    assert community.locator("#moves details[open]").count() == 1  # and no menu closed by it
    community.click("#callouts [data-act='arrive']")
    community.wait_for_selector("#timeline [data-kind='CALL_ARRIVED']")
    Callout.objects.update(hour=timezone.now())  # the hour has come
    community.reload()
    community.click("#callouts [data-score='5']")
    community.wait_for_selector("#timeline [data-kind='CALL_SCORED']")
    assert "评分 5" in community.inner_text("#callouts")


def test_a_call_is_cancelled_with_a_reason_that_outlasts_news(desk, report):
    number = report()
    now = timezone.now()
    wang = User.objects.get(username="wang")
    told = {"departments": ("610403-D07",), "place": "门口", "hour": now + timedelta(days=1)}
    for move, values in (("accept", {}), ("call_out", told | {"note": "占道"})):
        services.make_move(
            number=number, move=move, told=services.Told(**values), actor=wang, now=now
        )
    community, department = desk("wang"), desk("he")
    open_case(community, number)
    open_case(department, number)
    assert department.locator("#callouts summary").count() == 0
    community.click("#callouts summary")
    community.fill("#callouts details [name='reason']", "已协商解决")
    department.click("#callouts [data-act='agree']")
    community.wait_for_selector("#callouts .badge.blue")
    assert community.input_value("#callouts details[open] [name='reason']") == "已协商解决"
    community.click("#callouts details button")
    for page in (community, department):
        page.wait_for_selector("#callouts .cancelled")
        assert "已协商解决" in page.inner_text("#callouts")
        assert page.locator("#callouts :is(button, summary)").count() == 0


def news_take_nothing_away(department, community):
    """A reason that is being written outlasts what others do meanwhile."""
    department.fill("#callouts [name='reason']", "人手不足")
    make(community, "progress", note="现场等候")
    department.wait_for_selector("#timeline [data-kind='PROGRESS']")
    assert department.input_value("#callouts [name='reason']") == "人手不足"
    assert department.evaluate("document.activeElement.name") == "reason"


def test_a_merge_is_undone_and_a_case_is_split_on_the_page(desk, report):
    main, again = report(), report("又一处垃圾")
    page = desk("wang")
    open_case(page, again)
    page.click("#moves summary")
    make(page, "merge", other=main)
    make(page, "unmerge", note="不是同一件事")
    page.wait_for_selector("#timeline [data-kind='UNMERGED']")
    page.click("#moves summary")
    page.click("#moves [data-move='split']")
    page.select_option("#form [name='category']", "0102")
    page.fill("#form [name='description']", "邻里因垃圾争吵")
    page.click("#form button.primary")
    page.wait_for_selector("#timeline [data-kind='SPLIT']")
    page.click("#others ul:last-of-type button")
    page.wait_for_selector(f"#sheet:not([hidden]):not([data-number='{again}'])")
    assert "邻里因垃圾争吵" in page.inner_text("#facts")
