"""Posts as a list that `import_posts` reads again."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from geo_grid import services, tables
from geo_grid.management.commands.import_posts import COLUMNS


class Command(BaseCommand):
    help = "Write the posts of a district to CSV or xlsx, by the ending of the file."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--district", required=True, help="its code, or its own code")

    def handle(self, *, file, district, **options):
        header = [names[0] for names in COLUMNS.values()]
        try:
            count = tables.write(file, header, services.posts_of(district=district))
        except (DomainError, OSError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(_("%d posts written.") % count)
