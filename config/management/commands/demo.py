"""The demo district: ground, people and a year of reports."""

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from core.errors import DomainError
from geo_grid import demo as ground
from gridmaps import demo as base
from hotspots import services as hotspots
from incidents import demo as reports


class Command(BaseCommand):
    help = "Build the demo district Yangling. Deterministic by seed."

    def add_arguments(self, parser):
        parser.add_argument("--seed", type=int, default=610403)
        parser.add_argument("--incidents", type=int, default=6000)
        parser.add_argument("--rebuild", action="store_true", help="empty the database first")

    def handle(self, *, seed, incidents, rebuild, **options):
        if rebuild:
            call_command("flush", interactive=False, verbosity=0)
        now = timezone.now()
        try:
            counts = ground.load_ground(seed=seed, now=now) | base.load_base()
            call_command("load_categories", verbosity=0)
            call_command("load_work_calendar", verbosity=0)
            call_command("load_limits", verbosity=0)
            counts |= reports.load_incidents(seed=seed, number=incidents, now=now)
            counts |= {"hot-spot runs": hotspots.keep_runs(now=now)}
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(", ".join(f"{name}: {count}" for name, count in counts.items()))
