"""The command page: every open incident, live, on the map."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone

from geo_grid import districts
from incidents import queries
from incidents.models import Incident
from screens.wording import names_of_kinds


@login_required
def page(request):
    """The frame; figures, rows and map come over the API and the live stream."""
    now = timezone.now()
    context = {
        "supervises": queries.may_supervise(request.user, now),
        "live_url": settings.LIVE_URL,
        "zone": districts.zone_of(request.user, now).key,
        "statuses": [(str(one), one.label) for one in Incident.OPEN],
        "names": {  # of what a card tells; a case that was found may be closed
            "statuses": dict(Incident.Status.choices),
            "reasons": dict(Incident.Reason.choices),
            "kinds": names_of_kinds(),
        },
    }
    return render(request, "screens/command.html", context)
