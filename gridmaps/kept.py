"""A store of finished tiles in front of Django: most tiles never change."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable

from django.conf import settings

from core.measures import KEPT_TILES

OVERHEAD_BYTES = 1200  # of the headers and the entry itself


class Kept:
    """WSGI: tiles that are the same for ever are made and kept here, in front of Django.

    make: (path, query) -> headers and body of such a tile, or None for everything else, which
    Django answers. Kept up to TILE_MEMORY_BYTES, the oldest dropped first; a key is path and
    query, so a new version is another answer.
    """

    def __init__(self, application: Callable, make: Callable, under: str = "/api/v1/tiles/"):
        self.application, self.make, self.under = application, make, under
        self.answers: OrderedDict[str, tuple[list, bytes]] = OrderedDict()
        self.room = settings.TILE_MEMORY_BYTES
        self.lock = threading.Lock()

    def __call__(self, environ: dict, start_response: Callable) -> Iterable[bytes]:
        if not self._concerns(environ):
            return self.application(environ, start_response)
        path, query = environ["PATH_INFO"], environ.get("QUERY_STRING", "")
        key = f"{path}?{query}"
        found = self.answers.get(key)
        if found is None:
            found = self.make(path, query)
            if found is None:
                return self.application(environ, start_response)
            self._keep(key, *found)
        KEPT_TILES.inc()
        headers, body = found
        start_response("200 OK", headers)
        return [body]

    def _concerns(self, environ: dict) -> bool:
        return (
            environ["PATH_INFO"].startswith(self.under)
            and environ["REQUEST_METHOD"] == "GET"
            and "HTTP_IF_NONE_MATCH" not in environ
        )

    def _keep(self, key: str, headers: list, body: bytes) -> None:
        cost = len(body) + len(key) + OVERHEAD_BYTES
        if cost > settings.TILE_MEMORY_BYTES:
            return
        with self.lock:
            if key not in self.answers:
                self.answers[key] = (headers, body)
                self.room -= cost
            while self.room < 0:
                dropped, (_headers, old) = self.answers.popitem(last=False)
                self.room += len(old) + len(dropped) + OVERHEAD_BYTES
