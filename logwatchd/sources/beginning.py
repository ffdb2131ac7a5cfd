"""Decide where reading of a file begins that is not followed yet."""

from collections.abc import Iterator, Mapping
from datetime import datetime

import structlog

from logwatchd.domain.position import Position
from logwatchd.ports import Chunk
from logwatchd.sources.copies import (
    Held,
    emptied_original_of,
    is_original_emptied,
    lacks_last_lines,
    repeats_living,
)
from logwatchd.sources.cursor import FileCursor, printable
from logwatchd.sources.descriptors import Descriptors
from logwatchd.sources.followed import Followed
from logwatchd.sources.identity import HEAD_BYTES
from logwatchd.sources.listing import Found
from logwatchd.sources.lives import Displaced, Identity, Lives
from logwatchd.sources.troubles import Troubles

_log = structlog.stdlib.get_logger()


class Beginnings:
    """Takes opened files to where their reading begins, and hands them on to be followed.

    A file that may turn out to be a copy is held until that is known.
    """

    def __init__(
        self,
        lives: Lives,
        followed: Followed,
        troubles: Troubles,
        held: dict[Identity, Held],
        descriptors: Descriptors,
    ) -> None:
        self._lives = lives
        self._followed = followed
        self._troubles = troubles
        self._held = held
        self._descriptors = descriptors

    def begin(
        self, cursor: FileCursor, found: Found, *, old_bytes: int, now: datetime
    ) -> list[Chunk]:
        """Decide about a file that a pattern names.

        Args:
            cursor: The file, just opened; ours from now on, unless this raises.
            found: How it was found.
            old_bytes: Bytes at its beginning that are passed over if nothing is known about it.
            now: The present (aware, UTC).

        Returns:
            Positions to be remembered.

        Raises:
            OSError: The file cannot be read at the moment.
        """
        lives = self._lives.of((cursor.device, cursor.inode))
        was_read = bool(lives) and lives[-1].offset > 0
        if was_read and cursor.resume(lives[-1]):
            cursor.generation = lives[-1].generation
            return [self._follow_renamed(cursor, lives[-1].path, now=now)]
        remembered: list[Chunk] = []
        if was_read or (lives and cursor.size < lives[-1].size):
            # Truncated while nobody looked, or the number was given to another file.
            cursor.generation = lives[-1].generation + 1
            self._lives.retire(lives[-1].cut_short())
            self._lives.displaced.append(Displaced(lives[-1], while_down=True))
        elif lives:  # nothing was read of it; nor does anything tell that this is the same file
            cursor.generation = lives[-1].generation
        elif (moved := self._moved(cursor, found)) is not None:
            return [self._lives.retire(moved), self._followed.add(cursor)]
        original = emptied_original_of(cursor, self._lives.past)
        if original is not None:
            remembered += self._resume_copy(cursor, original)
        elif old_bytes and not lives:
            cursor.skip_to_end(at_most=old_bytes)
        elif self._repeats(cursor):
            held = Held(cursor, cursor.size, now, now)
            self._held[(cursor.device, cursor.inode)] = held
            return remembered
        return [*remembered, self._followed.add(cursor)]

    def is_known(self, cursor: FileCursor) -> bool:
        """Say whether a file that no pattern names was read, itself or what it is a copy of.

        Raises:
            OSError: The file cannot be read at the moment.
        """
        lives = self._lives.of((cursor.device, cursor.inode))
        if any(each.offset > 0 and cursor.matches(each) for each in lives):
            return True
        past = self._lives.past
        return emptied_original_of(cursor, past) is not None or lacks_last_lines(cursor, past)

    def begin_unseen(self, cursor: FileCursor, log: str, *, now: datetime) -> list[Chunk] | None:
        """Decide about a file that may have been a log, and that no pattern names.

        Args:
            cursor: The file, just opened; ours from now on, if positions are returned.
            log: The name under which it was written, if it was a log.
            now: The present (aware, UTC).

        Returns:
            Positions to be remembered; none for a file that was read or is a copy; None for one
            of which all bytes so far stand in a log that is followed.

        Raises:
            OSError: The file cannot be read at the moment.
        """
        lives = self._lives.of((cursor.device, cursor.inode))
        if any(each.offset > 0 and cursor.matches(each) for each in lives):
            return []
        remembered: list[Chunk] = []
        original = emptied_original_of(cursor, self._lives.past)
        if original is not None and cursor.size <= original.offset:
            return []
        if original is not None:
            remembered = self._resume_copy(cursor, original)
        elif lacks_last_lines(cursor, self._lives.past):
            return []
        elif repeats_living(cursor, self._living):
            return None
        if lives:
            cursor.generation = lives[-1].generation + bool(lives[-1].offset)
        cursor.path = cursor.first_path = log
        return [*remembered, self._followed.add(cursor, listed=False, left_at=now)]

    def settle_held(self, listed: Mapping[Identity, Found], *, now: datetime) -> list[Chunk]:
        """Decide on the files that could be copies."""
        remembered: list[Chunk] = []
        for identity, held in list(self._held.items()):
            found = listed.get(identity)
            try:
                held.cursor.refresh(found.path if found else held.cursor.path)
                original = emptied_original_of(held.cursor, self._lives.past)
                if original is not None:
                    remembered += self._resume_copy(held.cursor, original)
                elif self._repeats(held.cursor):
                    # Nothing could be read for a while: what happened is noticed when it is.
                    is_open = is_original_emptied(held.cursor, self._living)
                    if is_open or (found is not None and not held.is_over(now)):
                        continue
                    held.settle()
            except OSError as error:
                self._troubles.say_failing(held.cursor.path, error)
                continue
            del self._held[identity]
            left_at = None if found else now
            chunk = self._followed.add(held.cursor, listed=found is not None, left_at=left_at)
            remembered.append(chunk)
        return remembered

    def close(self) -> None:
        """Close the files that are held."""
        for held in self._held.values():
            held.cursor.close()
        self._held.clear()

    def _repeats(self, cursor: FileCursor) -> bool:
        """Say whether all there is of a new file was read elsewhere, as far as one can tell now."""
        if repeats_living(cursor, self._living):
            return True
        return lacks_last_lines(cursor, self._lives.past)

    def _living(self, name: str) -> Iterator[FileCursor]:
        """Yield the files of a name that are followed, opened for a look into them."""
        for tracked in self._followed.named(name):
            if self._descriptors.awake(tracked):
                yield tracked.cursor

    def _follow_renamed(self, cursor: FileCursor, name_before: str, *, now: datetime) -> Chunk:
        """Follow a known file; one that had another name before is one that was rotated."""
        if name_before == printable(cursor.path):
            return self._followed.add(cursor)
        cursor.first_path = name_before
        return self._followed.add(cursor, left_at=now)

    def _moved(self, cursor: FileCursor, found: Found) -> Position | None:
        """Find the same file under another number: a device numbered anew, a restored backup."""
        for position in self._lives.living(printable(found.path)):
            if position.offset == 0:
                continue
            if (position.device, position.inode) in self._followed.files:
                continue
            known_well = position.inode == cursor.inode or position.head_bytes == HEAD_BYTES
            if known_well and cursor.resume(position):
                return position
        return None

    def _resume_copy(self, cursor: FileCursor, original: Position) -> list[Chunk]:
        """Read on in a copy; what it holds of a lost rest is not lost."""
        cursor.resume_copy(original)
        _log.info("copy_recognised", path=printable(cursor.path), of=original.path)
        return [self._lives.retire(original.continued_in(cursor.size))] if original.lost else []
