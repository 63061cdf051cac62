"""The table of moves: who may do what, where, in which state. The whole matrix is written out once."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents import workflow
from incidents.workflow import (
    ABOVE,
    CELL,
    COPY,
    DEPARTMENT,
    LEAD,
    LEVELS,
    OWN,
    STATES,
    SUPPORT,
    Body,
    Standing,
    Step,
)

DESK_LEVEL = {OWN: None, ABOVE: "DISTRICT", CELL: "COMMUNITY"}
MARKS = "mark_urgent link"
AREA = f"recategorise {MARKS}"
TOP = f"recategorise recompute mark_legacy {MARKS}"  # of the district
# What a desk officer may do with a leading part that another office handed over, by level and state.
LEADING = {
    ("DISTRICT", "WAITING"): f"accept refuse copy send_back void merge split {TOP}",
    (
        "DISTRICT",
        "HANDLING",
    ): f"dispatch involve copy send_back progress resolve close void merge split suspend {TOP}",
    (
        "DISTRICT",
        "REWORK",
    ): f"dispatch involve copy send_back progress resolve close void merge split suspend {TOP}",
    ("DISTRICT", "SUSPENDED"): f"copy progress void merge split resume {TOP}",
    ("DISTRICT", "TO_VERIFY"): f"copy verify rework void merge split {TOP}",
    ("DISTRICT", "TO_CLOSE"): f"copy rework close void merge split {TOP}",
    ("TOWN", "WAITING"): f"accept refuse copy send_back void merge split {AREA}",
    (
        "TOWN",
        "HANDLING",
    ): "dispatch involve copy call_out escalate send_back progress resolve close void "
    f"merge split suspend ask_extension {AREA}",
    (
        "TOWN",
        "REWORK",
    ): "dispatch involve copy call_out escalate send_back progress resolve close void merge split "
    f"suspend ask_extension {AREA}",
    ("TOWN", "SUSPENDED"): f"copy progress void merge split resume {AREA}",
    ("TOWN", "TO_VERIFY"): f"copy verify rework void merge split {AREA}",
    ("TOWN", "TO_CLOSE"): f"copy rework close void merge split {AREA}",
    ("COMMUNITY", "WAITING"): f"accept refuse copy send_back merge split {AREA}",
    (
        "COMMUNITY",
        "HANDLING",
    ): f"copy call_out escalate send_back progress resolve close merge split ask_extension {AREA}",
    ("COMMUNITY", "REWORK"): "copy call_out escalate send_back progress resolve close merge split "
    f"ask_extension {AREA}",
    ("COMMUNITY", "SUSPENDED"): f"copy progress merge split resume {AREA}",
    ("COMMUNITY", "TO_VERIFY"): f"copy verify rework merge split {AREA}",
    ("COMMUNITY", "TO_CLOSE"): f"copy rework close merge split {AREA}",
    ("DEPARTMENT", "WAITING"): f"accept copy send_back {MARKS}",
    ("DEPARTMENT", "HANDLING"): f"involve copy send_back progress resolve ask_extension {MARKS}",
    ("DEPARTMENT", "REWORK"): f"involve copy send_back progress resolve ask_extension {MARKS}",
    ("DEPARTMENT", "SUSPENDED"): f"copy progress resume {MARKS}",
    ("DEPARTMENT", "TO_VERIFY"): f"copy verify rework {MARKS}",
    ("DEPARTMENT", "TO_CLOSE"): f"copy rework close {MARKS}",
} | {(level, "CLOSED"): "reopen link" for level in LEVELS}
# What the district may do with a leading part of an office below.
FROM_ABOVE = {
    "WAITING": f"instruct void {TOP}",
    "HANDLING": f"instruct void suspend {TOP}",
    "REWORK": f"instruct void suspend {TOP}",
    "SUSPENDED": f"instruct void resume {TOP}",
    "TO_VERIFY": f"instruct verify void {TOP}",
    "TO_CLOSE": f"instruct void {TOP}",
    "CLOSED": "reopen link",
}
SUPPORTING = {"WAITING": "accept send_back", "HANDLING": "send_back progress resolve"}


def expected(role, state, level, side, post):
    """The matrix in words of the offices, without looking at the table of moves."""
    if side == CELL:
        live = post == "WORKER" and role == LEAD and state in workflow.LIVE
        return {"progress"} if live else set()
    if post == "ASSISTANT":
        allowed = {"progress", "read"} if side == OWN else set()
        return expected(role, state, level, side, "OFFICER") & allowed
    if post not in workflow.DESK:
        return set()
    if role == COPY:
        return {"read"} if side == OWN and state == "TO_READ" else set()
    if role == SUPPORT:
        own = SUPPORTING.get(state, "")
        return set((own if side == OWN else "instruct" if own else "").split())
    found = LEADING.get((level, state), "") if side == OWN else FROM_ABOVE.get(state, "")
    return set(found.split())


POSTS = ("WORKER", "ASSISTANT", "CELL_HEAD", "OFFICER", "DUTY", "PLANNER", "ADMIN")
MATRIX = [
    (role, state, level, side)
    for role, states in workflow.STATES_OF.items()
    for state, level, side in itertools.product(states, LEVELS, (OWN, ABOVE, CELL))
    if not (side == ABOVE and level == "DISTRICT")
]


@pytest.mark.parametrize("post", POSTS)
def test_the_whole_matrix_of_post_level_and_state(post):
    """Every move x post x level x state x part x side: 29,029 decisions, each as written above."""
    decided = Counter()
    for role, state, level, side in MATRIX:
        standing = Standing(side, DESK_LEVEL[side] or level, post)
        step = Step(role, state, level, frozenset({workflow.SENT}))
        wanted = expected(role, state, level, side, post)
        assert set(workflow.moves_allowed(step, [standing])) == wanted, (role, state, level, side)
        decided[post] += len(workflow.NAMES)
    assert decided[post] == len(MATRIX) * len(workflow.NAMES)


@pytest.mark.parametrize(
    ("move", "state", "facts"),
    [
        ("send_back", "HANDLING", {workflow.SENT}),
        ("skip_level", "HANDLING", {workflow.SKIPS}),
        ("unmark_urgent", "HANDLING", {workflow.URGENT}),
    ],
)
def test_a_fact_opens_a_move(move, state, facts):
    officer = [Standing(OWN, "COMMUNITY", "OFFICER")]
    without = workflow.moves_allowed(Step(LEAD, state, "COMMUNITY"), officer)
    held = workflow.moves_allowed(Step(LEAD, state, "COMMUNITY", frozenset(facts)), officer)
    assert move not in without
    assert move in held


def test_more_time_is_asked_once_and_decided_above():
    own, above = Standing(OWN, DEPARTMENT, "OFFICER"), Standing(ABOVE, "DISTRICT", "DUTY")
    step = Step(LEAD, "HANDLING", DEPARTMENT, frozenset({workflow.ASKED}))
    assert "ask_extension" not in workflow.moves_allowed(step, [own])
    assert {"grant_extension", "refuse_extension"} <= set(workflow.moves_allowed(step, [above]))


def test_a_merged_case_is_not_reopened():
    merged = Step(LEAD, "CLOSED", "DISTRICT", frozenset({workflow.MERGED}))
    assert "reopen" not in workflow.moves_allowed(merged, [Standing(OWN, "DISTRICT", "OFFICER")])


def test_only_a_merged_case_is_taken_apart_again():
    facts = frozenset({workflow.MERGED})
    for side, level in ((OWN, "COMMUNITY"), (ABOVE, "DISTRICT")):
        officer = [Standing(side, level, "OFFICER")]
        merged = Step(LEAD, "CLOSED", "COMMUNITY", facts)
        assert "unmerge" in workflow.moves_allowed(merged, officer)
        assert "unmerge" not in workflow.moves_allowed(Step(LEAD, "CLOSED", "COMMUNITY"), officer)


def test_every_row_is_sound():
    for row in workflow.MOVES:
        assert set(row.states) <= set(STATES), row.name
        assert row.to == "" or row.to in STATES
        assert bool(row.outcome) == (row.to not in ("", *workflow.OPEN)), row.name
        assert bool(row.opens) == bool(row.opens_at), row.name
        assert not row.answers or row.to == "CLOSED"
        ends_the_lead = LEAD in row.roles and row.outcome and row.to == "DONE"
        assert not ends_the_lead or (row.opens and row.opens[0] == LEAD), row.name


def test_every_state_can_be_left_and_reached():
    reached = {row.to for row in workflow.MOVES} | {
        row.opens[1] for row in workflow.MOVES if row.opens
    }
    left = {state for row in workflow.MOVES for state in row.states if row.to or row.opens}
    assert set(STATES) <= reached
    assert set(workflow.OPEN) <= left


AREAS = st.sampled_from(["610403", "610403001", "610403001001", "610403002", "610404", "610404001"])
LEVEL_OF = {6: "DISTRICT", 9: "TOWN", 12: "COMMUNITY"}
BODIES = st.one_of(
    AREAS.map(lambda code: Body(LEVEL_OF[len(code)], code, code[:6])),
    st.sampled_from(["610403-D01", "610403-D02", "610404-D01"]).map(
        lambda code: Body(DEPARTMENT, code, code[:6])
    ),
)


@given(BODIES, BODIES)
def test_a_case_never_leaves_its_district_and_is_dispatched_only_downwards(sender, target):
    assert not (workflow.stands_above(sender, target) and workflow.stands_above(target, sender))
    for name in ("dispatch", "involve", "copy", "call_out"):
        if workflow.may_receive(name, sender, target):
            assert sender.district == target.district
            assert sender != target
    assert workflow.may_receive("dispatch", sender, target) == workflow.stands_above(sender, target)
