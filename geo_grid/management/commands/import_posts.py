"""Posts from a list: who, role, where, from, to, phone."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from geo_grid import services, tables
from geo_grid.management.commands.import_areas import said

COLUMNS = {
    "account": ("账号", "用户名", "username"),
    "name": ("姓名", "who"),
    "role": ("岗位", "角色", "职务"),
    "cell": ("网格", "网格编码", "网格代码"),
    "area": ("区域", "区域代码", "所属区域"),
    "department": ("部门", "部门代码"),
    "since": ("起", "开始", "开始日期", "任职时间", "from"),
    "until": ("止", "结束", "结束日期", "离任时间", "to"),
    "phone": ("电话", "手机", "联系电话"),
}
NEEDED = ["name", "role", "since"]


class Command(BaseCommand):
    help = "Read posts from CSV or xlsx. A second run with the same list changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--district", required=True, help="its code, or its own code")

    def handle(self, *, file, district, **options):
        try:
            lines = tables.read(file, COLUMNS, NEEDED)
            roster = services.import_posts(lines=lines, district=district)
        except tables.BadTable as error:
            raise CommandError(said(file, error)) from None
        except (DomainError, OSError) as error:
            raise CommandError(f"{file.name}: {error}") from None
        bad = roster.rejected
        told = {"new": roster.appointed, "ended": roster.ended, "known": roster.known}
        text = _("%(new)d posts given, %(ended)d ended, %(known)d known before, %(bad)d rejected.")
        self.stdout.write(text % (told | {"bad": len(bad)}))
        rejects = file.with_name(f"{file.name}.rejects.csv")
        rejects.unlink(missing_ok=True)
        if bad:
            tables.write(rejects, ["line", "reason"], [[str(line), why] for line, why in bad])
            self.stderr.write(_("Rejected lines: %s") % rejects)
