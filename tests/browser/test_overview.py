"""The overview map in a real browser: it draws with the network cut off."""

from tests.gridmaps.conftest import categories, report  # noqa: F401  fixtures


def test_an_overview_map_draws_by_itself(visit, report, zhao):  # noqa: F811
    report("A1")
    officer = visit()
    officer.log_in("zhao")
    page = officer.page
    page.goto(f"{officer.site}/api/v1/layers/map.html?layers=cells,areas,incidents")
    page.wait_for_selector(".leaflet-container canvas")
    page.wait_for_selector("aside ul li")
    assert page.locator(".leaflet-control-layers-overlays label").count() == 3
