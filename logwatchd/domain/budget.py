"""What may be spent on diagnoses. The only place where that is decided.

Money is reserved before a call, as much as the call can cost at most, and settled afterwards with
what it did cost. What was reserved counts as spent: whatever dies when, the sum of both never
passes a limit. All windows slide: an hour is the last 60 minutes, a month the last 31 days, so that
no month of the calendar can pass its limit either.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from logwatchd.domain.event import Severity
from logwatchd.domain.prices import NANODOLLARS

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)
MONTH: Final = timedelta(days=31)

PROBLEM_CALLS_DAY: Final = 6
"""Calls for one problem in a day, whatever asks for them: two diagnoses with all their retries."""


class Allowed(StrEnum):
    """Whether a call may be made, or what forbids it."""

    YES = "yes"
    HOUR_SPENT = "hour_spent"
    DAY_SPENT = "day_spent"
    MONTH_SPENT = "month_spent"
    PROBLEM_SPENT = "problem_spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """The limits.

    Attributes:
        calls_hour: Calls in an hour.
        day: Nanodollars in a day.
        month: Nanodollars in a month.
        kept: Percent of each that only critical problems may use.
    """

    calls_hour: int = 10
    day: int = NANODOLLARS * 3 // 2
    month: int = NANODOLLARS * 30
    kept: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """What is spent or reserved so far.

    Attributes:
        calls_hour: Calls in the last hour, whatever became of them.
        day: Nanodollars in the last day.
        month: Nanodollars in the last month.
        problem_calls_day: Calls for the problem itself in the last day.
    """

    calls_hour: int = 0
    day: int = 0
    month: int = 0
    problem_calls_day: int = 0


def allowed(budget: Budget, spent: Spent, most: int, severity: Severity) -> Allowed:
    """Decide whether a call may be made.

    Args:
        budget: The limits.
        spent: What is spent or reserved so far.
        most: What the call can cost at most, in nanodollars.
        severity: Of the problem it is about.
    """
    share = 100 if severity is Severity.CRITICAL else 100 - budget.kept
    if spent.problem_calls_day >= PROBLEM_CALLS_DAY:
        return Allowed.PROBLEM_SPENT
    if (spent.calls_hour + 1) * 100 > budget.calls_hour * share:
        return Allowed.HOUR_SPENT
    if (spent.day + most) * 100 > budget.day * share:
        return Allowed.DAY_SPENT
    if (spent.month + most) * 100 > budget.month * share:
        return Allowed.MONTH_SPENT
    return Allowed.YES
