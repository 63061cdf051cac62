"""Small tables that every report needs: each process reads them once in a few seconds."""

import time
from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.conf import settings

T = TypeVar("T")
_kept: list[dict] = []


def recent(read: Callable[[], T]) -> Callable[[], T]:
    """Keep what a function without arguments answers for REFERENCE_SECONDS."""
    kept: dict[str, tuple[float, T]] = {}
    _kept.append(kept)

    @wraps(read)
    def latest() -> T:
        found = kept.get("")  # one look: another thread may forget it meanwhile
        if found and time.monotonic() < found[0]:
            return found[1]
        value = read()
        kept[""] = (time.monotonic() + settings.REFERENCE_SECONDS, value)
        return value

    return latest


def forget() -> None:
    """Read everything again: something was changed in this process."""
    for kept in _kept:
        kept.clear()
