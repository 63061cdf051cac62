"""A draft that was never published is dropped, and its codes are free again."""

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from geo_grid import services


class Command(BaseCommand):
    help = (
        "Drop a draft that import_boundaries made and nobody published. "
        "删除从文件导入且从未发布的草案。"
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "number", type=int, help="of the plan, as import_boundaries said it; 方案编号"
        )

    def handle(self, *, number, **options):
        try:
            free = services.drop_plan(number=number)
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        told = {"number": number, "n": free}
        self.stdout.write(_("Plan %(number)d is dropped; %(n)d codes are free again.") % told)
