"""What the cast may see."""

from datetime import timedelta

from geo_grid import services
from geo_grid.scope import reach, roles_of


def message(ground, cell="A1"):
    return {"district": "610403", "community": "610403001001", "cell": ground[cell].code}


def test_lin_sees_the_own_cell_only(ground, lin, now):
    assert reach(lin, now).sees(message(ground, "A1"))
    assert not reach(lin, now).sees(message(ground, "A2"))


def test_wang_sees_the_community_but_not_the_unassigned(ground, wang, now):
    assert reach(wang, now).sees(message(ground, "A2"))
    assert not reach(wang, now).sees({"district": "610403", "community": None, "cell": None})


def test_zhao_sees_the_district_and_its_queue(ground, zhao, now):
    assert reach(zhao, now).sees({"district": "610403", "community": None, "cell": None})


def test_qian_sees_nothing(ground, qian, now):
    assert not reach(qian, now).sees(message(ground))


def test_nobody_matches_an_empty_message(ground, lin, qian, now):
    assert not reach(lin, now).sees({"district": None, "community": None, "cell": None})


def test_a_deputy_sees_what_the_post_sees_while_its_holder_is_away(ground, lin, qian, now):
    back = now + timedelta(days=7)
    services.grant_leave(post=lin.posts.get(), deputy=qian, since=now, until=back)
    for moment, seen in ((now - timedelta(seconds=1), False), (now, True), (back, False)):
        assert reach(qian, moment).sees(message(ground, "A1")) is seen
        assert ("WORKER" in roles_of(qian, moment)) is seen
    assert not reach(qian, now).sees(message(ground, "A2"))
    assert reach(lin, now).sees(message(ground, "A1"))  # who is away still may look
