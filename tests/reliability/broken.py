"""The site with one of its promises broken, for granian; BROKEN in the environment says which,
LATE_S how many seconds late is.

no_key: a used id is inserted again, as where nobody has made it unique.
early: every third answer goes out LATE_S before its transaction commits.
loose: every third event is written LATE_S after the report it tells of, in a transaction of its own.
"""

import os
import threading
import time
from itertools import count

from django.db import connection, transaction

from config.wsgi import application  # noqa: F401  the apps must be ready
from core import sql
from incidents import api
from incidents.models import IncidentEvent

LATE_S = float(os.environ["LATE_S"])
turns = count(1)


def no_key() -> None:
    words, named = sql.text, " (client_uuid) DO NOTHING"
    sql.text = lambda package, name: words(package, name).replace(named, " DO NOTHING")


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


{"no_key": no_key, "early": early, "loose": loose}[os.environ["BROKEN"]]()
