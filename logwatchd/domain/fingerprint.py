"""Decide when two events are the same problem.

The name is derived from the content alone: the same on every host, after every restart, without
any state. It never changes; another way of naming is another version beside this one.
"""

from hashlib import blake2b
from typing import Final

from logwatchd.domain.event import Event
from logwatchd.domain.mask import identity_of

VERSION: Final = "v1"

_DIGEST_BYTES: Final = 8
"""Among a million problems the chance that any two share a name is 3 in 10^8."""

_CODE_FIELDS: Final = (
    "status",
    "status_code",
    "http.status_code",
    "http.response.status_code",
    "sqlstate",
    "db.code",
    "exit_code",
    "err.kind",
    "error.kind",
    "error.type",
)
"""Fields that are a code: taken as they are, for a code is the best identity there is."""

_STATEMENT_FIELDS: Final = ("db.statement", "db.query.text", "summary")
"""All slow statements of `sqlx::query` share one message; the statement tells them apart."""

_URL_FIELDS: Final = ("url", "http.url", "url.full")


def fingerprint(event: Event) -> str:
    """Name the problem that an event belongs to.

    Service, module, code, type of exception, the file of a panic and what the message, the
    outermost and the innermost cause say count. Level, line number, thread, request, duration,
    host and version do not. A field `fingerprint` of the event replaces all of it.

    Args:
        event: A redacted event.

    Returns:
        `v1:` and 16 hexadecimal digits.
    """
    own = event.fields.get("fingerprint", "")
    parts = ["own", own] if own else [value for _, value in components(event)]
    digest = blake2b(digest_size=_DIGEST_BYTES)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return f"{VERSION}:{digest.hexdigest()}"


def components(event: Event) -> list[tuple[str, str]]:
    """Return what an event is named by, unless it has a field `fingerprint`: names and values."""
    causes = event.causes
    fields = event.fields
    return [
        ("service", event.service),
        ("target", event.target),
        ("code", event.code),
        ("exception", event.exception_type),
        ("panic in", _file(event.location) if event.panic else ""),
        ("message", identity_of(event.message)),
        ("outermost cause", identity_of(causes[0]) if causes else ""),
        ("innermost cause", identity_of(causes[-1]) if len(causes) > 1 else ""),
        *((name, f"{name}={fields[name]}") for name in _CODE_FIELDS if name in fields),
        *(
            (name, f"statement={identity_of(fields[name])}")
            for name in _STATEMENT_FIELDS
            if name in fields
        ),
        *((name, f"host={_host(fields[name])}") for name in _URL_FIELDS if name in fields),
    ]


def _file(location: str) -> str:
    """Return the file of `file:line:column`; lines move with every edit."""
    parts = location.split(":")
    while len(parts) > 1 and (parts[-1].isdigit() or not parts[-1]):
        parts.pop()
    return ":".join(parts)


def _host(url: str) -> str:
    """Return the host of a URL, "" for a path or a host with a number, which is one of many."""
    _, found, rest = url.partition("://")
    if not found:
        return ""
    host = rest.partition("/")[0].rpartition("@")[2]
    return "" if any(sign.isdigit() for sign in host) else host.lower()
