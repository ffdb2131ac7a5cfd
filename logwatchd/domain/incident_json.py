"""The stable JSON form of an incident and of a storm, as `--json` prints them."""

from datetime import datetime
from typing import Any

from logwatchd.domain.anchor import Anchor, anchor_values
from logwatchd.domain.event import Event
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.incident_view import EventView, IncidentView
from logwatchd.domain.safe_text import json_value
from logwatchd.domain.storm import Storm


def incident_values(
    incident: Incident | IncidentView, anchor: Anchor | None = None, *, merged_into: str = ""
) -> dict[str, Any]:
    """Return an incident as JSON values; times are ISO 8601 in UTC, names never change.

    Args:
        incident: The incident.
        anchor: Where in the source it comes from, when that is known.
        merged_into: The problem on whose incident its events count now, or "".
    """
    return {
        **_incident_values(incident),
        "merged_into": merged_into or None,
        "source": anchor_values(anchor) if anchor is not None else None,
    }


def _incident_values(incident: Incident | IncidentView) -> dict[str, Any]:
    return {
        "fingerprint": incident.fingerprint,
        "id": short_id(incident.fingerprint),
        "state": incident.state.value,
        "severity": incident.severity.value,
        "category": incident.category.value,
        "rule": json_value(incident.rule),
        "template": json_value(incident.template),
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


def storm_values(storm: Storm) -> dict[str, Any]:
    """Return a storm as JSON values."""
    return {
        "storm": storm.number,
        "service": json_value(storm.service),
        "target": json_value(storm.target),
        "since": iso(storm.since),
        "ended_at": storm.ended_at and iso(storm.ended_at),
        "problems": storm.problems,
        "events": storm.events,
    }


def event_values(event: Event | EventView) -> dict[str, Any]:
    """Return an event as JSON values; empty attributes are left out."""
    values: dict[str, Any] = {
        "at": iso(event.at),
        "level": event.level.name.lower(),
        "message": json_value(event.message),
        "target": json_value(event.target),
        "service": json_value(event.service),
        "code": json_value(event.code),
        "request_id": json_value(event.request_id),
        "trace_id": json_value(event.trace_id),
        "duration_ms": event.duration_ms,
        "exception_type": json_value(event.exception_type),
        "causes": [json_value(each) for each in event.causes],
        "stack_trace": json_value(event.stack_trace),
        "location": json_value(event.location),
        "thread": json_value(event.thread),
        "panic": event.panic,
        "dialect": event.dialect,
        "fields": {json_value(name): json_value(text) for name, text in event.fields.items()},
    }
    return {name: value for name, value in values.items() if value not in (None, "", [], {}, False)}


def iso(at: datetime) -> str:
    """Return a time as ISO 8601, in UTC, to the millisecond."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
