"""The edits of a boundary plan, pure: cells in, changed cells out, or a refusal with its place.

Every edit relabels the faces of one local arrangement or moves nodes in all cells that hold
them, and is accepted only with the local proof of `tiling`: the changed cells cover exactly the
ground they covered before. Geometry is planar, in metres, on the millimetre grid.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import shapely
from shapely import Geometry

from geo_grid import nodes
from geo_grid.arrangement import arrange, border_lengths, clip, dissolve, outer_nodes
from geo_grid.refusals import Refused, place_of
from geo_grid.tiling import Edges, chain_difference, doubled_edge, edges_of

REACH_M = 0.5  # cells this near to new lines take part in an edit
LEAST_WIDTH_M = 0.5  # mean width 2A/P; thinner is a sliver that nobody can stand in
LEAST_AREA_M2 = 1.0


@dataclass(frozen=True, slots=True)
class Drawn:
    """A cell as drawn. community: its 12-digit code; kind: GENERAL or SPECIAL."""

    code: str
    name: str
    kind: str
    community: str
    shape: Geometry


Ground = Mapping[str, Drawn]
Naming = Callable[[str, Sequence[tuple[float, float]]], list[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Change:
    """What an edit does: cells as they are afterwards, codes that are no more, and the nodes it
    put on the outer border, (n, 2) in millimetres."""

    cells: dict[str, Drawn]
    gone: frozenset[str] = frozenset()
    outer: np.ndarray = field(default_factory=lambda: np.empty((0, 2), np.int64))


def apply(ground: Ground, kind: str, wanted: Mapping, naming: Naming) -> Change:
    """Carry out one edit on the cells around it.

    ground: all cells within REACH_M of what `reach_of` answers and those named by `wanted`.
    naming: (community, middles of new cells) -> (code, name) of each. Raises Refused.
    """
    for code in named(kind, wanted):
        if code not in ground:
            raise Refused("unknown_cell", cells=(code,))
    change = EDITS[kind](ground, wanted, naming)
    if kind == "IMPORT":  # a file may be wrong: the checks show where, and stop its publication
        return change
    return _proven(ground, change, allow_parts=bool(wanted.get("allow_parts")))


def named(kind: str, wanted: Mapping) -> list[str]:
    """The codes that an edit names."""
    single = [wanted[key] for key in ("cell", "into", "to_cell") if wanted.get(key)]
    many = [code for key in ("cells", "gone", "shapes") for code in wanted.get(key) or ()]
    return list(dict.fromkeys([*single, *many]))


def reach_of(kind: str, wanted: Mapping) -> list[Geometry]:
    """The geometry around which an edit needs to know the cells."""
    spots = [wanted[key] for key in ("region", "at", "to") if wanted.get(key) is not None]
    return [*(wanted.get("lines") or ()), *spots]


# --- relabelling ------------------------------------------------------------------------------
def _split(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Cut a cell by lines; the largest part, or the one holding `keep`, keeps the identity."""
    cell = ground[wanted["cell"]]
    lines = _sound_lines(wanted["lines"])
    inner = clip(lines, [cell.shape])
    if not inner:
        raise Refused("does_not_cross", place_of(lines[0]), (cell.code,))
    codes, faces = _arranged(ground, inner, [cell.code])
    mine = faces.of(codes.index(cell.code))
    cut = _cut_faces(cell, faces, mine)
    if not len(cut):
        raise Refused("does_not_cross", place_of(inner[0]), (cell.code,))
    extra = len(mine) - shapely.get_num_geometries(cell.shape)
    if extra > len(lines) and not wanted.get("many"):
        raise Refused("crosses_more_than_once", place_of(inner[-1]), (cell.code,))
    keeper = _keeper(faces, cut, wanted.get("keep"), cell)
    labels = {row: cell.code for row in mine.tolist()}
    fresh = [row for row in cut.tolist() if row != keeper]
    names = naming(cell.community, [_middle(faces.shapes[row]) for row in fresh])
    given = wanted.get("names") or []
    made = {}
    for place, (row, (code, name)) in enumerate(zip(fresh, names, strict=True)):
        labels[row] = code
        told = given[place] if place < len(given) else name
        made[code] = replace(cell, code=code, name=told)
    return _relabelled(ground, codes, faces, labels, made)


def _cut_faces(cell: Drawn, faces, mine: np.ndarray) -> np.ndarray:
    """The faces of those parts of a cell that are cut at all."""
    parts = shapely.get_parts(cell.shape)
    face, part = shapely.STRtree(parts).query(faces.inside[mine], "intersects")
    pieces = np.bincount(part, minlength=len(parts))
    return mine[face[pieces[part] > 1]]


def _keeper(faces, cut: np.ndarray, keep: Geometry | None, cell: Drawn) -> int:
    if keep is None:
        return int(cut[shapely.area(faces.shapes[cut]).argmax()])
    held = cut[shapely.intersects(faces.shapes[cut], keep)]
    if not len(held):
        raise Refused("keep_is_outside", place_of(keep), (cell.code,))
    return int(held[0])


def _transfer(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Give a region of other cells to one cell."""
    target = wanted["to_cell"]
    codes, faces, rows = _in_region(ground, wanted, {target})
    return _relabelled(ground, codes, faces, dict.fromkeys(rows, target), {})


def _cut_out(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Make a region of one or several cells a cell of its own."""
    codes, faces, rows = _in_region(ground, wanted, set())
    areas: dict[str, float] = {}
    for row in rows:
        home = ground[codes[faces.owner[row]]].community
        areas[home] = areas.get(home, 0) + faces.shapes[row].area
    community = wanted.get("community") or max(sorted(areas), key=areas.__getitem__)
    ((code, name),) = naming(community, [_middle(wanted["region"])])
    kind = wanted.get("cell_kind") or "SPECIAL"
    made = Drawn(code, wanted.get("name") or name, kind, community, wanted["region"])
    return _relabelled(ground, codes, faces, dict.fromkeys(rows, code), {code: made})


def _in_region(ground: Ground, wanted: Mapping, spared: set[str]):
    """The faces of a region that lie in the cells it may take from."""
    region = wanted["region"]
    if not region.is_valid:
        raise Refused("self_crossing", place_of(region))
    sources = [code for code in wanted.get("cells") or sorted(ground) if code not in spared]
    sources = [code for code in sources if shapely.intersects(ground[code].shape, region)]
    inner = clip([region.boundary], [ground[code].shape for code in sources])
    codes, faces = _arranged(ground, inner, [*sources, *spared])
    held = shapely.intersects(region, faces.inside)
    rows = [row for row in np.flatnonzero(held).tolist() if codes[faces.owner[row]] in sources]
    if not [row for row in rows if faces.owner[row] >= 0]:
        raise Refused("takes_nothing", place_of(region))
    return codes, faces, [row for row in rows if faces.owner[row] >= 0]


def _reshape(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Move the border of two cells to a new line: what it cuts off each goes to the other."""
    first, second = wanted["cells"]
    lines = _sound_lines(wanted["lines"])
    inner = clip(lines, [ground[first].shape, ground[second].shape])
    codes, faces = _arranged(ground, inner, [first, second])
    labels: dict[int, str] = {}
    for code, other in ((first, second), (second, first)):
        mine = faces.of(codes.index(code))
        cut = _cut_faces(ground[code], faces, mine)
        if len(cut):
            main = _keeper(faces, cut, None, ground[code])
            labels |= {row: other for row in cut.tolist() if row != main}
    if not labels:
        raise Refused("does_not_cross", place_of(lines[0]), (first, second))
    return _relabelled(ground, codes, faces, labels, {})


def _merge(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Make several cells one of them."""
    into = ground[wanted["into"]]
    others = [code for code in dict.fromkeys(wanted["cells"]) if code != into.code]
    if not others:
        raise Refused("nothing_to_merge", cells=(into.code,))
    shapes = [into.shape, *(ground[code].shape for code in others)]
    return Change({into.code: replace(into, shape=dissolve(shapes))}, frozenset(others))


def _retire(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Close a cell; its ground goes to `into`, or to the neighbour with the longest border, in
    the same community where there is one."""
    cell = ground[wanted["cell"]]
    if wanted.get("into"):
        return _merge(ground, {"into": wanted["into"], "cells": [cell.code]}, naming)
    others = sorted(code for code in ground if code != cell.code)
    lengths = border_lengths(cell.shape, [ground[code].shape for code in others])
    touching = [
        (ground[code].community == cell.community, length, code)
        for code, length in zip(others, lengths.tolist(), strict=True)
        if length > 0
    ]
    if not touching:
        raise Refused("no_neighbour", place_of(cell.shape), (cell.code,))
    return _merge(ground, {"into": max(touching)[2], "cells": [cell.code]}, naming)


def _arranged(ground: Ground, lines: Sequence[Geometry], codes: Sequence[str]):
    """Arrangement of the named cells and of all that new lines come near to."""
    near = shapely.union_all(np.asarray(lines, dtype=object)) if len(lines) else None
    around = [
        code
        for code in sorted(ground)
        if code in codes or (near is not None and ground[code].shape.distance(near) <= REACH_M)
    ]
    return around, arrange([ground[code].shape for code in around], lines)


def _relabelled(ground: Ground, codes, faces, labels: dict[int, str], made: dict) -> Change:
    """Dissolve the faces by their owner, with the given rows under another label."""
    owners: dict[str, list[int]] = {code: [] for code in codes}
    for row, index in enumerate(faces.owner.tolist()):
        if index >= 0:
            owners.setdefault(labels.get(row, codes[index]), []).append(row)
    cells: dict[str, Drawn] = {}
    for code, rows in owners.items():
        before = made.get(code) or ground[code]
        if not rows:
            raise Refused("swallowed", place_of(before.shape), (code,))
        drawn = replace(before, shape=dissolve(faces.shapes[rows]))
        if code in made or len(chain_difference([before.shape], [drawn.shape]).owner):
            cells[code] = drawn
    return Change(cells)


def _sound_lines(lines: Sequence[Geometry]) -> list[Geometry]:
    for line in lines:
        if not line.is_simple:
            raise Refused("self_crossing", place_of(line))
    return list(lines)


def _middle(shape: Geometry) -> tuple[float, float]:
    middle = shape.centroid
    return middle.x, middle.y


# --- nodes ------------------------------------------------------------------------------------
def _move_vertex(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    return _redrawn(ground, nodes.moved(_shapes(ground), wanted["at"], wanted["to"]))


def _remove_vertex(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    return _redrawn(ground, nodes.removed(_shapes(ground), wanted["at"]))


def _insert_vertex(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """A new node on a border, put where it is wanted."""
    return _redrawn(ground, nodes.inserted(_shapes(ground), wanted["at"], wanted.get("to")))


def _shapes(ground: Ground) -> dict[str, Geometry]:
    return {code: drawn.shape for code, drawn in sorted(ground.items())}


def _redrawn(ground: Ground, shapes: Mapping[str, Geometry]) -> Change:
    return Change({code: replace(ground[code], shape=shape) for code, shape in shapes.items()})


def _redraw(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Cells drawn anew as a whole, as a proposal does: code -> polygon, on the same ground."""
    cells = {
        code: replace(ground[code], shape=shapely.normalize(shape))
        for code, shape in wanted["shapes"].items()
    }
    return Change(cells)


def _given(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """Cells as a file or an earlier version has them: code -> fields of Drawn; and codes gone."""
    cells = {code: Drawn(code=code, **fields) for code, fields in wanted["drawn"].items()}
    return Change(cells, frozenset(wanted.get("gone") or ()))


# --- attributes -------------------------------------------------------------------------------
def _reassign(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    cell = ground[wanted["cell"]]
    return Change({cell.code: replace(cell, community=wanted["community"])})


def _rename(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    cell = ground[wanted["cell"]]
    kind = wanted.get("cell_kind") or cell.kind
    return Change({cell.code: replace(cell, name=wanted.get("name") or cell.name, kind=kind)})


def _recode(ground: Ground, wanted: Mapping, naming: Naming) -> Change:
    """The same ground under the next free code of its community: a new identity."""
    cell = ground[wanted["cell"]]
    ((code, _name),) = naming(cell.community, [_middle(cell.shape)])
    return Change({code: replace(cell, code=code)}, frozenset({cell.code}))


EDITS: dict[str, Callable[[Ground, Mapping, Naming], Change]] = {
    "SPLIT": _split,
    "TRANSFER": _transfer,
    "CUT_OUT": _cut_out,
    "RESHAPE": _reshape,
    "MERGE": _merge,
    "RETIRE": _retire,
    "MOVE_VERTEX": _move_vertex,
    "INSERT_VERTEX": _insert_vertex,
    "REMOVE_VERTEX": _remove_vertex,
    "REDRAW": _redraw,
    "REVERT": _given,
    "IMPORT": _given,
    "REASSIGN": _reassign,
    "RENAME": _rename,
    "RECODE": _recode,
}


# --- proof ------------------------------------------------------------------------------------
def _proven(ground: Ground, change: Change, allow_parts: bool) -> Change:
    """The local proof, and that every changed cell is sound by itself."""
    touched = [ground[code] for code in {*change.cells, *change.gone} if code in ground]
    for code, drawn in change.cells.items():
        before = ground.get(code)
        if before is not None and before.shape is drawn.shape:
            continue
        _refuse_unsound(drawn, _parts_before(ground, change, code), allow_parts)
    old = [drawn.shape for drawn in touched]
    new = [drawn.shape for drawn in change.cells.values()]
    difference = chain_difference(old, new)
    outer = outer_nodes(difference)
    if outer is None or _has_neighbour(ground, change, difference):
        raise Refused("outer_border", difference.middle(0), tuple(sorted(change.cells)))
    doubled = doubled_edge(new)
    if doubled:
        raise Refused("not_a_tiling", doubled, tuple(sorted(change.cells)))
    return replace(change, outer=outer)


def _has_neighbour(ground: Ground, change: Change, difference: Edges) -> bool:
    """Whether an edge that got nodes has a cell on its other side which did not get them."""
    if not len(difference.owner):
        return False
    others = [d.shape for code, d in ground.items() if code not in {*change.cells, *change.gone}]
    there = {tuple(edge) for edge in edges_of(others).ends.T.tolist()}
    old = difference.ends[:, difference.owner == -1]  # turned around already
    return any(tuple(edge) in there for edge in old.T.tolist())


def _parts_before(ground: Ground, change: Change, code: str) -> int:
    """Of how many parts a cell may be: as many as it, or all that went into it, had."""
    sources = [ground[code]] if code in ground else []
    sources += [ground[gone] for gone in change.gone]
    extra = [shapely.get_num_geometries(drawn.shape) - 1 for drawn in sources]
    return 1 + sum(extra)


def _refuse_unsound(drawn: Drawn, parts_before: int, allow_parts: bool) -> None:
    shape = drawn.shape
    if shape.is_empty or not shape.is_valid or shape.geom_type not in ("Polygon", "MultiPolygon"):
        raise Refused("invalid", place_of(shape), (drawn.code,))
    parts = shapely.get_parts(shape)
    for part in parts:
        thin = 2 * part.area / part.length < LEAST_WIDTH_M
        if part.area < LEAST_AREA_M2 or thin:
            raise Refused("sliver", place_of(part), (drawn.code,))
    if len(parts) > parts_before and not allow_parts:
        smallest = parts[shapely.area(parts).argmin()]
        raise Refused("not_one_piece", place_of(smallest), (drawn.code,))
