"""Python tracebacks as the interpreter prints them: plain text between JSON lines."""

import re
from datetime import datetime
from enum import Enum, auto
from typing import Final

from logwatchd.domain.blocks import FRAMES_LIMIT, Kept, is_indented, looks_logged
from logwatchd.domain.causes import TRACEBACK, exception_of, kept
from logwatchd.domain.cleaning import clean
from logwatchd.domain.event import MESSAGE_LIMIT, STACK_LIMIT, Level, ParsedLine
from logwatchd.domain.messages import code_at_head

_HEADS: Final = (f"{TRACEBACK}:", f"+ Exception Group {TRACEBACK}:")
_CHAINED: Final = (
    "During handling of the above exception, another exception occurred:",
    "The above exception was the direct cause of the following exception:",
)
_FRAME: Final = re.compile(r'[ |]{2,40}File "([^"\n]{1,300})", line ([0-9]{1,9})')
_GROUP_RULE: Final = " \t|+-"
"""What exception groups are drawn with, at the left of every line."""


class _Phase(Enum):
    FRAMES = auto()
    RAISED = auto()
    """Behind the line that names the exception; another traceback may be chained to it."""
    CHAINED = auto()


def begins_traceback(text: str) -> bool:
    """Say whether a line begins a traceback."""
    return text.strip() in _HEADS


class PythonTraceback:
    """The lines of one traceback, with those chained to it."""

    def __init__(self, head: str, *, at: datetime | None) -> None:
        self._kept = Kept(head, at=at)
        self._phase = _Phase.FRAMES
        self._raised: list[str] = []
        self._location = ""

    @property
    def done(self) -> bool:
        """Whether the block has ended by itself: never, another traceback may be chained."""
        return False

    @property
    def text(self) -> str:
        """The lines that are kept, as they were printed."""
        return self._kept.text

    def take(self, text: str) -> bool:
        """Take the next line in, or say that it does not belong."""
        text = clean(text, MESSAGE_LIMIT).rstrip()
        if self._kept.seen >= FRAMES_LIMIT or not self._belongs(text):
            return False
        self._kept.add(text)
        frame = _FRAME.match(text)
        if frame is not None:
            self._location = f"{frame[1]}:{frame[2]}"
        return True

    def parsed(self) -> ParsedLine:
        """Return the record, of what was taken so far."""
        message = self._raised[-1] if self._raised else self._said_by_group()
        return ParsedLine(
            at=self._kept.at,
            level=Level.ERROR,
            message=message,
            code=code_at_head(message),
            exception_type=exception_of(message)[0],
            # Python prints what happened first at the top, which is the innermost cause.
            causes=kept(reversed(self._raised[:-1]), message=message),
            stack_trace=clean("\n".join(self._kept.lines).rstrip(), STACK_LIMIT),
            location=self._location,
            dialect="python-traceback",
        )

    def _belongs(self, text: str) -> bool:
        match self._phase:
            case _Phase.FRAMES:
                return is_indented(text) or self._is_raised(text)
            case _Phase.RAISED:
                if text in _CHAINED:
                    self._phase = _Phase.CHAINED
                    return True
                return not text or (is_indented(text) and not looks_logged(text))
            case _Phase.CHAINED:
                if begins_traceback(text):
                    self._phase = _Phase.FRAMES
                    return True
                return not text

    def _is_raised(self, text: str) -> bool:
        if looks_logged(text) or not exception_of(text)[0]:
            return False
        self._raised.append(text)
        self._phase = _Phase.RAISED
        return True

    def _said_by_group(self) -> str:
        """Return the line that names an exception group, or the last line there is."""
        lines = [line.strip(_GROUP_RULE) for line in self._kept.lines]
        named = (line for line in lines if exception_of(line)[0].endswith("Group"))
        return next(named, lines[-1]) or TRACEBACK
