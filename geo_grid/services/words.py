"""The words for refused edits and bad requests; the keys come from the pure files."""

from django.utils.translation import gettext_lazy as _

REFUSED = {
    "unknown_cell": _("The plan has no such cell."),
    "does_not_cross": _("The line does not cross the cell from border to border."),
    "crosses_more_than_once": _("The line crosses the cell more than once."),
    "keep_is_outside": _("The point of the part to keep is not in the cell."),
    "self_crossing": _("The line crosses itself."),
    "takes_nothing": _("There is nothing of these cells in the region."),
    "swallowed": _("A whole cell would vanish: merge it instead."),
    "nothing_to_merge": _("Give at least two different cells to merge."),
    "no_neighbour": _("The cell has no neighbour that could take its ground."),
    "no_node": _("There is no vertex within half a metre of this place."),
    "no_border": _("There is no border within half a metre of this place."),
    "junction": _("Three or more borders meet here: a junction cannot be removed."),
    "invalid": _("A cell would cross or touch itself here."),
    "sliver": _("A part would be left that is too small or too thin."),
    "not_one_piece": _("A cell would fall into pieces here."),
    "outer_border": _("The outer border of the district cannot be moved by a plan."),
    "not_a_tiling": _("Cells would overlap or leave a gap here."),
}
ASKED = {
    "unknown_kind": _("There is no such kind."),
    "unknown_field": _("This edit has no such field."),
    "missing": _("This field is needed."),
    "two_cells": _("Name the two cells whose border moves."),
    "no_list_of_texts": _("A list of texts is expected."),
    "no_text": _("A text of at most 120 characters is expected."),
    "no_geometry": _("GeoJSON of the right type is expected."),
    "no_coordinates": _("Finite degrees are expected, longitude first."),
    "too_many_vertices": _("An edit may have at most 5,000 vertices."),
}

FILES = {
    "missing": _("There is no file %(file)s."),
    "ending": _("%(ending)s is no format that is read here; these are: %(known)s."),
    "archive": _("The archive is not unpacked: %(why)s."),
    "one_layer": _("The archive must hold exactly one layer; it holds: %(found)s."),
    "several_layers": _("The file holds several layers: name one of them. They are: %(found)s."),
    "no_layer": _("There is no layer %(layer)s; the file has: %(found)s."),
    "no_polygons": _("%(file)s holds no polygons."),
    "encoding": _("The text of the file is not in %(encoding)s. Name its encoding."),
    "broken_shape": _(
        "Polygon %(row)d (%(cell)s) is no polygon: a ring is not closed, or a coordinate is no "
        "number."
    ),
    "unreadable": _("%(file)s cannot be read: %(why)s"),
    "too_much": _("%(file)s needs more time or memory than a file may."),
    "too_many_vertices": _("%(file)s has %(n)d vertices; at most %(most)d are possible."),
}

NOTES = {  # of the reader, by kind and whether the file itself names its encoding
    "encoding": _("The file does not say the encoding of its text; it was read as %(used)s."),
    "other_encoding": _(
        "The file says that its text is in %(said)s; it is in %(used)s and was read so."
    ),
    "cut": _("%(n)d texts end inside a character, which was dropped: %(texts)s."),
    "deleted": _("%(n)d rows are marked as deleted and were left out."),
}
