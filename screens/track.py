"""Following a report: how far it is, for whoever knows its number; on a phone, without an account."""

from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

STEPS = {
    "reported": _("We have your report."),
    "accepted": _("An office has taken it on."),
    "passed_on": _("It was passed on to the office that can solve it."),
    "extended": _("More time is needed; the date was moved."),
    "suspended": _("It had to be put on hold."),
    "resumed": _("Work on it goes on."),
    "resolved": _("The work is done and is being checked."),
    "reworked": _("The check found something: it is being mended."),
    "closed": _("The matter is closed."),
    "refused": _("It was not taken on."),
    "void": _("It was ended without a result."),
    "merged": _("It is handled together with an earlier report of the same matter."),
    "reopened": _("It was taken up again."),
}
STATUSES = {
    "REPORTED": _("Received, waiting to be taken on"),
    "HANDLING": _("Being handled"),
    "RESOLVED": _("Done, being checked"),
    "REWORK": _("Being mended after the check"),
    "CLOSED": _("Finished"),
    "REFUSED": _("Not taken on"),
    "VOID": _("Ended"),
    "MERGED": _("Handled together with an earlier report"),
    "SUSPENDED": _("On hold"),
}


def page(request, number=""):
    """The frame; how far the report is comes over the API. Nothing personal is in either."""
    words = {"steps": STEPS, "statuses": STATUSES}
    context = {"number": number, "tables": words}
    return render(request, "screens/track.html", context)
