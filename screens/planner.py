"""The planner's page: the grid redrawn as plans, from a draft to the map of a past day."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geo_grid import scope
from geo_grid.vector_formats import TITLES, UPLOADED

WORDS = {
    # states
    "DRAFT": _("draft"),
    "SUBMITTED": _("submitted"),
    "RETURNED": _("changes requested"),
    "APPROVED": _("approved"),
    "SCHEDULED": _("scheduled"),
    "PUBLISHED": _("published"),
    "SUPERSEDED": _("superseded"),
    "REVERTED": _("reverted"),
    "WITHDRAWN": _("withdrawn"),
    "REBASED": _("rebased"),
    # tools: name, and what to do
    "select": _("Choose"),
    "select_told": "",
    "split": _("Split"),
    "split_told": _("Draw a line across the cell, from border to border. Enter ends it."),
    "split_need": _("Choose one cell to split."),
    "reshape": _("Move border"),
    "reshape_told": _("Draw the new border between the two cells, from border to border."),
    "reshape_need": _("Choose two neighbouring cells."),
    "vertex": _("Vertices"),
    "vertex_told": _("Drag a vertex; click on a border to add one; Delete removes the held one."),
    "vertex_need": _("Choose the cells whose vertices you want to see."),
    "transfer": _("Hand over"),
    "transfer_told": _("Draw round the ground that the chosen cell gets. Enter ends it."),
    "transfer_need": _("Choose the cell that gets the ground."),
    "cut": _("Cut out"),
    "cut_told": _("Draw round the ground of the new dedicated cell. Enter ends it."),
    "merge": _("Merge"),
    "merge_told": _("The chosen cells become one."),
    "merge_need": _("Choose two or more cells that touch: Ctrl and click, or the list."),
    "merge_into": _("stays"),
    "balance": _("Balance"),
    "balance_told": _("Borders are moved so that the chosen cells have equal workload."),
    "balance_need": _("Choose two or more cells, or none for a whole community."),
    "across": _("also across communities"),
    "new_name": _("Name"),
    "undo": _("Undo"),
    "redo": _("Redo"),
    "compare": _("Compare"),
    "keyboard": _("Keyboard: arrow keys move the map, Enter sets a point, F ends, Esc stops."),
    # cells
    "code": _("Code"),
    "kind": _("kind"),
    "community": _("community"),
    "GENERAL": _("general cell"),
    "SPECIAL": _("special cell"),
    "apply": _("Change"),
    "recode": _("Give a new code"),
    "retire": _("Close the cell"),
    "chosen_count": _("{n} cells chosen"),
    "show": _("Show on the map"),
    "no_cells": _("No cell is called so."),
    # problems, impact
    "BLOCKING": _("must be mended"),
    "WARNING": _("please look"),
    "no_problems": _("No problems: the plan is a sound tiling."),
    "no_change": _("The plan changes nothing yet."),
    "loading": _("Loading …"),
    "print": _("Print"),
    "cell": _("Cell"),
    "before": _("before"),
    "after": _("after"),
    "changed_cells": _("Cells changed / new / closed"),
    "moved_open": _("Open incidents handed over"),
    "moved_year": _("Incidents of a year moved"),
    "moved_ground": _("Ground moved, ha"),
    "posts": _("Posts ending / beginning"),
    "vacant": _("New cells without a worker"),
    "doubled": _("Workers with two cells"),
    "diagrams": _("Diagrams to print anew"),
    "hectares": _("Area, ha"),
    "open_now": _("Open"),
    "in_year": _("In a year"),
    "sheet_title": _("Impact of a boundary plan"),
    "printed": _("printed"),
    # way
    "submit": _("Submit for review"),
    "approve": _("Approve"),
    "return": _("Ask for changes"),
    "schedule": _("Schedule"),
    "publish": _("Publish now"),
    "withdraw": _("Withdraw"),
    "revert": _("Take back as a new plan"),
    "moment": _("Takes effect at"),
    "comment": _("Comment"),
    "other_approves": _("Another planner of the district has to approve it."),
    "waits": _("The plan waits for the planners of the district."),
    "edits": _("{n} edits"),
    "export": _("Export"),
    # history
    "version": _("Version {n}, in force from {at}"),
    "version_now": _("now in force"),
    "no_versions": _("No version of the map yet."),
    # troubles
    "moved_base": _("The map went on since this plan was begun."),
    "conflicts": _("Both changed: {cells}"),
    "stale": _("Somebody else changed the plan. It was loaded again; please look and repeat."),
    "failed": _("The server does not answer. Nothing was changed; please try again."),
    "done": _("Done"),
    # proposals
    "least-change": _("Least change"),
    "balanced": _("Balanced"),
    "compact": _("Compact"),
    "cv": _("Spread of workload"),
    "max_deviation": _("Largest deviation"),
    "moved_load": _("Workload moved"),
    "moved_area": _("Area moved"),
    "compactness": _("Compactness"),
    "now": _("now"),
    "draw_in": _("Draw into the plan"),
    "preview": _("Look"),
    "cancel": _("Cancel"),
    "close": _("Close"),
    "offers_title": _("Proposals"),
    "computing": _("Computing proposals …"),
}


@login_required
def page(request):
    """The frame and what the viewer may do; plans and ground come over the API."""
    now, viewer = timezone.now(), request.user
    context = {
        "district": settings.HOME_DISTRICT,
        "draws": scope.draws_in(viewer, now),
        "reviews": scope.reviews_in(viewer, now),
        "words": {name: str(text) for name, text in WORDS.items()},
        "endings": ",".join(UPLOADED),
        "formats": TITLES,
    }
    return render(request, "screens/planner.html", context)
