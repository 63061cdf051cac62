"""What lines of a timeline are called: every event has a name, and the plainest of them."""

from incidents import workflow
from screens.wording import MOVES, names_of_kinds


def test_every_event_of_a_move_has_a_name_and_an_escalation_is_not_told_as_a_skip():
    names = names_of_kinds()
    assert {move.event for move in workflow.MOVES} <= set(names)
    assert names["ESCALATED"] == MOVES["escalate"][0]
