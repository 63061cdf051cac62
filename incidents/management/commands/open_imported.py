"""Hand imported open cases to their offices."""

from django.core.management.base import BaseCommand
from django.utils import timezone

from incidents import services


class Command(BaseCommand):
    help = "Give every open case that nobody has (after an import) to the community of its cell."

    def handle(self, **options):
        count = services.open_imported(now=timezone.now())
        self.stdout.write(f"{count} cases are in the in-trays now")
