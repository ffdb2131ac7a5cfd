"""Why it happened: chains of causes, and what a stack trace says at its head."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from logwatchd.domain.cleaning import clean
from logwatchd.domain.event import STACK_LIMIT, VALUE_LIMIT

CAUSES_LIMIT: Final = 8
"""Causes that are kept; a chain of eight wrappers says all it can."""

TRACEBACK: Final = "Traceback (most recent call last)"

_TEXT_LIMIT: Final = 65_536
"""Code points of one error text that are split into lines."""

_NO_BACKTRACE: Final = frozenset(
    {"disabled backtrace", "unsupported backtrace", "<disabled>", "<unsupported>", "disabled"}
)
"""What Rust's `Backtrace` prints when there is none."""

_CHAIN_HEAD: Final = "\n\nCaused by:\n"
_CHAIN_ITEM: Final = re.compile(r"\s{1,16}(?:[0-9]{1,4}: )?(\S.*)")
_CHAIN_BACKTRACE: Final = "Stack backtrace:"

_TYPE: Final = re.compile(r"([A-Za-z_][A-Za-z0-9_.$]{0,127}+)(?::(?: |\Z)|\Z)")
_TYPE_ENDINGS: Final = (
    "Error", "Exception", "Warning", "Throwable", "Interrupt", "Exit", "Group", "Timeout",
)  # fmt: skip

_TEXT_NAMES: Final = ("message", "msg", "exc_value", "value", "error")
_TYPE_NAMES: Final = ("exc_type", "type", "kind", "name")


def chain(text: str) -> list[str]:
    """Return an error text as its causes, outermost first.

    The debug format of Rust's `anyhow` holds them all: a head, `Caused by:`, and a line for each.
    """
    head, found, tail = text[:_TEXT_LIMIT].partition(_CHAIN_HEAD)
    if not found:
        return [text]
    items = [head]
    for line in tail.split("\n"):
        if len(items) >= CAUSES_LIMIT or line.startswith(_CHAIN_BACKTRACE):
            break
        item = _CHAIN_ITEM.match(line)
        if item is not None:
            items.append(item[1])
    return items


def cause_texts(value: Any) -> list[str]:
    """Return the error texts of a member: a text, or a list of texts or of error objects."""
    if isinstance(value, str):
        return chain(value)
    if not isinstance(value, list):
        return []
    found = []
    for item in value[:CAUSES_LIMIT]:
        text = _first_text(item, _TEXT_NAMES) if isinstance(item, dict) else item
        if isinstance(text, str):
            found.append(text)
    return found


def kept(texts: Iterable[str], *, message: str) -> tuple[str, ...]:
    """Return causes as they are kept: clean, no repeats, none that only says the message again."""
    found: list[str] = []
    for text in texts:
        cause = clean(text.strip(), VALUE_LIMIT)
        if cause and cause != message and cause not in found:
            found.append(cause)
        if len(found) >= CAUSES_LIMIT:
            break
    return tuple(found)


def stack_text(value: Any) -> str:
    """Return a stack trace as text, "" when there is none.

    Args:
        value: The trace as text, as a list of lines, or as structlog's list of exceptions.
    """
    if isinstance(value, list):
        value = "\n".join(_lines(value))
    if not isinstance(value, str):
        return ""
    text = clean(value, STACK_LIMIT).strip("\n ")
    return "" if text.lower() in _NO_BACKTRACE else text


def _lines(items: list[Any]) -> Iterable[str]:
    """Yield lines of a trace; as many as can be seen in `STACK_LIMIT` code points."""
    for item in items[:STACK_LIMIT]:
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            frames = item.get("frames")
            for frame in frames if isinstance(frames, list) else []:
                if isinstance(frame, dict):
                    place = f"{frame.get('filename')}:{frame.get('lineno')}"
                    yield f"  {place} in {frame.get('name')}"
            yield f"{_first_text(item, _TYPE_NAMES)}: {_first_text(item, _TEXT_NAMES)}"


def listed_type(value: Any) -> str:
    """Return the class of the first of structlog's list of exceptions, "" for anything else."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return _first_text(value[0], _TYPE_NAMES)
    return ""


def headline(stack: str) -> tuple[str, str]:
    """Return the class of the exception and the text a stack trace is about, each "" if unknown.

    Python says it in the last line, everybody else in the first.
    """
    if not stack:
        return "", ""
    if TRACEBACK in stack:
        lines = stack.rstrip().split("\n")
        line = next((line for line in reversed(lines) if line[:1] not in (" ", "\t", "")), "")
        return exception_of(line)
    name, text = exception_of(stack.partition("\n")[0].strip())
    if name.endswith(_TYPE_ENDINGS):
        return name, text
    return "", ""


def exception_of(line: str) -> tuple[str, str]:
    """Return `(class, line)` of a line such as `ValueError: no`, two "" for any other."""
    found = _TYPE.match(line)
    return (found[1], line) if found is not None else ("", "")


def _first_text(item: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((text for name in names if isinstance(text := item.get(name), str)), "")
