"""Read a log that was compressed before its end was read.

Compressed files are no logs, but a rotation that compresses while nobody looks may take away lines
that nobody has read. To go on in a file that is known, its first bytes and the bytes before the
place must be the same. What is to be read is unpacked to a file without a name, which takes disk
space for the unread part only.
"""

import os
import tempfile
from collections.abc import Callable
from contextlib import closing
from typing import BinaryIO, Final

import structlog

from logwatchd.domain.position import Position
from logwatchd.errors import SourceError
from logwatchd.sources.archives import Archive, head_of
from logwatchd.sources.cursor import printable
from logwatchd.sources.identity import HEAD_BYTES, digest
from logwatchd.sources.packing import Packing

_PACKINGS: Final = {
    ".gz": Packing.GZIP,
    ".bz2": Packing.BZIP2,
    ".xz": Packing.XZ,
    ".zst": Packing.ZSTD,
}
_STEP_BYTES: Final = 256 * 1024
_MOST_BYTES: Final = 512 * 1024 * 1024
"""Unpacked bytes read at most: some seconds, in which nothing else is read."""

_log = structlog.stdlib.get_logger()


def unpack_rest(path: str, position: Position) -> int | None:
    """Unpack what lies behind a position.

    Args:
        path: A packed file.
        position: Up to where the file that was packed had been read.

    Returns:
        A descriptor of a file without a name that holds the first bytes, the unread ones and a
        hole between them; None when this is another file or it cannot be had.
    """
    if position.head_bytes == 0 or position.offset > _MOST_BYTES:
        return None
    return _unpacked(path, lambda archive, scratch: _is_same(archive, scratch, position))


def unpack(path: str) -> int | None:
    """Unpack a whole file to one without a name, and return its descriptor; None on failure."""
    return _unpacked(path, lambda _archive, _scratch: True)


def first_bytes(path: str) -> bytes:
    """Return the first bytes of the text of a packed file, as far as they can be read by now."""
    return head_of(path, _packing(path), most=HEAD_BYTES)


def _unpacked(path: str, begin: Callable[[Archive, BinaryIO], bool]) -> int | None:
    try:
        with closing(Archive(path, _packing(path))) as archive, tempfile.TemporaryFile() as scratch:
            if not begin(archive, scratch):
                return None
            _take_rest(archive, scratch, path)
            return os.dup(scratch.fileno())
    except (OSError, SourceError) as error:
        _log.warning("log_packed_unreadable", path=printable(path), error=str(error))
        return None


def _packing(path: str) -> Packing:
    return _PACKINGS[os.path.splitext(path)[1]]


def _is_same(archive: Archive, scratch: BinaryIO, position: Position) -> bool:
    """Read up to the position, noting what is compared there."""
    head = _read(archive, position.head_bytes)
    if digest(head) != position.head_digest:
        return False
    scratch.write(head)
    before, left = head[: position.offset], max(0, position.offset - len(head))
    while left > 0:
        data = _read(archive, min(left, _STEP_BYTES))
        if not data:
            return False
        before, left = (before + data)[-position.marker_bytes :], left - len(data)
    marker = before[-position.marker_bytes :] if position.marker_bytes else b""
    scratch.seek(position.offset - len(marker))
    scratch.write(marker + head[position.offset :])
    return left == 0 and digest(marker) == position.marker_digest


def _take_rest(archive: Archive, scratch: BinaryIO, path: str) -> None:
    most = scratch.tell() + _MOST_BYTES
    while data := archive.read(_STEP_BYTES):
        if scratch.tell() + len(data) > most:
            _log.warning("log_packed_too_large", path=printable(path), most_bytes=_MOST_BYTES)
            break
        scratch.write(data)
    scratch.flush()


def _read(archive: Archive, count: int) -> bytes:
    """Return so many bytes, fewer at the end."""
    parts: list[bytes] = []
    while count and (data := archive.read(count)):
        parts.append(data)
        count -= len(data)
    return b"".join(parts)
