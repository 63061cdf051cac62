"""A planner's whole way in a real browser: draw, see a problem, mend it, submit; another approves
and publishes; they look back in time and take it back."""

from datetime import UTC, datetime

import pytest

from geo_grid import services
from geo_grid.models import Area, BoundaryPlan, CellBoundary
from tests.conftest import COMMUNITY, person

A1, A2, A3, A4 = (f"{COMMUNITY}{number:03d}" for number in (1, 2, 3, 4))
BETWEEN, NORTH = 34.25, 34.26  # south and north of A1, which lies from 108.04 to 108.05


@pytest.fixture
def planners(ground):
    """Two planners of the district: who draws does not approve."""
    for username, name in (("sun", "孙立新"), ("li", "李文静")):
        area = Area.objects.get(code="610403")
        since = datetime(2020, 1, 1, tzinfo=UTC)
        services.appoint(user=person(username, name), role="PLANNER", area=area, since=since)


class Planner:
    """One planner at the page."""

    def __init__(self, visit, username: str):
        self.visit = visit(width=1280, height=800)
        self.visit.log_in(username, "/planner/")
        self.page = self.visit.page
        self.page.wait_for_function("window.gridkeeperReady === true", timeout=60_000)

    def click_at(self, lon: float, lat: float, **more) -> None:
        box = self.page.evaluate(
            "([lon, lat]) => { const { x, y } = gridkeeperMap.project([lon, lat]);"
            " const box = gridkeeperMap.getCanvas().getBoundingClientRect();"
            " return [x + box.x, y + box.y]; }",
            [lon, lat],
        )
        self.page.mouse.move(*box)
        self.page.mouse.click(*box, **more)
        self.page.wait_for_timeout(150)

    def split(self, cell: str, *line: tuple[float, float]) -> None:
        self.page.keyboard.press("Escape")
        if not self.page.is_visible(f"[data-code='{cell}'][aria-pressed=true]"):
            self.page.click(f"[data-code='{cell}']")
        self.page.click("#tool-split")
        for place in (*line, line[-1]):
            self.click_at(*place)

    def wait_edits(self, count: int) -> None:
        self.page.wait_for_function(
            "(text) => document.getElementById('plan-told').textContent.includes(text)",
            arg=f"{count} 次编辑",
        )

    def step(self, name: str, state: str, comment: str = "") -> None:
        self.page.click("#tab-way")
        if comment:
            self.page.fill("#steps textarea", comment)
        self.page.click(f"[data-step='{name}']")
        self.page.wait_for_selector(f"#plan-status.{state}")

    def open(self, plan: int) -> None:
        self.page.click(f"[data-plan='{plan}']")
        self.page.wait_for_selector("#desk:not([hidden])")


def begin(planner: Planner, name: str) -> BoundaryPlan:
    planner.page.fill("#begin-name", name)
    planner.page.click("#begin button")
    planner.page.wait_for_selector("#desk:not([hidden])")
    return BoundaryPlan.objects.get(name=name)


def draw_and_mend(sun: Planner, plan: BoundaryPlan) -> None:
    page = sun.page
    # a line that does not cross is refused, with the reason; nothing is drawn
    sun.split(A1, (108.043, 34.253), (108.047, 34.257))
    page.wait_for_selector("#notice:not(.good)")
    assert "没有从边到边穿过" in page.inner_text("#notice")
    assert plan.edits.count() == 0
    # a strip at the edge: the problem is listed and marked; undo mends it
    sun.split(A1, (108.0405, BETWEEN - 0.0004), (108.0405, NORTH + 0.0004))
    sun.wait_edits(1)
    page.wait_for_function("document.getElementById('check-count').textContent !== ''")
    page.click("#tab-checks")
    assert page.locator("#findings button").count() >= 1
    page.click("#tab-cells")
    page.keyboard.press("Control+z")
    sun.wait_edits(2)
    sun.split(A1, (108.045, BETWEEN - 0.0004), (108.045, NORTH + 0.0004))
    sun.wait_edits(3)
    assert page.locator("[data-code] .dot.new").count() == 1


def merge_by_keyboard(sun: Planner) -> None:
    page = sun.page
    page.keyboard.press("Escape")
    page.click(f"[data-code='{A3}']")
    page.click(f"[data-code='{A4}']", modifiers=["Control"])
    page.keyboard.press("m")
    page.focus("#task-go")
    page.keyboard.press("Enter")
    sun.wait_edits(4)


def look_back(planner: Planner) -> None:
    """The slider shows the map before the new cell was there."""
    page = planner.page
    page.click("#back")
    page.wait_for_selector("#version:not([disabled])")
    shown = "gridkeeperMap.querySourceFeatures('cells').map((f) => f.properties.code)"
    page.wait_for_function(f"{shown}.includes('{COMMUNITY}005')")
    page.focus("#version")
    page.keyboard.press("ArrowLeft")
    page.wait_for_function(f"!{shown}.includes('{COMMUNITY}005')")


def codes_in_force() -> list[str]:
    found = CellBoundary.objects.filter(valid_during__contains=datetime.now(UTC))
    return sorted(found.values_list("cell__code", flat=True))


def test_from_the_first_line_to_the_roll_back(visit, planners):
    sun = Planner(visit, "sun")
    plan = begin(sun, "永安社区网格调整")
    draw_and_mend(sun, plan)
    merge_by_keyboard(sun)
    sun.page.click("#tab-impact")
    sun.page.wait_for_selector("table.impact tbody tr")
    sun.step("submit", "SUBMITTED", "两处调整")
    assert sun.page.locator("[data-step=approve]").count() == 0
    assert "另一位" in sun.page.inner_text("#steps")

    li = Planner(visit, "li")
    li.open(plan.pk)
    li.step("approve", "APPROVED", "同意")
    li.step("publish", "PUBLISHED")
    assert len(codes_in_force()) == 4
    assert f"{COMMUNITY}005" in codes_in_force()

    look_back(li)
    li.open(plan.pk)
    li.page.click("#tab-way")
    li.page.click("[data-step='revert']")
    li.page.wait_for_selector("#plan-status.DRAFT")
    li.step("submit", "SUBMITTED")
    sun.page.click("#back")
    sun.open(BoundaryPlan.objects.get(reverts=plan).pk)
    sun.step("approve", "APPROVED")
    sun.step("publish", "PUBLISHED")
    assert codes_in_force() == [A1, A2, A3, A4]


def test_a_stranger_may_look_but_not_draw(visit, planners, qian):
    page = Planner(visit, "qian").page
    assert not page.is_visible("#begin")
    assert page.is_visible("#no-plans")


def test_somebody_elses_edit_is_shown_and_asked_about(visit, planners):
    sun = Planner(visit, "sun")
    page = sun.page
    plan = begin(sun, "同时编辑")
    services.edit_plan(
        plan=plan,
        kind="RENAME",
        asked={"cell": A2, "name": "东门网格"},
        expected=0,
        actor=plan.author,
        now=datetime.now(UTC),
    )
    page.click(f"[data-code='{A1}']")
    page.fill("#cell-name", "西门网格")
    page.click("#chosen .primary")
    page.wait_for_selector("#notice:not(.good)")
    assert "他人" in page.inner_text("#notice")
    page.wait_for_selector("#cells :text('东门网格')")
    assert plan.edits.count() == 1


def test_cells_are_balanced_from_the_page(visit, planners):
    sun = Planner(visit, "sun")
    page = sun.page
    begin(sun, "均衡工作量")
    sun.split(A1, (108.043, BETWEEN - 0.0004), (108.043, NORTH + 0.0004))
    sun.wait_edits(1)
    page.keyboard.press("Escape")
    page.click(f"[data-code='{A2}']")
    page.keyboard.press("e")
    page.select_option("[name=community]", COMMUNITY)
    page.click("#task-go")
    page.wait_for_selector("[data-take=balanced]", timeout=60_000)
    assert page.locator("[data-look]").count() == 3
    page.click("[data-take=balanced]")
    sun.wait_edits(2)
    assert BoundaryPlan.objects.get(name="均衡工作量").edits.last().kind == "REDRAW"
