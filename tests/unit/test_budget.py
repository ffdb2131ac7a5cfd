"""What may be spent, and the clock by which it is counted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.budget import PROBLEM_CALLS_DAY, Allowed, Budget, Spent, allowed
from logwatchd.domain.event import Severity
from logwatchd.domain.steady import MOST_BELIEVED, Reading, Steady, steady

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
BUDGET = Budget(calls_hour=10, day=100, month=1_000, kept=20)


@pytest.mark.parametrize(
    ("spent", "most", "verdict"),
    [
        (Spent(), 80, Allowed.YES),
        (Spent(), 81, Allowed.DAY_SPENT),
        (Spent(calls_hour=7), 1, Allowed.YES),
        (Spent(calls_hour=8), 1, Allowed.HOUR_SPENT),
        (Spent(day=79), 1, Allowed.YES),
        (Spent(day=79), 2, Allowed.DAY_SPENT),
        (Spent(month=799), 1, Allowed.YES),
        (Spent(month=799), 2, Allowed.MONTH_SPENT),
        (Spent(problem_calls_day=PROBLEM_CALLS_DAY), 1, Allowed.PROBLEM_SPENT),
    ],
)
def test_each_limit_has_its_name(spent: Spent, most: int, verdict: Allowed) -> None:
    """The card says which limit it was; a warning stops before what is kept for critical ones."""
    assert allowed(BUDGET, spent, most, Severity.WARNING) is verdict


@pytest.mark.parametrize(
    ("spent", "most", "verdict"),
    [
        (Spent(calls_hour=9, day=99, month=999), 1, Allowed.YES),
        (Spent(calls_hour=10), 1, Allowed.HOUR_SPENT),
        (Spent(day=99), 2, Allowed.DAY_SPENT),
        (Spent(month=999), 2, Allowed.MONTH_SPENT),
    ],
)
def test_critical_problems_may_use_the_whole(spent: Spent, most: int, verdict: Allowed) -> None:
    """Noise must not use up what the outage at the end of the month needs."""
    assert allowed(BUDGET, spent, most, Severity.CRITICAL) is verdict


@given(st.integers(0, 2_000), st.integers(0, 200), st.integers(0, 200), st.sampled_from(Severity))
def test_what_is_allowed_passes_no_limit(
    month: int, day: int, most: int, severity: Severity
) -> None:
    """Not by a billionth of a dollar."""
    spent = Spent(day=day, month=month)
    if allowed(BUDGET, spent, most, severity) is Allowed.YES:
        assert day + most <= BUDGET.day
        assert month + most <= BUDGET.month


def reading(wall: datetime, up: float, boot: str = "a") -> Reading:
    """Return what the clocks say."""
    return Reading(wall, boot, timedelta(seconds=up))


def test_the_steady_clock_ignores_the_wall() -> None:
    """A jump of a month would empty every window, and a jump back would let it be filled again."""
    began = steady(None, reading(NOON, 100))
    ahead = steady(began, reading(NOON + timedelta(days=40), 160))
    back = steady(ahead, reading(NOON - timedelta(days=40), 220))

    assert (began.at, ahead.at - began.at, back.at - ahead.at) == (
        NOON,
        timedelta(seconds=60),
        timedelta(seconds=60),
    )


def test_over_a_restart_of_the_machine_a_day_is_believed() -> None:
    """Its clock may be anything; an honest night is counted, a leap of years is not."""
    began = steady(None, reading(NOON, 100))
    night = steady(began, reading(NOON + timedelta(hours=8), 5, "b"))
    years = steady(night, reading(NOON + timedelta(days=900), 5, "c"))
    past = steady(years, reading(NOON - timedelta(days=900), 5, "d"))

    assert night.at - began.at == timedelta(hours=8)
    assert years.at - night.at == MOST_BELIEVED
    assert past.at == years.at


@given(st.lists(st.tuples(st.integers(-(10**6), 10**6), st.integers(0, 10**6)), max_size=9))
def test_the_steady_clock_never_goes_back(moves: list[tuple[int, int]]) -> None:
    """A refund of time is a refund of money."""
    last: Steady | None = None
    for wall, up in moves:
        present = steady(last, reading(NOON + timedelta(seconds=wall), up))
        assert last is None or present.at >= last.at
        last = present
