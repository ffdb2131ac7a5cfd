"""Find, by their numbers, the files that a rotation took out of sight.

Beside the log first, then where rotations keep old files (logrotate's `olddir`): directories named
`old…`, `archive…`, `rotated…` or `backup…`, in the log's directory or beside it.
"""

import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Final

from logwatchd.sources.listing import COMPRESSED, PACKED, Found, stamp_at
from logwatchd.sources.lives import Identity

_OLD: Final = ("old", "archive", "rotated", "backup")
_PLACES_LIMIT: Final = 16
_ATTEMPTS: Final = 5
"""Listings of a directory in which files are being renamed: one may miss some of them."""

_NUMBER: Final = re.compile(r"([0-9]+)")


def places_of(directory: str) -> list[str]:
    """Return the directories to which a rotation may take the files of one; it comes first."""
    places = [directory]
    for parent in (directory, os.path.dirname(directory)):
        try:
            with os.scandir(parent) as entries:
                places += sorted(
                    each.path
                    for each in entries
                    if each.name.lower().startswith(_OLD)
                    and each.is_dir(follow_symlinks=False)
                    and each.path != directory
                )
        except OSError:
            continue  # closed to us: nothing is found there
    return places[:_PLACES_LIMIT]


def files_in(directory: str, numbers: Collection[Identity] | None = None) -> list[Found]:
    """Return the regular files directly in a directory, compressed ones left out.

    Args:
        directory: Where to look.
        numbers: Only files with one of these numbers, if given; cheap in a full archive.
    """
    inodes = None if numbers is None else {inode for _, inode in numbers}

    def is_wanted(entry: "os.DirEntry[str]") -> bool:
        if entry.name.endswith(COMPRESSED):
            return False
        return inodes is None or entry.inode() in inodes

    found = _entries(directory, is_wanted)
    return [each for each in found if numbers is None or (each.device, each.inode) in numbers]


def packed_in(directory: str) -> list[Found]:
    """Return the compressed files directly in a directory that can be unpacked."""
    return _entries(directory, lambda entry: entry.name.endswith(PACKED))


def oldest_first(found: Iterable[Found]) -> list[Found]:
    """Return files in the order in which they were written last.

    Of files of the same time the last name comes first: `app.log.10`, `app.log.9`, `app.log`.
    """
    by_name = sorted(found, key=lambda each: _numbered(each.path), reverse=True)
    return sorted(by_name, key=lambda each: _modified_ns(each.path))


def _numbered(path: str) -> list[str | int]:
    """Return a name so that the numbers in it are compared as such."""
    return [int(part) if part.isdecimal() else part for part in _NUMBER.split(path)]


def _modified_ns(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0  # gone: it will not be opened


def where_is(identity: Identity, name: str) -> Found | None:
    """Return where a file is now that had a name before, if it is near."""
    return next(_near(identity, os.path.dirname(name)), None)


def _near(identity: Identity, directory: str) -> Iterator[Found]:
    yield from files_in(directory, {identity})
    for place in places_of(directory)[1:]:
        yield from files_in(place, {identity})


def entries_in(directory: str, is_wanted: Callable[["os.DirEntry[str]"], bool]) -> list[Found]:
    """Return those regular files directly in a directory that are wanted by their entries.

    Raises:
        OSError: It is gone, or closed to us.
    """
    found: list[Found | None] = []
    for _ in range(_ATTEMPTS):
        before = stamp_at(directory)
        with os.scandir(directory) as entries:
            found = [_found(each) for each in entries if is_wanted(each)]
        if stamp_at(directory) == before:
            break
    return [each for each in found if each is not None]


def _entries(directory: str, is_wanted: Callable[["os.DirEntry[str]"], bool]) -> list[Found]:
    try:
        return entries_in(directory, is_wanted)
    except OSError:
        return []  # nothing to be found there


def _found(entry: "os.DirEntry[str]") -> Found | None:
    try:
        if not entry.is_file(follow_symlinks=False):
            return None
        status = entry.stat(follow_symlinks=False)
    except OSError:
        return None  # gone since it was listed
    return Found(
        entry.path,
        "",
        status.st_dev,
        status.st_ino,
        modified_ns=status.st_mtime_ns,
        size=status.st_size,
    )
