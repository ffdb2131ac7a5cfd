"""When an incident is diagnosed."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class DiagnosisPolicy:
    """The numbers.

    Attributes:
        budget: What may be spent.
        again_after: Least time until a diagnosis that failed is tried once more.
    """

    budget: Budget = field(default_factory=Budget)
    again_after: timedelta = timedelta(hours=24)


def is_wanted(
    incident: Incident, last: Diagnosis | None, policy: DiagnosisPolicy, *, now: datetime
) -> bool:
    """Decide whether an incident that people were just told of is to be diagnosed.

    Args:
        incident: The incident.
        last: What became of its last diagnosis, if there was one.
        policy: The numbers.
        now: The present (aware, UTC).
    """
    if incident.state not in (State.OPEN, State.ACKNOWLEDGED):
        return False
    if last is None or last.episode != incident.episode or last.why in SKIPPED.values():
        return True
    return last.why is not DiagnosisWhy.DIAGNOSED and now - last.at >= policy.again_after
