"""The wall screen: draws without a hand, and does not grow with the events it has shown."""

import json
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from incidents import services
from incidents.models import Incident, IncidentEvent
from tests.conftest import CORNER

SEED = settings.ROOT / "incidents" / "fixtures" / "categories.csv"
OPEN = 200


@pytest.fixture
def wall(visit, ground, lin, zhao):
    services.load_categories(path=SEED)
    now = timezone.now()
    for number in range(OPEN):
        place = services.Location(
            lon=CORNER[0] - 0.009 + number * 0.00008, lat=CORNER[1] + 0.005, datum="wgs84"
        )
        told = services.Report(category="0601", description="", occurred_at=now, location=place)
        services.report_incident(report=told, actor=None, now=now - timedelta(seconds=number))
    made = visit(1920, 1080)
    made.log_in("zhao", "/wall/")
    made.page.wait_for_function("window.gridkeeperReady === true", timeout=60_000)
    return made


def pour(page, number):
    """So many events through the stream; wait until the screen has told the last of them."""
    incidents = list(Incident.objects.select_related("category", "cell", "community"))
    payloads = [services.timeline.shown_on_maps(one, timezone.now()) for one in incidents]
    for begin in range(0, number, 1000):
        at = timezone.now()
        IncidentEvent.objects.bulk_create(
            [
                IncidentEvent(
                    incident=incidents[i % OPEN], kind="NOTED", at=at, payload=payloads[i % OPEN]
                )
                for i in range(begin, min(begin + 1000, number))
            ]
        )
        with connection.cursor() as cursor:
            cursor.execute("NOTIFY live")
        page.wait_for_timeout(300)
    last = IncidentEvent.objects.order_by("-id").values_list("id", flat=True)[0]
    page.wait_for_function(f"Number(window.gridkeeperPosition()) >= {last}", timeout=60_000)


def heap(page):
    """Bytes held by objects after a collection, without the machine code of the JIT compiler.

    The compiler goes on making faster code for hours (a third of a megabyte in 50,000 events), and
    throws it away by itself.
    """
    tools, chunks = page.context.new_cdp_session(page), []
    tools.on("HeapProfiler.addHeapSnapshotChunk", lambda event: chunks.append(event["chunk"]))
    tools.send("HeapProfiler.collectGarbage")
    tools.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    page.wait_for_timeout(500)
    snapshot = json.loads("".join(chunks))
    fields = snapshot["snapshot"]["meta"]["node_fields"]
    kinds = snapshot["snapshot"]["meta"]["node_types"][0]
    nodes, width = snapshot["nodes"], len(fields)
    types, sizes = nodes[fields.index("type") :: width], nodes[fields.index("self_size") :: width]
    code = kinds.index("code")
    return sum(size for kind, size in zip(types, sizes, strict=True) if kind != code)


def grown(page, number):
    pour(page, 2000)  # every cache is filled
    before = heap(page)
    pour(page, number)
    after = heap(page)
    print(f"{before} bytes before, {after} after {number} events")
    return after / before - 1


def test_the_wall_draws_and_does_not_grow(wall):
    page = wall.page
    assert page.inner_text("#count-open") == str(OPEN)
    assert page.locator("#lines li").count() >= 5
    cut = page.evaluate(
        "document.documentElement.scrollHeight > innerHeight || document.documentElement.scrollWidth > innerWidth"
    )
    assert not cut
    assert grown(page, 4000) < 0.05


def test_too_many_for_a_screen_are_asked_for_by_the_view(visit, ground, lin, zhao, monkeypatch):
    """What is overdue is far behind the newest; and the tiles are those of the moment."""
    monkeypatch.setattr("incidents.board.MOST", 3)
    monkeypatch.setattr("incidents.board.PAGE", 2)
    services.load_categories(path=SEED)
    place = services.Location(lon=CORNER[0] - 0.005, lat=CORNER[1] + 0.005, datum="wgs84")
    numbers = []
    for days in (40, 0, 0, 0, 0):
        when = timezone.now() - timedelta(days=days)
        told = services.Report(category="0601", occurred_at=when, location=place)
        numbers.append(services.report_incident(report=told, actor=None, now=when).number)
    made = visit(1920, 1080)
    made.log_in("zhao", "/wall/")
    made.page.wait_for_function("window.gridkeeperReady === true", timeout=60_000)
    made.page.wait_for_selector(f"#lines [data-number='{numbers[0]}']", timeout=40_000)
    tiles = {url for url in made.foreign if "/tiles/" in url and "incidents" in url}
    assert len({url.partition("?")[2] for url in tiles}) > 1


@pytest.mark.soak
@pytest.mark.timeout(900)
def test_a_week_of_events_does_not_make_it_grow(wall):
    wall.page.wait_for_timeout(160_000)  # every view has been shown once
    assert grown(wall.page, 100_000) < 0.05
