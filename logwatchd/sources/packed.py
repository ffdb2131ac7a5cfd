"""Read on in a log that was compressed before its end was read.

Compressed files are no logs, but a rotation that compresses while the daemon is down may take away
lines that nobody has read. A packed file is opened only to go on in a file that is known: its
first bytes and the bytes before the place must be the same. What follows is unpacked to a file
without a name, which takes disk space for the unread part only.
"""

import bz2
import gzip
import lzma
import os
import tempfile
import zlib
from typing import BinaryIO, Final, cast

import structlog

from logwatchd.domain.position import Position
from logwatchd.sources.cursor import printable
from logwatchd.sources.identity import digest

_READERS: Final = {".gz": gzip.GzipFile, ".bz2": bz2.BZ2File, ".xz": lzma.LZMAFile}
PACKED: Final = tuple(_READERS)
"""Names that say how a file is packed."""

_STEP_BYTES: Final = 1024 * 1024
_MOST_BYTES: Final = 512 * 1024 * 1024
"""Unpacked bytes read at most: some seconds, in which nothing else is read."""

_log = structlog.stdlib.get_logger()


def unpacked_name(path: str) -> str:
    """Return the name of a packed file without the ending that says so."""
    return os.path.splitext(path)[0]


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
    try:
        with _READERS[os.path.splitext(path)[1]](path) as packed:
            return _rest(cast("BinaryIO", packed), path, position)
    except (OSError, EOFError, zlib.error, lzma.LZMAError) as error:
        _log.warning("log_packed_unreadable", path=printable(path), error=str(error))
        return None


def _rest(packed: BinaryIO, path: str, position: Position) -> int | None:
    head = packed.read(position.head_bytes)
    if digest(head) != position.head_digest:
        return None
    packed.seek(position.offset - position.marker_bytes)
    marker = packed.read(position.marker_bytes)
    if digest(marker) != position.marker_digest:
        return None
    data = packed.read(_STEP_BYTES)
    with tempfile.TemporaryFile() as scratch:
        scratch.write(head)
        scratch.seek(position.offset - position.marker_bytes)
        scratch.write(marker)
        while data and scratch.tell() < position.offset + _MOST_BYTES:
            scratch.write(data)
            data = packed.read(_STEP_BYTES)
        scratch.flush()
        if data:
            _log.warning("log_packed_too_large", path=printable(path), unpacked=_MOST_BYTES)
        return os.dup(scratch.fileno())
