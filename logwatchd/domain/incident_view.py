"""An incident as renderers get it: every text that a log may have written is tainted.

The attributes are those of `Incident` and `Event`; here they are only looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from logwatchd.domain.event import Category, Event, Level, Severity, Tell
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.tainted import Tainted


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """An event to be shown."""

    at: datetime
    level: Level
    message: Tainted
    target: Tainted
    service: Tainted
    code: Tainted
    request_id: Tainted
    trace_id: Tainted
    duration_ms: float | None
    exception_type: Tainted
    causes: tuple[Tainted, ...]
    stack_trace: Tainted
    location: Tainted
    thread: Tainted
    panic: bool
    dialect: str
    fields: Mapping[Tainted, Tainted]


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """An incident to be shown."""

    fingerprint: str
    state: State
    severity: Severity
    category: Category
    tell: Tell
    rule: Tainted
    template: Tainted
    sample: EventView
    count: int
    episode: int
    episode_count: int
    opened_at: datetime
    first_seen: datetime
    last_seen: datetime
    active_at: datetime
    told_at: datetime | None
    reminders: int
    muted_until: datetime | None
    mute_until_count: int | None
    regressed: bool
    resolved_before_mute: bool


def view_of(incident: Incident) -> IncidentView:
    """Return an incident with its texts tainted."""
    return IncidentView(
        fingerprint=incident.fingerprint,
        state=incident.state,
        severity=incident.severity,
        category=incident.category,
        tell=incident.tell,
        rule=Tainted(incident.rule),
        template=Tainted(incident.template),
        sample=_event_view(incident.sample),
        count=incident.count,
        episode=incident.episode,
        episode_count=incident.episode_count,
        opened_at=incident.opened_at,
        first_seen=incident.first_seen,
        last_seen=incident.last_seen,
        active_at=incident.active_at,
        told_at=incident.told_at,
        reminders=incident.reminders,
        muted_until=incident.muted_until,
        mute_until_count=incident.mute_until_count,
        regressed=incident.regressed,
        resolved_before_mute=incident.resolved_before_mute,
    )


def _event_view(event: Event) -> EventView:
    return EventView(
        at=event.at,
        level=event.level,
        message=Tainted(event.message),
        target=Tainted(event.target),
        service=Tainted(event.service),
        code=Tainted(event.code),
        request_id=Tainted(event.request_id),
        trace_id=Tainted(event.trace_id),
        duration_ms=event.duration_ms,
        exception_type=Tainted(event.exception_type),
        causes=tuple(Tainted(cause) for cause in event.causes),
        stack_trace=Tainted(event.stack_trace),
        location=Tainted(event.location),
        thread=Tainted(event.thread),
        panic=event.panic,
        dialect=event.dialect,
        fields={Tainted(name): Tainted(value) for name, value in event.fields.items()},
    )
