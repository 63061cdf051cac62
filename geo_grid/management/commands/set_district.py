"""The time zone and the metric CRS of one district."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from geo_grid import services


class Command(BaseCommand):
    help = "Say which time zone and metric CRS a district has."

    def add_arguments(self, parser):
        parser.add_argument("district", help="its code, or its own code")
        parser.add_argument("--time-zone", required=True, help="as America/New_York")
        parser.add_argument("--metric-srid", required=True, type=int, help="EPSG code, in metres")

    def handle(self, *, district, time_zone, metric_srid, **options):
        try:
            row = services.set_district(
                district=district, time_zone=time_zone, metric_srid=metric_srid
            )
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        told = {"name": row.area.name, "zone": row.time_zone, "srid": row.metric_srid}
        self.stdout.write(_("%(name)s: %(zone)s, EPSG:%(srid)d.") % told)
