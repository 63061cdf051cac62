"""Figures for Prometheus at /metrics: the counts of every process, and the state of the work."""

import hmac
import ipaddress
from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from django.conf import settings
from django.db import Error, connection
from django.http import Http404, HttpResponse
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, InfoMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.multiprocess import MultiProcessCollector

from core import measures
from gridmaps import catalogue
from incidents.layers import LAMPS, OPEN

FORWARDED = ("Forwarded", "X-Forwarded-For", "X-Real-IP")


def page(request) -> HttpResponse:
    """The figures for whoever is on this machine or has the token; nothing for others."""
    if request.method not in ("GET", "HEAD") or not (_is_near(request) or _has_token(request)):
        raise Http404
    work = CollectorRegistry()
    work.register(Work(timezone.now()))
    body = generate_latest(_processes()) + generate_latest(work)
    return HttpResponse(body, content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _is_near(request) -> bool:
    """From this machine, and not passed on by a proxy that stands on it."""
    address = request.META.get("REMOTE_ADDR", "")
    try:
        near = ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
    return near and not any(name in request.headers for name in FORWARDED)


def _has_token(request) -> bool:
    given = request.headers.get("Authorization", "").encode()
    wanted = f"Bearer {settings.METRICS_TOKEN}".encode()
    return bool(settings.METRICS_TOKEN) and hmac.compare_digest(given, wanted)


def _processes() -> CollectorRegistry:
    """What this process counted; with a common folder, what all of them did."""
    if not settings.METRICS_FOLDER:
        return measures.REGISTRY
    added_up = CollectorRegistry()
    MultiProcessCollector(added_up, path=settings.METRICS_FOLDER)
    return added_up


class Work:
    """What the database says at a moment; that it is silent is a figure too."""

    def __init__(self, now: datetime):
        self.now = now

    def collect(self) -> Iterator[Metric]:
        build = {"version": settings.VERSION}
        yield InfoMetricFamily("gridkeeper_build", "The version that runs.", value=build)
        try:
            rows = catalogue.totals("incidents", self.now)
        except Error:  # also a connection that has died while it waited
            connection.close()
            rows = None
        yield GaugeMetricFamily(
            "gridkeeper_database_up", "Whether the database answers.", value=rows is not None
        )
        if rows is not None:
            yield from _incidents(rows)


def _incidents(rows: list[dict]) -> Iterator[Metric]:
    """Every status and lamp, also those that nobody has, so that an alarm finds its series."""
    found: Counter = Counter()
    for row in rows:
        found[row["status"], row["lamp"]] += row["incidents"]
    told = GaugeMetricFamily(
        "gridkeeper_open_incidents", "Incidents not closed.", labels=["status", "lamp"]
    )
    for status in OPEN:
        for shade in LAMPS.shades:
            told.add_metric([status, shade.value], found[status, shade.value])
    yield told
    yield GaugeMetricFamily(
        "gridkeeper_unassigned_incidents",
        "Open incidents in no cell.",
        value=sum(row["incidents"] for row in rows if row["unassigned"]),
    )
