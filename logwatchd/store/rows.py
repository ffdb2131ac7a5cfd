"""Turn values into rows and back. Times are whole microseconds since 1970, UTC."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from logwatchd.domain.event import Category, Event, Level, Severity, Tell
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.notice import TextKind, TextNotice
from logwatchd.domain.position import FileState, Position

Row = tuple[Any, ...]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_HOUR_US: Final = 3_600_000_000

_encoded: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""Made once: `json.dumps` with arguments makes an encoder at each call."""

INCIDENT_COLUMNS: Final = (
    "fingerprint, state, severity, category, tell, rule, template, sample, count, episode, "
    "episode_count, opened_us, first_seen_us, last_seen_us, active_us, told_us, reminders, "
    "muted_until_us, mute_until_count, regressed, resolved_before_mute"
)
LISTED: Final = "(SELECT value FROM json_each(?))"
"""Any of the texts of a JSON list: one question for all of a batch."""

POSITION_COLUMNS: Final = (
    "key, path, device, inode, generation, head_bytes, head_digest, offset, marker_bytes, "
    "marker_digest, state, size, lost"
)
FIRST_POSITION_COLUMNS: Final = POSITION_COLUMNS.removesuffix(", size, lost")
"""Those of the first schema: a damaged file of it is read for its positions, too."""


def us(at: datetime) -> int:
    """Return microseconds since 1970."""
    return (at - _EPOCH) // _MICROSECOND


def at_us(value: int) -> datetime:
    """Return the time (aware, UTC) of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=value)


def hour_of(at: datetime) -> int:
    """Return the number of whole hours since 1970."""
    return us(at) // _HOUR_US


def hour_start(hour: int) -> datetime:
    """Return when an hour begins."""
    return at_us(hour * _HOUR_US)


def incident_row(incident: Incident) -> Row:
    """Return an incident as a row of `INCIDENT_COLUMNS`."""
    return (
        incident.fingerprint,
        incident.state.value,
        incident.severity.value,
        incident.category.value,
        incident.tell.value,
        incident.rule,
        incident.template,
        event_text(incident.sample),
        incident.count,
        incident.episode,
        incident.episode_count,
        us(incident.opened_at),
        us(incident.first_seen),
        us(incident.last_seen),
        us(incident.active_at),
        _us_or_none(incident.told_at),
        incident.reminders,
        _us_or_none(incident.muted_until),
        incident.mute_until_count,
        int(incident.regressed),
        int(incident.resolved_before_mute),
    )


def incident_from(row: Row, *, sample: Event | None = None) -> Incident:
    """Return the incident of a row of `INCIDENT_COLUMNS`, with another sample if one is given."""
    return Incident(
        fingerprint=row[0],
        state=State(row[1]),
        severity=Severity(row[2]),
        category=Category(row[3]),
        tell=Tell(row[4]),
        rule=row[5],
        template=row[6],
        sample=event_from(row[7]) if sample is None else sample,
        count=row[8],
        episode=row[9],
        episode_count=row[10],
        opened_at=at_us(row[11]),
        first_seen=at_us(row[12]),
        last_seen=at_us(row[13]),
        active_at=at_us(row[14]),
        told_at=_at_or_none(row[15]),
        reminders=row[16],
        muted_until=_at_or_none(row[17]),
        mute_until_count=row[18],
        regressed=bool(row[19]),
        resolved_before_mute=bool(row[20]),
    )


def event_text(event: Event) -> str:
    """Return an event as JSON text; empty attributes are left out."""
    values = {
        "at": us(event.at),
        "level": int(event.level),
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
    kept = {name: value for name, value in values.items() if value or name in ("at", "level")}
    return _encoded(kept)


def event_from(text: str) -> Event:
    """Return the event of a JSON text made by `event_text`."""
    values: dict[str, Any] = json.loads(text)
    values["at"] = at_us(values["at"])
    values["level"] = Level(values["level"])
    values["causes"] = tuple(values.get("causes", ()))
    values.setdefault("message", "")
    return Event(**values)


def position_row(position: Position) -> Row:
    """Return a position as a row of `POSITION_COLUMNS`."""
    return (
        position.key,
        position.path,
        str(position.device),  # unsigned 64 bits do not fit an INTEGER
        str(position.inode),
        position.generation,
        position.head_bytes,
        position.head_digest,
        position.offset,
        position.marker_bytes,
        position.marker_digest,
        position.state.value,
        position.size,
        position.lost,
    )


def position_from(row: Row) -> Position:
    """Return the position of a row of `POSITION_COLUMNS`, or of `FIRST_POSITION_COLUMNS`."""
    size, lost = row[11:] or (row[7], 0)
    return Position(
        key=row[0],
        path=row[1],
        device=int(row[2]),
        inode=int(row[3]),
        generation=row[4],
        head_bytes=row[5],
        head_digest=row[6],
        offset=row[7],
        marker_bytes=row[8],
        marker_digest=row[9],
        state=FileState(row[10]),
        size=size,
        lost=lost,
    )


def text_notice_text(notice: TextNotice) -> str:
    """Return a text notice as JSON text."""
    values: Mapping[str, Any] = {
        "kind": notice.kind.value,
        "at": us(notice.at),
        "details": notice.details,
    }
    return json.dumps(values, ensure_ascii=False)


def text_notice_from(text: str, *, maybe_repeat: bool) -> TextNotice:
    """Return the text notice of a JSON text."""
    values = json.loads(text)
    return TextNotice(
        kind=TextKind(values["kind"]),
        at=at_us(values["at"]),
        details=tuple((label, value) for label, value in values["details"]),
        maybe_repeat=maybe_repeat,
    )


def _us_or_none(at: datetime | None) -> int | None:
    return None if at is None else us(at)


def _at_or_none(value: int | None) -> datetime | None:
    return None if value is None else at_us(value)
