"""Text as it may be kept: bounded, without control characters, escape sequences or surrogates."""

import json
import re
from typing import Any, Final

from logwatchd.domain.event import VALUE_LIMIT

_ELLIPSIS: Final = "…"

_LOOK_FACTOR: Final = 4
"""Text is cleaned up to so many times its limit; what is removed is seldom more than that."""

# Every part starts with a control character that its repeats exclude, and the repeats are
# possessive, so a failed match costs no more than the distance to the next such character.
_ESCAPE: Final = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*+[ -/]*+[@-~]"  # CSI: colours, cursor
    "|\x1b\\][^\x07\x1b]*+(?:\x07|\x1b\\\\)"  # OSC: titles, links
    "|\x1b[()*+][0-9A-Za-z]"  # character sets
    "|\x1b[@-Z\\\\-_]"
)
_CONTROL: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def without_surrogates(text: str) -> str:
    """Return the text with each lone surrogate replaced by U+FFFD, so that it can be encoded."""
    return _SURROGATE.sub("\ufffd", text)


def clean(text: str, limit: int = VALUE_LIMIT) -> str:
    """Return the text as it may be kept.

    Args:
        text: Any text.
        limit: Code points to keep; a text that is cut ends in an ellipsis within the limit.
    """
    if len(text) <= limit and text.isprintable():
        return text
    head = text[: limit * _LOOK_FACTOR]
    if not head.isprintable():
        head = without_surrogates(_CONTROL.sub("", _ESCAPE.sub("", head)))
    if len(head) <= limit and len(text) <= limit * _LOOK_FACTOR:
        return head
    return head[: limit - 1] + _ELLIPSIS


def as_text(value: Any, limit: int = VALUE_LIMIT) -> str:
    """Return a JSON value as clean text: a string as it is, the rest as JSON, null as ""."""
    if isinstance(value, str):
        return clean(value, limit)
    if value is None:
        return ""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
    except (RecursionError, TypeError, ValueError):
        # Only a value that did not come from our decoder: nested without end, or an integer
        # beyond the interpreter's limit for conversion.
        return _ELLIPSIS
    return clean(text, limit)
