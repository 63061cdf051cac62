"""Polygons in: a file of any usual format and CRS becomes a draft plan."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import geopandas
import numpy as np
import shapely
from django.contrib.gis.db.models import Extent
from django.db import transaction
from django.utils.translation import gettext as _
from shapely import Geometry

from core import sql
from core.errors import Invalid, Unavailable
from geo_grid import codes, districts, plan_queries, queries, vectors
from geo_grid.coordinates import metric_srid
from geo_grid.edits import Drawn
from geo_grid.models import Area, AreaOutline, BoundaryPlan, CellBoundary, User
from geo_grid.services.areas import ensure_community, ensure_holding_community
from geo_grid.services.drafts import as_given, begin_plan
from geo_grid.services.drawing import draw
from geo_grid.services.plans import CellShape, draft_plan, note_as_json, refuse_unstorable
from geo_grid.services.records import record_of
from geo_grid.services.vector_files import Polygons, read_polygons
from geo_grid.services.whereabouts import Ground, astray, far_off, refuse_other_datum, refuse_wide
from geo_grid.topology import ASTRAY

MAX_RING = 50_000
SAME_GROUND = 0.3  # areas that differ by less may be the same district


@transaction.atomic
def import_boundaries(
    *,
    path: Path,
    code_field: str,
    name_field: str,
    community: str = "",
    community_field: str = "",
    district: str = "",
    code_prefix: str = "",
    source_crs: str = "",
    layer: str = "",
    encoding: str = "",
    join: bool = False,
    repair: bool = False,
    now: datetime,
) -> tuple[BoundaryPlan, list[str]]:
    """Read polygons as cells of a new draft plan; answers the plan and what was repaired.

    community_field holds the communities' codes, of the district's own form where a district is
    given. Without it or `community`, fifteen-digit codes say their community themselves and other
    codes go to a holding community named after the file. Nothing is joined or repaired unasked.
    """
    read = read_polygons(path, source_crs, layer=layer, encoding=encoding)
    _refuse_missing_fields(read.table, code_field, name_field, *filter(None, [community_field]))
    table = _cells_in(read, code_field, name_field, code_prefix, join)
    home = (
        _home_by_field(read.table[community_field], table.code, district)
        if community_field
        else _home(table, community, path.name.split(".")[0])
    )
    fits, away = _against_the_map(table, read, home, source_crs, now)
    table = table.to_crs(_metric_srid(table, home))
    fixes: list[str] = []
    if repair:
        table.geometry, fixes = _repaired(table.geometry, table.code)
    provenance = f"{path.name}, {len(table)} polygons, {source_crs or read.declared}"
    plan = draft_plan(
        name=path.name[:120],
        cells=_as_cells(table, home),
        srid=table.crs.to_epsg(),
        provenance=provenance,
        notes=[
            *([(ASTRAY, away)] if away else []),
            *_notes(read, fits),
            *_number_notes(read, code_field),
        ],
        now=now,
    )
    return plan, fixes


def _against_the_map(
    table: geopandas.GeoDataFrame,
    read: Polygons,
    home: Callable[[str], str],
    source_crs: str,
    now: datetime,
) -> tuple[bool, str]:
    """Whether polygons fit the map in force; a sentence if they lie elsewhere than they should.
    Refused where they fit it in another datum, and cells across the 180th meridian."""
    refuse_wide(table)
    ground = _ground_in_force(table, home, now)
    fits = refuse_other_datum(table, ground, source_crs, read.origin.option)
    return fits, "" if fits else astray(table, ground, read.origin)


def _metric_srid(table: geopandas.GeoDataFrame, home: Callable[[str], str]) -> int:
    west, south, east, north = table.total_bounds
    preferred = districts.of(home(table.code.iloc[0])[:6]).metric_srid
    return metric_srid((west + east) / 2, (south + north) / 2, preferred)


def _as_cells(table: geopandas.GeoDataFrame, home: Callable[[str], str]) -> list[CellShape]:
    columns = (table.code, table["name"], table.geometry, table.mended.to_crs(table.crs))
    return [
        CellShape(code, name or code, home(code), shape, mended)
        for code, name, shape, mended in zip(*columns, strict=True)
    ]


def _cells_in(
    read: Polygons, code_field: str, name_field: str, prefix: str, join: bool
) -> geopandas.GeoDataFrame:
    """code, name and shape of each polygon, and the mended one of an invalid one."""
    table = _with_codes(read.table, code_field, name_field, prefix)
    mended = [read.mended.get(row) for row in range(len(table))]
    table["mended"] = geopandas.GeoSeries(mended, dtype="geometry", crs=table.crs)
    return _joined(table) if join else table


def _with_codes(
    table: geopandas.GeoDataFrame, code_field: str, name_field: str, prefix: str
) -> geopandas.GeoDataFrame:
    told = {"code": prefix + table[code_field], "name": table[name_field]}
    return geopandas.GeoDataFrame(told, geometry=table.geometry.values, crs=table.crs)


def _joined(table: geopandas.GeoDataFrame) -> geopandas.GeoDataFrame:
    """One row for each code, with all its parts side by side: nothing is melted together."""
    first = table.drop_duplicates("code").copy()
    parts = [shapely.get_parts(table.geometry[table.code == code].values) for code in first.code]
    first.geometry = [shapely.multipolygons(several) for several in parts]
    return first


def _notes(read: Polygons, fits: bool) -> list[tuple[str, str]]:
    """What is to be looked at; the datum is beyond doubt where the polygons fit the map in force."""
    return [note for note in read.notes if not (fits and note[0] == "datum")]


def _number_notes(read: Polygons, code_field: str) -> list[tuple[str, str]]:
    if code_field not in read.real:
        return []
    text = _("The file holds %s as numbers with fractions: leading zeros, if any, are lost in it.")
    return [("numbers", text % code_field)]


def _ground_in_force(
    table: geopandas.GeoDataFrame, home: Callable[[str], str], now: datetime
) -> Ground | None:
    """The ground that these polygons should cover: of the same cells in force, else of the
    district; None where there is nothing to compare with."""
    found = CellBoundary.objects.filter(
        cell__code__in=list(table.code), valid_during__contains=now
    ).values_list("geom", flat=True)
    if found:
        shapes = [shapely.from_wkb(bytes(geom.wkb)) for geom in found]
        return Ground(shapely.geometrycollections(shapes), same=True, alike=True)
    outline = AreaOutline.objects.filter(area__code=home(table.code.iloc[0])[:6]).first()
    if outline is None or outline.geom.empty:
        return None
    ground = shapely.from_wkb(bytes(outline.geom.wkb))
    share = shapely.area(table.geometry.values).sum() / ground.area
    return Ground(ground, same=False, alike=abs(share - 1) < SAME_GROUND)


@transaction.atomic
def import_plan(
    *,
    path: Path,
    name: str,
    district: str,
    code_field: str,
    name_field: str = "",
    source_crs: str = "",
    layer: str = "",
    author: User,
    now: datetime,
    note: str = "",
) -> BoundaryPlan:
    """Begin a plan from a file: its polygons redraw the cells of their codes, as one edit.

    Other codes are new cells of the community their code begins with. Nothing is repaired: the
    checks of the plan show what is wrong, and it is not published before that is mended. One file
    at a time: the others who serve remain for reports. note: by default the name of the file.
    """
    if not sql.rows("geo_grid", "import_turn")[0]["mine"]:
        raise Unavailable(_("Another file is being read. Try again in a moment."))
    read = read_polygons(
        path, source_crs, layer=layer, limits=vectors.UPLOADED, option="source_crs"
    )
    table = read.table
    sql.patiently()
    _refuse_missing_fields(table, code_field, *filter(None, [name_field]))
    _refuse_endless_rings(table, code_field)
    table = _with_codes(table, code_field, name_field or code_field, "")
    fits, away = _against_the_map(table, read, lambda code: district, source_crs, now)
    if away:
        raise Invalid(away, "file")
    plan = begin_plan(name=name, district=district, author=author, now=now)
    known = plan_queries.base_cells(plan)
    drawn = _drawn_in(table, known, plan, named=bool(name_field))
    given = {code: as_given(one) for code, one in drawn.items() if known.get(code) != one}
    if given:
        draw(
            plan=plan,
            kind="IMPORT",
            wanted={"drawn": given},
            actor=author,
            now=now,
            note=note or path.name,
        )
    plan.report = [
        note_as_json(kind, text, table.total_bounds) for kind, text in _notes(read, fits)
    ]
    plan.save(update_fields=["report"])
    return plan


def _drawn_in(
    table: geopandas.GeoDataFrame, known: Mapping[str, Drawn], plan: BoundaryPlan, *, named: bool
) -> dict[str, Drawn]:
    shapes = [record_of(shape) for shape in table.to_crs(plan.record_srid).geometry.values]
    names = table["name"] if named else [""] * len(table)
    drawn: dict[str, Drawn] = {}
    for code, title, shape in zip(table.code, names, shapes, strict=True):
        if code in drawn:
            raise Invalid(_("Cell code %s occurs more than once.") % code, "code")
        refuse_unstorable(code, title)
        drawn[code] = _as_imported(code, title, shape, known, plan.district)
    return drawn


def _as_imported(code: str, title: str, shape, known, district: str) -> Drawn:
    before = known.get(code)
    if before is not None:
        return replace(before, name=title or before.name, shape=shape)
    home = Area.objects.filter(code=code[:12], level=codes.COMMUNITY).first()
    if home is None or not code.startswith(district) or not codes.is_cell_code(code):
        text = _("%s is neither a cell of this district nor a new code of one of its communities.")
        raise Invalid(text % code, "code")
    return Drawn(code, title or code, "GENERAL", home.code, shape)


def _refuse_endless_rings(table: geopandas.GeoDataFrame, code_field: str) -> None:
    sizes = shapely.get_num_coordinates(table.geometry.values)
    for index in np.flatnonzero(sizes > MAX_RING)[:1].tolist():
        code = table[code_field].iloc[index]
        text = _("%(code)s has %(n)d vertices; at most %(most)d are possible.")
        raise Invalid(text % {"code": code, "n": sizes[index], "most": MAX_RING}, "file")


def _refuse_missing_fields(table: geopandas.GeoDataFrame, *fields: str) -> None:
    for name in fields:
        if name not in table.columns:
            known = ", ".join(column for column in table.columns if column != "geometry")
            text = _("There is no field %(name)s; the file has %(known)s.")
            raise Invalid(text % {"name": name, "known": known}, name)


def _home_by_field(homes, code_list, district: str) -> Callable[[str], str]:
    """code -> community code, by what the file says in a field of its own."""
    above = queries.area_named(district, codes.DISTRICT).code if district else ""
    of = {own: queries.area_named(own, codes.COMMUNITY, above).code for own in homes.unique()}
    found = {code: of[homes[row]] for row, code in code_list.items()}
    return found.__getitem__


def _home(table: geopandas.GeoDataFrame, community: str, stem: str) -> Callable[[str], str]:
    """code -> community code, made where missing."""
    if community:
        ensure_community(code=community)
        return lambda code: community
    if all(codes.is_cell_code(code) for code in table.code):
        for code in {code[:12] for code in table.code}:
            ensure_community(code=code)
        return lambda code: code[:12]
    held = ensure_holding_community(name=stem[:80]).code
    _refuse_another_city(table, held, stem)
    return lambda code: held


def _refuse_another_city(table: geopandas.GeoDataFrame, held: str, stem: str) -> None:
    """Refuse to put the cells of another file of the same name into its community: those that lie
    farther off than the others are wide. Cells in force of the same codes are compared later."""
    others = CellBoundary.objects.filter(community__code=held)
    if others.filter(cell__code__in=list(table.code), valid_during__isnull=False).exists():
        return
    there = others.aggregate(box=Extent("geom"))["box"]
    if there and far_off(table.total_bounds, there):
        text = _(
            "District %(district)s was made for another file named %(name)s, whose cells lie "
            "elsewhere. Say whose these are, with --community or with --district and "
            "--community-field, or give the file another name."
        )
        raise Invalid(text % {"district": held[:6], "name": stem[:80]}, "district")


def _repaired(shapes, names) -> tuple[list[Geometry], list[str]]:
    """Valid rings for the invalid ones, with what each repair did to the area."""
    out, said = [], []
    for shape, name in zip(shapes, names, strict=True):
        if shape is None or shape.is_valid:
            out.append(shape)
            continue
        fixed = shapely.make_valid(shape, method="structure")
        parts = [part for part in shapely.get_parts(fixed) if part.geom_type == "Polygon"]
        fixed = shapely.multipolygons(parts)
        said.append(f"{name}: {shape.area:.1f} m² -> {fixed.area:.1f} m²")
        out.append(fixed)
    return out, said
