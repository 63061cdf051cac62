"""Load the work calendar."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from incidents import services


class Command(BaseCommand):
    help = "Load workdays and holidays; edited days stay as they are."

    def add_arguments(self, parser):
        parser.add_argument("--first-year", type=int, default=2015)
        parser.add_argument(
            "--file", type=Path, help="a published year: CSV of its exceptions (date,workday,note)"
        )

        parser.add_argument(
            "--district", default="", help="whose days the file holds: all its own, none of China's"
        )

    def handle(self, *, first_year, file, district, verbosity, **options):
        if district and not file:
            raise CommandError(_("Give the days of the district with --file."))
        try:
            if district:
                count = services.publish_district_days(path=file, district=district)
            elif file:
                count = services.publish_year(path=file)
            else:
                count = services.load_work_calendar(first_year=first_year)
        except (DomainError, OSError) as error:
            raise CommandError(f"{file}: {error}") from None
        if verbosity:
            self.stdout.write(f"{count} days")
