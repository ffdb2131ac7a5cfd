"""What blocks of plain text lines have in common: bounds, and what never belongs to one."""

import re
from datetime import datetime, timedelta
from typing import Final, Protocol

from logwatchd.domain.event import ParsedLine

BLOCK_LINES: Final = 200
"""Lines of a block that are kept: more than anyone reads."""

BLOCK_CHARS: Final = 32 * 1024
"""Code points of a block that are kept."""

BLOCK_SILENCE: Final = timedelta(milliseconds=500)
"""A block that gets no line for so long is over; a runtime prints one within milliseconds."""

FRAMES_LIMIT: Final = 1_000
"""Lines that are counted to a block, though not kept; those behind it stand for themselves."""

_LOGGED: Final = re.compile(
    r"\s{0,4}\[?(?:[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}[T ][0-9]{2}:"
    r"|(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|FATAL|CRITICAL)[\]: ])"
)


class Block(Protocol):
    """Lines that make one record."""

    @property
    def done(self) -> bool:
        """Whether the block has ended by itself."""
        ...

    def take(self, text: str) -> bool:
        """Take the next line in, or say that it does not belong."""
        ...

    @property
    def text(self) -> str:
        """The lines that are kept, as they were printed."""
        ...

    def parsed(self) -> ParsedLine:
        """Return the record, of what was taken so far."""
        ...


class Kept:
    """Lines of a block, up to what may be kept.

    Attributes:
        at: When the envelope of the first line says it was written, or None.
        lines: The lines kept; the first one always.
        seen: How many there were.
    """

    def __init__(self, first: str, *, at: datetime | None) -> None:
        self.at = at
        self.lines = [first]
        self.seen = 1
        self._room = BLOCK_CHARS - len(first)

    @property
    def text(self) -> str:
        """The lines kept, as one text."""
        return "\n".join(self.lines)

    def add(self, text: str) -> None:
        """Add a line; one beyond the bounds is only counted."""
        self.seen += 1
        if len(self.lines) < BLOCK_LINES and self._room > 0:
            self.lines.append(text[: self._room])
            self._room -= len(text) + 1


def is_indented(text: str) -> bool:
    """Say whether a line hangs under another one."""
    return text.startswith((" ", "\t"))


def looks_logged(text: str) -> bool:
    """Say whether a line has a time or a level at its head: a logger wrote it, not a runtime."""
    return _LOGGED.match(text) is not None
