"""Up to where a file was read, and how to recognise it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from logwatchd.domain.event import Unparsed


class FileState(StrEnum):
    """What became of a file."""

    LIVE = "live"
    ROTATED = "rotated"
    """Renamed, truncated or deleted; kept to recognise a copy of it or its new name."""
    PATTERN = "pattern"
    """Not a file: the mark that a pattern was watched, so that what appears under it while the
    daemon is down is read from its beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    """A place in a file to resume reading from. Holds no text of the log, only hashes of it.

    Attributes:
        key: Name of this life of the file: device, inode and a generation that grows with each
            truncation, so that a position is never taken for one of an earlier life.
        path: Where it was last seen.
        device: Device number.
        inode: Inode number.
        generation: Number of this life, from 0.
        head_bytes: How many bytes `head_digest` covers, at most 1,024; grows with a small file.
        head_digest: Hash of the first `head_bytes` bytes.
        offset: Bytes consumed, up to and including the newline of the last whole line.
        marker_bytes: How many bytes before `offset` `marker_digest` covers.
        marker_digest: Hash of them: tells a file that was truncated and refilled from one that
            merely grew.
        size: Bytes the file held when it was last read; 0 when that is not known.
        lost: Bytes of a past life that were seen and will never be read.
        state: What became of the file.
    """

    key: str
    path: str
    device: int
    inode: int
    generation: int = 0
    head_bytes: int = 0
    head_digest: str = ""
    offset: int = 0
    marker_bytes: int = 0
    marker_digest: str = ""
    size: int = 0
    lost: int = 0
    state: FileState = FileState.LIVE

    def cut_short(self) -> "Position":
        """Return what is remembered of a life that ended before it was read to its end.

        What was written after the last look nobody saw, so nobody can count it.
        """
        if self.state is not FileState.LIVE:
            return self
        return replace(self, state=FileState.ROTATED, lost=max(0, self.size - self.offset))

    def continued_in(self, copy_bytes: int) -> "Position":
        """Return the same when the rest is read in a copy: what the copy lacks stays lost."""
        return replace(self, lost=max(0, self.size - max(self.offset, copy_bytes)))


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted in a stretch of a file.

    Attributes:
        lines: Whole lines.
        bytes: Their bytes, newlines included.
        events: Records worth a person's attention.
        below: Records that no rule looks at, by their level.
        cut: Lines longer than the limit.
        unparsed: Lines that did not become a record, by reason.
    """

    lines: int = 0
    bytes: int = 0
    events: int = 0
    below: int = 0
    cut: int = 0
    unparsed: Mapping[Unparsed, int] = field(default_factory=dict)

    def __add__(self, other: "Tally") -> "Tally":
        """Sum of both."""
        unparsed = dict(self.unparsed)
        for reason, number in other.unparsed.items():
            unparsed[reason] = unparsed.get(reason, 0) + number
        return Tally(
            self.lines + other.lines,
            self.bytes + other.bytes,
            self.events + other.events,
            self.below + other.below,
            self.cut + other.cut,
            unparsed,
        )

    def with_events(self, number: int) -> "Tally":
        """Return the same with another number of events."""
        return replace(self, events=number)
