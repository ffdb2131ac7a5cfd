"""What an event says about where in the source it came from."""

import re
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.event import Event, Level
from logwatchd.domain.statement import folded

TEXTS_LIMIT: Final = 9
"""Texts of one event that are looked for: the message and eight causes."""

TEXT_LIMIT: Final = 4_096
_PLACES_LIMIT: Final = 8
_STACK_READ: Final = 16_384

_FRAME: Final = re.compile(
    r"""(?:File "([^"\n]{1,300})", line (\d{1,7})"""
    r"""|(?:at |\(|\s)([^\s():"]{1,300}\.(?:rs|py|tsx?|jsx?|mjs|cjs)):(\d{1,7}))"""
)
_FOREIGN: Final = (
    "/rustc/",
    ".cargo/",
    "site-packages/",
    "node_modules/",
    "/library/",
    "/lib/python",
)
_LEVELS: Final = {
    Level.TRACE: "trace",
    Level.DEBUG: "debug",
    Level.INFO: "info",
    Level.WARN: "warn",
    Level.ERROR: "error",
    Level.FATAL: "",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a file that an event names.

    Attributes:
        path: As the log has it: relative or absolute.
        line: From 1.
        why: What named it.
        origin: Whether trouble began there, and was not only logged there.
    """

    path: str
    line: int
    why: str
    origin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clues:
    """What is compared with the source.

    Attributes:
        texts: The message and its causes, outermost first, folded.
        level: In lower case, "" when the name does not tell: FATAL is nobody's macro.
        target: Module path or logger name, or "".
        modules_known: Whether the target is the module of the log statement, as `tracing` has it.
        code: The error code, or "".
        fields: Names of the structured fields.
        spans: Names of the spans around it: functions, mostly.
        places: Places that it names, the likeliest first.
        panic: Whether it is a panic.
    """

    texts: tuple[str, ...]
    level: str = ""
    target: str = ""
    modules_known: bool = False
    code: str = ""
    fields: frozenset[str] = frozenset()
    spans: frozenset[str] = frozenset()
    places: tuple[Place, ...] = ()
    panic: bool = False


def clues_of(event: Event) -> Clues:
    """Return what an event says about its source."""
    texts = [folded(_unquoted(each[:TEXT_LIMIT])) for each in (event.message, *event.causes)]
    spans = [value for name, value in event.fields.items() if name.endswith("span.name")]
    return Clues(
        texts=tuple(dict.fromkeys(each for each in texts if each))[:TEXTS_LIMIT],
        level=_LEVELS[event.level],
        target=event.target,
        modules_known="::" in event.target or event.dialect == "tracing",
        code=event.code,
        fields=_field_names(event),
        spans=frozenset(spans),
        places=_places(event),
        panic=event.panic,
    )


def _unquoted(text: str) -> str:
    """Return what was written before it was put between quotes, as debug formats do."""
    return text.replace('\\"', '"').replace("\\n", " ")


def _field_names(event: Event) -> frozenset[str]:
    """Return the names of fields, those with a meaning of their own included."""
    found = set(event.fields)
    found |= {"error", "err", "e"} if event.causes else set()
    found |= {"code", "error_code"} if event.code else set()
    found |= {"request_id"} if event.request_id else set()
    found |= {"trace_id"} if event.trace_id else set()
    found |= {"duration_ms", "elapsed_ms"} if event.duration_ms is not None else set()
    return frozenset(found)


def _places(event: Event) -> tuple[Place, ...]:
    found: list[Place] = []
    path, _, line = event.location.rpartition(":")
    if path and line.isdigit():
        why = "where it panicked" if event.panic else "where it was logged"
        found.append(Place(path, int(line), why, origin=event.panic))
    frames = []
    for frame in _FRAME.finditer(event.stack_trace[:_STACK_READ]):
        name, number = frame[1] or frame[3], int(frame[2] or frame[4])
        if not any(each in name for each in _FOREIGN):
            frames.append(Place(name.strip(), number, "a frame of the stack", origin=False))
    if frames and "Traceback (most recent" in event.stack_trace:
        frames.reverse()  # Python names the innermost frame last
    return tuple((found + frames)[:_PLACES_LIMIT])
