"""Vector tiles: what is in them, how long they may be kept, and what is refused."""

import random

import mapbox_vector_tile
import numpy as np
import shapely
from django.db import connection
from django.test.utils import CaptureQueriesContext

from geo_grid.coordinates import transformer
from geo_grid.models import CellBoundary
from gridmaps import catalogue, queries
from gridmaps.kept import Kept
from gridmaps.models import DrawnSet
from gridmaps.services.drawing import coarser, on_grid
from gridmaps.tiles import lasting_tile
from tests.conftest import CORNER

TO_MERCATOR = transformer("EPSG:4326", "EPSG:3857").transform
EXTENT, BUFFER = 4096, 64
HOSTILE = [
    ("cells/25/0/0.mvt", 404),
    ("cells/3/8/0.mvt", 404),
    ("cells/3/0/8.mvt", 404),
    ("cells/-1/0/0.mvt", 404),
    ("cells/1/0/-1.mvt", 404),
    ("cells/1000000000/1/1.mvt", 404),
    ("cells/4/1000000000/1.mvt", 404),
    (f"cells/{'9' * 5000}/1/1.mvt", 404),
    ("cells/a/b/c.mvt", 404),
    ("cells/1.5/0/0.mvt", 404),
    ("cells'/1/0/0.mvt", 404),
    ('cells";DROP TABLE x;--/1/0/0.mvt', 404),
    ("cells%00/1/0/0.mvt", 400),
    ("geo_grid_user/1/0/0.mvt", 404),
    (",/1/0/0.mvt", 404),
    (",".join(["cells"] * 10_000) + ",x/1/0/0.mvt", 404),
    ("cells/1/0/0.mvt?fields=phone", 400),
    ("cells/1/0/0.mvt?area=x'", 400),
    ("cells/1/0/0.mvt?at=tomorrow", 400),
    ("cells/1/0/0.mvt?ids=" + ",".join(map(str, range(10_000))), 400),
    ("cells/24/16777215/16777215.mvt", 200),
    ("cells/0/0/0.mvt", 200),
]


def place_of(lon, lat, zoom):
    """The tile of a point: (z, x, y)."""
    x, y = TO_MERCATOR(lon, lat)
    side = 2 * queries.HALF_WORLD_M / 2**zoom
    return zoom, int((x + queries.HALF_WORLD_M) // side), int((queries.HALF_WORLD_M - y) // side)


def tile_over(template, zoom, lon=CORNER[0], lat=CORNER[1]):
    """The address of the tile of a zoom over the corner of the test ground."""
    z, x, y = place_of(lon, lat, zoom)
    return template.format(z=z, x=x, y=y)


def tiles_of(client, name):
    (told,) = client.get(f"/api/v1/layers/?layers={name}").json()["layers"]
    return told["tiles"]


def decoded(content, name):
    """{feature id: geometry in tile units, y downwards}."""
    layers = mapbox_vector_tile.decode(content, default_options={"y_coord_down": True})
    return {one["id"]: shapely.geometry.shape(one["geometry"])
            for one in layers.get(name, {}).get("features", [])}  # fmt: skip


def brute_force(z, x, y):
    """Every cell cut to the tile and its buffer with shapely, in tile units."""
    square = queries.extent(z, x, y)
    scale = EXTENT / (square["right"] - square["left"])
    window = shapely.box(-BUFFER, -BUFFER, EXTENT + BUFFER, EXTENT + BUFFER)
    found = {}
    for boundary in CellBoundary.objects.filter(valid_during__isnull=False):
        shape = shapely.from_wkb(bytes(boundary.geom.wkb))
        shape = shapely.transform(shape, TO_MERCATOR, interleaved=False)
        shape = shapely.transform(
            shape, lambda at: (at - [square["left"], square["top"]]) * [scale, -scale]
        )
        found[boundary.pk] = shapely.intersection(shape, window)
    return {key: shape for key, shape in found.items() if shape.area > 2}


def test_tiles_hold_what_a_brute_force_clip_holds(ground, client):
    chance = random.Random(5)
    template = tiles_of(client, "cells")
    for _ in range(40):
        zoom = chance.randint(9, 18)
        lon, lat = (side + chance.uniform(-0.013, 0.013) for side in CORNER)
        z, x, y = place_of(lon, lat, zoom)
        got = decoded(client.get(template.format(z=z, x=x, y=y)).content, "cells")
        wanted = brute_force(z, x, y)
        assert set(wanted) <= set(got), (z, x, y)
        pixel = EXTENT / 512
        for key, shape in got.items():
            difference = shapely.symmetric_difference(
                shapely.make_valid(shape), wanted.get(key, shapely.Polygon())
            )
            assert difference.area <= pixel * (shape.length + 10), (z, x, y, key)  # fmt: skip


def test_what_lies_only_in_the_buffer_is_drawn(report, zhao, as_user):
    z, x, y = place_of(CORNER[0] - 0.007, CORNER[1] + 0.005, 16)
    square = queries.extent(z, x, y)
    middle = (square["top"] + square["bottom"]) / 2
    for share in (0.5, 1.5):
        across = square["right"] + square["margin"] * share
        lon, lat = TO_MERCATOR(across, middle, direction="INVERSE")
        report(lon=lon, lat=lat)
    template = tiles_of(as_user(zhao), "incidents")
    (shape,) = decoded(
        as_user(zhao).get(template.format(z=z, x=x, y=y)).content, "incidents"
    ).values()
    assert EXTENT < shape.x <= EXTENT + BUFFER


def test_neighbours_share_their_border_at_every_zoom():
    """A random coverage with crooked borders stays without gap and overlap when it is coarser."""
    chance = np.random.default_rng(3)
    seeds = shapely.MultiPoint(chance.uniform(0, 20_000, (60, 2)))
    cells = shapely.get_parts(shapely.voronoi_polygons(seeds))
    window = shapely.box(0, 0, 20_000, 20_000)
    cells = shapely.segmentize(shapely.intersection(cells, window), 50)
    cells = shapely.transform(cells, lambda at: at.round(3))

    def crooked(at):
        inner = (at > 1).all(axis=1) & (at < 19_999).all(axis=1)
        wave = np.column_stack([np.sin(at[:, 1] / 90) * 12, np.cos(at[:, 0] / 70) * 12])
        return np.where(inner[:, None], at + wave, at)

    cells = shapely.transform(cells, crooked)
    for band in queries.BANDS:
        drawn = coarser(cells, band)
        assert shapely.coverage_is_valid(drawn)
        assert abs(shapely.area(drawn).sum() - 4e8) < 1
        union = shapely.union_all(drawn)
        assert len(shapely.get_parts(union)) == 1 and not list(union.interiors)
    vertices = [
        int(shapely.get_num_coordinates(coarser(cells, band)).sum()) for band in (8, 12, 24)
    ]
    assert vertices[0] < vertices[1] < vertices[2]


def test_a_shape_that_is_only_moved_is_what_a_cut_one_would_be(ground, client):
    """A filtered tile takes the long way: the same shapes, valid, their rings turned alike."""
    template = tiles_of(client, "cells")
    for zoom in range(9, 16):
        address = tile_over(template, zoom)
        moved = decoded(client.get(address).content, "cells")
        cut = decoded(client.get(f"{address}&area=610403").content, "cells")
        assert set(moved) == set(cut), zoom
        for key, shape in moved.items():
            assert shape.is_valid and shape.exterior.is_ccw == cut[key].exterior.is_ccw
            assert shape.symmetric_difference(cut[key]).area <= shape.length * 2, (zoom, key)


def test_shapes_lie_on_the_grid_of_their_band():
    chance = np.random.default_rng(8)
    angles = np.sort(chance.uniform(0, 2 * np.pi, (40, 300)))
    spokes = chance.uniform(300, 900, angles.shape)
    rings = np.stack([np.cos(angles) * spokes, np.sin(angles) * spokes], axis=-1)
    stars = shapely.polygons(rings + 12_130_000)
    for band in queries.BANDS[:-1]:
        unit = queries.side_of(band) / queries.UNITS
        drawn = on_grid(stars, band)
        assert shapely.is_valid(drawn).all()
        at = shapely.get_coordinates(drawn) / unit
        assert np.abs(at - at.round()).max(initial=0) < 1e-5
        assert np.abs(shapely.area(drawn) - shapely.area(stars)).max() <= unit * 9_000
    assert (on_grid(stars, queries.BANDS[-1]) == stars).all()


def test_overlaps_that_were_accepted_are_drawn_as_they_are():
    boxes = np.array([shapely.box(0, 0, 1000, 1000), shapely.box(500, 0, 1500, 1000)])
    assert (coarser(boxes, 8) == boxes).all()


def test_a_dated_tile_may_be_kept_for_ever_and_a_new_version_has_another_address(
    ground, client, now
):
    template = tiles_of(client, "cells")
    answer = client.get(tile_over(template, 13))
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (
        client.get(tile_over(template, 13), headers={"If-None-Match": answer["ETag"]}).status_code
        == 304
    )
    plain = client.get(tile_over(template.split("?")[0], 13))
    assert plain["Cache-Control"] == "public, no-cache" and plain.content == answer.content
    ground["A1"].name = "改名网格"
    ground["A1"].save()
    catalogue.cache.clear()
    renamed = tiles_of(client, "cells")
    assert renamed != template
    old = client.get(tile_over(template, 13))
    assert old["Cache-Control"] == "public, no-cache"
    assert "改名网格" in client.get(tile_over(renamed, 13)).content.decode(errors="replace")


def test_tiles_of_incidents_are_private_and_change_with_the_next_event(report, zhao, as_user):
    report("A1")
    client = as_user(zhao)
    address = tile_over(tiles_of(client, "incidents"), 12)
    first = client.get(address)
    assert first["Cache-Control"] == "private, no-cache"
    assert "Cookie" in first["Vary"] and "Authorization" in first["Vary"]
    catalogue.cache.clear()
    assert client.get(address, headers={"If-None-Match": first["ETag"]}).status_code == 304
    report("A2")
    catalogue.cache.clear()
    second = client.get(address, headers={"If-None-Match": first["ETag"]})
    assert second.status_code == 200 and len(decoded(second.content, "incidents")) == 2


def test_two_people_never_share_a_tile(report, lin, zhao, as_user):
    report("A1"), report("A2")
    address = tile_over(tiles_of(as_user(zhao), "incidents"), 12)
    whole, own = as_user(zhao).get(address), as_user(lin).get(address)
    assert len(decoded(whole.content, "incidents")) == 2
    assert len(decoded(own.content, "incidents")) == 1
    assert whole["ETag"] != own["ETag"]


def test_several_layers_in_one_tile(report, zhao, as_user):
    report("A1")
    got = as_user(zhao).get(
        tile_over("/api/v1/tiles/cells,areas,incidents,supervision/{z}/{x}/{y}.mvt", 13)
    )
    assert set(mapbox_vector_tile.decode(got.content)) == {
        "cells",
        "areas",
        "incidents",
        "supervision",
    }


def test_one_statement_makes_a_tile(report, zhao, as_user):
    report("A1")
    client = as_user(zhao)
    address = tile_over(tiles_of(client, "cells"), 13)
    client.get(address)
    deeper = address.split("/13/")[0] + "/{z}/{x}/{y}.mvt?" + address.split("?")[1]
    with CaptureQueriesContext(connection) as told:
        client.get(tile_over(deeper, 14))
    # the version in force is asked again every second or two, whatever is drawn
    assert len([one for one in told if "AS version" not in one["sql"]]) == 1


def test_hostile_addresses_are_refused(ground, client):
    for address, status in HOSTILE:
        assert client.get(f"/api/v1/tiles/{address}").status_code == status, address[:80]


def test_pictures_are_drawn_once_and_old_ones_are_forgotten(ground, client, monkeypatch):
    monkeypatch.setattr("gridmaps.services.drawing.KEPT_VERSIONS", 1)
    monkeypatch.setattr("gridmaps.services.drawing.KEPT_FOR", -queries.datetime.resolution)
    for name in ("甲", "乙", "丙"):
        ground["A1"].name = name
        ground["A1"].save()
        catalogue.cache.clear()
        address = tile_over(tiles_of(client, "cells"), 13)
        client.get(address), client.get(address)
    assert DrawnSet.objects.filter(layer="cells").count() == 1


def test_finished_tiles_are_kept_in_front_up_to_a_size(settings):
    settings.TILE_MEMORY_BYTES = 10_000
    made, passed = [], []

    def make(path, query):
        made.append(path)
        return None if "secret" in path else ([("ETag", "1")], b"x" * 2000)

    kept = Kept(lambda environ, start: passed.append(environ["PATH_INFO"]) or [b"long way"], make)

    def get(path, **more):
        environ = {"PATH_INFO": f"/api/v1/tiles/{path}", "REQUEST_METHOD": "GET", **more}
        return b"".join(kept(environ, lambda *told: None))

    assert get("a") == get("a") == b"x" * 2000 and len(made) == 1
    assert get("secret") == get("secret") == b"long way" and len(made) == 3
    assert get("a", HTTP_IF_NONE_MATCH='"1"') == b"long way"
    assert get("a", REQUEST_METHOD="POST") == b"long way"
    get("a", QUERY_STRING="v=2")
    assert len(made) == 4
    for number in range(50):
        get(f"tile{number}")
    assert len(kept.answers) <= 3 and kept.room >= 0
    made.clear()
    get("tile49")
    assert made == []


def test_the_short_way_gives_what_the_long_way_gives(report, client):
    report("A1")
    for name in ("cells", "areas", "places"):
        address = tile_over(tiles_of(client, name), 13)
        headers, body = lasting_tile(*address.split("?"))
        long_way = client.get(address)
        assert body == long_way.content
        told = dict(headers)
        assert all(told[key] == long_way[key] for key in ("ETag", "Cache-Control", "Content-Type"))


def test_the_short_way_is_only_for_what_lasts(report, client):
    report("A1")
    address = tile_over(tiles_of(client, "cells"), 13)
    path, query = address.split("?")
    for other in ("incidents", "open_counts", "nonsense", "cells,incidents", ",", "cells;x"):
        assert lasting_tile(path.replace("cells", other), query) is None
    for words in ("", "v=1", f"{query}&area=610403", f"{query}&at=x", query.replace("v=", "w=")):
        assert lasting_tile(path, words) is None
    for place in ("25/0/0", "3/8/0", "3/0/9", "-1/0/0", "99999999999/1/1"):
        assert lasting_tile(f"/api/v1/tiles/cells/{place}.mvt", query) is None


def test_a_server_that_forgot_a_prepared_statement_is_asked_plainly(
    transactional_db, ground, client
):
    """As behind a pooler, where the next question goes to another connection."""
    template = tiles_of(client, "cells")
    first = lasting_tile(*tile_over(template, 13).split("?"))
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")
    assert lasting_tile(*tile_over(template, 13).split("?")) == first
    assert lasting_tile(*tile_over(template, 13).split("?")) == first
    connection.close()  # the next test gets one that has forgotten nothing
