"""Find what was rotated out of the patterns while nobody looked."""

import os
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import takewhile
from typing import NamedTuple

from logwatchd.domain.position import Position
from logwatchd.ports import Chunk
from logwatchd.sources.arrivals import Arrivals
from logwatchd.sources.beside import Rotated, rotated_beside
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
        self._is_start = True

    def leftovers(self, patterns: Sequence[str], *, now: datetime) -> list[Chunk]:
        """Find the files that left the patterns while the daemon was down."""
        listed = self._names.listed
        lost: dict[Identity, Position] = {}
        for each in self._lives.living():
            identity = (each.device, each.inode)
            if identity not in self._followed.files and identity not in listed:
                lost[identity] = each
        logs = {each.path for each in lost.values()}
        remembered: list[Chunk] = []
        for directory in {os.path.dirname(each.path) for each in lost.values()}:
            for place in places_of(directory):
                for found in oldest_first(files_in(place, lost.keys())) if lost else ():
                    position = lost[found.device, found.inode]
                    is_elsewhere = place != directory or bool(rotated_from(found.path))
                    if is_elsewhere and position.head_bytes == 0:
                        continue  # a number alone says nothing: it may have been given on
                    del lost[found.device, found.inode]
                    remembered += self._pick_up(found, position, now=now)
        unread = {identity: each for identity, each in lost.items() if each.offset == 0}
        gone = [each for each in lost.values() if each.offset > 0]
        self._lives.displaced += [Displaced(each, while_down=True) for each in gone]
        logs |= {each.position.path for each in self._lives.displaced if each.while_down}
        remembered += self.displaced(now=now)
        remembered += self._while_down(patterns, logs, unread, now=now)
        for identity, each in unread.items():
            if identity not in self._followed.files:
                remembered.append(self._lives.retire(each.cut_short()))
        return remembered

    def displaced(self, *, now: datetime) -> list[Chunk]:
        """Read the rests of files that are gone or were emptied, where a copy holds them."""
        displaced, self._lives.displaced = self._lives.displaced, []
        remembered: list[Chunk] = []
        for life in displaced:
            self._names.note_change(life.position.path, now=now)
            remembered += self._go_on_in_copy(life.position, self._names.listed, now=now)
        return remembered

    def since_last_look(self, patterns: Sequence[str], *, now: datetime) -> list[Chunk]:
        """Find the files that a pattern named between two looks, and no longer names."""
        remembered: list[Chunk] = []
        for arrival in self._arrivals.look(patterns, now=now):
            remembered += self._unseen.take(arrival, now=now)
        return remembered

    def _while_down(
        self,
        patterns: Sequence[str],
        logs: Collection[str],
        unread: Collection[Identity],
        *,
        now: datetime,
    ) -> list[Chunk]:
        """Read the files that came and went while the daemon was down.

        Those of some logs that left, and at the start of all that are not read on where they stood.
        They are younger than the youngest one that is known; where none is, nobody can tell. Or they
        were found before, but nothing was read of them.
        """
        is_start, self._is_start = self._is_start and self._lives.were_restored, False
        if not is_start and not logs:
            return []
        wanted = {*logs, *(each for log in logs for each in rotated_from(log))}
        remembered: list[Chunk] = []
        for directory in self._names.log_directories():
            by_log: dict[str, list[Rotated]] = {}
            for each in self._rotated_beside(directory, patterns):
                by_log.setdefault(each.log, []).append(each)
            for log, rotated in by_log.items():
                if log in wanted or (is_start and not self._goes_on(log)):
                    for each in self._not_read(rotated, unread):
                        remembered += self._unseen.take(each, now=now)
        return remembered

    def _rotated_beside(self, directory: str, patterns: Sequence[str]) -> list[Rotated]:
        listed = self._names.listed
        try:
            return rotated_beside(directory, places_of(directory), patterns, listed=listed)
        except OSError:
            return []

    def _goes_on(self, log: str) -> bool:
        """Say whether a log is read on where it stood: nothing was rotated away since."""
        identity = self._names.at(log)
        tracked = self._followed.files.get(identity) if identity is not None else None
        return tracked is not None and not tracked.cursor.is_at_beginning

    def _not_read(self, rotated: list[Rotated], unread: Collection[Identity]) -> list[Rotated]:
        """Return those that were not read, the oldest first.

        They are younger than the youngest one that is known, by their names or by when they were
        written last: with the numbers of logrotate the youngest is the first, with those of others
        the last; and a writer that stays on an old file makes that one look young.
        """
        by_name = sorted(rotated, key=lambda each: each.order)
        by_time = sorted(by_name, key=lambda each: each.found.modified_ns)
        after_by_name, after_by_time = self._unknown_end(by_name), self._unknown_end(by_time)
        in_order = by_name if len(after_by_name) >= len(after_by_time) else by_time
        younger = {each.identity for each in (*after_by_name, *after_by_time)}
        return [each for each in in_order if each.identity in younger or each.identity in unread]

    def _unknown_end(self, rotated: list[Rotated]) -> list[Rotated]:
        """Return what follows the last one that is known; nothing where none is."""
        found = list(takewhile(lambda each: not self._unseen.is_known(each), reversed(rotated)))
        return found if len(found) < len(rotated) else []

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
        if not resumed:  # the number was given to another file
            cursor.close()
            self._lives.displaced.append(Displaced(position, while_down=True))
            return []
        return [self._followed.add(cursor, listed=False, left_at=now)]

    def _go_on_in_copy(
        self, position: Position, listed: Mapping[Identity, Found], *, now: datetime
    ) -> list[Chunk]:
        """Read the rest of a file that is gone or was emptied in its copy, packed or plain.

        A copy that a pattern names is none of ours. What is read on keeps the number of the copy,
        so that it is found again after a restart, and never read twice.

        Returns:
            Positions, among them that of the file itself: what no copy holds is lost.
        """
        for place in places_of(os.path.dirname(position.path)):
            for found in [*files_in(place), *packed_in(place)]:
                identity = (found.device, found.inode)
                if identity in listed or identity in self._followed.files:
                    continue
                continued = self._continued(found, position, now=now)
                if continued is None:
                    continue
                retired = self._lives.retire(position.cut_short().continued_in(continued.bytes))
                return [*continued.chunks, retired]
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
