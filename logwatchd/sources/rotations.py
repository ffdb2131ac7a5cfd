"""Find what was rotated out of the patterns while nobody looked."""

import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from logwatchd.domain.position import Position
from logwatchd.ports import Chunk
from logwatchd.sources.arrivals import Arrival, Arrivals
from logwatchd.sources.copies import looks_rotated, rotated_from
from logwatchd.sources.cursor import FileCursor, printable
from logwatchd.sources.descriptors import Descriptors
from logwatchd.sources.followed import Followed
from logwatchd.sources.listing import PACKED, Found
from logwatchd.sources.lives import Displaced, Identity, Lives
from logwatchd.sources.names import Names
from logwatchd.sources.troubles import Troubles
from logwatchd.sources.unseen import Unseen
from logwatchd.sources.whereabouts import files_in, oldest_first, packed_in, places_of


class _Copy(NamedTuple):
    """A copy of a file that is read on in.

    Attributes:
        chunks: Positions to be remembered.
        bytes: Its size.
    """

    chunks: list[Chunk]
    bytes: int


class Rotations:
    """Follows files that no pattern names any more and that one named unseen."""

    def __init__(
        self,
        lives: Lives,
        followed: Followed,
        troubles: Troubles,
        descriptors: Descriptors,
        names: Names,
        arrivals: Arrivals,
        unseen: Unseen,
        *,
        max_line_bytes: int,
    ) -> None:
        self._lives = lives
        self._followed = followed
        self._troubles = troubles
        self._descriptors = descriptors
        self._names = names
        self._arrivals = arrivals
        self._unseen = unseen
        self._max_line_bytes = max_line_bytes

    def leftovers(self, listed: Mapping[Identity, Found], *, now: datetime) -> list[Chunk]:
        """Find the files that left the patterns while the daemon was down."""
        lost: dict[Identity, Position] = {}
        for each in self._lives.living():
            identity = (each.device, each.inode)
            if identity not in self._followed.files and identity not in listed:
                lost[identity] = each
        remembered: list[Chunk] = []
        for directory in {os.path.dirname(each.path) for each in lost.values()}:
            for place in places_of(directory):
                for found in oldest_first(files_in(place, lost.keys())) if lost else ():
                    position = lost[found.device, found.inode]
                    if place != directory and position.head_bytes == 0:
                        continue  # a number alone says nothing about a file elsewhere
                    del lost[found.device, found.inode]
                    remembered += self._pick_up(found, position, now=now)
                    if printable(found.path) != position.path:
                        remembered += self._after(found, position.path, listed, now=now)
        displaced, self._lives.displaced = self._lives.displaced, []
        for each in lost.values():
            remembered += self._go_on_in_copy(Displaced(each, while_down=True), listed, now=now)
        for life in displaced:
            self._names.note_change(life.position.path, now=now)
            remembered += self._go_on_in_copy(life, listed, now=now)
        return remembered

    def since_last_look(self, patterns: Sequence[str], *, now: datetime) -> list[Chunk]:
        """Find the files that a pattern named between two looks, and no longer names."""
        remembered: list[Chunk] = []
        for arrival in self._arrivals.look(patterns, now=now):
            remembered += self._unseen.take(arrival, now=now)
        return remembered

    def _after(
        self, old: Found, name: str, listed: Mapping[Identity, Found], *, now: datetime
    ) -> list[Chunk]:
        """Follow the files that bore a name after a known one, while the daemon was down.

        They were written later than the known one and are named as rotations are; no pattern
        names them any more, but one named them while nobody looked.
        """
        remembered: list[Chunk] = []
        directory = os.path.dirname(old.path)
        for found in oldest_first([*files_in(directory), *packed_in(directory)]):
            if (found.device, found.inode) in listed or found.modified_ns < old.modified_ns:
                continue
            if (found.device, found.inode) == (old.device, old.inode):
                continue
            if os.path.basename(name) in map(os.path.basename, rotated_from(found.path)):
                remembered += self._unseen.take(Arrival(found, name), now=now)
        return remembered

    def _pick_up(self, found: Found, position: Position, *, now: datetime) -> list[Chunk]:
        """Read the rest of a file that left the patterns.

        Its position stays that of a living file until it is given up, so that another restart
        finds it again.
        """
        if printable(found.path) == position.path:
            return [self._lives.retire(position)]  # not rotated: the settings name it no more
        cursor = self._opened(found, position.path, generation=position.generation)
        if cursor is None:
            return []  # tried again at the next look
        try:
            resumed = cursor.resume(position)
        except OSError as error:
            cursor.close()
            self._troubles.say_failing(found.path, error)
            return []
        if not resumed:
            cursor.close()
            return [self._lives.retire(position.cut_short())]
        return [self._followed.add(cursor, listed=False, left_at=now)]

    def _go_on_in_copy(
        self, life: Displaced, listed: Mapping[Identity, Found], *, now: datetime
    ) -> list[Chunk]:
        """Read the rest of a file that is gone or was emptied in its copy, packed or plain.

        A copy that a pattern names is none of ours. What is read on keeps the number of the copy,
        so that it is found again after a restart, and never read twice.

        Returns:
            Positions, among them that of the file itself: what no copy holds is lost.
        """
        position = life.position
        for place in places_of(os.path.dirname(position.path)):
            for found in [*files_in(place), *packed_in(place)]:
                identity = (found.device, found.inode)
                if identity in listed or identity in self._followed.files:
                    continue
                continued = self._continued(found, position, now=now)
                if continued is None:
                    continue
                retired = self._lives.retire(position.cut_short().continued_in(continued.bytes))
                remembered = [*continued.chunks, retired]
                if life.while_down:
                    remembered += self._after(found, position.path, listed, now=now)
                return remembered
        return [self._lives.retire(position.cut_short())]

    def _continued(self, found: Found, position: Position, *, now: datetime) -> _Copy | None:
        """Read on in a copy, unless it was read to its end; None when it is none."""
        is_packed = found.path.endswith(PACKED)
        name = os.path.splitext(found.path)[0] if is_packed else found.path
        identity = (found.device, found.inode)
        if not looks_rotated(name, position.path) or position.offset == 0:
            return None
        if is_packed:
            # Most daemons never need what unpacks.
            from logwatchd.sources.packed import unpack_rest  # noqa: PLC0415

            fd = unpack_rest(found.path, position)
        else:
            fd = self._descriptors.open(found.path)
        if fd is None:
            return None
        lives = self._lives.of(identity)
        generation = lives[-1].generation + 1 if lives else 0
        cursor = FileCursor(
            fd, position.path, generation=generation, max_line_bytes=self._max_line_bytes
        )
        cursor.device, cursor.inode = identity
        is_copy = False
        try:
            # One that was read by itself is no copy; but its number may have been given on.
            if not any(
                each != position and each.offset > 0 and cursor.matches(each) for each in lives
            ):
                is_copy = cursor.resume(position)
        except OSError as error:
            self._troubles.say_failing(found.path, error)
        size = cursor.size
        if is_copy and size > cursor.line_start:
            return _Copy([self._followed.add(cursor, listed=False, left_at=now)], size)
        cursor.close()
        return _Copy([], size) if is_copy else None

    def _opened(self, found: Found, name: str, *, generation: int = 0) -> FileCursor | None:
        fd = self._descriptors.open(found.path)
        if fd is None:
            return None
        return FileCursor(fd, name, generation=generation, max_line_bytes=self._max_line_bytes)
