"""How `logwatchd tail` prints a line: for people, and as JSON.

What is not the first line of something is always indented, so that no text of a log can pass for
another line of it.
"""

import json
from collections.abc import Iterator
from typing import Any, Final

from logwatchd.domain.event import Event, Level, Unparsed
from logwatchd.domain.incident_json import event_values, iso
from logwatchd.domain.safe_text import terminal
from logwatchd.domain.shown import Shown
from logwatchd.domain.tainted import Tainted

_INDENT: Final = "    "
_LEVEL_WIDTH: Final = 5
_NO_LEVEL: Final = "-"

_DIM: Final = "2"
_CYAN: Final = "36"
_MAGENTA: Final = "35"
_LEVEL_STYLES: Final = {
    Level.TRACE: "2",
    Level.DEBUG: "34",
    Level.INFO: "32",
    Level.WARN: "33",
    Level.ERROR: "31",
    Level.FATAL: "1;31",
}


def as_json(shown: Shown) -> str:
    """Return one line of JSON, in ASCII: a terminal acts on nothing in it.

    The members are those of `logwatchd parse`; beside them `text` and `unparsed`, and always
    `path` and `offset`.
    """
    values: dict[str, Any] = {}
    if shown.event is not None:
        values |= event_values(shown.event)
        if shown.unparsed is not None:
            del values["level"]  # it has none
    elif shown.at is not None:
        values["at"] = iso(shown.at)
    if shown.verdict is not None:
        values["rule"] = shown.verdict.rule
        values["severity"] = shown.verdict.severity.value
        values["category"] = shown.verdict.category.value
    if shown.text:
        values["text"] = shown.text
    if shown.unparsed is not None:
        values["unparsed"] = shown.unparsed.value
    return json.dumps(values | {"path": shown.path, "offset": shown.offset}) + "\n"


def as_text(shown: Shown, *, colour: bool, with_path: bool) -> str:
    """Return one line for people, and indented ones below it.

    Args:
        shown: What to print.
        colour: Whether a terminal takes colours.
        with_path: Whether the name of the file stands at its head, as `grep` does it.
    """
    paint = _painted if colour else _unpainted
    path = f"{paint(_flat(shown.path), _MAGENTA)}: " if with_path else ""
    event = shown.event
    if event is None:
        time = f"{paint(iso(shown.at), _DIM)} " if shown.at else ""
        first, *below = terminal(Tainted(shown.text)).split("\n")
        return _lines(path + time + first, below)
    level = _NO_LEVEL if shown.unparsed else event.level.name
    style = "" if shown.unparsed else _LEVEL_STYLES[event.level]
    head = [paint(iso(event.at), _DIM), paint(level.ljust(_LEVEL_WIDTH), style)]
    if event.target:
        head.append(paint(_flat(event.target), _CYAN))
    first, *below = _said(shown, event)
    tail = [f"[{_flat(event.code)}]"] if event.code else []
    tail += [f"req={_flat(event.request_id)}"] if event.request_id else []
    words = [*head, *filter(None, [first]), *(paint(each, _DIM) for each in tail)]
    return _lines(path + " ".join(words), below)


def _said(shown: Shown, event: Event) -> list[str]:
    """Return what an event says, line by line."""
    if shown.text:  # a block: as it was printed
        lines = terminal(Tainted(shown.text)).split("\n")
        more = shown.lines - len(lines)
        return [*lines, *([f"… {more} more"] if more > 0 else [])]
    text = event.message
    if not text or shown.unparsed is Unparsed.NO_LEVEL:
        text = " ".join([text, *(f"{name}={value}" for name, value in event.fields.items())])
    parts = [text.strip(), *(f"caused by: {cause}" for cause in event.causes), event.stack_trace]
    return [
        line for part in parts for line in terminal(Tainted(part)).split("\n") if line.strip()
    ] or [""]


def _lines(first: str, below: list[str]) -> str:
    return "".join(f"{line.rstrip()}\n" for line in _indented(first, below))


def _indented(first: str, below: list[str]) -> Iterator[str]:
    yield first
    for line in below:
        yield _INDENT + line


def _flat(text: str) -> str:
    return " ".join(terminal(Tainted(text)).split())


def _painted(text: str, style: str) -> str:
    return f"\x1b[{style}m{text}\x1b[0m" if style else text


def _unpainted(text: str, _style: str) -> str:
    return text
