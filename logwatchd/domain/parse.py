"""A JSON record to a `ParsedLine`: which member says what, in every dialect we know."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.causes import (
    CAUSES_LIMIT,
    cause_texts,
    headline,
    kept,
    listed_type,
    stack_text,
)
from logwatchd.domain.cleaning import as_text, clean
from logwatchd.domain.dialects import dialect_of, scopes_of, times_of
from logwatchd.domain.durations import to_ms
from logwatchd.domain.event import MESSAGE_LIMIT, Event, Level, ParsedLine, Unparsed
from logwatchd.domain.fieldnames import DURATION_UNITS
from logwatchd.domain.gather import Gathered, short_text
from logwatchd.domain.levels import level_of
from logwatchd.domain.messages import code_at_head, rendered
from logwatchd.domain.places import is_panic, place, place_in_panic, place_of, thread_in_panic
from logwatchd.domain.timestamps import to_utc

__all__ = ["as_json", "level_of", "parse_record"]

_CODE_LIMIT: Final = 64
"""Code points of an error code; what is longer is a text under the name of one."""

_PANIC_TARGETS: Final = frozenset({"panic", "log_panics", "tracing_panic"})
_ONLY_ZEROS: Final = re.compile(r"[0-]+\Z")

_MAYBE_NO_STACK: Final = frozenset({"exception", "stack"})
"""Names under which only a text of several lines is a stack trace."""


def parse_record(record: Mapping[str, Any], *, at: datetime | None = None) -> ParsedLine | Unparsed:
    """Read a record.

    Args:
        record: The record, as JSON has it; nothing in it can make this raise.
        at: When the envelope says it was written (aware, UTC); used when the record has no time.

    Returns:
        The line with every text clean and within its limit, or `Unparsed.NO_LEVEL`.
    """
    level = level_of(record)
    return Unparsed.NO_LEVEL if level is None else parse_levelled(record, level, at=at)


def parse_levelled(
    record: Mapping[str, Any], level: Level, *, at: datetime | None = None
) -> ParsedLine:
    """Read a record whose level is known, as `parse_record` does."""
    dialect = dialect_of(record)
    time_name, when = _time(record)
    found = Gathered(scopes_of(record, dialect, skip=time_name), dialect)
    found.use(*found.of("level"))

    exception = found.text("exception") or _listed_exception(found)
    stack = found.take("stack", _stack) or ""
    named, said = headline(stack)
    message = _message(record, found)
    causes = kept(_causes(found) or [said], message=message)
    if not message:
        message, causes = (causes[0], causes[1:]) if causes else (exception or named, ())
    message = clean(message, MESSAGE_LIMIT)
    target = found.text("target")
    panic = found.take("panic", _panic) or _says_panic(message, target)
    return ParsedLine(
        at=when or at,
        level=level,
        message=message,
        target=target,
        service=found.text("service"),
        code=found.take("code", _code) or code_at_head(message),
        request_id=found.text("request_id"),
        trace_id=found.take("trace_id", _trace_id) or "",
        duration_ms=found.take("duration", _duration),
        exception_type=exception or named,
        causes=causes,
        stack_trace=stack,
        location=_location(found, message),
        thread=_thread(found, message),
        panic=panic,
        dialect=dialect,
        fields=found.rest(),
    )


def as_json(parsed: ParsedLine | Event) -> dict[str, Any]:
    """Return a line or an event as JSON members: names and order are stable.

    Members without a value are left out; `at` is ISO text in UTC, `level` a name in lower case.
    """
    members: dict[str, Any] = {
        "at": parsed.at.isoformat().replace("+00:00", "Z") if parsed.at else None,
        "level": parsed.level.name.lower(),
        "message": parsed.message,
        "target": parsed.target,
        "service": parsed.service,
        "code": parsed.code,
        "request_id": parsed.request_id,
        "trace_id": parsed.trace_id,
        "duration_ms": parsed.duration_ms,
        "exception_type": parsed.exception_type,
        "causes": list(parsed.causes),
        "stack_trace": parsed.stack_trace,
        "location": parsed.location,
        "thread": parsed.thread,
        "panic": parsed.panic or None,
        "dialect": parsed.dialect,
        "fields": dict(parsed.fields),
    }
    return {name: value for name, value in members.items() if value not in (None, "", [], {})}


def _time(record: Mapping[str, Any]) -> tuple[str, datetime | None]:
    for name, value in times_of(record):
        when = to_utc(value)
        if when is not None:
            return name, when
    return "", None


def _message(record: Mapping[str, Any], found: Gathered) -> str:
    template = found.take("template", lambda value, _: rendered(value, record))
    message = found.take("message", _text)
    return message or clean(template or "", MESSAGE_LIMIT).strip()


def _text(value: Any, _key: str) -> str | None:
    return as_text(value, MESSAGE_LIMIT).strip() or None


def _code(value: Any, _key: str) -> str | None:
    code = short_text(value)
    return code if code and len(code) <= _CODE_LIMIT and "\n" not in code else None


def _trace_id(value: Any, _key: str) -> str | None:
    # Google writes `projects/P/traces/ID`; all zeros is how OpenTelemetry writes "none".
    text = (short_text(value) or "").rpartition("/")[2]
    return text if text and not _ONLY_ZEROS.match(text) else None


def _duration(value: Any, key: str) -> float | None:
    return to_ms(value, unit=DURATION_UNITS[key])


def _panic(value: Any, key: str) -> bool | None:
    return True if value is True or key != "panic" else None


def _says_panic(message: str, target: str) -> bool:
    return is_panic(message) or target.rpartition("::")[2] in _PANIC_TARGETS


def _stack(value: Any, key: str) -> str | None:
    if isinstance(value, str) and key in _MAYBE_NO_STACK and "\n" not in value:
        return None
    return stack_text(value) or None


def _listed_exception(found: Gathered) -> str:
    for leaf in found.of("stack"):
        name = listed_type(leaf.value)
        if name:
            return clean(name)
    return ""


def _causes(found: Gathered) -> list[str]:
    texts: list[str] = []
    for leaf in found.of("cause"):
        if len(texts) >= CAUSES_LIMIT:
            break
        if isinstance(leaf.value, str) and found.is_used(leaf):
            continue  # it was the stack trace
        said = cause_texts(leaf.value)
        if said:
            texts += said
            found.use(leaf)
    return texts


def _location(found: Gathered, message: str) -> str:
    in_panic = place_in_panic(message) if is_panic(message) else ""
    named = found.take("place", lambda value, _: place_of(value) or None)
    for line in found.of("line"):
        for file in found.of("file"):
            where = place(file.value, line.value)
            if where:
                found.use(line, file)
                return in_panic or named or where
    return in_panic or named or ""


def _thread(found: Gathered, message: str) -> str:
    thread = found.text("thread")
    found.use(*found.of("thread"))
    return thread or (thread_in_panic(message) if is_panic(message) else "")
