"""Which library wrote a record, and where in it the members of the event stand."""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, NamedTuple

_SPANS_LIMIT: Final = 16
"""Enclosing spans that are looked at, innermost first."""

_TIME_NAMES: Final = (
    "timestamp", "time", "@timestamp", "@t", "ts", "asctime", "datetime", "receiveTimestamp",
)  # fmt: skip


DIALECTS: Final = (
    "tracing", "bunyan", "pino", "structlog", "python", "ecs", "slog", "gcp", "serilog", "json",
)  # fmt: skip
"""Shapes of records that are told apart."""


Place = Literal["fields", "top", "span"]
"""What part of a record a member stands in."""

PLACES: Final[tuple[Place, ...]] = ("fields", "top", "span")


class Scope(NamedTuple):
    """One part of a record.

    Attributes:
        place: Which part.
        members: Its members.
        skip: Names of members that are looked at elsewhere.
    """

    place: Place
    members: Mapping[str, Any]
    skip: tuple[str, ...] = ()


def dialect_of(record: Mapping[str, Any]) -> str:
    """Return the name of the shape of a record; `json` when it is none of the known ones."""
    level = record.get("level")
    if "@t" in record or "@mt" in record:
        return "serilog"
    if isinstance(level, str) and _is_tracing(record):
        return "tracing"
    if isinstance(level, int) and not isinstance(level, bool):
        return "bunyan" if "v" in record and "hostname" in record else "pino"
    if "log.level" in record or "ecs.version" in record or isinstance(record.get("log"), dict):
        return "ecs"
    if "levelname" in record:
        return "python"
    if level is None and "severity" in record:
        return "gcp"
    return _by_message(record)


def _is_tracing(record: Mapping[str, Any]) -> bool:
    if isinstance(record.get("fields"), dict):
        return True
    # `flatten_event(true)`: the fields stand beside the target.
    return "timestamp" in record and isinstance(record.get("target"), str)


def _by_message(record: Mapping[str, Any]) -> str:
    has_message = "message" in record or "msg" in record
    if isinstance(record.get("event"), str) and not has_message:
        return "structlog"
    if "msg" in record and "time" in record:
        return "pino" if "pid" in record and "hostname" in record else "slog"
    return "json"


def times_of(record: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield `(name, value)` of members that may say when it happened, best first."""
    for name in _TIME_NAMES:
        value = record.get(name)
        if value is not None:
            yield name, value


def scopes_of(record: Mapping[str, Any], dialect: str, *, skip: str) -> list[Scope]:
    """Return the parts of a record, nearest to the event first.

    Args:
        record: The record.
        dialect: Its dialect.
        skip: Name of a member of the record that has been used, or "".
    """
    if dialect != "tracing":
        return [Scope("top", record, (skip,))]
    scopes = []
    fields = record.get("fields")
    if isinstance(fields, dict):
        scopes.append(Scope("fields", fields))
    scopes.append(Scope("top", record, (skip, "fields", "span", "spans")))
    span, spans = record.get("span"), record.get("spans")
    if isinstance(span, dict):
        scopes.append(Scope("span", span))
    if isinstance(spans, list):
        inner_first = spans[: -_SPANS_LIMIT - 1 : -1]
        scopes += [
            Scope("span", outer)
            for outer in inner_first
            if isinstance(outer, dict) and outer != span
        ]
    return scopes
