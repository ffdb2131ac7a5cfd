"""Rank the commits that may have caused a problem; that none did is always a candidate.

Deterministic, before any model is asked: models name an innocent commit for most problems that have
no cause in the code, and telling them to be careful does not help.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from logwatchd.domain.event import Category

_RECENT: Final = ((timedelta(days=1), 3.0), (timedelta(days=7), 2.2), (timedelta(days=30), 1.2))
_OLD: Final = 0.4
"""By what a commit's touch counts, by how long before the problem's first sight it was made: what
worked for a year did not begin to fail by itself."""

_NO_CODE: Final = {Category.LLM: 3.5, Category.DATABASE: 2.5, Category.AUTH: 2.5}
_NO_CODE_ELSE: Final = 2.0
"""What it is worth that no commit is to blame: providers, databases and keys fail by themselves."""

_OUTSIDE: Final = 3.0
"""What it adds to that when the event itself names a cause outside the code."""

_NONE_WHY: Final = "problems without a cause in the code"

_LATER: Final = 0.1
"""The share that is left of a commit made after the first event: perhaps the fix, or the log's clock
is wrong."""


class Touch(StrEnum):
    """What a commit did to the code that took part in a problem."""

    STATEMENT = "wrote the line"
    FUNCTION = "changed the lines around it"
    FILE = "changed another part of the file"
    COSMETIC = "changed only comments or layout around it"


_TOUCHED: Final = {
    Touch.STATEMENT: 1.0,
    Touch.FUNCTION: 2.0,
    Touch.FILE: 0.6,
    Touch.COSMETIC: 0.1,
}
"""Who wrote a message handled the error; who changed the code before it may have made it. What else
stands in the file is worth a look, and never more than that no commit is to blame."""


@dataclass(frozen=True, slots=True)
class Touched:
    """A commit, and a statement's place that it touched.

    Attributes:
        id: The whole id.
        at: When it was committed (aware, UTC).
        touch: What it did.
        rank: Of the place, from 0: the likeliest.
    """

    id: str
    at: datetime
    touch: Touch
    rank: int


@dataclass(frozen=True, slots=True)
class Suspect:
    """A commit, or none, and how much speaks for it; compares suspects of one problem only.

    Attributes:
        id: The commit's whole id, or "" where no commit is to blame.
        score: How much speaks for it.
        why: What does, in our own words.
    """

    id: str
    score: float
    why: str


def ranked(
    touched: Sequence[Touched], *, first_seen: datetime, category: Category, outside: bool = False
) -> tuple[Suspect, ...]:
    """Return the suspects, the likeliest first; "" stands for no commit.

    Args:
        touched: The commits that touched the code; one may stand there several times.
        first_seen: When the problem was first seen (aware, UTC).
        category: What the rule says that it is about.
        outside: Whether the event names a cause outside the code.
    """
    scores: dict[str, float] = {}
    reasons: dict[str, list[str]] = {}
    for each in touched:
        age = first_seen - each.at
        is_later = age < timedelta(0)
        worth = _TOUCHED[each.touch] / (each.rank + 1)
        worth *= _LATER if is_later else _weight(age)
        if each.id not in scores:
            scores[each.id] = 0.0
            when = "after" if is_later else f"{age.days} days before"
            reasons[each.id] = [f"{when} the first event"]
        scores[each.id] += worth
        if each.touch.value not in reasons[each.id]:
            reasons[each.id].append(each.touch.value)
    found = [Suspect(name, score, ", ".join(reasons[name])) for name, score in scores.items()]
    why = "the event names a cause outside the code" if outside else _NONE_WHY
    worth = _NO_CODE.get(category, _NO_CODE_ELSE) + (_OUTSIDE if outside else 0.0)
    none = Suspect("", worth, why)
    return tuple(sorted([*found, none], key=lambda each: (-each.score, each.id)))


def _weight(age: timedelta) -> float:
    return next((weight for limit, weight in _RECENT if age <= limit), _OLD)
