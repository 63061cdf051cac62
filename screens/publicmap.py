"""The public map: what is being handled where, for everybody, so that no household can be told."""

from django.conf import settings
from django.shortcuts import render


def page(request):
    """The frame; the layers that the public may see come from the catalogue."""
    return render(request, "screens/publicmap.html", {"zone": settings.TIME_ZONE})
