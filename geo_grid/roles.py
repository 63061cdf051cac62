"""Roles as rows: what the rest of the product asks about a role.

A new role is one row here, its name in `Post.Role` and the migration that follows from it; how a
kiosk and a header speak of it comes from there.
"""

from dataclasses import dataclass, field

WORKER, HELPER, DESK = "worker", "helper", "desk"
OFFICE = frozenset({"command", "desk", "statistics", "reports"})


@dataclass(frozen=True, slots=True)
class Role:
    """in_cell: its ground is one cell, else an area (an officer's also a department). answers: it
    answers for a cell where nobody above it in this table does. works: as what it moves cases.
    pages: the addresses in its header. start: rank and page where its work begins, lowest first."""

    name: str
    in_cell: bool = False
    answers: bool = False
    works: str = ""
    pages: frozenset[str] = field(default=frozenset())
    start: tuple[int, str] | None = None


ROLES = (
    Role("WORKER", in_cell=True, answers=True, works=WORKER, pages=frozenset({"command", "field"})),
    Role("ASSISTANT", answers=True, works=HELPER, pages=OFFICE | {"field"}, start=(4, "command")),
    Role("CELL_HEAD", answers=True, works=DESK, pages=OFFICE | {"posts"}, start=(2, "desk")),
    Role("OFFICER", answers=True, works=DESK, pages=OFFICE | {"posts"}, start=(2, "desk")),
    Role("DUTY", works=DESK, pages=OFFICE | {"wall", "posts"}, start=(1, "command")),
    Role("PLANNER", pages=frozenset({"planner"}), start=(3, "planner")),
    Role("ADMIN", pages=OFFICE | {"wall", "planner", "posts"}, start=(1, "command")),
)
IN_CELL = [role.name for role in ROLES if role.in_cell]
ANSWERING = [role.name for role in ROLES if role.answers]  # in the order in which they answer


def working_as(*kinds: str) -> tuple[str, ...]:
    """The names of the roles that move cases as one of these."""
    return tuple(role.name for role in ROLES if role.works in kinds)


def seeing(page: str) -> set[str]:
    """The names of the roles in whose header a page stands."""
    return {role.name for role in ROLES if page in role.pages}
