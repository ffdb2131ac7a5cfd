"""What outlives the process is counted in the transaction that does it: exact after any crash.

A total is named `what:label:label`, such as `events:files:critical:database`; its labels are values
of our own enums and names of our own parts, never text of a log.
"""

import sqlite3
from collections import Counter
from collections.abc import Mapping

from logwatchd.domain.event import Category, Severity
from logwatchd.domain.incident import Incident, Reason, State

FILES = "files"
"""The source of events that stood in a log."""

SILENCE = "silence"
"""The source of events that stand for nothing having come."""


def add_totals(db: sqlite3.Connection, totals: Counter[str]) -> None:
    """Add to the counters that outlive the process."""
    db.executemany(
        "INSERT INTO total VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + ?",
        [(name, value, value) for name, value in totals.items() if value],
    )


def of_events(
    seen: Mapping[tuple[Severity, Category, Reason], int], *, source: str
) -> Counter[str]:
    """Return the totals of events.

    Args:
        seen: Number of events by what they meant for their incident.
        source: What kind of source they came from.
    """
    totals = Counter[str]()
    for (severity, category, reason), count in seen.items():
        kind = f"{severity.value}:{category.value}"
        totals[f"events:{source}:{kind}"] += count
        if reason is Reason.FIRST:
            totals[f"opened:{kind}"] += count
        elif reason is Reason.REGRESSED:
            totals[f"regressed:{kind}"] += count
    return totals


def of_reasons(reasons: Mapping[str, int]) -> Counter[str]:
    """Return the totals of decisions, by name."""
    return Counter({f"decided:{why}": count for why, count in reasons.items()})


def of_change(before: Incident, after: Incident) -> Counter[str]:
    """Return the totals of a change that no event caused."""
    if after.state is not State.RESOLVED or before.state is State.RESOLVED:
        return Counter()
    return Counter({f"resolved:{after.severity.value}:{after.category.value}": 1})


def of_call(model: str, *, cost: int, prompt_tokens: int, output_tokens: int) -> Counter[str]:
    """Return the totals of a call of a model that was settled; `cost` is in nanodollars."""
    return Counter(
        {
            f"spent:{model}": cost,
            f"tokens:prompt:{model}": prompt_tokens,
            f"tokens:output:{model}": output_tokens,
        }
    )
