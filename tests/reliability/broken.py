"""The site with one of its promises broken, for granian; BROKEN in the environment says which,
LATE_S how many seconds late is.

no_key: nobody looks whether an id was here before; the database alone would know.
early: every third answer goes out LATE_S before its transaction commits.
loose: every third event is written LATE_S after the report it tells of, in a transaction of its own.
half: every third file is written in its place, slowly, and what is there is taken for whole.
"""

import os
import threading
import time
from itertools import count
from pathlib import Path
from types import SimpleNamespace

from django.core.files.base import ContentFile
from django.db import connection, transaction

from config.wsgi import application  # noqa: F401  the apps must be ready
from core import sql
from incidents import api
from incidents.models import IncidentEvent
from incidents.services import attachments, replay

LATE_S = float(os.environ["LATE_S"])
turns = count(1)


def no_key() -> None:
    replay._told_before = lambda *_told: None


def early() -> None:
    whole = api.services.report_once

    def report_once(**told):
        if next(turns) % 3:
            return whole(**told)
        answers, ready = [], threading.Event()
        threading.Thread(target=commit_late, args=(whole, told, answers, ready)).start()
        assert ready.wait(10)
        return answers[0]

    api.services.report_once = report_once


def commit_late(whole, told: dict, answers: list, ready: threading.Event) -> None:
    with transaction.atomic():
        answers.append(whole(**told))
        ready.set()
        time.sleep(LATE_S)
    connection.close()


def loose() -> None:
    together = sql.insert_together

    def insert_together(*objects):
        events = [one for one in objects if isinstance(one, IncidentEvent)]
        if not events or next(turns) % 3:
            return together(*objects)
        together(*(one for one in objects if one not in events))
        transaction.on_commit(lambda: threading.Timer(LATE_S, tell, [events]).start())

    sql.insert_together = insert_together


def tell(events: list) -> None:
    for event in events:
        event.save(force_insert=True)
    connection.close()


def half() -> None:
    whole = attachments.default_storage

    def save(path: str, content) -> str:
        place, words = Path(whole.path(path)), content.read()
        if place.exists() or next(turns) % 3:
            return path if place.exists() else whole.save(path, ContentFile(words))
        place.parent.mkdir(parents=True, exist_ok=True)
        with place.open("wb", buffering=0) as file:
            file.write(words[: len(words) // 2])
            time.sleep(LATE_S)
            file.write(words[len(words) // 2 :])
        return path

    attachments.default_storage = SimpleNamespace(save=save)


{"no_key": no_key, "early": early, "loose": loose, "half": half}[os.environ["BROKEN"]]()
