"""What a log line means once it has been read.

A line is parsed into a `ParsedLine`, which still holds whatever the line held. Redaction turns it
into an `Event`; nothing but an `Event` may leave the interpreter of lines.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from logwatchd.domain.identity import Identity

MESSAGE_LIMIT: Final = 8_192
"""Code points of a message that are kept; what follows is cut, and the cut is shown."""

VALUE_LIMIT: Final = 1_024
"""Code points of any other field that are kept."""

STACK_LIMIT: Final = 16_384
"""Code points of a stack trace or backtrace that are kept."""

FIELDS_LIMIT: Final = 48
"""Number of remaining fields that are kept."""


TEMPLATE_LIMIT: Final = 512
"""Code points of a template that are kept: it is a title."""


class Level(IntEnum):
    """How bad the application thought it was; a higher number is worse."""

    TRACE = 5
    DEBUG = 10
    INFO = 20
    WARN = 30
    ERROR = 40
    FATAL = 50


class Severity(StrEnum):
    """How bad we think it is; decided by a rule, never by the text alone."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"


class Category(StrEnum):
    """What kind of trouble it is."""

    LLM = "llm"
    AUTH = "auth"
    DATABASE = "database"
    APPLICATION = "application"
    OTHER = "other"


class Tell(StrEnum):
    """How people hear of it."""

    AT_ONCE = "at_once"
    DIGEST = "digest"
    COUNT = "count"


class Unparsed(StrEnum):
    """Why a line did not become a record. Counted by reason, never raised."""

    EMPTY = "empty"
    NOT_JSON = "not_json"
    NOT_AN_OBJECT = "not_an_object"
    BROKEN_JSON = "broken_json"
    TOO_DEEP = "too_deep"
    NO_LEVEL = "no_level"
    CUT = "cut"


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedLine:
    """One record as the application wrote it; may hold secrets, so it goes no further.

    Attributes:
        at: When the application says it happened (aware, UTC), or None when the line has no time.
        level: The application's level.
        message: The message; at most `MESSAGE_LIMIT` code points.
        target: Module path or logger name, "" when there is none.
        service: Name of the service when the line names one, else "".
        code: The application's error code, verbatim, or "".
        request_id: Identity of the request, from the fields, the span or the spans, or "".
        trace_id: Identity of the trace, or "".
        duration_ms: How long it took, in milliseconds, or None.
        exception_type: Class of the exception, or "".
        causes: The chain of causes, outermost first.
        stack_trace: Stack trace or backtrace; at most `STACK_LIMIT` code points.
        location: `file:line` of the statement or the panic, or "".
        thread: Name of the thread, or "".
        panic: Whether it is a panic of a Rust program.
        dialect: Which shape the line had, e.g. `tracing`, `bunyan`, `ecs`, `rust-panic`.
        fields: The rest, flattened to dotted names; at most `FIELDS_LIMIT` entries.
    """

    at: datetime | None
    level: Level
    message: str
    target: str = ""
    service: str = ""
    code: str = ""
    request_id: str = ""
    trace_id: str = ""
    duration_ms: float | None = None
    exception_type: str = ""
    causes: tuple[str, ...] = ()
    stack_trace: str = ""
    location: str = ""
    thread: str = ""
    panic: bool = False
    dialect: str = "json"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """A parsed, redacted line. The attributes are those of `ParsedLine`.

    Attributes:
        at: As in `ParsedLine`; the time of reading stands in when the line had none.
    """

    at: datetime
    level: Level
    message: str
    target: str = ""
    service: str = ""
    code: str = ""
    request_id: str = ""
    trace_id: str = ""
    duration_ms: float | None = None
    exception_type: str = ""
    causes: tuple[str, ...] = ()
    stack_trace: str = ""
    location: str = ""
    thread: str = ""
    panic: bool = False
    dialect: str = "json"
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a rule made of an event.

    Attributes:
        rule: Name of the rule that matched first.
        severity: How bad it is.
        category: What kind of trouble it is.
        tell: How people hear of it.
    """

    rule: str
    severity: Severity
    category: Category
    tell: Tell


@dataclass(frozen=True, slots=True)
class Sighting:
    """An event worth a person's attention.

    Attributes:
        event: The event.
        verdict: What the rules made of it.
        fingerprint: Name of its problem, e.g. `v1:5d41402abc4b2a76`.
        template: Its message with the variable parts masked, at most `TEMPLATE_LIMIT`.
        identity: What it is by its content, for the state to find its group; None for an event
            whose fingerprint stands already.
        former: What it was by its content to the algorithm before, while both are asked, or None.
    """

    event: Event
    verdict: Verdict
    fingerprint: str
    template: str
    identity: Identity | None = None
    former: Identity | None = None
