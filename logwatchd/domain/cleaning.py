"""Text as it may be kept and shown: bounded, and nothing in it that no reader can see."""

import json
from typing import Any, Final

from logwatchd.domain.event import VALUE_LIMIT
from logwatchd.domain.invisible import (
    CONTROLS,
    ESCAPE_STARTS,
    ESCAPES,
    HIDDEN,
    SEPARATORS,
    SURROGATES,
    SUSPECT,
)

_ELLIPSIS: Final = "…"

_LOOK_FACTOR: Final = 4
"""Text is cleaned up to so many times its limit; what is removed is seldom more than that."""


def without_surrogates(text: str) -> str:
    """Return the text with each lone surrogate replaced by U+FFFD, so that it can be encoded."""
    return SURROGATES.sub("\ufffd", text)


def visible(text: str) -> str:
    """Return the text without escape sequences, control and invisible characters.

    Tabs and newlines stay, other line ends become newlines, a lone surrogate becomes U+FFFD.
    Doing it twice changes nothing: what is removed first can be put together by nothing that is
    removed later.
    """
    if not SUSPECT.search(text):
        return text
    if not text.isascii():
        text = SEPARATORS.sub("\n", without_surrogates(HIDDEN.sub("", text)))
    if ESCAPE_STARTS.search(text):
        text = ESCAPES.sub("", text)
    return CONTROLS.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def clean(text: str, limit: int = VALUE_LIMIT) -> str:
    """Return the text as it may be kept.

    Args:
        text: Any text.
        limit: Code points to keep; a text that is cut ends in an ellipsis within the limit.
    """
    if len(text) <= limit and text.isascii() and text.isprintable():
        return text
    head = visible(text[: limit * _LOOK_FACTOR])
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
