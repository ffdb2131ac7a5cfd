"""Recognise a file again: by its number, its first bytes and the bytes before an offset.

A device and inode number alone is not enough (numbers are reused, and a truncated file keeps
its own), nor is the head alone (two files may begin alike). The marker, a hash of the bytes just
before the offset, also catches a file that was truncated and refilled to the same size or more.
"""

import os
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from logwatchd.domain.position import FileState, Position

HEAD_BYTES: Final = 1_024
"""Bytes at the beginning of a file that identify it."""

MARKER_BYTES: Final = 64
"""Bytes before an offset that identify the place."""


def digest(data: bytes) -> str:
    """Hash bytes for comparison; 16 hex digits."""
    return blake2b(data, digest_size=8).hexdigest()


def key_of(device: int, inode: int, generation: int) -> str:
    """Name one life of a file."""
    return f"{device:x}-{inode:x}-{generation}"


def same_head(fd: int, position: Position) -> bool:
    """Say whether a file begins as the one a position was taken of.

    Args:
        fd: An open file.
        position: A position; one of an empty file says nothing and matches every file.
    """
    return digest(os.pread(fd, position.head_bytes, 0)) == position.head_digest or (
        position.head_bytes == 0
    )


def same_marker(fd: int, position: Position) -> bool:
    """Say whether the bytes before a position's offset are those it was taken with."""
    if position.marker_bytes == 0:
        return True
    start = position.offset - position.marker_bytes
    found = os.pread(fd, position.marker_bytes, start)
    return len(found) == position.marker_bytes and digest(found) == position.marker_digest


def continues(fd: int, position: Position) -> bool:
    """Say whether reading a file may go on at a position: same head, long enough, same marker."""
    return (
        os.fstat(fd).st_size >= position.offset
        and same_head(fd, position)
        and same_marker(fd, position)
    )


@dataclass(frozen=True, slots=True)
class Place:
    """Makes positions for line ends of one stretch of a file.

    Attributes:
        path: Where the file was last seen.
        device: Device number.
        inode: Inode number.
        generation: Number of this life of the file.
        head: The file's first bytes, at most `HEAD_BYTES`.
        before: The bytes before `base`, at most `MARKER_BYTES`.
        data: The stretch.
        base: Offset of its first byte.
        end: Offset behind the last byte consumed.
        end_marker: The bytes before `end`, at most `MARKER_BYTES`.
        size: Bytes the file held when it was last read.
        state: What became of the file.
    """

    path: str
    device: int
    inode: int
    generation: int
    head: bytes
    before: bytes
    data: bytes
    base: int
    end: int
    end_marker: bytes
    size: int
    state: FileState

    def at(self, offset: int) -> Position:
        """Return the position for an offset: `base`, `end` or a line's end in `data`."""
        if offset == self.end:
            marker = self.end_marker
        else:
            stop = offset - self.base
            marker = self.data[max(0, stop - MARKER_BYTES) : stop]
            if len(marker) < MARKER_BYTES:
                marker = (self.before + marker)[-MARKER_BYTES:]
        return Position(
            key=key_of(self.device, self.inode, self.generation),
            path=self.path,
            device=self.device,
            inode=self.inode,
            generation=self.generation,
            head_bytes=len(self.head),
            head_digest=digest(self.head),
            offset=offset,
            marker_bytes=len(marker),
            marker_digest=digest(marker),
            size=self.size,
            state=self.state,
        )
