"""Find old logs that are named on the command line, compressed ones too."""

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from logwatchd.errors import SourceError
from logwatchd.sources.cursor import printable
from logwatchd.sources.discovery import find as find_logs
from logwatchd.sources.packing import UNREADABLE, Packing, packing_of


@dataclass(frozen=True, slots=True)
class OldLog:
    """A file to be read once.

    Attributes:
        path: Where it is.
        packing: How it is compressed.
        size_bytes: Its size on disk.
        modified_at: When it was last written (aware, UTC).
    """

    path: str
    packing: Packing
    size_bytes: int
    modified_at: datetime


def find_old(names: Sequence[str]) -> tuple[list[OldLog], list[str]]:
    """Find the files that names stand for, each file once.

    Args:
        names: Paths of files, globs, or directories: those stand for the uncompressed files
            directly in them. A name or a glob that fits a compressed file means it.

    Returns:
        The files, and one sentence for each name that cannot be read.
    """
    found: dict[tuple[int, int], OldLog] = {}
    problems = []
    for name in names:
        paths = list(_paths(name))
        if not paths:
            problems.append(f"{printable(name)}: no such file")
        for path in paths:
            try:
                identity, log = _old_log(path)
            except SourceError as error:
                problems.append(str(error))
            else:
                found.setdefault(identity, log)
    return list(found.values()), problems


def _paths(name: str) -> Iterator[str]:
    if os.path.isdir(name):
        yield from (each.path for each in find_logs([name], follow_symlinks=True))
    elif os.path.lexists(name) or not glob.has_magic(name):
        yield name
    else:
        yield from (
            path for path in sorted(glob.iglob(name, recursive=True)) if not os.path.isdir(path)
        )


def _old_log(path: str) -> tuple[tuple[int, int], OldLog]:
    try:
        status = os.stat(path)
    except OSError as error:
        raise SourceError(f"{printable(path)}: {(error.strerror or 'cannot be read')}") from error
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{printable(path)}: is not a regular file")
    if path.lower().endswith(UNREADABLE):
        raise SourceError(f"{printable(path)}: this kind of archive is not read; unpack it first")
    packing = packing_of(path)
    modified_at = datetime.fromtimestamp(status.st_mtime, UTC)
    return (status.st_dev, status.st_ino), OldLog(path, packing, status.st_size, modified_at)
