"""The pages in the header: which there are, who sees the way to them, and where each role begins."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from geo_grid import scope
from geo_grid.roles import ROLES, seeing

PAGES = (  # name of the address, title; who sees the link stands in geo_grid/roles.py
    ("command", _("Command centre")),
    ("wall", _("Wall screen")),
    ("desk", _("Desk")),
    ("planner", _("Planner")),
    ("field", _("Field work")),
    ("statistics", _("Statistics")),
    ("reports", _("Reports")),
    ("posts", _("Posts")),
    ("map", _("Public map")),
    ("track", _("Follow a report")),
)
FOR_EVERYBODY = {"map", "track"}


@login_required
def home(request):
    """To the page where the work of this person begins; a worker to the own cell."""
    now = timezone.now()
    held = scope.roles_of(request.user, now)
    starts = sorted(role.start for role in ROLES if role.start and role.name in held)
    if starts:
        return redirect(starts[0][1])
    own = sorted(scope.reach(request.user, now).cell_codes)
    return redirect(f"{reverse('command')}?cell={own[0]}" if own else "map")


def pages(request) -> dict:
    """Context processor: `pages`, looked up only by a template that shows them."""
    return {"pages": SimpleLazyObject(lambda: list(_pages_of(request)))}


def _pages_of(request):
    held = scope.roles_of(request.user, timezone.now())
    for name, title in PAGES:
        if name not in FOR_EVERYBODY and not seeing(name) & held:
            continue
        try:
            address = reverse(name)
        except NoReverseMatch:
            continue
        yield {"title": title, "address": address, "current": request.path.startswith(address)}
