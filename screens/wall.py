"""The wall screen: the district at a glance, turning by itself, for weeks."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone

from geo_grid import districts
from incidents.models import Incident


@login_required
def page(request):
    """The frame. It loads itself again once a day, which keeps its session alive."""
    request.session.set_expiry(settings.SESSION_COOKIE_AGE)
    context = {
        "live_url": settings.LIVE_URL,
        "zone": districts.zone_of(request.user, timezone.now()).key,
        "statuses": [(str(one), one.label) for one in Incident.Status],
    }
    return render(request, "screens/wall.html", context)
