"""The public map in a real browser: no login, works on a phone, tells nothing of a single matter."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from incidents import services
from incidents.models import Incident
from tests.conftest import CORNER

SEED = settings.ROOT / "incidents" / "fixtures" / "categories.csv"


@pytest.fixture
def matters(ground):
    """Three about a street lamp in one cell, one quarrel, one lamp elsewhere, one of today."""
    services.load_categories(path=SEED)
    made = [(-0.005, "0601", 5)] * 3 + [
        (-0.005, "0102", 5),
        (0.005, "0601", 5),
        (-0.005, "0601", 0),
    ]
    for east, category, days in made:
        when = timezone.now() - timedelta(days=days)
        place = services.Location(lon=CORNER[0] + east, lat=CORNER[1] + 0.005, datum="wgs84")
        told = services.Report(category=category, description="", occurred_at=when, location=place)
        services.report_incident(report=told, actor=None, now=when)


@pytest.mark.parametrize(("width", "height"), [(1280, 720), (390, 844)])
def test_a_resident_sees_what_is_handled_nearby_and_no_household(visit, matters, width, height):
    page = (guest := visit(width, height)).page
    page.goto(f"{guest.site}/map/")
    page.wait_for_function("window.gridkeeperReady === true", timeout=60_000)
    page.wait_for_selector("#list li")
    lines = page.eval_on_selector_all("#list li", "them => them.map(one => one.innerText)")
    assert len(lines) == 3
    assert all("永安第1网格" in line and "公共设施" in line for line in lines)
    told = page.content()
    assert not any(number in told for number in Incident.objects.values_list("number", flat=True))
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= width


def test_a_long_list_comes_in_pieces_and_a_line_brings_the_map_into_view(visit, matters):
    when = timezone.now() - timedelta(days=6)
    place = services.Location(lon=CORNER[0] - 0.005, lat=CORNER[1] + 0.005, datum="wgs84")
    told = services.Report(category="0601", description="", occurred_at=when, location=place)
    for _more in range(22):
        services.report_incident(report=told, actor=None, now=when)
    page = (guest := visit(390, 844)).page
    page.goto(f"{guest.site}/map/")
    page.wait_for_function("window.gridkeeperReady === true", timeout=60_000)
    page.wait_for_selector("#more:visible")
    assert (page.locator("#list li").count(), page.inner_text("#shown")) == (20, "25")
    page.click("#more")
    page.wait_for_selector("#more", state="hidden")
    assert page.locator("#list li").count() == 25
    assert page.evaluate(
        "document.activeElement.closest('li') === document.querySelectorAll('#list li')[20]"
    )
    page.click("#list li:last-child button")
    page.wait_for_function("document.getElementById('map').getBoundingClientRect().top >= 0")
