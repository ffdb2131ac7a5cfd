"""Read logs that were made and rotated away while nobody looked, packed or plain.

Each is read from its beginning, once. What was read itself, and what is a copy of something that
was read, is passed over; nobody knows beforehand which of these a file is.
"""

import os
from datetime import datetime

from logwatchd.ports import Chunk
from logwatchd.sources.arrivals import Arrivals
from logwatchd.sources.beginning import Beginnings
from logwatchd.sources.beside import Rotated
from logwatchd.sources.copies import unpacked
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

    def take(self, file: Rotated, *, now: datetime) -> list[Chunk]:
        """Read a file, if it is to be read; ask again at the next look, if that is not known now.

        Returns:
            Positions to be remembered.
        """
        try:
            chunks = self._begun(file, now=now)
        except OSError as error:
            self._troubles.say_failing(file.found.path, error)
            chunks = None
        if chunks is None:
            self._arrivals.expect(file, now=now)
            return []
        self._arrivals.settle(file.identity)
        return chunks

    def is_known(self, file: Rotated) -> bool:
        """Say whether a file was read, or is a copy of one that was; not if it cannot be read."""
        if file.identity in self._followed.files:
            return True
        if file.is_packed:
            return self._is_known_packed(file)
        cursor = self._opened(file)
        if cursor is None:
            return False
        try:
            return self._beginnings.is_known(cursor)
        except OSError:
            return False
        finally:
            cursor.close()

    def _begun(self, file: Rotated, *, now: datetime) -> list[Chunk] | None:
        """Return positions; none for a file that is known, None for one that is undecided."""
        if file.identity in self._followed.files:
            return []
        if file.is_packed and os.path.lexists(unpacked(file.found.path)):
            return None  # it is being packed
        if file.is_packed and self._is_known_packed(file):
            return []
        cursor = self._unpacked(file) if file.is_packed else self._opened(file)
        if cursor is None:
            return None
        chunks: list[Chunk] | None = None
        try:
            chunks = self._beginnings.begin_unseen(cursor, file.log, now=now)
        finally:
            if not chunks:
                cursor.close()
        return chunks

    def _opened(self, file: Rotated) -> FileCursor | None:
        fd = self._descriptors.open(file.found.path)
        if fd is None:
            return None
        cursor = self._cursor(fd, file)
        if (cursor.device, cursor.inode) == file.identity:
            return cursor
        cursor.close()  # another one by now
        return None

    def _unpacked(self, file: Rotated) -> FileCursor | None:
        # Most daemons never need what unpacks.
        from logwatchd.sources.packed import unpack  # noqa: PLC0415

        fd = unpack(file.found.path)
        if fd is None:
            return None
        cursor = self._cursor(fd, file)
        cursor.device, cursor.inode = file.identity
        return cursor

    def _cursor(self, fd: int, file: Rotated) -> FileCursor:
        return FileCursor(fd, file.found.path, generation=0, max_line_bytes=self._max_line_bytes)

    def _is_known_packed(self, file: Rotated) -> bool:
        """Say whether a file that was read, or is old, begins like this: this is what became of it.

        Cheaper than to unpack the whole. Logs that all begin with the same 1,024 bytes are lost
        when they are packed unseen.
        """
        from logwatchd.sources.packed import first_bytes  # noqa: PLC0415

        head = first_bytes(file.found.path)
        return bool(head) and (
            self._lives.begins(head)
            or any(each.begins_like(head) for each in self._followed.cursors())
            or self._arrivals.has_seen(file.log, head)
        )
