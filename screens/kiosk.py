"""The kiosk: which cell am I in, and whom do I call. A touch screen in a hall, without an account."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _

from geo_grid import districts
from geo_grid.models import Area

RULES = {
    "WORKER": _("your grid worker"),
    "WORKER_DEPUTY": _("stands in for your grid worker"),
    "ASSISTANT": _("assistant, answers while the post is vacant"),
    "ASSISTANT_DEPUTY": _("stands in for the assistant"),
    "CELL_HEAD": _("head, answers while the post is vacant"),
    "CELL_HEAD_DEPUTY": _("stands in for the head"),
    "OFFICER": _("office, answers while the post is vacant"),
    "OFFICER_DEPUTY": _("stands in for the office"),
}


def page(request, area):
    """The frame of one area; cells and cards come over the public API."""
    place = get_object_or_404(Area, code=area, active=True)
    context = {"area": place, "rules": RULES, "zone": districts.of(place.code[:6]).zone.key}
    return render(request, "screens/kiosk.html", context)
