"""Bulk reports from a CSV file, assigned on the way in."""

import csv
import sys
from collections import Counter, defaultdict
from functools import partial
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pyproj.exceptions import CRSError
from tqdm import tqdm

from core.errors import DomainError
from geo_grid import districts
from geo_grid import queries as ground
from geo_grid.coordinates import DATUMS, BadCoordinates, check, to_wgs84, transformer
from geo_grid.models import Area
from incidents import queries, rowfiles, services
from incidents.services.bulk import Row

IMPROBABLE_SHARE, IMPROBABLE_ROWS = 0.01, 50
OTHER = "99"
COLUMNS = ("lon", "lat", "time", "closed", "category", "external_id", "description", "cell")
SHOWN = 10
SOME_REJECTED = 3  # exit code: the others are stored
REASONS = {
    "quotes": _("the quotation marks do not fit: %s"),
    "columns": _("the row has %s columns of the header"),
    "id": _("the id is blank%s"),
    "cell": _("there is no cell %s"),
    "longitude": _("the longitude “%s” is no number"),
    "latitude": _("the latitude “%s” is no number"),
    "time": _("the time “%s” cannot be read"),
    "year": _("the time “%s” is impossible"),
}


class Command(BaseCommand):
    help = "Read reports from CSV or CSV.gz; a second run with the same external ids adds nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        for name in ("lon", "lat", "time"):
            parser.add_argument(f"--{name}", required=True, help=f"column of the {name}")
        parser.add_argument("--closed", default="", help="column of the closing time")
        parser.add_argument(
            "--cell", default="", help="column of the cell's code, for rows without a point"
        )
        parser.add_argument("--description", default="", help="column of the words")
        parser.add_argument("--category", default="", help="column of the category")
        parser.add_argument(
            "--external-id", default="", help="column of the id in the other system"
        )
        parser.add_argument(
            "--source", default="", help="name of the other system; default: the file"
        )
        parser.add_argument(
            "--source-crs", default="wgs84", help="wgs84, cgcs2000, gcj02, bd09, EPSG:n"
        )
        parser.add_argument("--time-format", default="", help="strptime form, where it is unusual")
        parser.add_argument("--time-zone", default="", help="of the times; default: the district's")
        parser.add_argument(
            "--again", action="store_true", help="store what was imported before a second time"
        )
        parser.add_argument("--district", default="", help="whose reports they are; default: home")

    def run_from_argv(self, argv):
        """From a shell, rejected rows are told by the exit code as well."""
        super().run_from_argv(argv)
        if self.rejected:
            sys.exit(SOME_REJECTED)

    def handle(self, *, file, **options):
        self.options, self.rejected, self.places = options, 0, defaultdict(int)
        self.categories: dict = {}
        self.known = queries.active_categories()
        self.strange: Counter = Counter()
        source = (options["source"] or file.name.split(".")[0])[:40]
        try:
            digest = rowfiles.digest_of(file)
            self.refuse_doubling(source, digest)
            district = district_code(options["district"])
            zone = ZoneInfo(options["time_zone"] or districts.of(district).zone.key)
            with (
                rowfiles.open_text(file) as text,
                file.with_name(f"{file.name}.rejects.csv").open(
                    "w", newline="", encoding="utf-8-sig"
                ) as rejects,
            ):
                self.rejects = csv.writer(rejects)
                self.rejects.writerow(["line", "reason"])
                self.read_time = rowfiles.reader_of_times(zone, options["time_format"])
                self.convert = converter(options["source_crs"])
                outcome = services.import_incidents(
                    rows=tqdm(self.rows(text), unit=" rows", mininterval=1),
                    source=source,
                    datum=options["source_crs"][:20],
                    district=district,
                    file=digest,
                    now=timezone.now(),
                )
                for row in outcome.lost:
                    self.reject(row.line, REASONS["cell"] % row.cell)
                for line in outcome.swapped:
                    self.reject(line, _("Longitude and latitude look swapped."))
        except (
            OSError,
            UnicodeError,
            KeyError,
            DomainError,
            CRSError,
            EOFError,
            csv.Error,
        ) as error:
            raise CommandError(f"{file}: {error}") from None
        self.report(outcome, rejects.name)

    def refuse_doubling(self, source, digest):
        """Rows without an id cannot be known again, nor those of a file that changed its name: say
        when they came, before they come twice."""
        if self.options["again"]:
            return
        known, when = queries.file_imported(digest) or (source, None)
        if known != source:
            text = _(
                "This file was imported on %(day)s as %(source)s: its rows would be stored twice. "
                "Say --source %(source)s, or --again."
            )
            told = {"source": known, "day": timezone.localtime(when).date()}
            raise CommandError(text % told)
        if self.options["external_id"]:
            return
        before = queries.imported_before(source)
        if before is not None:
            text = _(
                "Rows of %(source)s without an id were imported on %(day)s: they would be stored "
                "twice. Name their id with --external-id, or say --again."
            )
            day = timezone.localtime(before).date()
            raise CommandError(text % {"source": source, "day": day})

    def rows(self, text):
        columns = [self.options[name] for name in COLUMNS]
        names = list(dict.fromkeys(name for name in columns if name))
        blank = len(names)  # the place of what the file does not have
        told = itemgetter(*(names.index(name) if name else blank for name in columns))
        for lines, values in rowfiles.lines(text, names):
            line = lines[-1]
            if isinstance(values, rowfiles.BadRow):
                for line in lines:
                    self.reject(line, REASONS[values.key] % values.text)
                continue
            try:
                yield self.row(line, *told([*values, ""]))
            except rowfiles.BadRow as error:
                self.reject(line, REASONS[error.key] % error.text)
            except BadCoordinates as error:
                self.reject(line, str(error))

    def reject(self, line, reason):
        self.rejected += 1
        self.rejects.writerow([line, reason])

    def row(self, line, lon, lat, time, closed, category, external, words, code):
        """A line's columns, in the order of COLUMNS; what the file does not have is empty."""
        code = code.strip()
        if code and not lon.strip() and not lat.strip():
            point = (None, None, None, None)
        else:
            point, code = self.point(lon, lat), ""
        occurred_at = self.read_time(time)
        closed_at = self.read_time(closed) if closed else None
        category = self.category(category)
        external = external[:80].replace("\0", " ")
        if self.options["external_id"] and not external.strip():
            raise rowfiles.BadRow("id", "")
        words = words.replace("\0", " ")
        return Row(line, *point, occurred_at, closed_at, category, external, words, code)

    def point(self, lon, lat):
        """WGS84 degrees, and what the file says."""
        lon, lat = rowfiles.number(lon, "longitude"), rowfiles.number(lat, "latitude")
        place = self.convert(lon, lat)
        self.places[lon, lat] += 1
        return (*place, lon, lat)

    def category(self, name):
        """The category of that code or name; words that are not ours become 99, other."""
        if name not in self.categories:
            try:
                self.categories[name] = queries.category(name, self.known)
            except DomainError:
                self.categories[name] = queries.category(OTHER, self.known)
                self.strange[name] = 0
        if name in self.strange:
            self.strange[name] += 1
        return self.categories[name]

    def report(self, outcome, rejects):
        self.stdout.write(
            _("%(read)d rows read, %(stored)d stored, %(known)d known before, %(bad)d rejected")
            % {
                "read": outcome.read + self.rejected - len(outcome.lost),
                "stored": outcome.stored,
                "known": outcome.read - outcome.stored - len(outcome.lost),
                "bad": self.rejected,
            }
        )
        for reason, number in outcome.reasons.most_common():
            self.stdout.write(f"  {reason:10} {number}")
        if self.rejected:
            self.stdout.write(_("Rejected lines: %s") % rejects)
        else:
            Path(rejects).unlink()
        if outcome.differing:
            text = _("%(n)d rows known before say something else now and were not changed: %(ids)s")
            told = {"n": len(outcome.differing), "ids": ", ".join(outcome.differing[:SHOWN])}
            self.stderr.write(text % told)
        if self.options["category"] and self.strange:
            text = _("%(n)d rows have a category that is unknown here and became 99: %(words)s")
            words = ", ".join(name for name, _number in self.strange.most_common(SHOWN))
            self.stderr.write(text % {"n": sum(self.strange.values()), "words": words})
        self.warn_of_defaults(outcome)

    def warn_of_defaults(self, outcome):
        for (lon, lat), number in Counter(self.places).most_common(3):
            if number >= IMPROBABLE_ROWS and number > IMPROBABLE_SHARE * outcome.read:
                self.stderr.write(
                    _(
                        "Warning: %(n)d rows (%(share).1f %%) have the coordinate %(lon)s, %(lat)s: "
                        "it looks like a default for unknown places."
                    )
                    % {"n": number, "share": 100 * number / outcome.read, "lon": lon, "lat": lat}
                )


def district_code(name: str) -> str:
    """The code of the district of that code or own code; the home district for nothing."""
    if not name:
        return settings.HOME_DISTRICT
    return ground.area_named(name, Area.Level.DISTRICT).code


def converter(crs: str):
    """(lon, lat) of the file -> WGS84 degrees, checked."""
    if crs in DATUMS:
        return partial(_by_datum, crs)
    change = transformer(crs, "EPSG:4326").transform

    def by_proj(lon, lat):
        place = change(lon, lat)
        check(*place)
        return place

    return by_proj


def _by_datum(crs, lon, lat):
    check(lon, lat)
    return to_wgs84(lon, lat, crs)
