"""The process that works without a user: one loop over the ticks, one process at a time."""

import logging
import signal
import threading
import time

from django.core.management.base import BaseCommand, CommandError
from django.db import InterfaceError, OperationalError, close_old_connections
from django.utils import timezone

from config.ticks import TICKS
from core import measures, sql

log = logging.getLogger("gridkeeper.scheduler")
KEY = 73 << 48  # beside the event writers (from 71 << 48) and the map (72 << 48)
PAUSE_S = 0.5
STANDBY_S = 3


class Command(BaseCommand):
    help = "Run what is due, for ever; a second scheduler stands by until the first is gone."

    def add_arguments(self, parser):
        parser.add_argument("--once", action="store_true", help="run every tick once and end")

    def handle(self, *, once, **options):
        self.stop = threading.Event()
        self.next_runs = dict.fromkeys((tick.name for tick in TICKS), 0.0)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.stop.set())
        lock = sql.OnlyOne(KEY)
        try:
            while not lock.take():
                if once:
                    raise CommandError("Another scheduler is running.")
                if self.stop.wait(STANDBY_S):
                    return
            while not self.stop.is_set():
                lock.check()
                self.run_due()
                if once or self.stop.wait(PAUSE_S):
                    return
        except (OperationalError, InterfaceError):
            raise CommandError(
                "The lock's connection is lost; another scheduler may run."
            ) from None
        finally:
            lock.release()

    def run_due(self):
        for tick in TICKS:
            if time.monotonic() >= self.next_runs[tick.name] and not self.stop.is_set():
                self.next_runs[tick.name] = time.monotonic() + tick.seconds
                self.run(tick)

    def run(self, tick):
        """A tick that fails is told and tried again in its turn; the others go on."""
        close_old_connections()
        try:
            tick.run(now=timezone.now())
            measures.TICKED.labels(tick.name).set_to_current_time()
        except Exception as error:
            frame = error.__traceback__
            while frame.tb_next:
                frame = frame.tb_next
            place = f"{frame.tb_frame.f_code.co_name}:{frame.tb_lineno}"
            log.error("tick %s failed: %s at %s", tick.name, type(error).__name__, place)
