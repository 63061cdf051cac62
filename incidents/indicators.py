"""The figures of the trade. Pure: numerators, denominators and published scales.

A rate is a Fraction, or None where its denominator is zero; `percent` prints None as "–", never
as 0 or 100 %. Sources: section numbers of the city schemes are in the docstrings.
"""

from calendar import monthrange
from dataclasses import dataclass, fields
from datetime import date
from fractions import Fraction

NONE = "–"


@dataclass(slots=True)
class Counts:
    """What is counted of one office, cell, worker or category in a period. Legacy is left out.

    Of the cases reported in the period: reported = closed + open + void (refused ones included).
    accepted of them. due: whose deadline falls in the period or was carried over. suspended:
    those of `due` whose clock stands still at the end. due_closed, due_on_time: those of `due`
    closed by the end, and closed by their deadline. overdue: open past their deadline at the end.
    """

    reported: int = 0
    accepted: int = 0
    closed: int = 0
    open: int = 0
    void: int = 0
    due: int = 0
    suspended: int = 0
    due_closed: int = 0
    due_on_time: int = 0
    overdue: int = 0
    reworked: int = 0
    extended: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*_added(self, other))

    @property
    def balances(self) -> bool:
        """The identity that must hold in every statistic."""
        return self.reported == self.closed + self.open + self.void

    @property
    def should_close(self) -> int:
        """应结案数 less 缓办数: the denominator of the closing rates."""
        return self.due - self.suspended

    def means(self) -> dict[str, Fraction | None]:
        """Cases have no mean figures."""
        return {}

    def rates(self) -> dict[str, Fraction | None]:
        """Every rate by its name."""
        return {
            "accept_rate": rate(self.accepted, self.reported),
            "settled_rate": rate(self.closed, self.reported - self.void),
            "close_rate": rate(self.due_closed, self.should_close),
            "on_time_rate": rate(self.due_on_time, self.should_close),
            "late_close_rate": rate(self.due_closed - self.due_on_time, self.should_close),
            "open_rate": rate(self.open, self.reported),
            "rework_rate": rate(self.reworked, self.should_close),
            "extension_rate": rate(self.extended, self.should_close),
        }


@dataclass(slots=True)
class OfficeCounts:
    """What one body did in a period, by the clocks of its parts. Legacy is left out.

    received: parts that came to it. accepted, accepted_on_time: of those. passed_on, on time of
    these: dispatched or escalated in the period. returned: sent back in the period. due: parts to be handled
    whose deadline falls in the period or was carried over; the rest is of these. yellow, red: cards
    that stand. called: calls from below; refused and arrived are of these, scored with their sum.
    """

    received: int = 0
    accepted: int = 0
    accepted_on_time: int = 0
    passed_on: int = 0
    passed_on_time: int = 0
    returned: int = 0
    due: int = 0
    suspended: int = 0
    handled: int = 0
    handled_on_time: int = 0
    overdue: int = 0
    extended: int = 0
    yellow: int = 0
    red: int = 0
    called: int = 0
    call_refused: int = 0
    call_arrived: int = 0
    scored: int = 0
    score_sum: int = 0

    def __add__(self, other: "OfficeCounts") -> "OfficeCounts":
        return OfficeCounts(*_added(self, other))

    def rates(self) -> dict[str, Fraction | None]:
        """Every rate by its name."""
        should = self.due - self.suspended
        return {
            "accept_on_time_rate": rate(self.accepted_on_time, self.accepted),
            "pass_on_time_rate": rate(self.passed_on_time, self.passed_on),
            "handle_rate": rate(self.handled, should),
            "handle_on_time_rate": rate(self.handled_on_time, should),
            "late_rate": rate(self.overdue, should),
            "extension_rate": rate(self.extended, should),
        }

    def means(self) -> dict[str, Fraction | None]:
        """Every mean by its name; None where nothing was scored."""
        return {"mean_score": rate(self.score_sum, self.scored)}


def _added(one, other) -> list[int]:
    return [getattr(one, each.name) + getattr(other, each.name) for each in fields(one)]


def rate(part: int, whole: int) -> Fraction | None:
    """part of whole; None where there is no whole."""
    return Fraction(part, whole) if whole > 0 else None


def percent(value: Fraction | None, places: int = 2) -> str:
    """A rate for people: 93.72 %, rounded half up; "–" where there is none."""
    if value is None:
        return NONE
    scaled = value * 100 * 10**places
    whole = (scaled.numerator * 2 + scaled.denominator) // (scaled.denominator * 2)
    return f"{whole // 10**places}.{whole % 10**places:0{places}d} %" if places else f"{whole} %"


def mean(value: Fraction | None) -> str:
    """A mean for people: 4.33, rounded half up; "–" where there is none."""
    return NONE if value is None else percent(value / 100).removesuffix(" %")


def change(now: int, before: int) -> Fraction | None:
    """Against the same period of last year: (now - before) / before; None without a before."""
    return Fraction(now - before, before) if before > 0 else None


def signed(value: Fraction | None, places: int = 2) -> str:
    """A change for people: +3.10 %, −8.09 %; "–" where there is none."""
    if value is None:
        return NONE
    text = percent(abs(value), places)
    return text if value == 0 else f"{'−' if value < 0 else '+'}{text}"


def band(value: Fraction, whole_from: Fraction, points: int) -> Fraction:
    """Full points from a share on, one point less for every percentage point below, never < 0."""
    return max(Fraction(0), points - max(Fraction(0), whole_from - value) * 100)


def jinhua_on_time(on_time: Fraction) -> Fraction:
    """金华: 按期结案率 >= 70 % is 50 points, one less per point below."""
    return band(on_time, Fraction(70, 100), 50)


def jinhua_closed(closed: Fraction) -> Fraction:
    """金华: 结案率 >= 90 % is 20 points, one less per point below."""
    return band(closed, Fraction(90, 100), 20)


def jinniu(
    handled: Fraction, on_time: Fraction, rework: Fraction, late: Fraction, extended: Fraction
) -> Fraction:
    """金牛区: 处置率 30, 按期处置率 20, 返工率 20, 超期待处置率 20, 延期率 10; 100 at best."""
    kept = 20 * (1 - rework) + 20 * (1 - late) + 10 * (1 - extended)
    return 30 * handled + 20 * on_time + kept


@dataclass(frozen=True, slots=True)
class Period:
    """Days from `first` to `last`, both within it."""

    first: date
    last: date

    def year_before(self) -> "Period":
        """The same days of last year; 29 February becomes the 28th."""
        return Period(_last_year(self.first), _last_year(self.last))


def _last_year(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def month(year: int, number: int) -> Period:
    return Period(date(year, number, 1), _end_of_month(year, number))


def half_year(year: int, number: int) -> Period:
    """number: 1 for January to June, 2 for July to December."""
    return Period(date(year, 6 * number - 5, 1), _end_of_month(year, 6 * number))


def _end_of_month(year: int, number: int) -> date:
    return date(year, number, monthrange(year, number)[1])
