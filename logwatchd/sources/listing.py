"""What one directory holds that a pattern names, asked again only when the directory changed.

Listing a directory of thousands of files each second costs more than everything else an idle
source does. A name comes, goes or leads to another file only with a change of the directory's
times, so an unchanged directory is not listed again. Its times say little while they are fresh:
two changes within one tick of the file system's clock leave the same time. So a listing is kept
only when the directory had been quiet for a while before it, and for a minute at most.
"""

import fnmatch
import os
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final

COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".br", ".7z")
"""Names that are never read as text: what they hold was read before it was compressed."""

PACKED: Final = (".gz", ".bz2", ".xz", ".zst")
"""Names of those that can be unpacked, when it was not; see `packed`."""

_QUIET: Final = timedelta(seconds=3)
"""Longer than the step of any file system's clock (FAT: two seconds)."""

_AT_LONGEST: Final = timedelta(minutes=1)
"""A file mounted over another changes no directory."""

Stamp = tuple[int, int, int, int]
"""A directory's device and inode number, and its times in nanoseconds."""

States = frozenset[int]
"""How many parts of a pattern a path may have fitted so far; several, because of `**`."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file that a pattern names.

    Attributes:
        path: The name under which the pattern found it.
        pattern: The pattern.
        device: Device number.
        inode: Inode number.
        modified_ns: When it was written last, if that was asked for.
        size: How many bytes it held then.
        real_path: The name under which notifications tell of it.
    """

    path: str
    pattern: str
    device: int
    inode: int
    modified_ns: int = 0
    size: int = 0
    real_path: str = ""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A pattern below the directory at its beginning that holds no wildcard.

    Attributes:
        pattern: The whole pattern.
        parts: What the names of directories and at last of the file must look like.
    """

    pattern: str
    parts: tuple[str, ...]

    @property
    def is_deep(self) -> bool:
        """Whether it goes down any number of directories."""
        return "**" in self.parts

    def begin(self) -> States:
        """Return the states before any part."""
        return self._closed({0})

    def after(self, name: str, states: States) -> States:
        """Return the states behind one more name; empty when it does not fit."""
        reached = set()
        for state in states:
            if state == len(self.parts):
                continue
            want = self.parts[state]
            if name.startswith(".") and not want.startswith("."):
                continue
            if want == "**":
                reached.add(state)
            elif _fits(want)(name):
                reached.add(state + 1)
        return self._closed(reached)

    def literal(self, states: States) -> str | None:
        """Return the only name that fits next, or None when a directory must be listed."""
        if len(states) != 1:
            return None
        want = self.parts[next(iter(states))]
        return None if any(sign in want for sign in "*?[") else want

    def is_whole(self, states: States) -> bool:
        """Say whether what led to these states is named by the pattern."""
        return len(self.parts) in states

    def goes_on(self, states: States) -> bool:
        """Say whether something below what led to these states may be named."""
        return any(state < len(self.parts) for state in states)

    def _closed(self, states: set[int]) -> States:
        """Add the states that are reached because `**` stands for no part, too."""
        for state in range(len(self.parts)):
            if state in states and self.parts[state] == "**":
                states.add(state + 1)
        return frozenset(states)


@dataclass(slots=True)
class Listing:
    """What a directory holds that a pattern names.

    Attributes:
        files: Regular files.
        links: Names of symbolic links that may lead to one.
        below: Directories to go down to, and links that may lead to one, with their states.
        is_kept: Whether it holds as long as the directory's times stay the same.
        numbers: What stood under each name, by the number that the directory gives.
    """

    stamp: Stamp
    real_path: str
    listed_at: datetime | None
    is_kept: bool
    files: list[Found] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    below: list[tuple[str, States]] = field(default_factory=list)
    numbers: dict[str, tuple[int, Found]] = field(default_factory=dict)

    def holds(self, stamp: Stamp, now: datetime | None) -> bool:
        """Say whether the directory need not be listed again."""
        if not self.is_kept or stamp != self.stamp or now is None or self.listed_at is None:
            return False
        return timedelta(0) <= now - self.listed_at < _AT_LONGEST


def stamp_of(status: os.stat_result) -> Stamp:
    """Return what changes when a name comes, goes or leads to another file."""
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns


def stamp_at(path: str) -> Stamp | None:
    """Return the same of a path; None when there is nothing."""
    try:
        return stamp_of(os.stat(path))
    except OSError:
        return None


def is_quiet(stamp: Stamp, *, now: datetime) -> bool:
    """Say whether a directory has not changed for so long that another change would show."""
    changed_at_seconds = max(stamp[2:]) / 1_000_000_000
    return changed_at_seconds + _QUIET.total_seconds() < now.timestamp()


def list_directory(
    directory: str,
    wanted: Wanted,
    states: States,
    *,
    before: Listing | None,
    now: datetime | None,
) -> Listing:
    """List a directory, or return the listing of before when that still holds.

    Raises:
        OSError: It is not there, no directory, or closed to us.
    """
    stamp = stamp_of(os.stat(directory))
    if before is not None and before.holds(stamp, now):
        return before
    entries = os.scandir(directory)
    is_kept = now is not None and is_quiet(stamp, now=now)
    listing = Listing(stamp, os.path.realpath(directory), now, is_kept)
    known = before.numbers if before is not None else {}
    with entries:
        for entry in entries:
            _take(listing, entry, wanted, wanted.after(entry.name, states), known)
    return listing


def _take(
    listing: Listing,
    entry: "os.DirEntry[str]",
    wanted: Wanted,
    states: States,
    known: dict[str, tuple[int, Found]],
) -> None:
    if not states:
        return
    is_link = entry.is_symlink()
    is_file = wanted.is_whole(states) and not entry.name.endswith(COMPRESSED)
    if is_file and is_link:
        listing.links.append(entry.name)
    elif is_file and entry.is_file(follow_symlinks=False):
        number = entry.inode()
        before = known.get(entry.name)
        found = before[1] if before is not None and before[0] == number else None
        if found is None:
            found = _found(entry, wanted.pattern, listing.real_path)
        if found is not None:
            listing.files.append(found)
            listing.numbers[entry.name] = (number, found)
    if wanted.goes_on(states) and (
        entry.is_dir(follow_symlinks=False) or (is_link and not wanted.is_deep)
    ):
        listing.below.append((entry.name, states))


def _found(entry: "os.DirEntry[str]", pattern: str, real_directory: str) -> Found | None:
    try:
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None  # gone since it was listed
    real_path = os.path.join(real_directory, entry.name)
    return Found(entry.path, pattern, status.st_dev, status.st_ino, real_path=real_path)


@lru_cache(maxsize=1_024)
def _fits(want: str) -> Callable[[str], object]:
    return re.compile(fnmatch.translate(want)).match
