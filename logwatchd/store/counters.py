"""What outlives the process is counted in the transaction that does it: exact after any crash.

A total is named `what:label:label`, such as `events:files:critical:database`; its labels are values
of our own enums and names of our own parts, never text of a log.
"""

from collections import Counter
from dataclasses import dataclass, field

from logwatchd.domain.event import Category, Severity
from logwatchd.domain.incident import Incident, Reason
from logwatchd.domain.policy import Why

FILES = "files"
"""The source of events that stood in a log."""

SILENCE = "silence"
"""The source of events that stand for nothing having come."""


@dataclass(slots=True)
class Outcomes:
    """What became of the events of one transaction."""

    _seen: Counter[tuple[Severity, Category, Reason, Why]] = field(default_factory=Counter)

    def add(self, incident: Incident, reason: Reason, why: Why) -> None:
        """Take in what one event meant, and what was decided."""
        self._seen[incident.severity, incident.category, reason, why] += 1

    def totals(self, source: str) -> Counter[str]:
        """Return what is to be added to the totals.

        Args:
            source: What kind of source the events came from.
        """
        totals: Counter[str] = Counter()
        for (severity, category, reason, why), count in self._seen.items():
            kind = f"{severity.value}:{category.value}"
            totals[f"events:{source}:{kind}"] += count
            totals[f"decided:{why.value}"] += count
            if reason is Reason.FIRST:
                totals[f"opened:{kind}"] += count
            elif reason is Reason.REGRESSED:
                totals[f"regressed:{kind}"] += count
        return totals


def of_change(incident: Incident, why: Why, *, resolves: bool) -> Counter[str]:
    """Return the totals of a change that no event caused.

    Args:
        incident: The incident that changed.
        why: The name of the decision.
        resolves: Whether it was open before and is resolved now.
    """
    totals = Counter({f"decided:{why.value}": 1})
    if resolves:
        totals[f"resolved:{incident.severity.value}:{incident.category.value}"] = 1
    return totals
