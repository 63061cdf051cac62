"""The live stream with real processes: order, resuming, faults, scope, readers that do not read."""

import select
import socket
import threading
import time
import uuid
from datetime import UTC, datetime

import pytest
import requests
from django.db import connection
from django.test import Client

from geo_grid import services as ground_services
from geo_grid.models import Cell, Post
from gridmaps import hub
from incidents import queries, services, worktime
from incidents.models import Incident, IncidentEvent
from tests.conftest import CORNER
from tests.gridmaps.conftest import SEED
from tests.servers import Reader, Server, database_address, until


@pytest.fixture
def lively(transactional_db, ground, zhao):
    """The ground with categories, in a database that other processes see."""
    worktime._calendar_of.cache_clear()
    services.load_categories(path=SEED)


@pytest.fixture(scope="module")
def live_process(django_db_setup):
    server = Server("live", database_address())
    yield server
    server.stop()


@pytest.fixture
def live(lively, live_process):
    return live_process


def cookie_of(user) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


@pytest.fixture
def reader(live):
    made = []

    def start(user, after="") -> Reader:
        made.append(Reader(live.port, cookie_of(user), after))
        until(lambda: made[-1].clocks or made[-1].status not in (0, 200))
        return made[-1]

    yield start
    for one in made:
        one.done = True


def file(cell_shift=(-0.005, 0.005)) -> str:
    """One report, committed."""
    lon, lat = (side + shift for side, shift in zip(CORNER, cell_shift, strict=True))
    told = services.Report(
        category="0501",
        location=services.Location(lon=lon, lat=lat),
        occurred_at=datetime.now(UTC),
    )
    return services.report_incident(report=told, actor=None, now=datetime.now(UTC)).number


def end_backends() -> None:
    """What a restart of the database does to everybody connected."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_nobody_listens_without_logging_in(live):
    answer = requests.get(f"{live.url}/live", timeout=5)
    assert answer.status_code == 401
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_snapshot_and_the_stream_after_it_leave_no_gap(reader, zhao):
    """The page asks for the features, then listens from the position they name."""
    position = queries.end_of_events()
    between = file()
    late = reader(zhao, after=position)
    assert until(lambda: late.numbers == [between])
    told = file()
    assert until(lambda: late.numbers == [between, told])
    assert set(late.seen[0]) >= {"number", "lon", "lat", "status", "lamp", "category", "cell"}


def test_a_page_knows_how_old_its_picture_is(reader, zhao):
    page = reader(zhao)
    clock = page.clocks[0]
    age = datetime.fromisoformat(clock["now"]) - datetime.fromisoformat(clock["fresh_at"])
    assert age.total_seconds() < 6
    assert clock["position"] == queries.end_of_events()


def test_everybody_hears_what_they_may_see(reader, lin, wang, zhao, qian):
    readers = {user: reader(user) for user in (lin, wang, zhao, qian)}
    first, second = file(), file((0.005, 0.005))
    assert until(lambda: len(readers[zhao].seen) == 2)
    time.sleep(0.3)
    assert readers[lin].numbers == [first]
    assert readers[wang].numbers == readers[zhao].numbers == [first, second]
    assert readers[qian].numbers == []


def test_who_may_see_nothing_of_it_is_not_left_behind(reader, lin, zhao):
    page, other = reader(lin), reader(zhao)
    file((0.005, 0.005))
    assert until(lambda: len(other.seen) == 1)
    assert until(lambda: page.clocks[-1]["position"] == queries.end_of_events())
    number = file()
    assert until(lambda: page.numbers == [number])


def test_who_saw_a_case_is_told_that_it_has_left(reader, ground, lin, wang):
    """Its number and no more: where it lies now is not theirs to see."""
    page, above = reader(lin), reader(wang)
    incident = Incident.objects.get(number=file())
    assert until(lambda: page.numbers == [incident.number])
    services.location.put_in_cell(incident=incident, code=ground["A4"].code, now=datetime.now(UTC))
    incident.save()
    services.timeline.record_event(
        incident=incident, kind="HANDED_OVER", actor=None, now=datetime.now(UTC)
    )
    assert until(lambda: len(page.seen) == len(above.seen) == 2)
    assert set(page.seen[1]) == {"number", "status", "kind", "at"}
    assert (page.seen[1]["number"], page.seen[1]["status"]) == (incident.number, "GONE")
    assert above.seen[1]["cell"] == ground["A4"].code


def test_everybody_hears_that_other_cells_are_in_force(reader, ground, lin):
    page = reader(lin)
    before = page.clocks[-1]["ground"]
    Cell.objects.filter(pk=ground["A4"].pk).update(name="永安新网格")
    assert until(lambda: "ground" in page.kinds, 12)
    again = reader(lin)
    assert again.clocks[0]["ground"] not in ("", before)


def test_a_revoked_post_ends_what_is_heard(reader, ground, lin, zhao):
    since, cell = datetime(2020, 1, 1, tzinfo=UTC), ground["A4"]
    ground_services.appoint(user=lin, role="WORKER", cell=cell, since=since)
    page, other = reader(lin), reader(zhao)
    ground_services.end_post(
        post=Post.objects.get(user=lin, cell=ground["A1"]), at=datetime.now(UTC)
    )
    assert until(lambda: "reset" in page.kinds, 12)
    number = file()
    assert until(lambda: other.numbers == [number])
    time.sleep(0.3)
    assert page.numbers == []


def test_the_stream_ends_with_the_last_post(reader, lin):
    page = reader(lin)
    ground_services.end_post(post=Post.objects.get(user=lin), at=datetime.now(UTC))
    assert until(lambda: page.status == 401, 12)


def test_a_token_that_may_not_read_hears_nothing(live, zhao):
    key = ground_services.issue_token(
        user=zhao, label="device", scopes=["report"], now=datetime.now(UTC)
    )
    headers = {"Authorization": f"Token {key}"}
    answer = requests.get(f"{live.url}/live", headers=headers, timeout=5)
    assert answer.status_code == 403
    assert "read" in answer.json()["detail"]


def test_logging_out_ends_the_stream(live, zhao):
    client = Client()
    client.force_login(zhao)
    page = Reader(live.port, f"sessionid={client.cookies['sessionid'].value}")
    assert until(lambda: page.clocks)
    client.logout()
    assert until(lambda: page.status == 401, 12)
    page.done = True


def test_a_position_of_another_database_asks_for_a_new_picture(reader, zhao):
    page = reader(zhao, after=10**15)
    assert until(lambda: "reset" in page.kinds)
    number = file()
    assert until(lambda: page.numbers == [number])


def test_a_position_far_behind_asks_for_a_new_picture(reader, zhao):
    """Nobody is told the whole timeline."""
    file()
    with connection.cursor() as cursor:
        name = "pg_get_serial_sequence('incidents_incidentevent', 'id')"
        cursor.execute(f"SELECT setval({name}, nextval({name}) + 20000)")
    page = reader(zhao, after=0)
    assert until(lambda: "reset" in page.kinds)
    number = file()
    assert until(lambda: page.numbers[-1:] == [number])
    assert len(page.numbers) <= 2  # the hub may not have told the first one yet


def test_a_writer_that_goes_without_a_word_holds_nobody_for_long(reader, zhao):
    """It has written, by no service; another commits after it, and it is rolled back."""
    page, first = reader(zhao), Incident.objects.get(number=file())
    assert until(lambda: page.numbers == [first.number])
    other = connection.copy()
    cursor = other.cursor()
    cursor.execute("BEGIN")
    cursor.execute(
        "INSERT INTO incidents_incidentevent (incident_id, kind, at, note, payload) "
        "VALUES (%s, 'NOTED', now(), '', '{}')",
        [first.pk],
    )
    number = file()
    time.sleep(0.5)
    assert page.numbers == [first.number]
    cursor.execute("ROLLBACK")
    assert until(lambda: page.numbers == [first.number, number], 4)  # sooner than the poll
    other.close()


def test_an_event_wakes_whoever_listens(lively):
    """At once: the safety poll would hide a channel of another name for seconds."""
    line = hub.listening_connection()
    file()
    select.select([line], [], [], 4)
    line.poll()
    assert line.notifies
    line.close()


def test_a_reader_that_does_not_read_is_cut_off_and_resumes(live, reader, zhao):
    page = reader(zhao)
    start = queries.end_of_events()
    deaf = socket.socket()
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.connect(("127.0.0.1", live.port))
    deaf.sendall(
        f"GET /live HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie_of(zhao)}\r\n\r\n".encode()
    )
    time.sleep(0.5)
    incident = Incident.objects.get(number=file())
    payload = incident.events.get().payload | {"padding": "x" * 3000}
    for _ in range(12):
        rows = [
            IncidentEvent(incident=incident, kind="NOTED", at=datetime.now(UTC), payload=payload)
            for _ in range(500)
        ]
        IncidentEvent.objects.bulk_create(rows)
        time.sleep(0.3)
    assert until(lambda: len(page.seen) == 6001, 120)  # 19 MB, also on a busy machine
    again = reader(zhao, after=start)
    assert until(lambda: len(again.seen) == 6001, 120)  # 19 MB, also on a busy machine
    assert again.positions == sorted(set(again.positions))
    assert until(lambda: cut_off(deaf))


def cut_off(line: socket.socket) -> bool:
    """Whether the other side has closed; reads what has come until then."""
    line.settimeout(2)
    try:
        while line.recv(1 << 20):
            pass
    except TimeoutError:
        return False
    except ConnectionResetError:
        pass
    return True


@pytest.fixture
def web(lively):
    server = Server("web", database_address())
    yield server
    server.stop()


class Sender(threading.Thread):
    """Reports with ids of their own, each sent until it is answered."""

    def __init__(self, web: Server, token: str, number: int, pause_s: float):
        super().__init__(daemon=True)
        self.web, self.token, self.number, self.pause_s = web, token, number, pause_s
        self.answered: list[str] = []
        self.start()

    def run(self) -> None:
        point = {"type": "Point", "coordinates": [CORNER[0] - 0.005, CORNER[1] + 0.005]}
        body = {"category": "0501", "location": {"point": point}}
        headers = {"Authorization": f"Token {self.token}"}
        for _ in range(self.number):
            address = f"{self.web.url}/api/v1/incidents/{uuid.uuid4()}/"
            while True:
                try:
                    answer = requests.put(address, json=body, headers=headers, timeout=10)
                    if answer.status_code in (200, 201):
                        self.answered.append(answer.json()["number"])
                        break
                except requests.RequestException:
                    pass
                time.sleep(0.1)
            time.sleep(self.pause_s)


def every_page_sees_everything(live, web, readers, senders, faults):
    for fault in faults:
        time.sleep(1.2)
        fault()
    for sender in senders:
        sender.join(120)
    wanted = list(IncidentEvent.objects.order_by("id").values_list("incident__number", flat=True))
    assert len(wanted) == sum(sender.number for sender in senders)
    for page in readers:
        assert until(lambda page=page: len(page.seen) >= len(wanted), 120)
        assert page.numbers == wanted
        assert page.positions == sorted(set(page.positions))


def reporting(user) -> str:
    told = {"scopes": ["read", "report"], "now": datetime.now(UTC)}
    return ground_services.issue_token(user=user, label="test", **told)


def restart(server: Server):
    def fault() -> None:
        server.kill()
        time.sleep(0.3)
        server.start()

    return fault


def test_kill_live_database_and_web_while_reports_stream_in(live, web, reader, zhao):
    """Every page shows every incident in the end, in order, once."""
    token = reporting(zhao)
    readers = [reader(zhao), reader(zhao)]
    senders = [Sender(web, token, 40, 0.1) for _ in range(2)]
    faults = [restart(live), end_backends, restart(web), end_backends, restart(live)]
    every_page_sees_everything(live, web, readers, senders, faults)
    assert all(page.connections >= 2 for page in readers)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_same_for_minutes(live, web, reader, zhao):
    token = reporting(zhao)
    readers = [reader(zhao) for _ in range(20)]
    senders = [Sender(web, token, 1000, 0.1) for _ in range(4)]
    faults = [restart(live), end_backends, restart(web), end_backends] * 20
    every_page_sees_everything(live, web, readers, senders, faults)


def told(position: int, held: bool) -> hub.Told:
    return hub.Told([], position, position, held, 9)


def test_what_waits_for_a_writer_grows_old():
    """Nothing new is known from the start of the hold on, however often the hub looks."""
    own = hub.Hub()
    own.position = 5
    own._push(told(5, held=False))
    first = own.fresh_at
    own._push(told(5, held=True))
    assert own.fresh_at == first
    own._push(told(7, held=True))  # that writer is gone, another holds
    second = own.fresh_at
    assert second > first
    own._push(told(7, held=False))
    assert own.fresh_at > second
