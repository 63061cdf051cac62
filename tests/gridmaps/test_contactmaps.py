"""The map of contact cards: what is published, and nothing else; no markup; no other server."""

import re
from datetime import timedelta

import pytest
import shapely
from django.utils import timezone
from geopandas import GeoDataFrame

from geo_grid import queries, services
from geo_grid.models import Cell, Post
from gridmaps.contactmaps import MOST_LABELS, names, tints
from tests.conftest import COMMUNITY

PAST = "2026-05-01T08:00Z"


@pytest.fixture
def page(client, lin):
    def get(area=COMMUNITY):
        return client.get(f"/maps/{area}/")

    return get


def test_every_cell_has_its_card_and_a_vacant_one_says_so(page):
    text = page().text
    assert text.count('<tr id="card-') == 4
    assert "林小雨" in text and "19900000001" in text and text.count("暂缺") >= 3
    assert re.findall(r"""(?:src|href)=["'](?:https?:)?//[^"']*""", text) == []
    assert "lin@" not in text and '"lin"' not in text


def test_the_deputy_stands_on_the_card_while_the_worker_is_away(lin, qian):
    now = timezone.now()
    since, until = now - timedelta(days=1), now + timedelta(days=1)
    services.grant_leave(post=Post.objects.get(user=lin), deputy=qian, since=since, until=until)
    first = queries.contact_cards(COMMUNITY, now)[0]
    assert first["worker"]["name"] == "钱多多" and first["worker"]["rule"] == "WORKER_DEPUTY"


def test_a_name_cannot_become_markup(page):
    evil = "</script><img src=x onerror=alert(1)>"
    Cell.objects.filter(code__endswith="001").update(name=evil)
    assert evil not in page().text and "<img src=x" not in page().text


@pytest.mark.parametrize("area", ["610403999", "x'", "0"])
def test_an_area_that_is_none_is_not_found(page, client, area):
    assert page(area).status_code == 404
    assert client.get(f"/kiosk/{area}/").status_code == 404


def test_a_town_and_the_district_have_their_maps_too(page):
    assert page(COMMUNITY[:9]).text.count('<tr id="card-') == 4
    assert page("610403").text.count('<tr id="card-') == 4


def test_the_maps_of_a_district_lead_down_to_its_communities_and_up_again(page):
    town = COMMUNITY[:9]
    assert f'href="/maps/{town}/"' in page("610403").text
    assert f'href="/maps/{COMMUNITY}/"' in page(town).text
    assert f'href="/maps/{town}/" class="up"' in page().text
    assert 'href="tel:19900000001"' in page().text


@pytest.mark.parametrize(
    ("cells", "communities", "told"),
    [
        (4, 1, ["第1网格", "第2网格", "第3网格", "第4网格"]),
        (4, 2, ["社区0第1网格", "社区1第2网格", "社区0第3网格", "社区1第4网格"]),
        (MOST_LABELS + 2, 2, ["社区0", "社区1"]),
        (MOST_LABELS + 1, MOST_LABELS + 1, ["永安镇"]),
    ],
)
def test_only_as_many_names_stand_on_the_map_as_it_has_room_for(cells, communities, told):
    of = [number % communities for number in range(cells)]
    frame = GeoDataFrame(
        {
            "name": [f"社区{one}第{number + 1}网格" for number, one in enumerate(of)],
            "code": range(cells),
            "community_code": of,
            "community_name": [f"社区{one}" for one in of],
            "town_code": 1,
            "town_name": "永安镇",
        },
        geometry=[shapely.box(x, 0, x + 1, 1) for x in range(cells)],
        crs=4326,
    )
    assert [name for name, _shape in names(frame)] == told


def test_neighbours_have_other_tints():
    shapes = [shapely.box(x, y, x + 1, y + 1) for y in range(6) for x in range(6)]
    colours = tints(shapes)
    for one, shape in enumerate(shapes):
        for other in range(one):
            if shape.touches(shapes[other]):
                assert colours[one] != colours[other]


def test_a_card_is_found_by_the_code_of_a_cell(client, lin):
    found = client.get(f"/api/v1/locate/?cell={COMMUNITY}001").json()
    assert found["worker"]["name"] == "林小雨" and found["reason"] == "BY_CODE"
    assert client.get("/api/v1/locate/?cell=nowhere").status_code == 404
    assert client.get(f"/api/v1/locate/?cell={COMMUNITY}001&at={PAST}").json()["worker"] is None
    client.force_login(lin)
    then = client.get(f"/api/v1/locate/?cell={COMMUNITY}001&at={PAST}").json()
    assert then["worker"]["name"] == "林小雨"
    both = client.get(f"/api/v1/locate/?cell={COMMUNITY}001&lon=108&lat=34")
    assert both.status_code == 400
