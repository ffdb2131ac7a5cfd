"""Notice that new problems of one target come faster than anyone can read about them.

A storm begins with the first sight of a problem that is one too many within a window, and ends
when no more than half of that many were new within a window. Pure: times are the daemon's clock.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CARDS_AN_HOUR: Final = 6
"""Storms told in an hour; beyond it the ceilings hold back what is new. Targets can be made up."""

EXAMPLES_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A problem that was seen for the first time.

    Attributes:
        fingerprint: Its identity.
        at: When, by the daemon's clock (aware, UTC).
    """

    fingerprint: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StormPolicy:
    """When it is a storm.

    Attributes:
        problems: New problems of one target within a window that are no storm yet.
        window: Length of the window.
    """

    problems: int = 10
    window: timedelta = timedelta(minutes=5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Storm:
    """Many new problems of one target.

    Attributes:
        number: Its name among the storms of one state.
        service: Service of the target, or "".
        target: Module path or logger name, or "".
        since: When the first of its problems was seen (aware, UTC).
        problems: Problems that were new in it.
        events: Events of these problems from then until its end.
        ended_at: When it ended (aware, UTC), or None while it lasts.
    """

    number: int
    service: str
    target: str
    since: datetime
    problems: int
    events: int
    ended_at: datetime | None = None


def storm_name(number: int) -> str:
    """Return by which name decisions and messages know a storm."""
    return f"storm:{number}"


def storm_number(name: str) -> int | None:
    """Return the number of a storm by its name, or None for the name of anything else."""
    kind, _, number = name.partition(":")
    return int(number) if kind == "storm" and number.isascii() and number.isdigit() else None


def with_newcomer(
    latest: Sequence[Newcomer], newcomer: Newcomer, policy: StormPolicy
) -> tuple[Newcomer, ...]:
    """Add a newcomer to the latest ones of its target; no more are kept than decide anything."""
    others = (each for each in latest if each.fingerprint != newcomer.fingerprint)
    return (*others, newcomer)[-(policy.problems + 1) :]


def is_storm(latest: Sequence[Newcomer], policy: StormPolicy, *, now: datetime) -> bool:
    """Say whether the newcomers of one target are a storm, the newest at its head."""
    fresh = [each for each in latest if now - each.at < policy.window]
    return len(fresh) > policy.problems


def ends_at(latest: Sequence[Newcomer], policy: StormPolicy) -> datetime | None:
    """Say when a storm ends if no other problem is new, or None when it is over already.

    Args:
        latest: The latest newcomers of its target, oldest first.
        policy: The numbers.
    """
    enough = policy.problems // 2 + 1
    return latest[-enough].at + policy.window if len(latest) >= enough else None
