"""Decide whether and how people are told. The only place where that is decided.

The decision is a value with a name: the log, the metrics, the digest, `logwatchd show` and the
tests all speak of the same `Why`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from logwatchd.domain.diagnosis_policy import DiagnosisPolicy
from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.incident import Incident, Reason, was_told
from logwatchd.domain.issue import IssuePolicy
from logwatchd.domain.storm import StormPolicy

OLD_MESSAGE: Final = timedelta(hours=1)
"""Age from which Discord limits edits (its error 30046)."""

HOUR: Final = timedelta(hours=1)
DAY: Final = timedelta(days=1)


class Action(StrEnum):
    """What follows from a decision."""

    POST = "post"
    EDIT = "edit"
    NONE = "none"


class Why(StrEnum):
    """Why people are told, or why they are not."""

    TOLD_FIRST = "told_first"
    TOLD_LATE = "told_late"
    TOLD_REGRESSED = "told_regressed"
    TOLD_REMINDER = "told_reminder"
    TOLD_STORM = "told_storm"
    UPDATED = "updated"
    COLLECTED = "collected"
    COUNTED = "counted"
    HELD_MUTED = "held_muted"
    HELD_HOUR_CEILING = "held_hour_ceiling"
    HELD_DAY_CEILING = "held_day_ceiling"
    HELD_STORM = "held_storm"
    RESOLVED_QUIET = "resolved_quiet"
    RESOLVED_HEARD = "resolved_heard"
    MUTE_ENDED = "mute_ended"
    STORM_ENDED = "storm_ended"
    MERGED_BY_HAND = "merged_by_hand"
    MERGED_BY_VERSION = "merged_by_version"
    SPLIT_BY_HAND = "split_by_hand"
    BY_HAND = "by_hand"

    @property
    def tells(self) -> bool:
        """Whether people get a new message."""
        return self in _TELLING


CARDS: Final = (Why.TOLD_FIRST, Why.TOLD_LATE, Why.TOLD_REGRESSED, Why.TOLD_REMINDER)
"""New messages about one problem: what the ceilings count."""

_TELLING: Final = frozenset({*CARDS, Why.TOLD_STORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The numbers behind the decisions; defaults as in the design's policy table.

    Attributes:
        sinks: Names of the sinks that are told.
        remind_after: Time until the first reminder of an open incident; doubles each time.
        resolve_after: Quiet time after which an incident counts as resolved, by severity.
        edit_every: Least time between two edits of one message.
        edit_every_when_old: The same for messages older than `OLD_MESSAGE`.
        ceiling_hour: New messages an hour for severities below critical.
        ceiling_day: New messages a day for severities below critical.
        digest: Whether the hourly digest is sent.
        storm: When new problems of one target are told together.
        diagnosis: The numbers behind diagnoses, or None where there are none.
        issues: When a problem gets an issue; None for never.
    """

    sinks: tuple[str, ...] = ("discord",)
    remind_after: timedelta = timedelta(hours=4)
    resolve_after: Mapping[Severity, timedelta] = field(
        default_factory=lambda: dict.fromkeys(Severity, timedelta(hours=24))
    )
    edit_every: timedelta = timedelta(seconds=30)
    edit_every_when_old: timedelta = timedelta(minutes=10)
    ceiling_hour: int = 10
    ceiling_day: int = 50
    digest: bool = True
    storm: StormPolicy = field(default_factory=StormPolicy)
    diagnosis: DiagnosisPolicy | None = None
    issues: IssuePolicy | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """New messages for severities below critical, so far.

    Attributes:
        last_hour: In the last hour.
        last_day: In the last day.
    """

    last_hour: int
    last_day: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do about one event, and why.

    Attributes:
        action: What follows.
        why: The name of the decision.
        collect: Whether the event is to appear in the digest of its hour.
    """

    action: Action
    why: Why
    collect: bool = False


def decide(
    incident: Incident, reason: Reason, told: Told, policy: Policy, *, in_storm: bool = False
) -> Decision:
    """Decide what one event leads to.

    Args:
        incident: The incident, the event folded in.
        reason: What the event meant for it.
        told: What the ceilings have seen.
        policy: The numbers.
        in_storm: Whether the incident is one of the new ones of a storm that goes on.

    Returns:
        The decision. A critical incident is never held back by a ceiling or a storm.
    """
    if reason is Reason.MUTED:
        return Decision(Action.NONE, Why.HELD_MUTED)
    if incident.tell is Tell.COUNT:
        return Decision(Action.NONE, Why.COUNTED)
    if incident.tell is Tell.DIGEST:
        return Decision(Action.NONE, Why.COLLECTED, collect=True)
    collects = incident.severity is not Severity.CRITICAL
    if reason is Reason.RECURRED and was_told(incident):
        return Decision(Action.EDIT, Why.UPDATED, collect=collects)
    if collects and in_storm and reason in (Reason.FIRST, Reason.RECURRED):
        return Decision(Action.NONE, Why.HELD_STORM, collect=True)
    if collects and told.last_hour >= policy.ceiling_hour:
        return Decision(Action.NONE, Why.HELD_HOUR_CEILING, collect=True)
    if collects and told.last_day >= policy.ceiling_day:
        return Decision(Action.NONE, Why.HELD_DAY_CEILING, collect=True)
    return Decision(Action.POST, telling(reason))


def edit_due(policy: Policy, *, now: datetime, posted_at: datetime, sent_at: datetime) -> datetime:
    """Say when a message may be edited next.

    Args:
        policy: The numbers.
        now: The present (aware, UTC).
        posted_at: When the message was posted.
        sent_at: When it was last posted or edited.
    """
    old = now - posted_at >= OLD_MESSAGE
    pace = policy.edit_every_when_old if old else policy.edit_every
    return max(now, sent_at + pace)


def telling(reason: Reason) -> Why:
    """Name the decision behind a new message that was posted for a reason."""
    match reason:
        case Reason.FIRST:
            return Why.TOLD_FIRST
        case Reason.REGRESSED:
            return Why.TOLD_REGRESSED
        case Reason.REMINDER:
            return Why.TOLD_REMINDER
        case Reason.RECURRED | Reason.MUTED:
            return Why.TOLD_LATE
