"""When an incident is diagnosed."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.budget import Allowed, Budget
from logwatchd.domain.diagnosis import Diagnosis, DiagnosisWhy
from logwatchd.domain.incident import Incident, State

SKIPPED: Final = {
    Allowed.HOUR_SPENT: DiagnosisWhy.SKIPPED_HOUR,
    Allowed.DAY_SPENT: DiagnosisWhy.SKIPPED_DAY,
    Allowed.MONTH_SPENT: DiagnosisWhy.SKIPPED_MONTH,
    Allowed.PROBLEM_SPENT: DiagnosisWhy.SKIPPED_PROBLEM,
}
"""What becomes of a diagnosis that a limit forbids."""

_JUMP_EVENTS: Final = 20
_JUMP_TIMES: Final = 10
"""A problem's rate has jumped when an hour has so many events, and so many times what was usual."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisPolicy:
    """The numbers.

    Attributes:
        budget: What may be spent.
        again_after: Least time between two diagnoses of one episode.
        source_wait: How long one waits until the problem was traced to the source.
    """

    budget: Budget = field(default_factory=Budget)
    again_after: timedelta = timedelta(hours=24)
    source_wait: timedelta = timedelta(0)


def is_wanted(
    incident: Incident,
    last: Diagnosis | None,
    policy: DiagnosisPolicy,
    *,
    hourly: Sequence[int],
    now: datetime,
) -> bool:
    """Decide whether an incident that people were told of is to be diagnosed.

    Args:
        incident: The incident.
        last: What became of its last diagnosis, if there was one.
        policy: The numbers.
        hourly: Its events in each of the last hours, oldest first, the running hour last.
        now: The present (aware, UTC).
    """
    if incident.state not in (State.OPEN, State.ACKNOWLEDGED):
        return False
    if last is None or last.episode != incident.episode or last.why in SKIPPED.values():
        return True
    if now - last.at < policy.again_after:
        return False
    return last.why is not DiagnosisWhy.DIAGNOSED or has_jumped(hourly)


def has_jumped(hourly: Sequence[int]) -> bool:
    """Say whether a problem happens far more often now than in the hours before."""
    *before, earlier, running = hourly
    latest = max(earlier, running)
    return latest >= _JUMP_EVENTS and latest * len(before) >= _JUMP_TIMES * sum(before)
