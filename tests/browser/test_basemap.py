"""Base maps that administrators brought, on the maps of the pages."""

import base64

import pytest
from rest_framework.test import APIClient

from geo_grid.models import User
from tests.gridmaps.test_basemaps import archive, send

RED = base64.b64decode(  # one pixel
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@pytest.fixture
def brought(ground, settings, tmp_path):
    settings.BASE_MAPS = tmp_path
    boss = APIClient()
    boss.force_authenticate(
        User.objects.create_superuser("root", password="x", display_name="管理员")
    )
    made = send(boss, archive(RED, max_zoom=0), name="photo", title="影像")
    assert made.status_code == 201, made.content


@pytest.mark.parametrize("address", ["/map/", "/command/"])
def test_who_chooses_a_base_map_sees_it_and_finds_it_chosen_again(
    visit, ground, zhao, brought, address
):
    guest = visit()
    if address == "/command/":
        guest.log_in("zhao", address)
    page = guest.page
    with page.expect_response(lambda answer: "/basemaps/photo/" in answer.url):
        page.goto(guest.site + address)
        page.locator("select.basemap").select_option(label="影像")
        page.wait_for_selector("text=区自然资源局")
    page.reload()
    page.wait_for_selector("text=区自然资源局")
    page.locator("select.basemap").select_option("")
    page.wait_for_selector("text=区自然资源局", state="detached")
