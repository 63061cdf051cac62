"""The desk: the in-tray of an office, one case with its moves, the handover note."""

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from geo_grid import districts, scope
from incidents import workflow
from incidents.models import Clock, FollowUpCall, Incident, Part
from screens.wording import MOVES, names_of_kinds

STATES = {  # as an in-tray names them
    "WAITING": _("To accept"),
    "HANDLING": _("In handling"),
    "REWORK": _("Rework"),
    "SUSPENDED": _("Suspended"),
    "TO_VERIFY": _("To verify"),
    "TO_CLOSE": _("To close"),
    "TO_READ": _("To read"),
}
ASIDE = workflow.NAMES[workflow.NAMES.index("suspend") :] + (
    "involve",
    "copy",
    "call_out",
    "merge",
    "split",
    "void",
)
IN_FRONT = ("resume", "grant_extension", "refuse_extension")
OPTIONAL = {
    "grant_extension": ("workdays",),
    "progress": ("photo",),
    "resolve": ("photo",),
    "split": ("cell",),
    "void": ("answer",),
}
GIVEN = ("ANONYMOUS", "UNREACHABLE", "DECLINED", "OWN_FINDING")


def move_forms() -> list[dict]:
    """The moves in the order of their buttons; a form takes the row that fits role and state."""
    rows = {name: [row for row in workflow.MOVES if row.name == name] for name in MOVES}
    return [
        {
            "name": name,
            "label": label,
            "key": key,
            "aside": name in ASIDE and name not in IN_FRONT,
            "optional": OPTIONAL.get(name, ()),
            "rows": [
                {
                    "states": row.states,
                    "roles": row.roles,
                    "note": row.note,
                    "wants": row.wants,
                    "answers": row.answers,
                    "closings": row.closings,
                }
                for row in rows[name]
            ],
        }
        for name, (label, key) in MOVES.items()
    ]


@login_required
def page(request):
    """The frame; tray and cases come over the API, changes over the live stream."""
    now = timezone.now()
    context = {
        "takes": bool(scope.roles_of(request.user, now) & set(workflow.HELPERS)),
        "live_url": settings.LIVE_URL,
        "zone": districts.zone_of(request.user, now).key,
        "states": STATES,
        "tables": {
            "moves": move_forms(),
            "states": dict(Part.State.choices) | STATES,
            "outcomes": dict(Part.Outcome.choices),
            "roles": dict(Part.Role.choices),
            "stages": dict(Clock.Stage.choices),
            "statuses": dict(Incident.Status.choices),
            "channels": dict(Incident.Channel.choices),
            "closings": dict(Incident.Closing.choices),
            "reasons": dict(Incident.Reason.choices),
            "unanswered": dict(Incident.Unanswered.choices),
            "given": GIVEN,
            "results": dict(FollowUpCall.Result.choices),
            "kinds": names_of_kinds(),
            "desks": workflow.HELPERS,
        },
    }
    return render(request, "screens/desk.html", context)
