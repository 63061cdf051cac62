"""Bulk reports from a CSV file, assigned on the way in."""

import csv
import sys
import zlib
from collections import Counter, defaultdict
from functools import partial
from itertools import chain, islice
from operator import itemgetter
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from pyproj.exceptions import CRSError
from tqdm import tqdm

from core.errors import DomainError, Invalid
from geo_grid import districts
from geo_grid import queries as ground
from geo_grid.coordinates import (
    DATUMS,
    BadCoordinates,
    NoOperation,
    check,
    refuse_guess,
    to_wgs84,
    way_to_served,
)
from geo_grid.models import Area
from geo_grid.tables import undefused
from incidents import queries, rowfiles, services
from incidents.services.bulk import Row
from incidents.services.intake import CLOCK_TOLERANCE

IMPROBABLE_SHARE, IMPROBABLE_ROWS = 0.01, 50
LONGEST_ID, LONGEST_SOURCE = 80, 40  # of the columns that keep them
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
    "future": _("the time “%s” lies in the future"),
    "long": _("the id is longer than 80 characters: %s"),
    "field": _("a field is too long: %s"),
}
FILE_REASONS = {
    "damaged": _("Line %(line)d is not UTF-8 as the others are: mend it, or say --encoding."),
    "columns": _("There is no column %(missing)s; the file has %(header)s."),
}


class Rejects:
    """The file of rejected lines beside the one that is read; there is none without any."""

    def __init__(self, path):
        self.path, self.number = path, 0
        path.unlink(missing_ok=True)

    def add(self, line, reason):
        mode, encoding = ("a", "utf-8") if self.number else ("w", "utf-8-sig")
        with self.path.open(mode, newline="", encoding=encoding) as file:
            rows = csv.writer(file)
            if not self.number:
                rows.writerow(["line", "reason"])
            rows.writerow([line, reason])
        self.number += 1


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
        parser.add_argument("--encoding", default="", help="of the text, where it is unusual")
        parser.add_argument("--time-format", default="", help="strptime form, where it is unusual")
        parser.add_argument("--time-zone", default="", help="of the times; default: the district's")
        parser.add_argument(
            "--again", action="store_true", help="store what was imported before a second time"
        )
        parser.add_argument("--district", default="", help="whose reports they are; default: home")

    def run_from_argv(self, argv):
        """From a shell, rejected rows are told by the exit code as well."""
        super().run_from_argv(argv)
        if self.rejects.number:
            sys.exit(SOME_REJECTED)

    def handle(self, *, file, **options):
        self.options, self.places, self.now = options, defaultdict(int), timezone.now()
        self.categories: dict = {}
        self.backward, self.latest = 0, self.now + CLOCK_TOLERANCE
        self.known = queries.active_categories()
        self.strange: Counter = Counter()
        self.rejects = Rejects(file.with_name(f"{file.name}.rejects.csv"))
        try:
            outcome = self.store(file, options["source"] or file.name.split(".")[0])
        except rowfiles.BadFile as error:
            raise CommandError(f"{file}: {FILE_REASONS[error.key] % error.told}") from None
        except (OSError, UnicodeError, LookupError, EOFError, zlib.error) as error:
            raise CommandError(f"{file}: {error}") from None
        except (DomainError, CRSError, csv.Error) as error:
            raise CommandError(f"{file}: {error}") from None
        self.report(outcome)

    def store(self, file, source):
        if len(source) > LONGEST_SOURCE:
            raise CommandError(
                _("The source has at most %d characters: say --source.") % LONGEST_SOURCE
            )
        digest = rowfiles.digest_of(file)
        self.refuse_doubling(source, digest)
        encoding = self.options["encoding"] or rowfiles.encoding_of(file)
        district = district_code(self.options["district"])
        self.read_time = self.reader_of_times(file, encoding, district)
        self.convert = converter(self.options["source_crs"])
        if encoding == "gb18030":
            self.stderr.write(
                _("The file is not UTF-8; read as GB18030. --encoding says otherwise.")
            )
        with rowfiles.open_text(file, encoding) as text:
            outcome = services.import_incidents(
                rows=tqdm(self.rows(text), unit=" rows", mininterval=1),
                source=source,
                datum=self.options["source_crs"][:20],
                district=district,
                file=digest,
                now=self.now,
            )
        for row in outcome.lost:
            self.rejects.add(row.line, REASONS["cell"] % row.cell)
        for line in outcome.swapped:
            self.rejects.add(line, _("Longitude and latitude look swapped."))
        return outcome

    def reader_of_times(self, file, encoding, district):
        """Refuses what could be read as another day than was meant."""
        zone, form = self.options["time_zone"], self.options["time_format"]
        try:
            zone = ZoneInfo(zone or districts.of(district).zone.key)
        except (ValueError, LookupError, OSError):
            raise CommandError(_("There is no time zone %s.") % zone) from None
        if not form:
            with rowfiles.open_text(file, encoding) as text:
                names = self.columns()
                rows, place = rowfiles.lines(text, names), names.index(self.options["time"])
                told = (row[place] for _line, row in rows if isinstance(row, list))
                self.refuse_days_first(told)
        return rowfiles.reader_of_times(zone, form)

    def refuse_days_first(self, times):
        """Only where the first rows have such times the others are looked at."""
        first = list(islice(times, 200))
        order = rowfiles.order_of_days(chain(first, times) if rowfiles.order_of_days(first) else ())
        if order == "day":
            text = _("The times begin with the day: say --time-format, as '%d/%m/%Y %H:%M'.")
            raise CommandError(text)
        if order == "either":
            text = _(
                "Times such as 05/03/2026 are read as month/day/year; --time-format says otherwise."
            )
            self.stderr.write(text)

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

    def columns(self):
        """The names of the columns that are read."""
        named = (self.options[name] for name in COLUMNS)
        return [name for name in dict.fromkeys(named) if name]

    def rows(self, text):
        names = self.columns()
        columns = [self.options[name] for name in COLUMNS]
        blank = len(names)  # the place of what the file does not have
        told = itemgetter(*(names.index(name) if name else blank for name in columns))
        for lines, values in rowfiles.lines(text, names):
            line = lines[-1]
            if isinstance(values, rowfiles.BadRow):
                for line in lines:
                    self.rejects.add(line, REASONS[values.key] % values.text)
                continue
            try:
                yield self.row(line, *told([*values, ""]))
            except rowfiles.BadRow as error:
                self.rejects.add(line, REASONS[error.key] % error.text)
            except BadCoordinates as error:
                self.rejects.add(line, str(error))

    def row(self, line, lon, lat, time, closed, category, external, words, code):
        """A line's columns, in the order of COLUMNS; what the file does not have is empty."""
        code = code.strip()
        if code and not lon.strip() and not lat.strip():
            point = (None, None, None, None)
        else:
            point, code = self.point(lon, lat), ""
        times = self.times(time, closed)
        category, external = self.category(category), self.text(external)
        if self.options["external_id"] and not external.strip():
            raise rowfiles.BadRow("id", "")
        if len(external) > LONGEST_ID:
            raise rowfiles.BadRow("long", external)
        return Row(line, *point, *times, category, external, self.text(words), code)

    def times(self, occurred, closed):
        """When it occurred and when it was closed, or None."""
        occurred_at = self.read_time(occurred)
        closed_at = self.read_time(closed) if closed else None
        if closed_at and closed_at < occurred_at:
            self.backward += 1
            closed_at = occurred_at
        for text, moment in ((occurred, occurred_at), (closed, closed_at)):
            if moment and moment > self.latest:
                raise rowfiles.BadRow("future", text)
        return occurred_at, closed_at

    @staticmethod
    def text(words):
        """As it was before an export of ours made it harmless to spreadsheets."""
        return undefused(words.replace("\0", " "))

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

    def report(self, outcome):
        self.stdout.write(
            _("%(read)d rows read, %(stored)d stored, %(known)d known before, %(bad)d rejected")
            % {
                "read": outcome.read + self.rejects.number - len(outcome.lost),
                "stored": outcome.stored,
                "known": outcome.read - outcome.stored - len(outcome.lost),
                "bad": self.rejects.number,
            }
        )
        for reason, number in outcome.reasons.most_common():
            self.stdout.write(f"  {reason:10} {number}")
        if self.rejects.number:
            self.stdout.write(_("Rejected lines: %s") % self.rejects.path)
        if self.backward:
            text = _("%d rows were closed before they occurred; they count as closed at once.")
            self.stderr.write(text % self.backward)
        if outcome.differing:
            text = _("%(n)d rows known before say something else now and were not changed: %(ids)s")
            told = {"n": len(outcome.differing), "ids": ", ".join(outcome.differing[:SHOWN])}
            self.stderr.write(text % told)
        if self.options["category"] and self.strange:
            text = _("%(n)d rows have a category that is unknown here and became 99: %(words)s")
            strange = self.strange.most_common(SHOWN)
            words = ", ".join(name.strip() or "\u201c\u201d" for name, _number in strange)
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
    try:
        refuse_guess(crs)
    except NoOperation:
        text = _(
            "PROJ knows no exact way from %s to WGS84. Change the file to CGCS2000 first, or give "
            "--source-crs with parameters of the place, as +proj=... +towgs84=..."
        )
        raise Invalid(text % crs, "source-crs") from None

    def by_proj(lon, lat):
        way, _accuracy = way_to_served(crs, lon, lat)
        place = way.transform(lon, lat)
        check(*place)
        return place

    return by_proj


def _by_datum(crs, lon, lat):
    check(lon, lat)
    return to_wgs84(lon, lat, crs)
