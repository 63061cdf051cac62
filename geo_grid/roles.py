"""Roles as rows: everything that the rest of the product asks about a role. Pure.

A new role is one row here and nothing else: forms, lists of posts, the kiosk, the header, rights and
the table of the tests follow from it.
"""

from dataclasses import dataclass, field

from geo_grid.codes import COMMUNITY, DISTRICT, TOWN

CELL, DEPARTMENT = "CELL", "DEPARTMENT"
AREAS = frozenset({COMMUNITY, TOWN, DISTRICT})
WORKER, HELPER, DESK = "worker", "helper", "desk"
OFFICE = frozenset({"command", "desk", "statistics", "reports"})


@dataclass(frozen=True, slots=True)
class Role:
    """name: at most 13 capitals, for ever. title: in Chinese and in English. held_at: the grounds
    at which it may be held: a CELL, an area of a level, a DEPARTMENT. answers: it answers for a
    cell where nobody above it in this table does. works: as what it moves cases, in a cell as a
    WORKER. pages: the addresses in its header, one at least. start: rank and page where its work
    begins, lowest first. draws: it draws plans, on its area. reviews: of a district, it publishes
    them."""

    name: str
    title: tuple[str, str]
    held_at: frozenset[str]
    answers: bool = False
    works: str = ""
    pages: frozenset[str] = field(default=frozenset())
    start: tuple[int, str] | None = None
    draws: bool = False
    reviews: bool = False


# fmt: off
ROLES = (
    Role("WORKER", ("网格员", "grid worker"), frozenset({CELL}), answers=True, works=WORKER,
         pages=frozenset({"command", "field"})),
    Role("ASSISTANT", ("网格协管员", "assistant"), AREAS, answers=True, works=HELPER,
         pages=OFFICE | {"field"}, start=(4, "command")),
    Role("CELL_HEAD", ("网格长", "cell head"), AREAS, answers=True, works=DESK,
         pages=OFFICE | {"posts"}, start=(2, "desk")),
    Role("OFFICER", ("经办人", "desk officer"), AREAS | {DEPARTMENT}, answers=True, works=DESK,
         pages=OFFICE | {"posts"}, start=(2, "desk")),
    Role("DUTY", ("值班员", "duty officer"), AREAS, works=DESK,
         pages=OFFICE | {"wall", "posts"}, start=(1, "command")),
    Role("PLANNER", ("规划员", "planner"), AREAS, draws=True, reviews=True,
         pages=frozenset({"planner"}), start=(3, "planner")),
    Role("ADMIN", ("管理员", "administrator"), AREAS,
         pages=OFFICE | {"wall", "planner", "posts"}, start=(1, "command")),
)
# fmt: on
BY_NAME = {role.name: role for role in ROLES}
IN_CELL = [role.name for role in ROLES if CELL in role.held_at]
ANSWERING = [role.name for role in ROLES if role.answers]  # in the order in which they answer
KEEPING = [name for name in ANSWERING if name in IN_CELL]  # a cell without one is vacant
DRAWING = [role.name for role in ROLES if role.draws]
REVIEWING = [role.name for role in ROLES if role.reviews]


def working_as(*kinds: str) -> tuple[str, ...]:
    """The names of the roles that move cases as one of these."""
    return tuple(role.name for role in ROLES if role.works in kinds)


def seeing(page: str) -> set[str]:
    """The names of the roles in whose header a page stands."""
    return {role.name for role in ROLES if page in role.pages}
