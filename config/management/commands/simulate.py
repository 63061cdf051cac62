"""Let the demo district live: reports arrive through the API, as from phones."""

import random
import time
import uuid

import requests
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from incidents import demo as reports


class Command(BaseCommand):
    help = "Send N reports a minute to the running site until Ctrl-C."

    def add_arguments(self, parser):
        parser.add_argument("--per-minute", type=float, default=20)
        parser.add_argument("--url", default=f"http://{settings.HOST}:{settings.PORT}")
        parser.add_argument("--count", type=int, default=0, help="stop after so many; 0 for never")
        parser.add_argument("--seed", type=int, default=None)

    def handle(self, *, per_minute, url, count, seed, **options):
        if per_minute <= 0:
            raise CommandError("--per-minute must be more than 0.")
        chance = random.Random(seed)  # noqa: S311  plausible reports, not secrets
        session = requests.Session()
        session.headers["Authorization"] = f"Token {self.token()}"
        bodies = reports.plausible_bodies(chance)
        sent = 0
        try:
            while not count or sent < count:
                self.send(session, url, next(bodies))
                sent += 1
                time.sleep(chance.expovariate(per_minute / 60))
        except KeyboardInterrupt:
            self.stdout.write(f"{sent} reports sent")

    def token(self):
        path = settings.VAR / "demo_token"
        if not path.exists():
            raise CommandError("There is no var/demo_token; `make run` writes it.")
        return path.read_text()

    def send(self, session, url, body):
        body["occurred_at"] = timezone.now().isoformat()
        address = f"{url}/api/v1/incidents/{uuid.uuid4()}/"
        try:
            answer = session.put(address, json=body, timeout=10)
        except requests.ConnectionError:
            raise CommandError(f"Nothing answers at {url}; is `make run` running?") from None
        found = answer.json()
        self.stdout.write(f"{answer.status_code} {found.get('number', found.get('detail'))}")
