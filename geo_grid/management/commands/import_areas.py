"""Areas from a city's own list."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from core.errors import DomainError
from geo_grid import services, tables
from geo_grid.models import Area

COLUMNS = {
    "code": ("代码", "编码", "区划代码"),
    "name": ("名称",),
    "level": ("级别", "层级"),
    "parent": ("上级代码", "上级"),
}
LEVELS = {
    Area.Level.DISTRICT: ("district", "区", "县", "区县", "市"),
    Area.Level.TOWN: ("town", "镇", "乡", "街道", "镇街"),
    Area.Level.COMMUNITY: ("community", "社区", "村", "村社区"),
}


class Command(BaseCommand):
    help = "Read areas from CSV or xlsx: code, name, level, parent. All of the list or nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)

    def handle(self, *, file, **options):
        level_of = {word: level for level, words in LEVELS.items() for word in words}
        try:
            lines = [
                services.AreaLine(
                    number,
                    told["code"],
                    told["name"],
                    level_of.get(told["level"].lower(), ""),
                    told["parent"],
                )
                for number, told in tables.read(file, COLUMNS, list(COLUMNS))
            ]
            made = services.import_areas(lines=lines)
        except tables.BadTable as error:
            raise CommandError(said(file, error)) from None
        except (DomainError, OSError) as error:
            raise CommandError(f"{file.name}: {error}") from None
        told = {"made": made.made, "known": made.known}
        self.stdout.write(_("%(made)d areas made, %(known)d known before.") % told)
        for line in made.differing:
            text = _("Line %(line)d: %(code)s is kept under its present name, not %(name)s.")
            self.stderr.write(text % {"line": line.line, "code": line.code, "name": line.name})


def said(file: Path, error: tables.BadTable) -> str:
    """Why a list cannot be read, in one sentence."""
    if error.missing:
        told = {"file": file.name, "missing": ", ".join(error.missing), "found": error}
        return _("%(file)s lacks the columns %(missing)s; it has: %(found)s.") % told
    return _("%(file)s cannot be read: %(why)s") % {"file": file.name, "why": error}
