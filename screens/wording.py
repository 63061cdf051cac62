"""What moves and the lines of a timeline are called, for every page that tells them."""

from django.utils.translation import gettext_lazy as _

from incidents import workflow

MOVES = {  # move -> what it is called, its key; the keys of one case never meet
    "accept": (_("Accept"), "a"),
    "read": (_("Mark as read"), "m"),
    "place": (_("Put in a cell"), "l"),
    "grant_extension": (_("Grant more time"), "f"),
    "refuse_extension": (_("Refuse more time"), "n"),
    "resume": (_("Resume"), "u"),
    "verify": (_("Pass the check"), "v"),
    "close": (_("Close the case"), "c"),
    "resolve": (_("Resolve"), "r"),
    "dispatch": (_("Dispatch"), "d"),
    "escalate": (_("Escalate"), "e"),
    "skip_level": (_("Escalate past the town"), "s"),
    "progress": (_("Note progress"), "p"),
    "rework": (_("Order rework"), "w"),
    "send_back": (_("Send back"), "b"),
    "refuse": (_("Refuse"), "x"),
    "reopen": (_("Reopen"), "o"),
    "instruct": (_("Instruct"), "t"),
    "involve": (_("Ask for support"), "i"),
    "copy": (_("Send a copy"), "y"),
    "call_out": (_("Call departments here"), "z"),
    "ask_extension": (_("Ask for more time"), "q"),
    "suspend": (_("Suspend"), "h"),
    "merge": (_("Merge"), "g"),
    "unmerge": (_("Undo the merge"), ""),
    "recategorise": (_("Change the category"), ""),
    "recompute": (_("Compute the dates anew"), ""),
    "split": (_("Split in two"), ""),
    "link": (_("Link"), ""),
    "mark_urgent": (_("Mark as urgent"), ""),
    "unmark_urgent": (_("No longer urgent"), ""),
    "mark_legacy": (_("Mark as legacy"), ""),
    "unmark_legacy": (_("No longer legacy"), ""),
    "void": (_("Void"), ""),
}
KINDS = {  # lines of the timeline that no move writes, or that say it otherwise
    "REPORTED": _("Reported event"),
    "SUPPORTED": _("Support given"),
    "ATTACHED": _("File added"),
    "CALLED": _("Follow-up call"),
    "RECOMPUTED": _("Time limit computed again"),
    "TOOK_IN": _("Took another case in"),
    "GAVE_BACK": _("Gave a merged case back"),
    "CALL_AGREED": _("Called department agrees to come"),
    "CALL_REFUSED": _("Called department refuses to come"),
    "CALL_ARRIVED": _("Called department arrived"),
    "CALL_CANCELLED": _("Call to a place cancelled"),
    "CALL_SCORED": _("Called department scored"),
    "REVEALED": _("Contact opened"),
    "HANDED_OVER": _("Handed to who answers now"),
    "WARNED": _("Early warning"),
    "REMINDED": _("Reminder"),
    "SUPERVISED": _("Supervision"),
    "YELLOW_CARD": _("Yellow card"),
    "RED_CARD": _("Red card"),
    "SUPERVISION_REPLY": _("Reply to supervision"),
    "SUPERVISION_CANCEL": _("Supervision cancelled"),
}


def names_of_kinds() -> dict:
    """What the lines of the timeline are called; of two moves with one event, as the plainer says it."""
    return {row.event: MOVES[row.name][0] for row in reversed(workflow.MOVES)} | KINDS
