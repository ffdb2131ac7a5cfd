"""Lines that are no record of their own, for those who want to see every line.

What stands here may hold secrets; `shown` takes them out.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.cleaning import as_text, clean
from logwatchd.domain.envelope import Unwrapped
from logwatchd.domain.event import MESSAGE_LIMIT, ParsedLine, Unparsed
from logwatchd.domain.parse import parse_record

TEXT_LIMIT: Final = 4 * MESSAGE_LIMIT
"""Code points of such a line that are looked at: secrets are found behind what is shown, too."""

_PRETENDED: Final = "info"
"""The level under which a record without one is read; nobody gets to see it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """What a line says that is no record, or the lines of a block.

    Attributes:
        text: The text, clean, of at most `TEXT_LIMIT` code points.
        at: When its envelope says it was written (aware, UTC), or None.
        reason: Why it is no record; None for a block.
        parsed: What a JSON object without a level says; its level means nothing.
    """

    text: str = ""
    at: datetime | None = None
    reason: Unparsed | None = None
    parsed: ParsedLine | None = None


def plain_line(
    reason: Unparsed, record: Mapping[str, Any] | Unparsed, inner: Unwrapped
) -> Plain | None:
    """Return what a line says that is no record.

    Args:
        reason: Why it is none.
        record: The object that was in it, if there was one.
        inner: The line, out of its envelope.

    Returns:
        What it says, or None when it is blank.
    """
    if reason is Unparsed.EMPTY:
        return None
    if not isinstance(record, Unparsed):
        parsed = parse_record({**record, "level": _PRETENDED}, at=inner.at)
        if isinstance(parsed, ParsedLine):
            if "level" in record:  # one that nobody understands
                level = as_text(record["level"])
                parsed = replace(parsed, fields={**parsed.fields, "level": level})
            return Plain(at=parsed.at, reason=reason, parsed=parsed)
    payload = inner.payload
    # Escapes in JSON can hide a secret's name: written anew, it has none.
    rewritten = _rewritten(payload) if reason is Unparsed.NOT_AN_OBJECT else None
    if rewritten is None:
        rewritten = payload[: 4 * TEXT_LIMIT].decode("utf-8", "replace")
    return Plain(text=clean(rewritten, TEXT_LIMIT).rstrip(), at=inner.at, reason=reason)


def plain_block(text: str, at: datetime | None) -> Plain:
    """Return the lines of a block."""
    return Plain(text=clean(text, TEXT_LIMIT), at=at)


def _rewritten(payload: bytes) -> str | None:
    try:
        return as_text(json.loads(payload), TEXT_LIMIT)
    except (ValueError, RecursionError):
        return None
