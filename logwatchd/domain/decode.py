"""Bytes of one line to a JSON object; never an exception, whatever the bytes are."""

import json
import re
from typing import Any, Final

from logwatchd.domain.cleaning import without_surrogates
from logwatchd.domain.event import Unparsed

DEPTH_LIMIT: Final = 128
"""Nested brackets that are followed. Logs have below ten; the interpreter gives up near 1,000."""

_DIGITS_LIMIT: Final = 4_300
"""Digits the interpreter converts to an integer by default; longer ones stay text."""

_TOKENS_LIMIT: Final = 20_000
"""JSON tokens that are looked at when a cut line is mended: some 10 ms at worst."""

_BOM: Final = b"\xef\xbb\xbf"
_BLANK: Final = b" \t\r\n\v\f\0"
_OTHER_JSON: Final = (b"[", b'"', b"-", b"t", b"f", b"n", *(b"%d" % digit for digit in range(10)))

# Possessive repeats: a string is walked once, closed or not. Group 1 is its closing quote.
_TOKEN: Final = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(")?|[{}\[\],:]|[^\s"{}\[\],:]++', re.DOTALL)
_STRING: Final = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
_OPENERS: Final = frozenset(b"{[")
_HALF_ESCAPE: Final = re.compile(r"\\(?:u[0-9a-fA-F]{0,3})?\Z")
_CLOSER: Final = {"{": "}", "[": "]"}


def _bounded_int(digits: str) -> int | str:
    return int(digits) if len(digits) <= _DIGITS_LIMIT else digits


# Not strict: raw control characters in a string are wrong JSON, but no reason to lose an event.
_scan = json.JSONDecoder(strict=False).raw_decode
_scan_long_numbers = json.JSONDecoder(strict=False, parse_int=_bounded_int).raw_decode


def decode_line(line: bytes) -> dict[str, Any] | Unparsed:
    """Decode one line.

    Args:
        line: The line, with or without its newline. A byte order mark, NUL bytes and white space
            around it are ignored; invalid UTF-8 is replaced.

    Returns:
        The object, in which no text holds a lone surrogate, or why there is none.
    """
    if not line.startswith(b"{"):
        line = line.lstrip(_BLANK).removeprefix(_BOM).strip(_BLANK)
        if not line.startswith(b"{"):
            return _not_an_object(line) if line else Unparsed.EMPTY
    if _is_too_deep(line):
        return Unparsed.TOO_DEEP
    found = _parsed(_decoded(line))
    if isinstance(found, dict):
        return found
    return found if isinstance(found, Unparsed) else Unparsed.BROKEN_JSON


def decode_cut(prefix: bytes) -> dict[str, Any] | Unparsed:
    """Decode the beginning of a line that is longer than the limit.

    The open string is closed, an unfinished member is dropped and the open brackets are closed.

    Args:
        prefix: The first bytes of the line.

    Returns:
        What the beginning says, or `Unparsed.CUT`.
    """
    text = _decoded(prefix.lstrip(_BLANK).removeprefix(_BOM).strip(_BLANK)).rstrip("\ufffd")
    found = _parsed(_mended(text)) if text.startswith("{") else None
    return found if isinstance(found, dict) and found else Unparsed.CUT


def _decoded(line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return line.decode("utf-8", "replace")


def _parsed(text: str) -> Any:
    """Return the JSON value that is the whole text, else a reason."""
    try:
        value, end = _scan(text)
    except json.JSONDecodeError:
        return Unparsed.BROKEN_JSON
    except ValueError:  # an integer with too many digits
        try:
            value, end = _scan_long_numbers(text)
        except ValueError:
            return Unparsed.BROKEN_JSON
    except RecursionError:
        return Unparsed.TOO_DEEP
    if end != len(text) and text[end:].strip(" \t\r\n\v\f\0"):
        return Unparsed.BROKEN_JSON
    if "\\ud" in text or "\\uD" in text:
        return _scrubbed(value)
    return value


def _scrubbed(value: Any) -> Any:
    """Return the value without lone surrogates; its depth is at most `DEPTH_LIMIT`."""
    if isinstance(value, str):
        return without_surrogates(value)
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if isinstance(value, dict):
        return {without_surrogates(name): _scrubbed(item) for name, item in value.items()}
    return value


def _not_an_object(line: bytes) -> Unparsed:
    """Tell a JSON value that is no object from plain text."""
    if not line.startswith(_OTHER_JSON):
        return Unparsed.NOT_JSON
    if _is_too_deep(line):
        return Unparsed.TOO_DEEP
    broken = isinstance(_parsed(_decoded(line)), Unparsed)
    return Unparsed.NOT_JSON if broken else Unparsed.NOT_AN_OBJECT


def _is_too_deep(line: bytes) -> bool:
    # Two counts are cheap; only a line with many brackets is walked.
    if line.count(b"{") + line.count(b"[") <= DEPTH_LIMIT:
        return False
    depth = 0
    for mark in _STRING.sub(b"", line).translate(None, _NO_BRACKETS):
        depth += 1 if mark in _OPENERS else -1
        if depth > DEPTH_LIMIT:
            return True
    return False


def _mended(text: str) -> str:
    """Return the text as whole JSON, closed at the last place where that is possible."""
    closers: list[str] = []
    safe, safe_closers = 0, ""
    before = ""
    for number, token in enumerate(_TOKEN.finditer(text)):
        mark = token[0]
        if number >= _TOKENS_LIMIT or len(closers) > DEPTH_LIMIT:
            break
        if mark in _CLOSER:
            closers.append(_CLOSER[mark])
        elif mark in ("}", "]"):
            closers.pop()
            if not closers:
                return text[: token.end()]
        elif mark.startswith('"') and (before == ":" or closers[-1] == "]"):
            if token[1] is None:
                return _whole_escapes(text) + '"' + "".join(reversed(closers))
        elif mark != ",":
            # A name, a colon, or a number that may go on behind the cut.
            before = mark
            continue
        safe = token.start() if mark == "," else token.end()
        safe_closers = "".join(reversed(closers))
        before = mark
    return text[:safe] + safe_closers


def _whole_escapes(text: str) -> str:
    """Return the text without an escape that is cut in its middle."""
    found = _HALF_ESCAPE.search(text, max(0, len(text) - 6))
    if found is None:
        return text
    head = text[: found.start()]
    backslashes_before = len(head) - len(head.rstrip("\\"))
    return text if backslashes_before % 2 else head
