"""What is read of a record that is not finished: pieces of a line, lines of a block."""

from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.blocks import BLOCK_SILENCE, Block
from logwatchd.domain.envelope import Unwrapped
from logwatchd.domain.held import Stretch

PARTIAL_BYTES: Final = 256 * 1024
"""Bytes of a line in pieces that are kept; runtimes split at 16 KiB."""

PARTIAL_PIECES: Final = 1_024
"""Pieces after which a line is taken as it is, so that a broken writer cannot hold us for ever."""

PARTIAL_WAIT: Final = timedelta(seconds=5)
"""How long a line may wait for its last piece."""


class Waiting:
    """Something that is not finished.

    Attributes:
        stretch: The lines it has so far.
        since: When the wait began (aware, UTC).
        deadline: When it is over.
    """

    def __init__(self, stretch: Stretch, *, since: datetime, wait: timedelta) -> None:
        self.stretch = stretch
        self.since = since
        self.deadline = since + wait

    def is_overdue(self, now: datetime) -> bool:
        """Say whether the wait is over; it also is when the clock was set back."""
        return not self.since <= now < self.deadline


class Pieces(Waiting):
    """A line of which pieces have come.

    Attributes:
        is_cut: Whether what is kept is only the beginning of the line.
    """

    def __init__(self, first: Unwrapped, stretch: Stretch, *, now: datetime) -> None:
        super().__init__(stretch, since=now, wait=PARTIAL_WAIT)
        self.is_cut = False
        self._at = first.at
        self._stream = first.stream
        self._payload = bytearray()
        self._add(first.payload, is_cut=bool(stretch.cut))

    def add(self, payload: bytes, stretch: Stretch) -> None:
        """Add the next piece."""
        self.stretch.absorb(stretch)
        self._add(payload, is_cut=bool(stretch.cut))

    def joined(self) -> Unwrapped:
        """Return the line as far as it is kept."""
        return Unwrapped(bytes(self._payload), self._at, self._stream)

    @property
    def is_full(self) -> bool:
        """Whether there are as many pieces as are waited for."""
        return self.stretch.lines >= PARTIAL_PIECES

    def _add(self, payload: bytes, *, is_cut: bool) -> None:
        room = PARTIAL_BYTES - len(self._payload)
        # Behind a piece that is cut nothing fits any more.
        if not self.is_cut:
            self._payload += payload[:room]
        self.is_cut |= is_cut or len(payload) > room


class OpenBlock(Waiting):
    """A block of which lines have come."""

    def __init__(self, block: Block, stretch: Stretch, *, now: datetime) -> None:
        super().__init__(stretch, since=now, wait=BLOCK_SILENCE)
        self.block = block

    def take(self, text: str, stretch: Stretch, *, now: datetime) -> bool:
        """Take the next line in, or say that it does not belong."""
        if not self.block.take(text):
            return False
        self.stretch.absorb(stretch)
        self.since = now
        self.deadline = now + BLOCK_SILENCE
        return True
