"""What each process counts about itself; without any name, number or address of a person."""

import time

from asgiref.sync import iscoroutinefunction
from django.utils.decorators import sync_and_async_middleware
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "gridkeeper_requests",
    "Requests answered, by the name of the view.",
    ["view", "method", "status"],
    registry=REGISTRY,
)
DURATION = Histogram(
    "gridkeeper_request_duration_seconds",
    "Time until the answer began.",
    ["view"],
    registry=REGISTRY,
)
KEPT_TILES = Counter(
    "gridkeeper_kept_tiles", "Tiles answered from memory, which no view sees.", registry=REGISTRY
)
TICKED = Gauge(
    "gridkeeper_scheduler_tick_timestamp_seconds",
    "When the scheduler last finished a tick without error.",
    ["tick"],
    registry=REGISTRY,
    multiprocess_mode="max",
)


@sync_and_async_middleware
def measured(get_response):
    """Middleware: counts every request and its time."""
    if iscoroutinefunction(get_response):

        async def answer(request):
            began = time.perf_counter()
            response = await get_response(request)
            _note(request, response, began)
            return response

    else:

        def answer(request):
            began = time.perf_counter()
            response = get_response(request)
            _note(request, response, began)
            return response

    return answer


def _note(request, response, began: float) -> None:
    """A path that no view knows has no name of its own, or anybody could make a million of them."""
    match = request.resolver_match
    view = match.view_name if match else "none"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(view, method, f"{response.status_code // 100}xx").inc()
    DURATION.labels(view).observe(time.perf_counter() - began)
