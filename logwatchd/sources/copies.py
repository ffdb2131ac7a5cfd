"""Tell a copy of a log (`copytruncate`) from a new log.

`copytruncate` copies `app.log` to `app.log.1` and then empties `app.log`. When both match a
pattern, the copy shows up as a new file full of lines that were told already, and at its end may
stand lines that were not read before the original was emptied.

A name alone says nothing: `app-worker.log` may be a log of its own. So bytes are compared: the
first 1,024, and the 64 before the place that was read up to or before the end.
"""

import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.position import Position
from logwatchd.sources.cursor import FileCursor, printable
from logwatchd.sources.identity import HEAD_BYTES
from logwatchd.sources.listing import PACKED

_SEPARATORS: Final = ".-_~"

_NUMBERING: Final = frozenset("0123456789.-_:TZ")

_SHORTEST_DATE: Final = len("260203")

_A_NUMBER: Final = re.compile(rf"[{re.escape(_SEPARATORS)}][0-9]")

_QUIET: Final = timedelta(seconds=5)
"""Time given to a copy to grow on, and to its original to be emptied."""

_LONGEST: Final = timedelta(minutes=10)
"""Time given to a copy that keeps growing: some fifty gigabytes."""


@dataclass(slots=True)
class Held:
    """A new file of which all bytes so far stand in another log as well.

    Attributes:
        cursor: The file, at its beginning.
        size: Its size at the last look.
        grown_at: When it was last seen to grow.
        since: When it was first seen.
    """

    cursor: FileCursor
    size: int
    grown_at: datetime
    since: datetime

    def is_over(self, now: datetime) -> bool:
        """Say whether it has been waited for long enough, and note whether it grew."""
        if self.cursor.size != self.size:
            self.size, self.grown_at = self.cursor.size, now
        return now - self.grown_at >= _QUIET or now - self.since >= _LONGEST

    def settle(self) -> None:
        """Decide where a file begins that is no copy of an emptied one."""
        if self.is_proven:
            self.cursor.skip_to_end()

    @property
    def is_proven(self) -> bool:
        """Whether so many bytes are the same that chance is out of the question.

        A backup of a log that lives on; the log itself tells its lines. With fewer bytes, telling
        a line twice is better than not at all.
        """
        return self.size >= HEAD_BYTES


def looks_derived(copy: str, original: str) -> bool:
    """Say whether a name is what a rotation makes of another: `app.log.1`, `app-20260203.log`.

    Names of daily files (`app.2026-02-02.log` and `app.2026-02-03.log`) are not derived from
    each other, nor is a name from itself.
    """
    return original in originals_of(copy)


def originals_of(copy: str) -> list[str]:
    """Return the names from which a rotation might have made another, the longest first."""
    directory, name = os.path.split(copy)
    _, dot, extension = name.rpartition(".")
    originals = {name[:at] for at in range(1, len(name)) if name[at] in _SEPARATORS}
    if dot:
        originals |= {name[:at] + dot + extension for at in range(len(name)) if name[at] in "-_"}
    longest_first = sorted(originals - {name}, key=lambda each: (-len(each), each))
    return [os.path.join(directory, each) for each in longest_first]


def looks_rotated(name: str, original: str) -> bool:
    """Say whether a name is an original's with nothing but a number or a date added.

    Stricter than `looks_derived`: it alone decides that a file which no pattern names is read.
    """
    added = _added(name, original)
    return len(added) > 1 and added[0] in _SEPARATORS and set(added[1:]) <= _NUMBERING


def _added(name: str, original: str) -> str:
    new, old = os.path.basename(name), os.path.basename(original)
    stem, dot, extension = old.rpartition(".")
    if new.startswith(old):
        return new[len(old) :]
    if dot and new.startswith(stem) and new.endswith(dot + extension):
        return new[len(stem) : -len(dot + extension)]
    return ""


def unpacked(name: str) -> str:
    """Return the name that a file had before it was packed; its own, if it is not."""
    stem, ending = os.path.splitext(name)
    return stem if ending in PACKED else name


def rotated_from(name: str) -> list[str]:
    """Return the names that a rotation may have made another of, packed or not, the longest first."""
    name = unpacked(name)
    if not _A_NUMBER.search(name):
        return []
    return [each for each in originals_of(name) if looks_rotated(name, each)]


def rotation_order(name: str, original: str) -> tuple[int, int, str]:
    """Return what sorts the names that rotations made of one, that of the oldest file first.

    A number grows with age (`.1` is younger than `.2`); a date, or a time, falls with it. Times of
    files say less: a writer may stay on an old file.
    """
    digits = "".join(filter(str.isdecimal, _added(unpacked(name), original)))
    if 0 < len(digits) < _SHORTEST_DATE:
        return 1, -int(digits), ""
    return 0, 0, digits


def emptied_original_of(
    file: FileCursor, past: Callable[[str], Iterable[Position]]
) -> Position | None:
    """Find the past life of a file that a new file is a whole copy of.

    Args:
        file: The new file, at its beginning.
        past: Gives the positions of files of a name that were emptied or are gone.

    Returns:
        The position at which reading of the copy goes on, or None.
    """
    for original in originals_of(printable(file.path)):
        for position in past(original):
            if position.offset == 0 or position.inode == file.inode:
                continue
            if file.matches(position):
                return position
    return None


def lacks_last_lines(file: FileCursor, past: Callable[[str], Iterable[Position]]) -> bool:
    """Say whether a new file is a copy of an emptied one that ends before what was read.

    What is written between copying and emptying stands in no copy, but may have been read. All of
    such a copy was read. The first 1,024 bytes tell it: those of logs hold times.
    """
    return any(
        position.offset > 0 and position.inode != file.inode and file.begins(position)
        for original in originals_of(printable(file.path))
        for position in past(original)
    )


def repeats_living(file: FileCursor, living: Callable[[str], Iterable[FileCursor]]) -> bool:
    """Say whether a new file holds nothing but what stands in a file that is being followed.

    Args:
        file: The new file, at its beginning.
        living: Gives the files being followed that have, or first had, a name.

    Returns:
        True while the new file is a beginning of another one, or a copy of one that was just
        emptied and is about to be noticed as such.
    """
    return any(
        _repeats(file, other)
        for original in originals_of(file.path)
        for other in living(original)
        if other.inode != file.inode
    )


def is_original_emptied(file: FileCursor, living: Callable[[str], Iterable[FileCursor]]) -> bool:
    """Say whether a file that this may be a copy of was emptied, and nobody has noticed yet.

    Args:
        file: A new file.
        living: As for `repeats_living`.
    """
    return any(
        not other.is_whole()
        for original in originals_of(file.path)
        for other in living(original)
        if other.inode != file.inode
    )


def _repeats(file: FileCursor, other: FileCursor) -> bool:
    if file.repeats(other):
        return True
    if other.is_whole():
        return False
    standing = other.standing()
    position = standing.position_at(standing.end)
    return position.offset > 0 and (file.matches(position) or file.begins(position))
