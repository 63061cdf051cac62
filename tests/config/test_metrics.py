"""Figures for Prometheus: a proper format, nobody's name, and only for those who may read them."""

import os
import shutil
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import requests
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from config import metrics
from config.ticks import TICKS
from gridmaps import catalogue
from incidents import services, worktime
from tests.conftest import CORNER
from tests.servers import Server, database_address

PROMTOOL = shutil.which("promtool")


@pytest.fixture
def report(ground, now):
    """report(lon, lat) files one."""
    worktime._calendar_of.cache_clear()
    seed = settings.ROOT / "incidents" / "fixtures" / "categories.csv"
    services.load_categories(path=seed)

    def file(lon=CORNER[0] - 0.005, lat=CORNER[1] + 0.005):
        place = services.Location(lon=lon, lat=lat)
        told = services.Report(category="0501", location=place, occurred_at=now)
        return services.report_incident(report=told, actor=None, now=now)

    return file


def parsed(text: str) -> dict:
    """(name, labels as sorted pairs) -> value."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(client, **headers) -> dict:
    answer = client.get("/metrics", **headers)
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/plain; version=0.0.4")
    return parsed(answer.content.decode())


def of(told: dict, name: str, **labels) -> float:
    return told.get((name, tuple(sorted(labels.items()))), 0)


def test_the_state_of_the_work(report, client, now):
    report(), report(), report(lon=108.5, lat=34.9)
    told = read(client)
    assert of(told, "gridkeeper_build_info", version=settings.VERSION) == 1
    assert of(told, "gridkeeper_database_up") == 1
    assert of(told, "gridkeeper_unassigned_incidents") == 1
    kinds = {key: value for key, value in told.items() if key[0] == "gridkeeper_open_incidents"}
    assert len(kinds) == 12 and sum(kinds.values()) == 3
    (row, *_more) = catalogue.totals("incidents", now + timedelta(days=300))
    assert row["lamp"] == "red"


def test_requests_are_counted_by_view_and_not_by_what_somebody_writes(db, client, lin):
    labels = {"view": "layers", "method": "GET", "status": "2xx"}
    before = of(read(client), "gridkeeper_requests_total", **labels)
    client.get("/api/v1/layers/")
    client.get("/nothing/13900001111/")
    client.generic("FOO13900001111", "/api/v1/layers/")
    answer = client.get("/metrics").content.decode()
    told = parsed(answer)
    assert of(told, "gridkeeper_requests_total", **labels) == before + 1
    assert of(told, "gridkeeper_requests_total", view="none", method="GET", status="4xx") >= 1
    assert of(told, "gridkeeper_request_duration_seconds_count", view="layers") >= 1
    assert not any(word in answer for word in ("13900001111", "林小雨", '"lin"', "nothing"))


def test_only_this_machine_or_the_token_reads_them(db, settings):
    far = {"REMOTE_ADDR": "10.1.2.3"}
    client = Client()
    refused = [
        far,
        {"REMOTE_ADDR": ""},
        {"HTTP_X_FORWARDED_FOR": "10.1.2.3"},
        {"HTTP_FORWARDED": "for=10.1.2.3"},
        {**far, "HTTP_AUTHORIZATION": "Bearer "},
    ]
    for headers in refused:
        assert client.get("/metrics", **headers).status_code == 404, headers
    assert client.post("/metrics").status_code == 405
    settings.METRICS_TOKEN = "a-long-word"
    for wrong in ("", "Bearer", "Bearer a-long-wor", "Token a-long-word", "Bearer 密"):
        assert client.get("/metrics", HTTP_AUTHORIZATION=wrong, **far).status_code == 404, wrong
    read(client, HTTP_AUTHORIZATION="Bearer a-long-word", **far)
    read(client, REMOTE_ADDR="::1")


def test_a_silent_database_is_a_figure(db, client, monkeypatch):
    def silent(*_args):
        raise OperationalError("gone")

    monkeypatch.setattr(metrics.catalogue, "totals", silent)
    monkeypatch.setattr(metrics.connection, "close", lambda: None)
    told = read(client)
    assert of(told, "gridkeeper_database_up") == 0
    assert not any(name == "gridkeeper_open_incidents" for name, _labels in told)


def test_processes_add_up_in_a_common_folder(transactional_db, ground, client, tmp_path):
    """A site tells what another process counted; the scheduler when it last ran."""
    began = time.time()
    call_command("scheduler", "--once")
    for tick in TICKS:
        name = "gridkeeper_scheduler_tick_timestamp_seconds"
        assert of(read(client), name, tick=tick.name) >= began
    folder = {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    other = (
        "from core import measures as m;"
        "m.REQUESTS.labels('ogc-collections', 'GET', '2xx').inc(4);"
        "m.TICKED.labels('supervision').set(7)"
    )
    command = [sys.executable, "-c", other]
    subprocess.run(command, env=os.environ | folder, cwd=settings.ROOT, check=True, timeout=60)
    server = Server("web", database_address(), **folder)
    try:
        for _ in range(3):
            requests.get(f"{server.url}/ogc/collections", timeout=10).raise_for_status()
        text = requests.get(f"{server.url}/metrics", timeout=10).text
    finally:
        server.stop()
    told = parsed(text)
    labels = {"view": "ogc-collections", "method": "GET", "status": "2xx"}
    assert of(told, "gridkeeper_requests_total", **labels) == 7
    assert of(told, "gridkeeper_scheduler_tick_timestamp_seconds", tick="supervision") == 7
    assert complaints(text) == ""


def complaints(text: str) -> str:
    """What Prometheus' own judge has against an answer; nothing where it is not installed."""
    if not PROMTOOL:
        return ""
    command = [PROMTOOL, "check", "metrics"]
    done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=60)
    said = (done.stdout + done.stderr).decode()
    return said if said or not done.returncode else f"exit {done.returncode}"


@pytest.mark.skipif(not PROMTOOL, reason="promtool is not installed (package prometheus)")
def test_promtool_has_nothing_to_complain_of(report, client):
    """Of a process by itself; that of all together is judged above."""
    report()
    client.get("/api/v1/layers/")
    call_command("scheduler", "--once")
    answer = client.get("/metrics").content.decode()
    assert "gridkeeper_requests_total" in answer and "gridkeeper_scheduler_tick" in answer
    assert complaints(answer) == ""
    assert "metric" in complaints("# TYPE requests counter\nrequests 1\n")
