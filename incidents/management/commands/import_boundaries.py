"""Polygons in as cells of a new plan, with a topology report."""

import csv
from datetime import datetime
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from core.errors import DomainError
from geo_grid import services as ground
from geo_grid.vector_formats import TITLES
from incidents import services

SHOWN = 20
OF_THE_FILE = (
    *("code_field", "name_field", "community", "community_field", "district", "code_prefix"),
    *("source_crs", "layer", "encoding", "join", "repair"),
)
COLUMNS = ("id", "kind", "grave", "cells", "lon", "lat", "area_m2", "width_m", "note")


class Command(BaseCommand):
    help = f"Read polygons as cells of a new plan: {TITLES}."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--code-field", required=True)
        parser.add_argument("--name-field", required=True)
        parser.add_argument("--community", default="", help="12-digit code all cells belong to")
        parser.add_argument("--community-field", default="", help="field with the community's code")
        parser.add_argument("--district", default="", help="whose communities those are")
        parser.add_argument("--code-prefix", default="", help="put before every code of the file")
        parser.add_argument("--source-crs", default="", help="EPSG:n or any PROJ text, gcj02, bd09")
        parser.add_argument("--layer", default="", help="of a file with several")
        parser.add_argument("--encoding", default="", help="of the text, where the file lies")
        parser.add_argument(
            "--join", action="store_true", help="polygons with one code are parts of one cell"
        )
        parser.add_argument(
            "--repair", action="store_true", help="make invalid rings valid, and say so"
        )
        parser.add_argument("--publish", action="store_true", help="put the plan into force")
        parser.add_argument(
            "--effective-at", type=datetime.fromisoformat, help="a moment with offset"
        )
        parser.add_argument("--replace", action="store_true", help="end other cells on this ground")
        parser.add_argument(
            "--accept", default="", help="ids of findings that are put up with: a,b"
        )
        parser.add_argument(
            "--accept-file", type=Path, help="the same from a file: the first column of its lines"
        )
        parser.add_argument("--findings", type=Path, help="write all findings to this CSV file")

    def handle(self, *, file, publish, effective_at, replace, **options):
        now = timezone.now()
        try:
            accepted = _accepted(options["accept"], options["accept_file"])
            plan, fixes = ground.import_boundaries(
                path=file, now=now, **{name: options[name] for name in OF_THE_FILE}
            )
            self.report(plan, fixes)
            if options["findings"]:
                _write(options["findings"], plan.report)
            if publish:
                services.publish_coverage(
                    plan=plan,
                    now=now,
                    effective_at=effective_at,
                    replace=replace,
                    accepted=accepted,
                )
                for defect in plan.report:
                    if defect["id"] in accepted:
                        self.stdout.write(_("Accepted: %s") % defect["id"])
                self.stdout.write(_("The plan is in force."))
        except DomainError as error:
            raise CommandError(str(error.message)) from None
        except OSError as error:
            raise CommandError(str(error)) from None

    def report(self, plan, fixes):
        count = plan.boundaries.count()
        self.stdout.write(
            _("Plan %(id)d: %(n)d cells, record in EPSG:%(srid)d.")
            % {
                "id": plan.pk,
                "n": count,
                "srid": plan.record_srid,
            }
        )
        for text in fixes:
            self.stdout.write(_("Repaired: %s") % text)
        grave = sum(defect["grave"] for defect in plan.report)
        told = {"n": len(plan.report), "grave": grave}
        self.stdout.write(_("%(n)d findings, %(grave)d of them stand against it.") % told)
        for defect in plan.report[:SHOWN]:
            place = "-" if defect["lon"] is None else f"{defect['lon']:.6f},{defect['lat']:.6f}"
            cells = " ".join(defect["cells"])
            wide = f"{defect['width_m']:.3f} m" if defect["width_m"] else ""
            size = f"{defect['area_m2']:14.2f} m² {wide:>8}"
            self.stdout.write(f"  {defect['id']:17} {size}  {place}  {cells} {defect['note']}")
        if len(plan.report) > SHOWN:
            self.stdout.write(_("  and %d more, on the plan.") % (len(plan.report) - SHOWN))


def _accepted(listed: str, file: Path | None) -> set[str]:
    """The ids of the list and of the file, which may be the file of findings with lines removed."""
    lines = file.read_text(encoding="utf-8-sig").splitlines() if file else []
    found = [*listed.split(","), *(line.partition(",")[0] for line in lines)]
    return {name.strip() for name in found} - {"", COLUMNS[0]}


def _write(path: Path, report: list[dict]) -> None:
    with path.open("w", newline="", encoding="utf-8-sig") as file:
        out = csv.writer(file)
        out.writerow(COLUMNS)
        for defect in report:
            told = defect | {"cells": " ".join(defect["cells"]), "grave": int(defect["grave"])}
            out.writerow([told[name] for name in COLUMNS])
