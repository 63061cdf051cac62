"""Taking a report: by telephone or at the counter, with what is known around it."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone

from geo_grid import districts
from incidents.models import Incident

CHANNELS = (
    Incident.Channel.TELEPHONE,
    Incident.Channel.COUNTER,
    Incident.Channel.HOTLINE,
    Incident.Channel.WORKER,
)


@login_required
def page(request):
    """The frame; places, neighbours and the answer come over the API."""
    context = {
        "zone": districts.zone_of(request.user, timezone.now()).key,
        "channels": [(str(one), one.label) for one in CHANNELS],
        "tables": {
            "statuses": dict(Incident.Status.choices),
            "open": [str(one) for one in Incident.OPEN],
        },
    }
    return render(request, "screens/intake.html", context)
