"""Load the category tree."""

from pathlib import Path

from django.core.management.base import BaseCommand

from incidents import services

SEED = Path(__file__).parents[2] / "fixtures" / "categories.csv"


class Command(BaseCommand):
    help = "Load the category tree and the duties of departments; what is there already stays as it is."

    def add_arguments(self, parser):
        parser.add_argument("--file", type=Path, default=SEED)

    def handle(self, *, file, verbosity, **options):
        count = services.load_categories(path=file)
        duties = services.load_duties(path=file.with_name("duties.csv"))
        if verbosity:
            self.stdout.write(f"{count} categories, {duties} duties of departments")
