"""The published figures, and what must hold for any counts."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from incidents.indicators import (
    Counts,
    change,
    jinhua_closed,
    jinhua_on_time,
    jinniu,
    percent,
    rate,
    signed,
)


def test_tianmen_december_2016():
    """Both rates over what should have been closed (972), not over what was filed (996)."""
    counts = Counts(reported=1054, due=972, due_closed=911, due_on_time=737)
    rates = counts.rates()
    assert percent(rates["close_rate"]) == "93.72 %"
    assert percent(rates["on_time_rate"]) == "75.82 %"


def test_yangling():
    counts = Counts(reported=1496, closed=1439, open=57)
    assert counts.balances
    assert percent(counts.rates()["settled_rate"]) == "96.19 %"


def test_disputes_against_last_year():
    assert signed(change(318, 346)) == "−8.09 %"
    assert signed(change(346, 318)) == "+8.81 %"
    assert signed(change(5, 5)) == "0.00 %"
    assert signed(change(5, 0)) == "–"


def test_jinhua_subtracts_suspended_cases():
    counts = Counts(due=110, suspended=10, due_on_time=65)
    on_time = counts.rates()["on_time_rate"]
    assert percent(on_time, 0) == "65 %"
    assert jinhua_on_time(on_time) == 45
    assert jinhua_closed(Fraction(95, 100)) == 20
    assert jinhua_closed(Fraction(60, 100)) == 0


def test_jinniu():
    figures = (Fraction(text) for text in ("0.95", "0.90", "0.05", "0.02", "0.10"))
    assert jinniu(*figures) == Fraction("94.1")


def test_nothing_due_is_shown_as_a_dash():
    assert {percent(value) for value in Counts().rates().values()} == {"–"}
    assert percent(rate(0, 5)) == "0.00 %"


@pytest.mark.parametrize(
    ("value", "text"), [("1", "100.00 %"), ("0.99995", "100.00 %"), ("0.999949", "99.99 %")]
)
def test_percentages_round_half_up(value, text):
    assert percent(Fraction(value)) == text


numbers = st.integers(0, 10**6)


@given(a=st.builds(Counts, *[numbers] * 12), b=st.builds(Counts, *[numbers] * 12))
def test_sums_of_balanced_counts_balance(a, b):
    for counts in (a, b):
        counts.reported = counts.closed + counts.open + counts.void
    assert (a + b).balances
    assert (a + b).due == a.due + b.due
