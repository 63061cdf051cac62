"""The kiosk: which cell am I in, and whom do I call. A touch screen in a hall, without an account."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from geo_grid import districts
from geo_grid.models import Area
from geo_grid.roles import ANSWERING, BY_NAME, IN_CELL
from geo_grid.titles import title_of


def rules() -> dict[str, str]:
    """What a card says of whoever answers, for every rule by which somebody may."""
    told = {}
    for role in (BY_NAME[name] for name in ANSWERING):
        own = _("your %s") if role.name in IN_CELL else _("%s, answers while the post is vacant")
        title = title_of(role)
        told[role.name] = own % title
        told[f"{role.name}_DEPUTY"] = _("stands in for the %s") % title
    return told


def page(request, area):
    """The frame of one area; cells and cards come over the public API."""
    place = get_object_or_404(Area, code=area, active=True)
    context = {"area": place, "rules": rules(), "zone": districts.of(place.code[:6]).zone.key}
    return render(request, "screens/kiosk.html", context)
