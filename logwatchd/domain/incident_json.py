"""The stable JSON form of an incident, as `--json` prints it."""

from datetime import datetime
from typing import Any

from logwatchd.domain.anchor import Anchor, anchor_values
from logwatchd.domain.event import Event
from logwatchd.domain.incident import Incident, short_id


def incident_values(incident: Incident, anchor: Anchor | None = None) -> dict[str, Any]:
    """Return an incident as JSON values; times are ISO 8601 in UTC, names never change."""
    return {
        **_incident_values(incident),
        "source": anchor_values(anchor) if anchor is not None else None,
    }


def _incident_values(incident: Incident) -> dict[str, Any]:
    return {
        "fingerprint": incident.fingerprint,
        "id": short_id(incident.fingerprint),
        "state": incident.state.value,
        "severity": incident.severity.value,
        "category": incident.category.value,
        "rule": incident.rule,
        "template": incident.template,
        "count": incident.count,
        "episode": incident.episode,
        "episode_count": incident.episode_count,
        "regressed": incident.regressed,
        "first_seen": iso(incident.first_seen),
        "last_seen": iso(incident.last_seen),
        "opened_at": iso(incident.opened_at),
        "active_at": iso(incident.active_at),
        "told_at": incident.told_at and iso(incident.told_at),
        "muted_until": incident.muted_until and iso(incident.muted_until),
        "mute_until_count": incident.mute_until_count,
        "sample": event_values(incident.sample),
    }


def event_values(event: Event) -> dict[str, Any]:
    """Return an event as JSON values; empty attributes are left out."""
    values: dict[str, Any] = {
        "at": iso(event.at),
        "level": event.level.name.lower(),
        "message": event.message,
        "target": event.target,
        "service": event.service,
        "code": event.code,
        "request_id": event.request_id,
        "trace_id": event.trace_id,
        "duration_ms": event.duration_ms,
        "exception_type": event.exception_type,
        "causes": list(event.causes),
        "stack_trace": event.stack_trace,
        "location": event.location,
        "thread": event.thread,
        "panic": event.panic,
        "dialect": event.dialect,
        "fields": dict(event.fields),
    }
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, False)}


def iso(at: datetime) -> str:
    """Return a time as ISO 8601, in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
