"""The tools of the command page and the wall: what follows the map, measures, finds, prints, rings."""

import math
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pyproj
import pytest
from django.conf import settings
from django.utils import timezone

from geo_grid import services as grid
from incidents import services
from incidents.services.routing import Told
from tests.conftest import square

SEED = settings.ROOT / "incidents" / "fixtures" / "categories.csv"
READY = "window.gridkeeperReady === true"
TOWN, FAR = "610403002", "610403002001"  # another town, a community in it, 0.04 degrees to the east
A1, A2, B1 = (108.045, 34.255), (108.055, 34.255), (108.085, 34.255)  # the middles of cells
ZOOM = 13


@pytest.fixture
def wide(ground, now):
    """Besides the four cells one cell in another town."""
    grid.ensure_community(code=FAR, name="新桥社区", above="五泉镇")
    shape = grid.CellShape(f"{FAR}001", "新桥第1网格", FAR, square(4, 1))
    plan = grid.draft_plan(
        name="far", cells=[shape], srid=settings.METRIC_SRID, provenance="test", now=now
    )
    grid.publish_plan(plan=plan, now=now)
    services.load_categories(path=SEED)


def report(place=A1, before=timedelta(0)):
    """A road is broken there; its number."""
    now = timezone.now() - before
    location = services.Location(lon=place[0], lat=place[1], datum="wgs84")
    told = services.Report(category="0601", description="", occurred_at=now, location=location)
    return services.report_incident(report=told, actor=None, now=now).number


@pytest.fixture
def duty(visit, wide, lin, zhao):
    """The officer at the command page, with the middle of A1 in the middle of the map."""

    def start(script="", **context):
        made = visit(**context)
        made.page.add_init_script(script)
        made.log_in("zhao", f"/command/?view={A1[0]},{A1[1]},{ZOOM}")
        made.page.wait_for_function(READY, timeout=60_000)
        made.page.wait_for_selector("#link.live")
        return made.page

    return start


def listed(page):
    return page.eval_on_selector_all("#list button", "them => them.map(one => one.dataset.number)")


def wait_for_list(page, *numbers):
    """These and no others are listed, newest first, and the tab says how many."""
    page.wait_for_function(
        """numbers => document.getElementById('shown').textContent === String(numbers.length) &&
          [...document.querySelectorAll('#list button')].map(one => one.dataset.number).join() === numbers.join()""",
        arg=list(numbers),
    )


def wait_for_view(page, place, least_zoom=0):
    """The map stands still there; how it stands is in the address."""
    page.wait_for_function(
        """([lon, lat, least]) => {
          const [x, y, zoom] = new URLSearchParams(location.search).get('view').split(',').map(Number);
          return Math.abs(x - lon) < 0.002 && Math.abs(y - lat) < 0.002 && zoom >= least;
        }""",
        arg=[*place, least_zoom],
    )


def asked(page):
    return {name: value for name, (value,) in parse_qs(urlsplit(page.url).query).items()}


# --- the map and its tools ----------------------------------------------------------------------
def ground_at(spots):
    """Degrees of points so many pixels right of and below the middle of the map."""
    to_plane = pyproj.Transformer.from_crs(4326, 3857, always_xy=True)
    x, y = to_plane.transform(*A1)
    metres = 2 * math.pi * 6_378_137 / (512 * 2**ZOOM)  # of the plane, for a pixel
    plane = [(x + right * metres, y - down * metres) for right, down in spots]
    return [to_plane.transform(*spot, direction="INVERSE") for spot in plane]


def test_the_list_follows_the_map_ground_is_measured_and_paper_has_the_picture(duty):
    near, beside = report(A1), report(A2)
    page = duty(reduced_motion="reduce")
    wait_for_list(page, beside, near)
    look_at_measures(page, opened=near)
    look_at_paper(page, near, beside)
    for place in ("#panel-list .pictured", "#legend .pictured"):
        assert re.search(r"截至 \d\d:\d\d:\d\d（\d+秒前）", page.inner_text(place))
    page.check("#follow")
    for _ in range(3):  # at zoom 16 a cell is wider than the map
        page.click(".maplibregl-ctrl-zoom-in")
    wait_for_list(page, near)
    third = report(A2)
    page.wait_for_function("document.getElementById('count-open').textContent === '3'")
    wait_for_list(page, near)
    drag_away(page)
    wait_for_list(page, third, beside)
    drag_away(page)
    page.wait_for_selector("#empty:visible")
    assert page.inner_text("#shown") == "0"
    assert asked(page)["follow"] == "1"
    page.uncheck("#follow")
    wait_for_list(page, third, beside, near)


def look_at_measures(page, opened):
    """A line and the ground in it; while one measures, a click opens nothing."""
    spots = [(0, 0), (300, -120), (250, 160), (-150, 170)]  # the first is on an incident
    box = page.locator("#map").bounding_box()
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.click("#measure")
    told = []
    for right, down in spots:
        page.mouse.click(middle[0] + right, middle[1] + down)
        told.append(page.inner_text("#measured"))
    lons, lats = zip(*ground_at(spots), strict=True)
    earth = pyproj.Geod(ellps="WGS84")
    first, whole = earth.line_length(lons[:2], lats[:2]), earth.line_length(lons, lats)
    area, _around = earth.polygon_area_perimeter(lons, lats)
    assert float(re.fullmatch(r"([\d.]+) km", told[1])[1]) == pytest.approx(first / 1e3, rel=0.01)
    length, ground = re.fullmatch(r"([\d.]+) km\s+·\s+([\d.]+) km²", told[3]).groups()
    assert float(length) == pytest.approx(whole / 1e3, rel=0.01)
    assert float(ground) == pytest.approx(abs(area) / 1e6, rel=0.01)
    assert page.is_hidden("#card")
    page.click("#measure")
    assert page.is_hidden("#measured")
    page.mouse.click(*middle)
    page.wait_for_selector(f"#card[data-number='{opened}']")
    page.keyboard.press("Escape")


COLOURS = """() => {
  const drawn = document.querySelector('#paper canvas');
  const {data} = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height);
  return new Set(new Uint32Array(data.buffer)).size;
}"""


def look_at_paper(page, *numbers):
    """Print, look at the sheet, and go back to the screen."""
    page.click("[data-lamp='green']")
    page.click("[data-overlay='density']")
    page.wait_for_selector("#overlay-legend .step")
    overlay = page.inner_text("#overlay-legend li >> nth=0")
    page.pdf()  # prints as the browser does
    page.emulate_media(media="print")
    for tool in (".top", ".command", "#map", ".tools", "#card", "#legend", "#list", "dialog"):
        assert page.locator(f"{tool}:visible").count() == 0, tool
    paper = page.inner_text("#paper")
    assert "共 2 件" in paper and "截至" in paper
    assert all(number in paper for number in numbers)
    keys = page.inner_text("#paper .keys")
    assert "临期" in keys and overlay in keys  # what the colours mean, also of the layer below
    assert "正常" in page.locator("#paper p").nth(1).inner_text()  # the filter
    assert page.is_visible("#paper canvas")
    assert page.evaluate(COLOURS) > 20  # not an empty sheet
    page.emulate_media(media="screen")
    assert page.is_visible("#map canvas") and page.is_hidden("#paper")
    page.click("[data-overlay='density']")
    page.click("[data-lamp='']")


def drag_away(page):
    """Pull the map to the left, by nearly its width."""
    box = page.locator("#map").bounding_box()
    page.mouse.move(box["x"] + box["width"] - 60, box["y"] + 300)
    page.mouse.down()
    page.mouse.move(box["x"] + 40, box["y"] + 300, steps=4)
    page.mouse.up()


# --- finding one's way --------------------------------------------------------------------------
def test_search_and_areas_lead_to_a_place_and_back(duty):
    near, far = report(A1), report(B1)
    page = duty(reduced_motion="reduce")
    wait_for_list(page, far, near)
    search(page, "新桥社区")
    wait_for_view(page, B1)
    search(page, "林小")
    wait_for_view(page, A1, least_zoom=14)
    page.fill("#find", "查无此处")
    page.wait_for_selector("#found:visible .group:has-text('没有找到')")
    assert page.locator("#found [role=option]").count() == 0

    page.click("#tab-areas")
    steps = [("五泉镇", {"area": TOWN}), ("新桥社区", {"area": FAR})]
    for name, wanted in [*steps, ("新桥第1网格", {"area": FAR, "cell": f"{FAR}001"})]:
        page.click(f"#areas button:text-is('{name}')")
        page.wait_for_selector(f"#path [aria-current]:text-is('{name}')")
        assert wanted.items() <= asked(page).items()
        wait_for_list(page, far)
        wait_for_view(page, B1)
    path = page.locator("#path li").all_inner_texts()
    assert path == ["全区", "五泉镇", "新桥社区", "新桥第1网格"]
    page.wait_for_selector("#areas [aria-selected=true]:has-text('新桥第1网格')")
    for name, wanted in reversed(steps):
        page.click(f"#path button:text-is('{name}')")
        page.wait_for_selector(f"#path [aria-current]:text-is('{name}')")
        assert (asked(page)["area"], asked(page).get("cell")) == (wanted["area"], None)
    page.click("#path button")
    wait_for_list(page, far, near)
    wait_for_view(page, (108.065, 34.25))  # both towns
    page.wait_for_function("document.querySelectorAll('#areas button').length === 2")
    assert "area" not in asked(page)


def search(page, text):
    page.fill("#find", text)
    page.wait_for_selector("#found [role=option]")
    page.press("#find", "Enter")
    page.wait_for_selector("#found", state="hidden")


# --- what cannot wait ---------------------------------------------------------------------------
WATCH = """
  window.flashes = 0;
  window.tones = 0;
  document.addEventListener('animationstart', (event) => {
    if (event.animationName === 'alarm' && !event.pseudoElement) window.flashes += 1;
  });
  window.AudioContext = class extends AudioContext {
    createOscillator() {
      window.tones += 1;
      return super.createOscillator();
    }
  };
"""


def move(number, name, actor, note=""):
    services.make_move(
        number=number, move=name, told=Told(note=note), actor=actor, now=timezone.now()
    )


def test_an_urgent_case_rings_once_and_the_choice_of_sound_is_remembered(duty, wang):
    first, second = report(A1), report(A1)
    page = duty(WATCH)
    rung = "[window.flashes, window.tones].join()"
    third = report(A1)
    wait_for_list(page, third, second, first)
    assert page.evaluate(rung) == "0,0"
    assert page.is_hidden("#urgent-call")
    move(first, "mark_urgent", wang)
    page.wait_for_selector("#urgent-call:visible")
    assert page.inner_text("#urgent-call").endswith("永安第1网格")
    page.wait_for_function(f"{rung} === '1,0'")  # sound is off until somebody wants it
    assert page.evaluate("getComputedStyle(document.querySelector('.stage')).animationName") == (
        "alarm"
    )
    page.click("#urgent-call")
    page.wait_for_selector(f"#card[data-number='{first}']")

    page.click("#sound")
    page.wait_for_function(f"{rung} === '1,2'")  # one call, to be heard
    page.reload()
    page.wait_for_selector("#sound[aria-pressed=true]")
    page.wait_for_selector("#link.live")
    move(second, "mark_urgent", wang)
    page.wait_for_function(f"{rung} === '1,6'")
    move(second, "unmark_urgent", wang, "误标")
    move(first, "accept", wang)  # it is urgent still, and that was told
    fourth = report(A1)
    wait_for_list(page, fourth, third, second, first)
    assert page.evaluate(rung) == "1,6"

    page.click("#sound")
    page.reload()
    page.wait_for_selector("#sound[aria-pressed=false]")


# --- the wall -----------------------------------------------------------------------------------
OVERFLOW = """() => {
  const wrong = [];
  const {scrollWidth, scrollHeight} = document.documentElement;
  if (scrollWidth > innerWidth || scrollHeight > innerHeight) wrong.push('page');
  for (const one of document.querySelectorAll('body *')) {
    if (one.closest('.maplibregl-map, script, .skip') || !one.checkVisibility()) continue;
    const {left, top, right, bottom} = one.getBoundingClientRect();
    const name = `${one.tagName} ${one.id || one.className} ${one.textContent.slice(0, 20)}`;
    if (left < -1 || top < -1 || right > innerWidth + 1 || bottom > innerHeight + 1) wrong.push(name);
    if (one.matches('h1, h2, dt, dd, th, td, time, .note, .rest, .when, .ticker, .link') &&
        (one.scrollWidth > one.clientWidth + 1 && one.clientWidth)) wrong.push(`cut: ${name}`);
  }
  return wrong;
}"""
SIZES = """() => Object.fromEntries([...document.querySelectorAll('body *')]
  .filter(one => one.checkVisibility() && !one.closest('.maplibregl-map') &&
    [...one.childNodes].some(part => part.nodeType === 3 && part.data.trim()))
  .map(one => [one.id || one.className || one.tagName, parseFloat(getComputedStyle(one).fontSize)]))"""


VIEW = "() => ['place', 'title'].map(id => document.getElementById(id).textContent).join(' ')"
LARGE = ["全区 最新上报", "全区 各区域未办结", "全区 各类未办结事件"]
SMALL = ["全区 各类未办结事件", "五泉镇 超时最久", "全区 最新上报"]


def look_at_wall(page, views):
    """Turn on to each of these; the size of the text there, by what it is."""
    sizes = {}
    for view in views:
        while (shown := page.evaluate(VIEW)) != view:
            page.clock.fast_forward(15_000)
            page.wait_for_function(f"shown => ({VIEW})() !== shown", arg=shown)
        page.wait_for_function(f"!({OVERFLOW})().length")  # a new size is followed by a new picture
        sizes |= page.evaluate(SIZES)
    return sizes


def test_the_wall_at_twice_the_size_turns_and_recovers_by_itself(
    visit, wide, lin, zhao, live_process
):
    for days in range(24):
        report(A1 if days % 3 else B1, before=timedelta(days=2 * days))
    made = visit(3840, 2160)
    page = made.page
    page.clock.install()
    made.log_in("zhao", "/wall/")
    page.wait_for_function(READY, timeout=60_000)
    large = look_at_wall(page, LARGE)

    live_process.stop()
    page.wait_for_selector("#link.lost")
    page.wait_for_selector("#stale:visible")
    report(A2)
    live_process.start()
    page.set_viewport_size({"width": 1920, "height": 1080})
    small = look_at_wall(page, SMALL)  # it turns on meanwhile
    page.wait_for_selector("#link.live")
    page.wait_for_function("document.getElementById('count-open').textContent === '25'")
    page.wait_for_selector("#ticker:has-text('永安第2网格')")
    assert page.is_hidden("#stale")

    assert min(small.values()) >= 22  # legible from three metres
    assert {"num", "rest red", "count-open"} <= large.keys() | small.keys()
    both = large.keys() & small.keys()
    assert {name: large[name] for name in both} == {name: 2 * small[name] for name in both}
