"""Read one open file forward, whole lines at a time. No watching, no waiting, no names."""

import errno
import os
import stat
from datetime import datetime
from enum import Enum
from typing import Final

from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import FileState, Position
from logwatchd.errors import SourceError, TooManyFilesError
from logwatchd.ports import Chunk
from logwatchd.sources.identity import HEAD_BYTES, MARKER_BYTES, Place, continues, key_of, same_head

CHUNK_BYTES: Final = 64 * 1024
"""Bytes read at once. More brings nothing (`docs/decisions/0004-file-source.md`)."""

EXHAUSTED: Final = (errno.EMFILE, errno.ENFILE)
"""What opening a file says when the process or the system has too many open."""

_LOOK_BACK_BYTES: Final = 64 * 1024


class Grown(Enum):
    """What a look at a file found, when it is not a chunk."""

    NOTHING = 0
    """No whole line beyond what was read."""
    PARTIAL = 1
    """Bytes were read, but no line ended yet: look again at once."""
    REPLACED = 2
    """The file is no longer the one that was read: truncated, or refilled."""


def _marker_behind(marker: bytes, data: bytes) -> bytes:
    """Return the marker behind data that follows a marker, without a copy of all of the data."""
    return data[-MARKER_BYTES:] if len(data) >= MARKER_BYTES else (marker + data)[-MARKER_BYTES:]


def open_regular(path: str) -> int:
    """Open a regular file for reading, and nothing else.

    A FIFO or a device would block or never end, so it is not opened even if it took the name
    between two looks.

    Raises:
        TooManyFilesError: No file can be opened at the moment.
        SourceError: It cannot be opened, or is not a regular file.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        kind = TooManyFilesError if error.errno in EXHAUSTED else SourceError
        raise kind(f"{path}: {error.strerror}", hint=_hint(error)) from None
    if stat.S_ISREG(os.fstat(fd).st_mode):
        return fd
    os.close(fd)
    raise SourceError(f"{path}: not a regular file")


class FileCursor:
    """One life of one file, and up to where it was read.

    Everything between `line_start` and `read_at` is the beginning of an unfinished line, held in
    memory; a restart reads it again.
    """

    def __init__(self, fd: int, path: str, *, generation: int, max_line_bytes: int) -> None:
        """Take over an open descriptor; reading begins at the file's first byte."""
        status = os.fstat(fd)
        self.path = path
        self.first_path = path
        self.device = status.st_dev
        self.inode = status.st_ino
        self.generation = generation
        self.size = status.st_size
        self.line_start = 0
        self.state = FileState.LIVE
        self.last_growth: datetime | None = None
        self.caught_up_at: datetime | None = None
        self._fd = fd
        self._max_line_bytes = max_line_bytes
        self._head = b""
        self._line_marker = b""  # the bytes before line_start
        self._marker = b""  # the bytes before read_at
        self._partial = bytearray()
        self._skipping = False
        self._read_at = 0
        self._changed_ns = -1
        self._fails = False
        self._parked_as = (-1, -1)  # size and time of change

    @property
    def key(self) -> str:
        """The key of this file's positions."""
        return key_of(self.device, self.inode, self.generation)

    @property
    def unlinked(self) -> bool:
        """Whether no name leads to the file any more; a file that cannot be asked has one."""
        try:
            return os.fstat(self._fd).st_nlink == 0
        except OSError:
            return False

    def watched(self) -> WatchedFile:
        """Say how far the file was read; its size is asked for anew, for reading may be held up."""
        try:
            size = os.fstat(self._fd).st_size
        except OSError:
            size = self.size
        return WatchedFile(
            key=self.key,
            path=printable(self.path),
            first_path=printable(self.first_path),
            size_bytes=size,
            offset_bytes=self.line_start,
            read_bytes=self._read_at,
            state=self.state,
            grown_at=self.last_growth,
            caught_up_at=self.caught_up_at,
        )

    def resume(self, position: Position) -> bool:
        """Go to a position, if the file is still the one it was taken of."""
        if not continues(self._fd, position):
            return False
        self._go_to(position.offset)
        return True

    def resume_copy(self, original: Position) -> None:
        """Go to where the original of this copy was read up to."""
        self._go_to(original.offset)

    def refresh(self, path: str) -> None:
        """Note the file's present name and size."""
        self.path = path
        self.size = os.fstat(self._fd).st_size

    def skip_to_end(self, *, at_most: int | None = None) -> None:
        """Go behind the last whole line; the unfinished one behind it is read when it is whole.

        Args:
            at_most: Where the end was when that was asked; the file may have grown since.
        """
        end = os.fstat(self._fd).st_size
        end = end if at_most is None else min(end, at_most)
        low = max(0, end - self._max_line_bytes)
        while end > low:
            begin = max(low, end - _LOOK_BACK_BYTES)
            newline = os.pread(self._fd, end - begin, begin).rfind(b"\n")
            if newline >= 0:
                self._go_to(begin + newline + 1)
                return
            end = begin
        self._go_to(low)

    def has_unread(self) -> bool:
        """Say whether the open file holds more than was read, and can be read."""
        try:
            size = 0 if self.is_parked else os.fstat(self._fd).st_size
        except OSError:
            return False
        return size > self._read_at and not self._fails

    @property
    def is_at_beginning(self) -> bool:
        """Whether nothing was read of the file yet, or there is nothing."""
        return self._read_at == 0

    @property
    def has_partial(self) -> bool:
        """Whether an unfinished line is held."""
        return self._read_at > self.line_start

    def matches(self, position: Position) -> bool:
        """Say whether reading could go on at a position of another file: this is a copy of it."""
        return continues(self._fd, position)

    def begins(self, position: Position) -> bool:
        """Say whether this is a beginning of another file, shorter than what was read of that."""
        size = os.fstat(self._fd).st_size
        known_well = position.head_bytes == HEAD_BYTES <= size < position.offset
        return known_well and same_head(self._fd, position)

    def begins_like(self, head: bytes) -> bool:
        """Say whether these are the file's first 1,024 bytes, or all it has."""
        if not head.startswith(self._head):
            return False
        if self.is_parked or len(self._head) == HEAD_BYTES:
            return bool(self._head)
        return self.peek(HEAD_BYTES, 0) == head

    def is_whole(self) -> bool:
        """Say whether what was read of this file is still there: it was not emptied."""
        found = os.pread(self._fd, len(self._marker), self._read_at - len(self._marker))
        is_long_enough = os.fstat(self._fd).st_size >= self._read_at
        return is_long_enough and found == self._marker and self._has_head()

    def repeats(self, other: "FileCursor") -> bool:
        """Say whether all there is of this file stands at the beginning of another one.

        Its first and last bytes are compared; an empty file repeats every file.
        """
        size = os.fstat(self._fd).st_size
        tail = max(0, size - MARKER_BYTES)
        places = ((min(HEAD_BYTES, size), 0), (size - tail, tail))
        return all(self.peek(*place) == other.peek(*place) for place in places)

    def peek(self, count: int, offset: int) -> bytes:
        """Return bytes of the file without reading on; fewer at its end."""
        return os.pread(self._fd, count, offset)

    def renew(self) -> "FileCursor":
        """Begin the next life of the same file, at its first byte. This one is closed by it."""
        fd, self._fd = self._fd, -1
        return FileCursor(
            fd,
            self.path,
            generation=self.generation + 1,
            max_line_bytes=self._max_line_bytes,
        )

    @property
    def is_parked(self) -> bool:
        """Whether the descriptor was given back: nothing can be read before `reopen`."""
        return self._fd < 0

    def park(self) -> bool:
        """Give the descriptor back, if everything was read; an unfinished line stays in memory."""
        status = os.fstat(self._fd)
        if status.st_size != self._read_at or not self.is_whole():
            return False
        self._parked_as = (status.st_size, status.st_mtime_ns)
        self.close()
        return True

    def has_changed(self, status: os.stat_result) -> bool:
        """Say whether a parked file was written to since, by what `stat` says of its name."""
        return (status.st_size, status.st_mtime_ns) != self._parked_as

    def reopen(self, fd: int) -> bool:
        """Take a descriptor for a parked file, unless it is of another file."""
        status = os.fstat(fd)
        if (status.st_dev, status.st_ino) != (self.device, self.inode):
            return False
        self._fd = fd
        self._changed_ns = -1  # so that the bytes before the place are compared
        return True

    def begins_as_before(self) -> bool:
        """Say whether the file's first bytes are those read: a number may be of another file.

        Raises:
            SourceError: The file cannot be read at the moment.
        """
        try:
            return self.peek(len(self._head), 0) == self._head
        except OSError as error:
            raise SourceError(f"{self.path}: {error.strerror}", hint=_hint(error)) from None

    def present_path(self) -> str:
        """Return the name that leads to the open file now, or "" when none is known."""
        try:
            path = os.readlink(f"/proc/self/fd/{self._fd}")
            status = os.stat(path)
        except OSError:
            return ""
        return path if (status.st_dev, status.st_ino) == (self.device, self.inode) else ""

    def is_unchanged(self, *, now: datetime) -> bool:
        """Say whether nothing was written since all was read; cheaper than to read, for thousands."""
        if self._fd < 0:
            return False
        try:
            status = os.fstat(self._fd)
        except OSError:
            return False
        if self._has_news(status):
            return False
        self.caught_up_at = now
        return True

    def read(self, *, now: datetime) -> Chunk | Grown:
        """Read on, at most `CHUNK_BYTES`.

        Returns:
            The whole lines read, or why there are none.

        Raises:
            SourceError: The file cannot be read at the moment.
        """
        self._fails = True
        try:
            result = self._read(now)
        except OSError as error:
            raise SourceError(f"{self.path}: {error.strerror}", hint=_hint(error)) from None
        self._fails = False
        if self._read_at >= self.size and result is not Grown.REPLACED:
            self.caught_up_at = now
        return result

    def standing(self, *, ended: bool = False) -> Chunk:
        """Return a chunk without data that tells where reading stands."""
        return self._give(b"", self.line_start, self._line_marker, ended=ended)

    def finish(self) -> Chunk:
        """Give out the last line even though it has no newline: nothing more is expected."""
        lines = bytes(self._partial)
        cut, self._skipping = self._skipping, False
        self._partial.clear()
        return self._give(lines, self._read_at, self._marker, cut=cut, ended=True)

    def close(self) -> None:
        """Close the file, unless it is parked."""
        if self._fd >= 0:
            fd, self._fd = self._fd, -1
            os.close(fd)

    def _read(self, now: datetime) -> Chunk | Grown:
        status = os.fstat(self._fd)
        if status.st_size < self._read_at:
            return Grown.REPLACED  # `size` stays what was seen last: it tells how much is lost
        seen, self.size = self.size, status.st_size
        if not self._has_news(status):
            return Grown.NOTHING
        # The bytes before the place are read again along with the new ones: when they differ, the
        # file was truncated and has since grown beyond the place. Lines may all end alike and be
        # of one length: then the first bytes differ.
        known = len(self._marker)
        data = os.pread(self._fd, known + CHUNK_BYTES, self._read_at - known)
        if data[:known] != self._marker or not self._has_head():
            self.size = seen
            return Grown.REPLACED
        data = data[known:]
        if not data:
            self._changed_ns = status.st_mtime_ns
            return Grown.NOTHING
        self.last_growth = now
        return self._take(data)

    def _has_news(self, status: os.stat_result) -> bool:
        return status.st_size != self._read_at or status.st_mtime_ns != self._changed_ns

    def _has_head(self) -> bool:
        return self.peek(len(self._head), 0) == self._head

    def _take(self, data: bytes) -> Chunk | Grown:
        last_newline = data.rfind(b"\n")
        marker = _marker_behind(self._marker, data)
        if self._skipping or len(self._partial) + data.find(b"\n") > self._max_line_bytes:
            return self._take_overlong(data)
        if last_newline < 0:
            self._partial += data
            self._read_at += len(data)
            self._marker = marker
            if len(self._partial) > self._max_line_bytes:
                self._skipping = True
                del self._partial[self._max_line_bytes :]
            return Grown.PARTIAL
        whole = data[: last_newline + 1]
        end = self._read_at + len(whole)
        end_marker = _marker_behind(self._marker, whole)
        lines = bytes(self._partial) + whole if self._partial else whole
        self._partial[:] = data[last_newline + 1 :]
        self._read_at += len(data)
        self._marker = marker
        return self._give(lines, end, end_marker)

    def _take_overlong(self, data: bytes) -> Chunk | Grown:
        """Skip to the newline of a line that is too long; what follows it is read next time."""
        if not self._skipping:
            self._partial += data[: self._max_line_bytes]
            del self._partial[self._max_line_bytes :]
            self._skipping = True
        newline = data.find(b"\n")
        taken = data if newline < 0 else data[: newline + 1]
        self._marker = _marker_behind(self._marker, taken)
        self._read_at += len(taken)
        if newline < 0:
            return Grown.PARTIAL
        beginning = bytes(self._partial)
        self._partial.clear()
        self._skipping = False
        return self._give(beginning, self._read_at, self._marker, cut=True)

    def _give(
        self, lines: bytes, end: int, end_marker: bytes, *, cut: bool = False, ended: bool = False
    ) -> Chunk:
        """Give out what lies between `line_start` and `end`, and move `line_start` there."""
        place = Place(
            path=printable(self.path),
            device=self.device,
            inode=self.inode,
            generation=self.generation,
            head=self._current_head(),
            before=self._line_marker,
            data=lines,
            base=self.line_start,
            end=end,
            end_marker=end_marker,
            size=self.size,
            state=self.state,
        )
        chunk = Chunk(
            key=self.key,
            path=place.path,
            data=lines,
            base=self.line_start,
            end=end,
            cut=cut,
            ended=ended,
            position_at=place.at,
        )
        self.line_start = end
        self._line_marker = end_marker
        return chunk

    def _current_head(self) -> bytes:
        """Return the first bytes, as far as they were consumed or skipped.

        Only what lies before the place is taken: a file truncated and refilled between two looks
        must not lend its new head to the old life.
        """
        wanted = min(HEAD_BYTES, self._read_at)
        if len(self._head) < wanted:
            try:
                head = os.pread(self._fd, wanted, 0)
            except OSError:
                return self._head  # a shorter head identifies less, and is true all the same
            if head.startswith(self._head):
                self._head = head
        return self._head

    def _go_to(self, offset: int) -> None:
        self._partial.clear()
        self._skipping = False
        self._read_at = offset
        self._marker = os.pread(
            self._fd, min(MARKER_BYTES, offset), offset - min(MARKER_BYTES, offset)
        )
        self.line_start = offset
        self._line_marker = self._marker


def printable(path: str) -> str:
    """Return a path that any text file or database takes: foreign bytes become escapes."""
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _hint(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "Give the daemon's user read access, for example by the log's group or an ACL."
    if error.errno in EXHAUSTED:
        return "Raise LimitNOFILE, or name fewer files."
    return ""
