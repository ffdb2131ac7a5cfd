"""Decide which problems get an issue. The only place where that is decided.

An issue interrupts people for longer than a message does, so the ceilings hold for every severity:
a flood of critical problems is told in Discord, and filed at the pace that people can read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.issue import IssuePolicy


class IssueWhy(StrEnum):
    """Why a problem has an issue or has none, and what became of it."""

    CRITICAL = "issue_critical"
    OFTEN = "issue_often"
    RECURRED = "issue_recurred"

    NOT_BY_RULE = "issue_not_by_rule"
    NOT_TOLD = "issue_not_told"
    NOT_MUTED = "issue_not_muted"
    NOT_YET = "issue_not_yet"
    HELD_HOUR_CEILING = "issue_held_hour_ceiling"
    HELD_DAY_CEILING = "issue_held_day_ceiling"

    OPENED = "issue_opened"
    FOUND = "issue_found"
    DUPLICATE_CLOSED = "issue_duplicate_closed"
    UPDATED = "issue_updated"
    ESCALATED = "issue_escalated"
    REOPENED = "issue_reopened"
    CLOSED_QUIET = "issue_closed_quiet"
    CLOSED_BY_PERSON = "issue_closed_by_person"
    REOPENED_BY_PERSON = "issue_reopened_by_person"
    MUTED_BY_LABEL = "issue_muted_by_label"
    UNMUTED_BY_LABEL = "issue_unmuted_by_label"
    LABEL_REMOVED = "issue_label_removed"
    GONE = "issue_gone"
    REFUSED = "issue_refused"

    @property
    def files(self) -> bool:
        """Whether it calls for an issue."""
        return self in FILING

    @property
    def holds(self) -> bool:
        """Whether a ceiling holds the issue back."""
        return self in (IssueWhy.HELD_HOUR_CEILING, IssueWhy.HELD_DAY_CEILING)


FILING = (IssueWhy.CRITICAL, IssueWhy.OFTEN, IssueWhy.RECURRED)
"""Decisions that call for an issue: what the ceilings count."""


@dataclass(frozen=True, slots=True)
class Filed:
    """Issues that were called for, so far.

    Attributes:
        last_hour: In the last hour.
        last_day: In the last day.
    """

    last_hour: int = 0
    last_day: int = 0


def decide_issue(
    incident: Incident, *, lately: float, filed: Filed, policy: IssuePolicy, now: datetime
) -> IssueWhy:
    """Decide whether a problem that has no issue gets one.

    Args:
        incident: The problem, its latest events folded in.
        lately: Its events within the last hour; see `sliding_hour`.
        filed: What the ceilings have seen.
        policy: The numbers.
        now: The daemon's present (aware, UTC).
    """
    if not policy.route(incident.rule).wanted:
        return IssueWhy.NOT_BY_RULE
    if incident.severity is Severity.INFO or incident.tell is not Tell.AT_ONCE:
        return IssueWhy.NOT_TOLD
    if incident.state is State.MUTED:
        return IssueWhy.NOT_MUTED
    called_for = _called_for(incident, lately, policy, now=now)
    if not called_for.files:
        return called_for
    if filed.last_hour >= policy.ceiling_hour:
        return IssueWhy.HELD_HOUR_CEILING
    if filed.last_day >= policy.ceiling_day:
        return IssueWhy.HELD_DAY_CEILING
    return called_for


def sliding_hour(previous: int, running: int, *, past: timedelta) -> float:
    """Return about how many events the last sixty minutes had, from counts by the clock's hours.

    The previous hour counts with the share of it that lies within the last sixty minutes.

    Args:
        previous: Events of the clock's previous hour.
        running: Events of the running hour.
        past: How much of the running hour is over.
    """
    return previous * (1 - past / timedelta(hours=1)) + running


def _called_for(
    incident: Incident, lately: float, policy: IssuePolicy, *, now: datetime
) -> IssueWhy:
    if incident.severity is Severity.CRITICAL:
        return IssueWhy.CRITICAL
    if lately >= policy.often:
        return IssueWhy.OFTEN
    recurred = incident.count > 1 and now - incident.opened_at >= policy.recurs_after
    if incident.episode == 1 and recurred:
        return IssueWhy.RECURRED
    return IssueWhy.NOT_YET
