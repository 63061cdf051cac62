"""Posts: where somebody is missing, where two hold one cell, which posts end soon."""

from django.contrib.auth.decorators import login_required
from django.shortcuts import render

from geo_grid.titles import choices


@login_required
def page(request):
    """The frame; the lists come over the API."""
    return render(request, "screens/posts.html", {"roles": dict(choices())})
