"""What may be done with a case, from which state, by whom, and what becomes of it. Pure: one table.

A case is a chain of parts (steps of offices). A move acts on one part: it changes the part's state,
may end it and open the next one, and says what happens to the clock. Whoever wants another move
adds a row to MOVES.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from geo_grid import roles as posts

DISTRICT, TOWN, COMMUNITY, DEPARTMENT = "DISTRICT", "TOWN", "COMMUNITY", "DEPARTMENT"
AREAS = (DISTRICT, TOWN, COMMUNITY)
LEVELS = (*AREAS, DEPARTMENT)

LEAD, SUPPORT, COPY = "LEAD", "SUPPORT", "COPY"

WAITING, HANDLING, REWORK, SUSPENDED = "WAITING", "HANDLING", "REWORK", "SUSPENDED"
TO_VERIFY, TO_CLOSE, TO_READ = "TO_VERIFY", "TO_CLOSE", "TO_READ"
DONE, CLOSED, FILED = "DONE", "CLOSED", "FILED"
WORKING = (HANDLING, REWORK)
LIVE = (WAITING, HANDLING, REWORK, SUSPENDED, TO_VERIFY, TO_CLOSE)
OPEN = (*LIVE, TO_READ)
STATES = (*OPEN, DONE, CLOSED, FILED)
STATES_OF = {
    LEAD: (*LIVE, DONE, CLOSED),
    SUPPORT: (WAITING, HANDLING, DONE),
    COPY: (TO_READ, FILED),
}

# Whose part it is, seen from the one who moves: the own office's, an office's below, the own cell's.
OWN, ABOVE, CELL = "own", "above", "cell"

DESK = posts.working_as(posts.DESK)
HELPERS = posts.working_as(posts.DESK, posts.HELPER)
WORKERS = posts.working_as(posts.WORKER)
AT_WORK = (*HELPERS, *WORKERS)

# Where the next part opens.
TOLD, UP, TOP, BACK, CLOSER, HANDLER, SAME, GROUND = (
    "told",  # the office named in `to`
    "up",  # the next higher level
    "top",  # the district, over the town
    "back",  # the office of the step before
    "closer",  # the office that dispatched it, or the own one
    "handler",  # the office that resolved it
    "same",  # the own office again
    "ground",  # the community of the cell
)

# What a move does to the clock: start a stage (on the part it opens, else on its own), or shift it.
ACCEPT, HANDLE, VERIFY = "ACCEPT", "HANDLE", "VERIFY"
STOP, SUSPEND, RESUME, EXTEND = "STOP", "SUSPEND", "RESUME", "EXTEND"

# Facts of a case that some rows ask for.
CHECKED = "its category wants a field check"
SKIPS = "a rule lets it pass over the town"
ASKED = "more time is asked for"
URGENT = "it is urgent"
LEGACY = "it is a legacy case"
UNPLACED = "it lies in no cell"
MERGED = "it was merged into another"
SENT = "another office handed it over"
REDONE = "a check sent it back to be done again"


@dataclass(frozen=True, slots=True)
class Move:
    """One row. `opens` is (role, state) of the next part; `wants` are further fields it needs."""

    name: str
    event: str
    states: tuple[str, ...]
    to: str = ""
    outcome: str = ""
    opens: tuple[str, str] | None = None
    opens_at: str = ""
    clock: str = ""
    note: bool = False
    wants: tuple[str, ...] = ()
    by: tuple[str, ...] = (OWN,)
    by_levels: tuple[str, ...] = LEVELS
    levels: tuple[str, ...] = LEVELS
    roles: tuple[str, ...] = (LEAD,)
    posts: tuple[str, ...] = DESK
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    by_another: bool = False  # than the person who resolved what it is about
    answers: bool = False  # ends the case: an answer, or the reason why there is none
    closings: tuple[str, ...] = ()


NOT_TOP = (TOWN, COMMUNITY, DEPARTMENT)
UPPER = (DISTRICT, TOWN)
TAKEN = (LEAD, WAITING)
ALL_CLOSINGS = ("NORMAL", "LATE", "MISTAKEN", "SPECIAL")

# fmt: off
MOVES: tuple[Move, ...] = (
    # take it, or not
    Move("accept", "ACCEPTED", (WAITING,), HANDLING, clock=HANDLE, roles=(LEAD, SUPPORT)),
    Move("refuse", "REFUSED", (WAITING,), CLOSED, "REFUSED", note=True, levels=AREAS, answers=True),
    Move("place", "PLACED", (WAITING, HANDLING), DONE, "PLACED", TAKEN, GROUND, ACCEPT,
         wants=("cell",), levels=(DISTRICT,), when=(UNPLACED,)),
    # pass it on
    Move("dispatch", "DISPATCHED", WORKING, DONE, "DISPATCHED", TAKEN, TOLD, ACCEPT,
         wants=("to",), levels=UPPER),
    Move("involve", "INVOLVED", WORKING, opens=(SUPPORT, WAITING), opens_at=TOLD, clock=ACCEPT,
         wants=("to",), levels=(DISTRICT, TOWN, DEPARTMENT)),
    Move("copy", "COPIED", LIVE, opens=(COPY, TO_READ), opens_at=TOLD, wants=("to",)),
    Move("call_out", "CALLED_OUT", WORKING, note=True, wants=("departments", "place", "hour"),
         levels=(TOWN, COMMUNITY)),
    Move("escalate", "ESCALATED", WORKING, DONE, "ESCALATED", TAKEN, UP, ACCEPT,
         note=True, levels=(TOWN, COMMUNITY)),
    Move("skip_level", "ESCALATED", WORKING, DONE, "ESCALATED", TAKEN, TOP, ACCEPT,
         note=True, levels=(COMMUNITY,), when=(SKIPS,)),
    Move("send_back", "SENT_BACK", (WAITING, *WORKING), DONE, "SENT_BACK", (LEAD, HANDLING), BACK,
         HANDLE, note=True, when=(SENT,)),
    Move("send_back", "SENT_BACK", (WAITING, HANDLING), DONE, "SENT_BACK", note=True,
         roles=(SUPPORT,)),
    # work on it
    Move("progress", "PROGRESS", (HANDLING, REWORK, SUSPENDED), note=True, roles=(LEAD, SUPPORT),
         posts=HELPERS),
    Move("progress", "PROGRESS", LIVE, note=True, by=(CELL,), posts=WORKERS),
    Move("instruct", "INSTRUCTED", LIVE, note=True, by=(ABOVE,), roles=(LEAD, SUPPORT)),
    Move("read", "READ", (TO_READ,), FILED, "READ", roles=(COPY,), posts=HELPERS),
    Move("resolve", "RESOLVED", WORKING, DONE, "RESOLVED", (LEAD, TO_VERIFY), CLOSER, VERIFY,
         note=True, when=(CHECKED,)),
    Move("resolve", "RESOLVED", WORKING, DONE, "RESOLVED", (LEAD, TO_CLOSE), CLOSER,
         note=True, unless=(CHECKED,)),
    Move("resolve", "SUPPORTED", (HANDLING,), DONE, "RESOLVED", note=True, roles=(SUPPORT,)),
    # check and end it
    Move("verify", "VERIFIED", (TO_VERIFY,), TO_CLOSE, clock=STOP, note=True, by=(OWN, ABOVE),
         by_another=True),
    Move("rework", "REWORK", (TO_VERIFY, TO_CLOSE), DONE, "REWORK", (LEAD, REWORK), HANDLER, HANDLE,
         note=True),
    Move("close", "CLOSED", (TO_CLOSE,), CLOSED, "CLOSED", answers=True, closings=ALL_CLOSINGS),
    Move("close", "CLOSED", WORKING, CLOSED, "CLOSED", note=True, levels=AREAS, answers=True,
         closings=("MISTAKEN", "SPECIAL")),
    Move("void", "VOIDED", LIVE, CLOSED, "VOID", note=True, by=(OWN, ABOVE), by_levels=UPPER),
    Move("merge", "MERGED", LIVE, CLOSED, "VOID", wants=("other",), levels=AREAS),
    Move("unmerge", "UNMERGED", (CLOSED,), note=True, by=(OWN, ABOVE), levels=AREAS,
         when=(MERGED,)),
    Move("split", "SPLIT", LIVE, wants=("category", "description"), levels=AREAS),
    Move("reopen", "REOPENED", (CLOSED,), opens=(LEAD, HANDLING), opens_at=SAME, clock=HANDLE,
         note=True, by=(OWN, ABOVE), unless=(MERGED,)),
    # its time
    Move("suspend", "SUSPENDED", WORKING, SUSPENDED, clock=SUSPEND, note=True, wants=("until",),
         by=(OWN, ABOVE), by_levels=UPPER),
    Move("resume", "RESUMED", (SUSPENDED,), HANDLING, clock=RESUME, by=(OWN, ABOVE),
         unless=(REDONE,)),
    Move("resume", "RESUMED", (SUSPENDED,), REWORK, clock=RESUME, by=(OWN, ABOVE),
         when=(REDONE,)),
    Move("ask_extension", "EXTENSION_ASKED", WORKING, note=True, wants=("workdays",),
         levels=NOT_TOP, unless=(ASKED,)),
    Move("grant_extension", "EXTENDED", WORKING, clock=EXTEND, by=(ABOVE,), when=(ASKED,)),
    Move("refuse_extension", "EXTENSION_REFUSED", LIVE, note=True, by=(ABOVE,), when=(ASKED,)),
    Move("recategorise", "RECATEGORISED", LIVE, note=True, wants=("category",), by=(OWN, ABOVE),
         by_levels=AREAS),
    Move("recompute", "RECOMPUTED", LIVE, note=True, by=(OWN, ABOVE), by_levels=(DISTRICT,)),
    # marks
    Move("mark_urgent", "URGENT", LIVE, by=(OWN, ABOVE), unless=(URGENT,)),
    Move("unmark_urgent", "NOT_URGENT", LIVE, note=True, by=(OWN, ABOVE), when=(URGENT,)),
    Move("mark_legacy", "LEGACY", LIVE, note=True, by=(OWN, ABOVE), by_levels=(DISTRICT,),
         unless=(LEGACY,)),
    Move("unmark_legacy", "NOT_LEGACY", LIVE, note=True, by=(OWN, ABOVE), by_levels=(DISTRICT,),
         when=(LEGACY,)),
    Move("link", "LINKED", (*LIVE, CLOSED), wants=("other",), by=(OWN, ABOVE)),
)
# fmt: on
NAMES = tuple(dict.fromkeys(move.name for move in MOVES))

STATUS_OF_STATE = {
    WAITING: "HANDLING",
    HANDLING: "HANDLING",
    SUSPENDED: "HANDLING",
    REWORK: "REWORK",
    TO_VERIFY: "RESOLVED",
    TO_CLOSE: "RESOLVED",
}


@dataclass(frozen=True, slots=True)
class Body:
    """An office. code: of the area or department; district: the district it belongs to."""

    level: str
    code: str
    district: str


@dataclass(frozen=True, slots=True)
class Step:
    """The part a move would act on. facts: those of the case that hold."""

    role: str
    state: str
    level: str
    facts: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody stands to a part: OWN, ABOVE or CELL, in an office of a level, with a post.

    resolved: this very person did what is to be checked there.
    """

    side: str
    level: str
    post: str
    resolved: bool = False


def may_by_post(move: Move, step: Step, standing: Standing) -> bool:
    """Whether office and post allow the move on this part in some state."""
    return (
        step.role in move.roles
        and step.level in move.levels
        and standing.side in move.by
        and standing.post in move.posts
        and (standing.side == CELL or standing.level in move.by_levels)
        and not (move.by_another and standing.resolved)
    )


def may_by_state(move: Move, step: Step) -> bool:
    """Whether the state and the facts of the case allow it."""
    return (
        step.state in move.states
        and step.facts.issuperset(move.when)
        and step.facts.isdisjoint(move.unless)
    )


def find_move(name: str, step: Step, standings: Iterable[Standing]) -> Move | None:
    """The row of a move that allows it to somebody who stands so to this part."""
    standings = tuple(standings)
    return next(
        (
            move
            for move in MOVES
            if move.name == name
            and may_by_state(move, step)
            and any(may_by_post(move, step, one) for one in standings)
        ),
        None,
    )


def moves_allowed(step: Step, standings: Iterable[Standing]) -> tuple[str, ...]:
    """The names of the moves that one may make now, in the order of the table."""
    standings = tuple(standings)
    return tuple(name for name in NAMES if find_move(name, step, standings))


def stands_above(upper: Body, lower: Body) -> bool:
    """Whether an office is above another: areas by code, the district above its departments."""
    if upper.level == DEPARTMENT or upper.district != lower.district:
        return False
    if lower.level == DEPARTMENT:
        return upper.level == DISTRICT
    return len(upper.code) < len(lower.code) and lower.code.startswith(upper.code)


def may_receive(name: str, sender: Body, target: Body) -> bool:
    """Whether an office may send a case (dispatch), ask for support, copy, or call out there."""
    if sender == target or sender.district != target.district:
        return False
    if name == "copy":
        return True
    if name == "call_out":
        return target.level == DEPARTMENT
    if name == "involve" and sender.level == DEPARTMENT:
        return target.level == DEPARTMENT
    return stands_above(sender, target)


def status_after(state: str, outcome: str, accepted: bool) -> str:
    """The state of the whole case by its newest leading part; `accepted`: ever by anybody."""
    if state == CLOSED:
        return outcome
    return STATUS_OF_STATE[state] if accepted else "REPORTED"


def is_shirking(earlier_outcomes: Iterable[str]) -> bool:
    """Whether another send-back counts as passing off (推诿): this office sent it back before."""
    return "SENT_BACK" in earlier_outcomes
