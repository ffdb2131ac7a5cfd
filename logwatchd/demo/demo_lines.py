"""Shape the lines of the demo log as `tracing-subscriber` does, with nothing left to chance."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

Moment = tuple[float, bytes]
"""Seconds since the begin, and a line without its newline."""

MAPPER: Final = "server::error::mapper"
"""The application's one error mapper: where most errors are logged, not where they happen."""

RETROSPECTS: Final = "server::api::retrospects"
LLM: Final = "server::llm::client"
AUTH: Final = "server::auth"

_BEGIN: Final = datetime(2026, 3, 2, 0, 30, tzinfo=UTC)


def number(*about: object, below: int) -> int:
    """Return a number from 0 to `below` that follows from what it is about."""
    digest = blake2b(repr(about).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") % below


def request_id(*about: object) -> str:
    """Return an identity in the shape of a UUID."""
    raw = blake2b(repr(about).encode(), digest_size=16).hexdigest()
    return f"{raw[:8]}-{raw[8:12]}-4{raw[13:16]}-a{raw[17:20]}-{raw[20:]}"


def line(
    at: float,
    level: str,
    target: str,
    message: str,
    /,
    *,
    span: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Moment:
    """Shape a line as `tracing-subscriber` does: fields in an object, then the spans around."""
    when = (_BEGIN + timedelta(seconds=at)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    record: dict[str, Any] = {
        "timestamp": when,
        "level": level,
        "fields": {
            "message": message,
            **{name.replace("__", "."): fields[name] for name in fields},
        },
        "target": target,
    }
    if span is not None:
        record |= {"span": span, "spans": [span]}
    return at, json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode()


def span_of(method: str, uri: str, *about: object) -> dict[str, Any]:
    """Return the span around a request."""
    return {
        "method": method,
        "request_id": request_id(method, uri, *about),
        "uri": uri,
        "name": "http_request",
    }


def spread(begin: float, end: float, count: int, name: str) -> Iterator[tuple[int, float]]:
    """Yield numbers from 0 and moments between two, a little irregular."""
    step = (end - begin) / count
    for at in range(count):
        yield at, round(begin + step * (at + number(name, at, below=900) / 1000), 6)
