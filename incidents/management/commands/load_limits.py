"""Load the default time limits."""

from pathlib import Path

from django.core.management.base import BaseCommand

from incidents import services

SEED = Path(__file__).parents[2] / "fixtures" / "limits.csv"


class Command(BaseCommand):
    help = "Load the time limits of bodies; a rule that is there already stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("--file", type=Path, default=SEED)

    def handle(self, *, file, verbosity, **options):
        count = services.load_limits(path=file)
        if verbosity:
            self.stdout.write(f"{count} limits")
