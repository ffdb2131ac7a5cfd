"""Find the files that patterns name, and the directories to watch for them."""

import fnmatch
import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

COMPRESSED: Final = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".zip", ".br", ".7z")
"""Names that are never read as text: what they hold was read before it was compressed."""

_DIRECTORIES_LIMIT: Final = 4_096
"""Directories watched at most; the slow pass still sees the files of the others."""


@dataclass(frozen=True, slots=True)
class Found:
    """A regular file that a pattern names."""

    path: str
    pattern: str
    device: int
    inode: int
    modified_ns: int = 0


def find(patterns: Sequence[str], *, follow_symlinks: bool) -> list[Found]:
    """List the regular files that patterns name, each file once, in the order of their names.

    Args:
        patterns: Paths of files, globs (`**` goes down), or directories: those stand for the
            files directly in them.
        follow_symlinks: Whether a link may lead out of the directory that its pattern names.

    Returns:
        One entry for each device and inode number. A FIFO, a device, a directory, a compressed
        file, a hidden file or a link that leads elsewhere is left out.
    """
    found: dict[tuple[int, int], Found] = {}
    for pattern in patterns:
        for path in sorted(_paths(pattern)):
            status = _regular(path, pattern, follow_symlinks=follow_symlinks)
            if status is not None:
                identity = (status.st_dev, status.st_ino)
                found.setdefault(identity, Found(path, pattern, *identity))
    return list(found.values())


def directories(patterns: Sequence[str], found: Sequence[Found]) -> frozenset[str]:
    """List the existing directories in which something that matters can happen."""
    result: set[str] = set()
    for pattern in patterns:
        parent = pattern if os.path.isdir(pattern) else os.path.dirname(pattern) or "."
        for directory in _directories_of(parent):
            if os.path.isdir(directory):
                result.add(os.path.realpath(directory))
            if len(result) >= _DIRECTORIES_LIMIT:
                return frozenset(result)
        root = static_root(pattern)
        if os.path.isdir(root):
            result.add(os.path.realpath(root))
    for each in found:
        result.add(os.path.dirname(os.path.realpath(each.path)))
    return frozenset(result)


def _directories_of(parent: str) -> Iterator[str]:
    if "**" in parent.split(os.sep):
        for directory, _, _ in os.walk(static_root(parent)):
            yield directory
    else:
        yield from glob.iglob(parent)


def static_root(pattern: str) -> str:
    """Return the directory at the beginning of a pattern that holds no wildcard."""
    if os.path.isdir(pattern):
        return pattern
    root = os.path.dirname(pattern) or "."
    while glob.has_magic(root):
        root = os.path.dirname(root) or "."
    return root


def in_directory(directory: str) -> Iterator[Found]:
    """Yield the regular files directly in a directory, compressed ones left out."""
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name.endswith(COMPRESSED) or not entry.is_file(follow_symlinks=False):
                    continue
                status = entry.stat(follow_symlinks=False)
                yield Found(entry.path, "", status.st_dev, status.st_ino, status.st_mtime_ns)
    except OSError:
        return  # gone or closed to us: nothing to be found there


def _paths(pattern: str) -> Iterator[str]:
    if os.path.isdir(pattern):
        pattern = os.path.join(glob.escape(pattern), "*")
    if "**" in pattern.split(os.sep):
        yield from _below(pattern)
    elif glob.has_magic(pattern):
        yield from glob.iglob(pattern)
    else:
        yield pattern


def _below(pattern: str) -> Iterator[str]:
    """Yield what a pattern with `**` names.

    Links to directories are not followed: they may lead in circles, of which the standard
    library would walk every one.
    """
    root = static_root(pattern)
    wanted = os.path.relpath(pattern, root).split(os.sep)
    for number, (directory, _, files) in enumerate(os.walk(root)):
        if number >= _DIRECTORIES_LIMIT:
            return
        relative = os.path.relpath(directory, root)
        parts = [] if relative == "." else relative.split(os.sep)
        for name in files:
            if _fits([*parts, name], wanted):
                yield os.path.join(directory, name)


def _fits(parts: list[str], wanted: list[str]) -> bool:
    """Say whether a path fits a pattern, part for part; `**` stands for any number of parts."""
    reachable = {0}
    for part in [*parts, None]:
        for place, want in enumerate(wanted):
            if place in reachable and want == "**":
                reachable.add(place + 1)
        if part is None:
            return len(wanted) in reachable
        reachable = {
            place if wanted[place] == "**" else place + 1
            for place in reachable
            if place < len(wanted) and _part_fits(part, wanted[place])
        }
    return False


def _part_fits(part: str, want: str) -> bool:
    if part.startswith(".") and not want.startswith("."):
        return False
    return want == "**" or fnmatch.fnmatchcase(part, want)


def _regular(path: str, pattern: str, *, follow_symlinks: bool) -> os.stat_result | None:
    if path.endswith(COMPRESSED):
        return None
    try:
        status = os.stat(path)
    except OSError:
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    if not follow_symlinks and os.path.islink(path) and not _stays_inside(path, pattern):
        return None
    return status


def _stays_inside(path: str, pattern: str) -> bool:
    root = os.path.realpath(static_root(pattern))
    return os.path.realpath(path).startswith(root.rstrip("/") + "/")
