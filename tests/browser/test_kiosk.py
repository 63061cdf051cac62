"""The kiosk and the map of contact cards in a real browser, with the network cut off."""

from tests.conftest import COMMUNITY

PHONE = "19900000001"


def kiosk(visit, area=COMMUNITY, **size):
    made = visit(**({"width": 1920, "height": 1080} | size))
    made.page.goto(f"{made.site}/kiosk/{area}/")
    made.page.wait_for_selector("body[data-ready]")
    made.page.wait_for_selector("#map path.leaflet-interactive")
    return made.page


def test_a_villager_touches_the_map_and_sees_whom_to_call(visit, lin):
    page = kiosk(visit)
    assert page.locator("#cells button").count() == 4
    box = page.locator("#map").bounding_box()
    page.mouse.click(box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.35)
    page.wait_for_selector("#card:not([hidden])")
    assert page.inner_text("#cell") == "永安第1网格"
    assert page.inner_text("#name") == "林小雨"
    assert page.inner_text("#phone").replace(" ", "") == PHONE
    assert (
        float(page.eval_on_selector("#phone", "one => parseFloat(getComputedStyle(one).fontSize)"))
        >= 40
    )
    page.click("#back")
    page.wait_for_selector("#welcome:not([hidden])")


def test_a_cell_is_chosen_by_name_and_a_vacant_one_says_so(visit, lin):
    page = kiosk(visit)
    page.click(f"[data-code='{COMMUNITY}001']")
    page.wait_for_selector("#card:not([hidden])")
    assert "林小雨" in page.inner_text("#card")
    page.click("#back")
    page.click(f"[data-code='{COMMUNITY}002']")
    page.wait_for_function("document.getElementById('cell').textContent === '永安第2网格'")
    assert "暂无人负责" in page.inner_text("#card")


def test_on_a_phone_nothing_is_cut_off(visit, lin):
    page = kiosk(visit, width=390, height=844)
    page.click(f"[data-code='{COMMUNITY}001']")
    page.wait_for_selector("#card:not([hidden])")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_map_of_contact_cards_draws_by_itself(visit, lin):
    made = visit(width=1600, height=1000)
    made.page.goto(f"{made.site}/maps/{COMMUNITY}/")
    made.page.wait_for_selector(".leaflet-container path")
    assert made.page.locator(".cell-name").count() == 4
    assert made.page.locator(".cards tbody tr").count() == 4
    line = made.page.inner_text(f"#card-{COMMUNITY}001")
    assert "林小雨" in line and PHONE in line
    made.page.locator(".leaflet-container path").first.click()
    made.page.wait_for_selector(".leaflet-popup")
    assert "网格员" in made.page.inner_text(".leaflet-popup")
