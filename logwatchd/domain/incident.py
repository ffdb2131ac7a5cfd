"""The life of an incident. The only module in which a `State` changes; `merging` hands it on.

    open -> acknowledged -> resolved -> open again ("regressed")
      `-> muted -> open (when the mute ends), or resolved if it was and nothing came meanwhile

People are told by notices; whether and how is `policy`'s decision, made from the `Reason` that
`observe` returns here.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from logwatchd.domain.event import Category, Event, Severity, Sighting, Tell

_LONGEST_DOUBLING: Final = 8
_SHORT_ID: Final = 8


class State(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MUTED = "muted"
    RESOLVED = "resolved"


class Reason(StrEnum):
    """What an event meant for its incident."""

    FIRST = "first"
    RECURRED = "recurred"
    REGRESSED = "regressed"
    REMINDER = "reminder"
    MUTED = "muted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """All events with one fingerprint.

    Attributes:
        fingerprint: Identity of the problem, e.g. `v1:5d41402abc4b2a76`.
        state: Where it stands.
        severity: The latest event's severity.
        category: The latest event's category.
        tell: The latest event's way of telling.
        rule: Name of the rule that matched the latest event.
        template: The message with its variable parts masked; what people see as the title.
        sample: The latest event, redacted.
        count: Events ever seen.
        episode: Number of the present stretch from open to resolved, from 1.
        episode_count: Events seen in the present episode.
        opened_at: When the present episode began, by the daemon's clock (aware, UTC).
        first_seen: Earliest event time ever (aware, UTC); describes, never schedules.
        last_seen: Latest event time ever (aware, UTC); describes, never schedules.
        active_at: When the latest event was recorded, by the daemon's clock (aware, UTC).
        told_at: When people were last told by a new message, by the daemon's clock, or None.
        reminders: Reminders given in the present episode.
        muted_until: When a mute ends by itself, or None.
        mute_until_count: Count at which a mute ends by itself, or None.
        regressed: Whether the present episode began after an earlier one was resolved.
        resolved_before_mute: Whether it was resolved when it was muted, and no event came since.
    """

    fingerprint: str
    state: State
    severity: Severity
    category: Category
    tell: Tell
    rule: str
    template: str
    sample: Event
    count: int
    episode: int
    episode_count: int
    opened_at: datetime
    first_seen: datetime
    last_seen: datetime
    active_at: datetime
    told_at: datetime | None = None
    reminders: int = 0
    muted_until: datetime | None = None
    mute_until_count: int | None = None
    regressed: bool = False
    resolved_before_mute: bool = False


def observe(
    known: Incident | None,
    sighting: Sighting,
    *,
    now: datetime,
    remind_after: timedelta,
) -> tuple[Incident, Reason]:
    """Fold one event into its incident.

    Args:
        known: The stored incident, or None when the fingerprint is new.
        sighting: The event with its verdict.
        now: The daemon's present (aware, UTC).
        remind_after: How long an open incident stays without a new message; doubles with each
            reminder of the episode.

    Returns:
        The incident to store and what the event meant for it.
    """
    event, verdict = sighting.event, sighting.verdict
    if known is None:
        fresh = Incident(
            fingerprint=sighting.fingerprint,
            state=State.OPEN,
            severity=verdict.severity,
            category=verdict.category,
            tell=verdict.tell,
            rule=verdict.rule,
            template=sighting.template,
            sample=event,
            count=1,
            episode=1,
            episode_count=1,
            opened_at=now,
            first_seen=event.at,
            last_seen=event.at,
            active_at=now,
        )
        return fresh, Reason.FIRST

    seen = replace(
        known,
        severity=verdict.severity,
        category=verdict.category,
        tell=verdict.tell,
        rule=verdict.rule,
        sample=event,
        count=known.count + 1,
        episode_count=known.episode_count + 1,
        first_seen=min(known.first_seen, event.at),
        last_seen=max(known.last_seen, event.at),
        active_at=max(known.active_at, now),
    )
    match known.state:
        case State.RESOLVED:
            return _reopened(seen, now=now), Reason.REGRESSED
        case State.MUTED:
            return _seen_muted(seen, now=now)
        case State.ACKNOWLEDGED:
            return seen, Reason.RECURRED
        case State.OPEN:
            if reminder_is_due(seen, now=now, remind_after=remind_after):
                return seen, Reason.REMINDER
            return seen, Reason.RECURRED


def told(incident: Incident, reason: Reason, *, now: datetime) -> Incident:
    """Note that people are being told by a new message now; a reminder puts the next one off."""
    reminders = incident.reminders + (reason is Reason.REMINDER)
    return replace(incident, told_at=now, reminders=reminders)


def acknowledged(incident: Incident) -> Incident:
    """Note that a person has taken it on: no more reminders. A resolved one stays resolved."""
    heard = unmuted(incident)
    if heard.state is State.RESOLVED:
        return heard
    return replace(heard, state=State.ACKNOWLEDGED)


def resolved(incident: Incident) -> Incident:
    """End the present episode; the next event opens a new one and says so."""
    return replace(unmuted(incident), state=State.RESOLVED)


def opened_again(incident: Incident, *, now: datetime) -> Incident:
    """Note that a person does not hold it for resolved: the same episode goes on."""
    heard = unmuted(incident)
    if heard.state is not State.RESOLVED:
        return heard
    return replace(heard, state=State.OPEN, active_at=max(heard.active_at, now))


def muted(incident: Incident, *, until: datetime | None, until_count: int | None) -> Incident:
    """Stop telling about it.

    Args:
        incident: The incident.
        until: When to speak again by itself, or None.
        until_count: The total count at which to speak again, or None.
    """
    was_resolved = incident.state is State.RESOLVED or incident.resolved_before_mute
    return replace(
        incident,
        state=State.MUTED,
        muted_until=until,
        mute_until_count=until_count,
        resolved_before_mute=was_resolved,
    )


def unmuted(incident: Incident) -> Incident:
    """End a mute; anything else stays as it is."""
    if incident.state is not State.MUTED:
        return incident
    return replace(
        incident,
        state=State.RESOLVED if incident.resolved_before_mute else State.OPEN,
        muted_until=None,
        mute_until_count=None,
        resolved_before_mute=False,
    )


def was_told(incident: Incident) -> bool:
    """Say whether the present episode was told; an earlier one's message is not enough."""
    return incident.told_at is not None and incident.told_at >= incident.opened_at


def is_quiet(incident: Incident, *, now: datetime, resolve_after: timedelta) -> bool:
    """Say whether an incident has been silent for so long that it counts as resolved.

    A muted incident is never resolved by silence: the person who muted it would be told of a
    regression at its next event.
    """
    if incident.state not in (State.OPEN, State.ACKNOWLEDGED):
        return False
    return now - incident.active_at >= resolve_after


def short_id(fingerprint: str) -> str:
    """Return the name of an incident that people use: `v1:5d41402abc…` is `5d41402a`."""
    digest = fingerprint.rpartition(":")[2]
    return "".join(each for each in digest if each.isascii() and each.isalnum())[:_SHORT_ID]


def _seen_muted(seen: Incident, *, now: datetime) -> tuple[Incident, Reason]:
    over = _mute_is_over(seen, now=now)
    if seen.resolved_before_mute:
        again = _reopened(unmuted(seen) if over else seen, now=now)
        if over:
            return again, Reason.REGRESSED
        return replace(again, state=State.MUTED, resolved_before_mute=False), Reason.MUTED
    if not over:
        return seen, Reason.MUTED
    # Not told since: if a ceiling holds this one back, it is told as soon as there is room.
    return replace(unmuted(seen), told_at=None), Reason.REMINDER


def _reopened(incident: Incident, *, now: datetime) -> Incident:
    return replace(
        incident,
        state=State.OPEN,
        episode=incident.episode + 1,
        episode_count=1,
        opened_at=now,
        reminders=0,
        regressed=True,
    )


def _mute_is_over(incident: Incident, *, now: datetime) -> bool:
    by_time = incident.muted_until is not None and now >= incident.muted_until
    by_count = incident.mute_until_count is not None and incident.count >= incident.mute_until_count
    return by_time or by_count


def reminder_is_due(incident: Incident, *, now: datetime, remind_after: timedelta) -> bool:
    """Say whether people have heard nothing of an open incident for too long."""
    if incident.told_at is None:
        return False
    wait = remind_after * (1 << min(incident.reminders, _LONGEST_DOUBLING))
    return now - incident.told_at >= wait
