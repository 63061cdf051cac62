"""Start everything: check the ports, migrate, load the demo once, then run the processes."""

import os
import shutil
import socket
import sys
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connections
from django.utils import timezone

from geo_grid import queries, services
from geo_grid.models import Area, User

TOKEN_FILE = settings.VAR / "demo_token"
CURL = """curl -X POST {site}/api/v1/incidents/ -H 'Authorization: Token {token}' \\
  -H 'Content-Type: application/json' -d '{{"category":"0501","description":"路边垃圾成堆",\
"location":{{"point":{{"type":"Point","coordinates":[108.0845,34.2720]}}}}}}'"""


class Command(BaseCommand):
    help = "Serve the site on PORT and the live stream on PORT+1 until Ctrl-C."
    requires_system_checks = ()

    def handle(self, **options):
        port = settings.PORT
        if not 1 <= port <= 65534:
            raise CommandError(f"PORT={port} is no port: 1 to 65534 are.")
        for wanted in (port, port + 1):
            self.refuse_busy(wanted)
        try:
            call_command("migrate", interactive=False, verbosity=0)
        except OperationalError as error:
            raise CommandError(f"The database cannot be reached: {str(error).strip()}") from None
        self.first_use()
        call_command("collectstatic", interactive=False, verbosity=0)
        self.greet(port)
        connections.close_all()
        environment = {"SITE_PORT": str(port), "LIVE_PORT": str(port + 1), "HOST": settings.HOST}
        folder = Path(sys.executable).parent
        environment["PROMETHEUS_MULTIPROC_DIR"] = self.folder_of_counts(port)
        environment["PATH"] = f"{folder}:{os.environ['PATH']}"
        os.execve(
            folder / "honcho",
            [str(folder / "honcho"), "--no-colour", "start"],
            os.environ | environment,
        )

    def folder_of_counts(self, port):
        """Where the processes add up what they count, emptied of those before."""
        folder = settings.VAR / "metrics" / str(port)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return str(folder)

    def refuse_busy(self, port):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((settings.HOST, port))
            except OSError as error:
                raise CommandError(
                    f"Port {port} on {settings.HOST} cannot be used ({error.strerror}). "
                    "Choose another: make run PORT=8100"
                ) from None

    def first_use(self):
        if not Area.objects.exists() and os.environ.get("DEMO", "1") == "1":
            self.stdout.write("First use: building the demo district (about a minute)")
            call_command("demo", stdout=self.stdout)
        known = TOKEN_FILE.exists() and queries.user_of_token(
            TOKEN_FILE.read_text(), timezone.now()
        )
        duty = User.objects.filter(username="duty").first()
        if duty and not known:
            TOKEN_FILE.touch(mode=0o600)
            now = timezone.now()
            told = {"scopes": ["read", "report"], "expires_at": now + timedelta(days=365)}
            key = services.issue_token(user=duty, label="make run", now=now, **told)
            TOKEN_FILE.write_text(key)

    def greet(self, port):
        site = f"http://{settings.HOST}:{port}"
        self.stdout.write(f"\n  Gridkeeper {settings.VERSION}   {site}/")
        self.stdout.write(f"  live stream       http://{settings.HOST}:{port + 1}/live")
        self.stdout.write(f"  API               {site}/api/docs/")
        if TOKEN_FILE.exists():
            self.stdout.write(
                f"  demo logins       duty, planner, admin, d1, t1, c01, w001"
                f"   password {settings.DEMO_PASSWORD}"
            )
            self.stdout.write(
                f"  kiosk, map        {site}/kiosk/610403001001/   {site}/maps/610403001001/"
            )
            self.stdout.write("  file a report     (the token is in var/demo_token)")
            self.stdout.write(CURL.format(site=site, token=TOKEN_FILE.read_text()))
        self.stdout.write("  Ctrl-C stops everything.\n", ending="\n")
        self.stdout.flush()
