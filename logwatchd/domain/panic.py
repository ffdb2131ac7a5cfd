"""Deaths of Rust programs as the runtime prints them: plain text between JSON lines.

The forms of the standard library since 2015 are known:

    thread 'main' panicked at src/main.rs:4:5:    (before 1.73, in one line:
    text, of one or more lines                     panicked at 'text', src/main.rs:4:5)
    stack backtrace:
       0: frame
                 at ./src/main.rs:4:5
    note: Some details are omitted, …

as well as stack overflows, failed allocations and other fatal errors of the runtime.
"""

import re
from datetime import datetime
from enum import Enum, auto
from typing import Final

from logwatchd.domain.blocks import (
    BLOCK_LINES,
    FRAMES_LIMIT,
    Block,
    Kept,
    is_indented,
    looks_logged,
)
from logwatchd.domain.cleaning import clean
from logwatchd.domain.event import MESSAGE_LIMIT, STACK_LIMIT, Level, ParsedLine
from logwatchd.domain.messages import code_at_head
from logwatchd.domain.places import PANIC_HEAD, place_in_panic, thread_in_panic
from logwatchd.domain.pytraceback import PythonTraceback, begins_traceback

_BACKTRACE: Final = "stack backtrace:"
_NOTE: Final = "note: "
_LAST_NOTES: Final = ("note: run with ", "note: Some details are omitted")
_FATAL: Final = "fatal runtime error: "
_OVERFLOW: Final = re.compile(
    r"\s{0,8}thread '([^'\n]{0,200}+)'(?: \([0-9]{1,20}\))? (has overflowed its stack)"
)
_OUT_OF_MEMORY: Final = re.compile(r"memory allocation of [0-9]{1,20} bytes failed")

# Behind `panicked at `. The old form ends in its place, which may be some lines further down.
_OLD_END: Final = re.compile(r"', [^\n':,]{1,300}:[0-9]{1,9}:[0-9]{1,9}\Z")
_NEW_PLACE: Final = re.compile(r"[^\n':]{1,300}:[0-9]{1,9}:[0-9]{1,9}(?::\s{0,4}|\Z)")

BLOCK_HEADS: Final = (
    b"panicked at ",
    b"Traceback (most",
    b"has overflowed",
    b"fatal runtime error",
    b"memory allocation of",
)
"""What every line holds that begins a block."""

_GOES_ON: Final = ("Caused by:", "Location:", "Stack backtrace:")
"""Lines that go on with a message though they are not indented."""


class _Phase(Enum):
    OLD_TEXT = auto()
    TEXT = auto()
    FRAMES = auto()
    TAIL = auto()
    """The text is whole; only a backtrace or a note may follow."""
    DONE = auto()


def may_begin(line: bytes) -> bool:
    """Say cheaply whether `open_block` needs to look at a line."""
    return any(head in line for head in BLOCK_HEADS)


def open_block(text: str, *, at: datetime | None) -> Block | None:
    """Return a new block when a line begins one: a Rust panic's or a Python traceback's.

    Args:
        text: The line.
        at: When the line's envelope says it was written, or None.
    """
    text = _line(text)
    if _begins_death(text):
        return RustPanic(text, at=at)
    return PythonTraceback(text, at=at) if begins_traceback(text) else None


class RustPanic:
    """The lines of one panic, or of another death."""

    def __init__(self, head: str, *, at: datetime | None) -> None:
        self._kept = Kept(head, at=at)
        self._body_ends: int | None = None
        self._phase = _first_phase(head)

    @property
    def done(self) -> bool:
        """Whether the block has ended by itself."""
        return self._phase is _Phase.DONE

    @property
    def text(self) -> str:
        """The lines that are kept, as they were printed."""
        return self._kept.text

    def take(self, text: str) -> bool:
        """Take the next line in, or say that it does not belong."""
        text = _line(text)
        if not self._belongs(text):
            return False
        behind_text = text == _BACKTRACE or text.startswith((*_LAST_NOTES, _FATAL))
        if behind_text and self._body_ends is None:
            self._body_ends = len(self._kept.lines)
        if behind_text:
            self._phase = _Phase.FRAMES if text == _BACKTRACE else _Phase.DONE
        elif self._phase is _Phase.OLD_TEXT and _OLD_END.search(text):
            self._phase = _Phase.TAIL
        self._kept.add(text)
        return True

    def parsed(self) -> ParsedLine:
        """Return the record, of what was taken so far."""
        lines = self._kept.lines
        body = lines[: self._body_ends]
        message = self._message(body)
        tail = [] if self._body_ends is None else lines[self._body_ends :]
        frames = "\n".join(line for line in tail if is_indented(line))
        overflow = _OVERFLOW.match(lines[0])
        return ParsedLine(
            at=self._kept.at,
            level=Level.FATAL,
            message=message,
            code=code_at_head(message),
            stack_trace=clean(frames, STACK_LIMIT),
            location=place_in_panic("\n".join(body)),
            thread=thread_in_panic(lines[0]) or (overflow[1] if overflow else ""),
            panic=True,
            dialect="rust-panic",
        )

    def _belongs(self, text: str) -> bool:
        if text.startswith((*_LAST_NOTES, _FATAL)) or text == _BACKTRACE:
            return True
        if _begins_death(text) or begins_traceback(text):
            return False
        match self._phase:
            case _Phase.TEXT | _Phase.OLD_TEXT:
                # The line behind the head is the message, whatever it looks like.
                is_text = self._kept.seen == 1 or not looks_logged(text)
                return is_text and self._kept.seen < BLOCK_LINES
            case _Phase.FRAMES:
                return is_indented(text) and self._kept.seen < FRAMES_LIMIT
            case _Phase.TAIL:
                return text.startswith(_NOTE)
            case _Phase.DONE:
                return False

    def _message(self, body: list[str]) -> str:
        head = PANIC_HEAD.match(body[0])
        if head is None:
            lines = self._kept.lines
            fatal = next((line for line in lines if line.startswith(_FATAL)), body[0])
            return clean(fatal.strip(), MESSAGE_LIMIT)
        first, below = body[0][head.end() :], body[1:]
        if self._body_ends is None and self._phase is _Phase.TEXT:
            below = _surely_text(below)
        if first.startswith("'"):
            text = "\n".join([first, *below])
            end = _OLD_END.search(text)
            text = text[1 : end.start() if end else None]
        else:
            place = _NEW_PLACE.match(first)
            text = "\n".join([first[place.end() :] if place else first, *below])
        # A panic without a text still says where it was.
        return clean(text.strip() or body[0].strip(), MESSAGE_LIMIT)


def _line(text: str) -> str:
    return clean(text, MESSAGE_LIMIT).rstrip()


def _begins_death(text: str) -> bool:
    return (
        PANIC_HEAD.match(text) is not None
        or _OVERFLOW.match(text) is not None
        or _OUT_OF_MEMORY.match(text) is not None
        or text.startswith(_FATAL)
    )


def _first_phase(head: str) -> _Phase:
    panicked = PANIC_HEAD.match(head)
    if panicked is None:
        return _Phase.DONE if head.startswith(_FATAL) else _Phase.TAIL
    if not head.startswith("'", panicked.end()):
        return _Phase.TEXT
    return _Phase.TAIL if _OLD_END.search(head) else _Phase.OLD_TEXT


def _surely_text(lines: list[str]) -> list[str]:
    """Return the lines that go on with a message of which no line marks the end.

    What else was printed in the same half second may be anything.
    """
    found = lines[:1]
    for line in lines[1:]:
        if line and not is_indented(line) and not line.startswith(_GOES_ON):
            break
        found.append(line)
    return found
