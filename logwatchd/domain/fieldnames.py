"""What the members of a record are called, by what they say.

Names stand as `squeezed` makes them: lower case, without `_` and `-`. Nested members have dotted
names, so `error.code` stands for `{"error": {"code": …}}` as well. Earlier names win.
"""

from functools import cache
from typing import Final, Literal

from logwatchd.domain.dialects import DIALECTS, PLACES, Place

# Literals rather than an Enum: they are looked up dozens of times for each record, and the members
# of an Enum are slow to reach before Python 3.12.
Role = Literal[
    "level", "message", "target", "service", "code", "request_id", "trace_id", "duration",
    "exception", "cause", "stack", "place", "file", "line", "thread", "panic", "template",
]  # fmt: skip
"""What a member says about the event."""

ABOUT_STATEMENT: Final[frozenset[Role]] = frozenset(
    {"level", "target", "file", "line", "thread", "service"}
)
"""Roles that the logging library fills: a field of an event with such a name is the user's own."""

IN_SPANS: Final[frozenset[Role]] = frozenset({"code", "request_id", "trace_id"})
"""Roles that a span's fields can have."""

_GCP: Final = "logging.googleapis.com"

NAMES: Final[dict[Role, tuple[str, ...]]] = {
    "level": (
        "level", "log.level", "severity", "severitytext", "@l", "levelname", "lvl", "loglevel",
        "severitynumber", "levelvalue", "levelno",
    ),
    "message": ("message", "msg", "@m", "shortmessage", "textpayload", "message.message"),
    "target": ("target", "logger", "log.logger", "loggername", "sourcecontext"),
    "service": (
        "service", "service.name", "servicename", "dd.service", "resource.service.name",
        "servicecontext.service", "application", "appname", "app.name",
    ),
    "code": (
        "errorcode", "code", "errcode", "error.code", "err.code", "exception.code", "error.errorcode",
    ),
    "request_id": (
        "requestid", "reqid", "xrequestid", "request.id", "req.id", "http.request.id",
        "http.requestid", "request.requestid", "correlationid",
    ),
    "trace_id": (
        "traceid", "trace.id", "dd.traceid", "otel.traceid", "oteltraceid", "@tr", f"{_GCP}/trace",
    ),
    "exception": (
        "error.type", "exception.type", "err.type", "exctype", "error.kind", "err.kind",
        "errortype", "errorkind", "exceptiontype", "error.class", "exception.class",
        "exceptionclass", "error.name", "err.name",
    ),
    "cause": (
        "panic.payload", "error", "err", "error.message", "err.message", "errormessage", "errmsg",
        "error.msg", "err.msg", "exception", "exception.message", "error.details", "error.cause",
        "err.cause", "error.cause.message", "err.cause.message", "error.cause.cause.message",
        "err.cause.cause.message", "error.source", "error.sources", "error.causes", "error.chain",
        "error.causechain", "errorchain", "causechain", "cause", "cause.message",
        "cause.cause.message", "cause.cause.cause.message", "causes", "causedby", "rootcause",
        "source", "reason", "classification",
    ),
    "stack": (
        "stacktrace", "error.stacktrace", "exception.stacktrace", "error.stack", "err.stack",
        "exception.stack", "stack", "panic.backtrace", "backtrace", "error.backtrace", "traceback",
        "exception", "excinfo", "exctext", "errorstack", "@x",
    ),
    "place": ("panic.location", "caller", "location"),
    "file": (
        "source.file", "log.origin.file.name", f"{_GCP}/sourcelocation.file", "code.filepath",
        "code.file.path", "pathname", "filename", "file",
    ),
    "line": (
        "source.line", "log.origin.file.line", f"{_GCP}/sourcelocation.line", "code.lineno",
        "code.line.number", "linenumber", "lineno", "line",
    ),
    "thread": ("threadname", "thread", "thread.name", "process.thread.name", "threadid"),
    "template": ("@mt",),
    "panic": ("panic", "panic.payload", "panic.location", "panic.backtrace"),
}  # fmt: skip

_LASTED: Final = ("duration", "latency", "elapsed", "took")

DURATION_UNITS: Final[dict[str, str]] = (
    {f"{name}ms": "ms" for name in _LASTED}
    | {f"{name}{unit}": "s" for name in _LASTED for unit in ("secs", "seconds", "sec", "s")}
    | {f"{name}{unit}": "us" for name in _LASTED for unit in ("us", "micros")}
    | {f"{name}ns": "ns" for name in _LASTED}
    | {
        "elapsedmilliseconds": "ms",
        "durationmillis": "ms",
        "responsetime": "ms",
        "responsetimems": "ms",
        "event.duration": "ns",  # Elastic Common Schema
        "httprequest.latency": "s",
    }
    # Without a unit in the name or in the text: milliseconds, which most writers mean.
    | dict.fromkeys(_LASTED, "ms")
)
"""The unit of a plain number, by the name of the duration; names that say a unit come first."""

_NAME_IS_LOGGER: Final = ("bunyan", "pino", "python", "structlog")

Roles = dict[str, tuple[tuple[Role, int], ...]]
"""For a name: the roles it can have, each with the name's rank among those of the role."""


@cache  # most dialects share theirs
def _roles(place: Place, *, name_is_logger: bool, event_is_message: bool) -> Roles:
    names: dict[Role, tuple[str, ...]] = NAMES | {"duration": tuple(DURATION_UNITS)}
    if name_is_logger:
        names["target"] = (*names["target"], "name")
    if event_is_message:
        names["message"] = ("event", *names["message"])
    found: Roles = {}
    for role, known in names.items():
        for rank, name in enumerate(known):
            if _can_have(place, role):
                found[name] = (*found.get(name, ()), (role, rank))
    return found


def _can_have(place: Place, role: Role) -> bool:
    if place == "span":
        return role in IN_SPANS
    return place == "top" or role not in ABOUT_STATEMENT


ROLES: Final = {
    dialect: {
        place: _roles(
            place,
            name_is_logger=dialect in _NAME_IS_LOGGER,
            event_is_message=dialect == "structlog",
        )
        for place in PLACES
    }
    for dialect in DIALECTS
}
"""The roles of names, for each dialect and each part of a record."""
