"""Decide what is to be done next so that an issue says what is true. Pure.

One step at a time, from what the state knows of the issue and how the problem stands: whatever
died when, the next look finds the step that is missing. A comment has a name, by which it is found
again after an outcome that nobody knows.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import State
from logwatchd.domain.incident_view import IncidentView
from logwatchd.domain.issue import IssueNotice, TrackedIssue

MILESTONES: Final = (10, 100, 1_000)
"""Counts at which the body is edited at once; beyond the last one, once a day."""

EDIT_EVERY: Final = timedelta(days=1)

SETTLES_WITHIN: Final = timedelta(seconds=60)
"""A write whose connection was cut may land seconds later, and a list may lag behind it. Only after
this time is a write sent again that was looked for and not found."""

LOOK_AFTER: Final = (timedelta(seconds=10), timedelta(seconds=30), SETTLES_WITHIN)
"""When to look for it, from the moment it was sent."""

MOST_CREATES: Final = 3
"""How often an issue's creation is sent at most: then nobody knows what happens, and people are
told instead."""

_NOT_OURS_TO_REOPEN: Final = frozenset({"not_planned", "duplicate"})
_ACTIVE: Final = (State.OPEN, State.ACKNOWLEDGED)
CREATION: Final = "create"


class Act(StrEnum):
    """What is to be done with an issue."""

    FILE = "file"
    COMMENT = "comment"
    EDIT = "edit"
    REOPEN = "reopen"
    CLOSE = "close"
    UNLABEL = "unlabel"
    NOTHING = "nothing"


class Topic(StrEnum):
    """What a comment is about."""

    REGRESSED = "regressed"
    ESCALATED = "escalated"
    QUIET = "quiet"


@dataclass(frozen=True, slots=True)
class Step:
    """What is to be done next.

    Attributes:
        act: What.
        topic: What a comment is about, else None.
        name: The name of the comment, unique for the issue; else "".
    """

    act: Act
    topic: Topic | None = None
    name: str = ""


def next_step(
    issue: TrackedIssue, notice: IssueNotice, *, close_when_quiet: bool, now: datetime
) -> Step:
    """Say what is to be done next.

    Args:
        issue: What is known of the issue.
        notice: How the problem stands.
        close_when_quiet: Whether the issue of a problem that became quiet is closed.
        now: The present (aware, UTC).
    """
    incident = notice.incident
    if issue.number is None:
        return Step(Act.FILE)
    if issue.mute_label and incident.state is not State.MUTED:
        return Step(Act.UNLABEL)
    if not is_outdated(issue, notice, now=now):
        return Step(Act.NOTHING)
    if incident.state in _ACTIVE:
        if issue.closed and issue.close_reason not in _NOT_OURS_TO_REOPEN:
            name = f"{Topic.REGRESSED} {incident.opened_at:%Y-%m-%dT%H:%M:%SZ}"
            return _said_first(issue, Topic.REGRESSED, name, Act.REOPEN)
        if not issue.closed and _escalated(issue, incident):
            name = f"{Topic.ESCALATED} {incident.severity.value}"
            return _said_first(issue, Topic.ESCALATED, name, Act.EDIT)
    closes = close_when_quiet and not issue.assigned and not issue.closed
    if incident.state is State.RESOLVED and closes:
        name = f"{Topic.QUIET} {incident.active_at:%Y-%m-%dT%H:%M:%SZ}"
        return _said_first(issue, Topic.QUIET, name, Act.CLOSE)
    return Step(Act.EDIT)


def is_outdated(issue: TrackedIssue, notice: IssueNotice, *, now: datetime) -> bool:
    """Say whether the body must be written anew."""
    shown, incident = issue.shown, notice.incident
    if incident.state is State.MUTED and shown.state is State.MUTED:
        return False  # that it is muted was said, and nothing more is
    standing = (shown.state, shown.episode, shown.severity)
    if shown.at is None or standing != (incident.state, incident.episode, incident.severity):
        return True
    if notice.anchored_at is not None and notice.anchored_at > shown.at:
        return True
    if notice.diagnosis is not None and notice.diagnosis.at > shown.at:
        return True
    if incident.count >= next_milestone(shown.count):
        return True
    return incident.count > shown.count and now - shown.at >= EDIT_EVERY


def next_milestone(count: int) -> int:
    """Return the count at which the body is edited at once; beyond all, one that none reaches."""
    return next((each for each in MILESTONES if each > count), 2**62)


def look_again_at(attempted_at: datetime, *, now: datetime) -> datetime | None:
    """Say when to look again for a write whose outcome is unknown; None when it may be repeated."""
    return next((attempted_at + each for each in LOOK_AFTER if attempted_at + each > now), None)


def _said_first(issue: TrackedIssue, topic: Topic, name: str, then: Act) -> Step:
    return Step(then) if issue.said == name else Step(Act.COMMENT, topic, name)


def _escalated(issue: TrackedIssue, incident: IncidentView) -> bool:
    before = issue.shown.severity
    return before not in (None, Severity.CRITICAL) and incident.severity is Severity.CRITICAL
