"""Read logs that were made and rotated away while nobody looked, packed or plain.

Each is read from its beginning, once. What was read itself, and what is a copy of something that
was read, is passed over; nobody knows beforehand which of these a file is.
"""

import os
from datetime import datetime

from logwatchd.ports import Chunk
from logwatchd.sources.arrivals import Arrival, Arrivals
from logwatchd.sources.beginning import Beginnings
from logwatchd.sources.cursor import FileCursor
from logwatchd.sources.descriptors import Descriptors
from logwatchd.sources.followed import Followed
from logwatchd.sources.lives import Lives
from logwatchd.sources.troubles import Troubles


class Unseen:
    """Takes arrivals to where their reading begins, if they are read at all."""

    def __init__(
        self,
        lives: Lives,
        followed: Followed,
        troubles: Troubles,
        descriptors: Descriptors,
        beginnings: Beginnings,
        arrivals: Arrivals,
        *,
        max_line_bytes: int,
    ) -> None:
        self._lives = lives
        self._followed = followed
        self._troubles = troubles
        self._descriptors = descriptors
        self._beginnings = beginnings
        self._arrivals = arrivals
        self._max_line_bytes = max_line_bytes

    def take(self, arrival: Arrival, *, now: datetime) -> list[Chunk]:
        """Read a file, if it is to be read; ask again at the next look, if that is not known now.

        Returns:
            Positions to be remembered.
        """
        try:
            chunks = self._read(arrival, now=now)
        except OSError as error:
            self._troubles.say_failing(arrival.found.path, error)
            chunks = None
        if chunks is None:
            self._arrivals.expect(arrival, now=now)
            return []
        self._arrivals.settle(arrival.identity)
        return chunks

    def _read(self, arrival: Arrival, *, now: datetime) -> list[Chunk] | None:
        """Return positions; none for a file that is known, None for one that is undecided."""
        path = arrival.found.path
        if arrival.identity in self._followed.files:
            return []
        if arrival.is_packed:
            if os.path.lexists(os.path.splitext(path)[0]):
                return None  # it is being packed
            # Most daemons never need what unpacks.
            from logwatchd.sources.packed import first_bytes, unpack  # noqa: PLC0415

            head = first_bytes(path)
            if not head:
                return None
            if self._is_known(head, arrival.log):
                return []
            fd = unpack(path)
        else:
            fd = self._descriptors.open(path)
        if fd is None:
            return None
        cursor = FileCursor(fd, path, generation=0, max_line_bytes=self._max_line_bytes)
        if arrival.is_packed:
            cursor.device, cursor.inode = arrival.identity
        chunks: list[Chunk] | None = None
        try:
            if (cursor.device, cursor.inode) == arrival.identity:
                chunks = self._beginnings.begin_unseen(cursor, arrival.log, now=now)
        finally:
            if not chunks:
                cursor.close()
        return chunks

    def _is_known(self, head: bytes, log: str) -> bool:
        """Say whether a file that was read, or is old, begins like this: this is what became of it.

        Cheaper than to unpack the whole. Logs that all begin with the same 1,024 bytes are lost
        when they are packed unseen.
        """
        return (
            self._lives.begins(head)
            or any(each.begins_like(head) for each in self._followed.cursors())
            or self._arrivals.has_seen(log, head)
        )
