"""Lists to look at: late and stuck cases, supervision that waits for a reply, calls that are due, and matters to admit."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone

from geo_grid import districts
from incidents import queries
from incidents.models import Incident, ServiceItem


@login_required
def page(request):
    """The frame; counts and rows come over the API, changes over the live stream."""
    context = {
        "live_url": settings.LIVE_URL,
        "zone": districts.zone_of(request.user, timezone.now()).key,
        "lists": queries.TITLES,
        "tables": {
            "statuses": dict(Incident.Status.choices),
            "matterStates": dict(ServiceItem.State.choices),
        },
    }
    return render(request, "screens/watch.html", context)
