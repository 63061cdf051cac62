"""Lines, points or areas of the base map from a file."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from gridmaps import services


class Command(BaseCommand):
    help = "Put the features of a vector file in the place of those a base layer has."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--layer", default="rivers", choices=["rivers"])
        parser.add_argument("--name-field", default="")
        parser.add_argument("--kind-field", default="")

    def handle(self, *, file, layer, name_field, kind_field, **options):
        try:
            count = services.load_base_features(
                path=file, layer=layer, name=name_field, kind=kind_field
            )
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        self.stdout.write(f"{layer}: {count}")
