"""Find the files that patterns name, and the directories to watch for them."""

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
        for directory in glob.iglob(parent, recursive=True):
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
                yield Found(entry.path, "", status.st_dev, status.st_ino)
    except OSError:
        return  # gone or closed to us: nothing to be found there


def _paths(pattern: str) -> Iterator[str]:
    if os.path.isdir(pattern):
        pattern = os.path.join(glob.escape(pattern), "*")
    if glob.has_magic(pattern):
        yield from glob.iglob(pattern, recursive=True)
    else:
        yield pattern


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
