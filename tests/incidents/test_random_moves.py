"""Random moves by random people: nothing impossible, no clock lost, screens that stay true."""

import json
import random
from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from core.errors import DomainError, NotAllowed, NotFound
from incidents import board, queries, services, workflow
from incidents.models import (
    Incident,
    IncidentEvent,
    Reporter,
)
from tests.conftest import COMMUNITY
from tests.incidents.cases import chain, check
from tests.incidents.conftest import photo_of

TOLD = {
    "note": "已核实",
    "until": date(2027, 1, 4),
    "workdays": 2,
    "answer": "已办理完毕",
    "departments": ("610403-D14",),
    "place": "社区门口",
    "hour": datetime(2027, 1, 4, 2, tzinfo=UTC),
    "category": "0102",
    "description": "另有邻里纠纷",
}
OFFICES = ("610403", "610403001", COMMUNITY, "610403-D07", "610403-D14")


EVERYBODY = ("lin", "wang", "tang", "zhao", "he", "gao", "qian")
WHO = st.sampled_from(EVERYBODY)
SEEDS = st.integers(0, 2**32)
SELDOM = (
    "void",
    "merge",
    "split",
    "refuse",
    "link",
    "copy",
    "progress",
    "instruct",
    "mark_urgent",
)
SELDOM = (*SELDOM, "mark_legacy", "unmark_urgent", "unmark_legacy")
made = Counter()


def spot(lon_lat):
    """As far as a screen can tell places apart: a decimetre."""
    return [side and round(side, 6) for side in lon_lat]


class Office(RuleBasedStateMachine):
    """One case in the hands of everybody. The test gives it `people`, `report` and `now`."""

    @initialize(category=st.sampled_from(["0501", "0102", "0411"]))
    def begin(self, category):
        self.clock, self.turn = self.now, 0
        self.incident = self.report(self.now, category)
        self.other = self.report(self.now, category, cell=f"{COMMUNITY}002")
        self.picture, self.heard = self.fresh(), IncidentEvent.objects.latest("id").pk

    def fresh(self):
        """What a screen that is opened now shows: number -> what the map and the list draw."""
        rows = json.loads(board.open_now(self.people["zhao"], self.clock))["rows"]
        return {
            row[0]: [*spot(row[1:3]), *row[3:7], round(row[8] or 0), bool(row[10])] for row in rows
        }

    def hear(self, told):
        """A difference from the stream, as a page takes it in."""
        if told["status"] not in Incident.OPEN:
            return self.picture.pop(told["number"], None)
        due = datetime.fromisoformat(told["due_at"]).timestamp() if told["due_at"] else 0
        names = ("status", "category", "cell", "community")
        shown = [
            *spot((told["lon"], told["lat"])),
            *(told[name] for name in names),
            round(due),
            told["urgent"],
        ]
        self.picture[told["number"]] = shown
        return shown

    @rule(seed=SEEDS)
    def an_open_move(self, seed):
        """One of the things that are open to anybody now, those that bring the case on more often."""
        self.turn += 1
        chance = random.Random(seed + 7919 * self.turn)
        self.clock += timedelta(minutes=chance.randrange(1, 2000))
        case = queries.case_of(Incident.objects.get(pk=self.incident.pk))
        found = [
            (who, name)
            for who, person in self.people.items()
            for names in queries.moves_open(case, queries.seats(person, self.clock)).values()
            for name in names
        ]
        weights = [1 if name in SELDOM else 6 for _who, name in found]
        who, name = chance.choices(found, weights)[0]
        refused = self.make(who, name, chance.choice(OFFICES))
        assert not isinstance(refused, (NotAllowed, NotFound)), refused

    @rule(who=WHO, name=st.sampled_from(workflow.NAMES), to=st.sampled_from(OFFICES))
    def any_move(self, who, name, to):
        """Anybody tries anything."""
        self.make(who, name, to)

    def make(self, who, name, to):
        """Make a move with all that any needs; answers why it was refused, or None."""
        if name == "resolve":
            self.take_photo(self.people[who])
        told = TOLD | {"to": to, "other": self.other.number, "cell": f"{COMMUNITY}003"}
        before = (chain(self.incident), IncidentEvent.objects.count())
        try:
            services.make_move(
                number=self.incident.number,
                move=name,
                told=services.Told(**told),
                actor=self.people[who],
                now=self.clock,
            )
        except DomainError as error:
            assert (chain(self.incident), IncidentEvent.objects.count()) == before
            return error
        assert IncidentEvent.objects.count() > before[1]
        made[name] += 1
        return None

    def take_photo(self, who):
        moment = self.clock
        with suppress(DomainError):
            services.attach_file(
                number=self.incident.number,
                name="a.jpg",
                content=photo_of((moment.minute, moment.hour, moment.day)),
                actor=who,
                now=moment,
            )

    @invariant()
    def a_screen_that_listened_shows_what_a_fresh_one_does(self):
        for event in IncidentEvent.objects.filter(pk__gt=self.heard).order_by("pk"):
            self.heard = event.pk
            self.hear(event.payload)
        assert self.picture == self.fresh()

    @invariant()
    def all_is_well(self):
        check(self.incident)
        check(Incident.objects.latest("id"))  # the other one, or what was split off last
        assert Reporter.objects.count() == Incident.objects.count()
        assert (
            not Incident.objects.filter(merged_into=self.incident).exclude(status="VOID").exists()
        )


def machine(people, report, now):
    return type(
        "Machine", (Office,), {"people": people, "report": staticmethod(report), "now": now}
    )


WALK = {"deadline": None, "stateful_step_count": 40}


@pytest.fixture
def everybody(lin, wang, tang, zhao, he, gao, qian):
    return dict(zip(EVERYBODY, (lin, wang, tang, zhao, he, gao, qian), strict=True))


def test_random_moves_by_random_people_never_reach_an_impossible_state(everybody, report, now):
    run_machine(
        lambda: machine(everybody, report, now)(),
        settings=hypothesis_settings(max_examples=5, **WALK),
    )
    assert len(made) >= 10, made


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_very_many_random_moves_reach_every_move(everybody, report, now):
    run_machine(
        lambda: machine(everybody, report, now)(),
        settings=hypothesis_settings(max_examples=150, **WALK),
    )
    assert set(workflow.NAMES) - set(made) <= {"place", "skip_level"}
