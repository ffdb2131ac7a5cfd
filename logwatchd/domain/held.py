"""Results in order: what is read but must wait for something earlier that is not finished."""

from bisect import bisect_left, insort
from collections.abc import Iterable
from operator import attrgetter
from typing import Final

from logwatchd.domain.event import ParsedLine, Unparsed
from logwatchd.domain.plain import Plain
from logwatchd.domain.position import Tally

HELD_LIMIT: Final = 256
"""Results that may wait; beyond it what they wait for is closed as it is."""

_by_start = attrgetter("start")


class Stretch:
    """Lines of a file that are accounted for together, or not at all.

    Attributes:
        start: Offset of the first byte of the first line.
        end: Offset behind the last byte of the last line; lines of another stream may lie between.
        lines: Number of lines.
        bytes: Their bytes.
        below: Records below the floor.
        cut: Lines that were cut.
        unparsed: Lines that did not become a record, by reason.
        result: The record that came of them, or None.
        plain: What they say as they stand, where someone wants to see that, or None.
    """

    __slots__ = ("below", "bytes", "cut", "end", "lines", "plain", "result", "start", "unparsed")

    def __init__(self, start: int, end: int, *, lines: int = 1, cut: bool = False) -> None:
        self.start = start
        self.end = end
        self.lines = lines
        self.bytes = end - start
        self.below = 0
        self.cut = int(cut)
        self.unparsed: dict[Unparsed, int] = {}
        self.result: ParsedLine | None = None
        self.plain: Plain | None = None

    @property
    def is_bare(self) -> bool:
        """Whether there is nothing in it but counts."""
        return self.result is None and self.plain is None

    def count(self, size: int, *, lines: int = 1, below: int = 0) -> None:
        """Count lines of which nothing else is left, of this size in bytes."""
        self.lines += lines
        self.bytes += size
        self.below += below

    def refuse(self, reason: Unparsed) -> None:
        """Count one line that did not become a record."""
        self.unparsed[reason] = self.unparsed.get(reason, 0) + 1

    def absorb(self, other: "Stretch") -> None:
        """Take over the lines and counts of another stretch."""
        self.start = min(self.start, other.start)
        self.end = max(self.end, other.end)
        self.lines += other.lines
        self.bytes += other.bytes
        self.below += other.below
        self.cut += other.cut
        for reason, number in other.unparsed.items():
            self.unparsed[reason] = self.unparsed.get(reason, 0) + number

    def tally(self) -> Tally:
        """Return the counts."""
        return Tally(
            lines=self.lines,
            bytes=self.bytes,
            below=self.below,
            cut=self.cut,
            unparsed=dict(self.unparsed),
        )


class Held:
    """Finished stretches that wait, in the order of their first byte."""

    def __init__(self) -> None:
        self._waiting: list[Stretch] = []

    def starts(self) -> list[int]:
        """Return the offsets of the first bytes of what waits."""
        return [each.start for each in self._waiting]

    @property
    def is_full(self) -> bool:
        """Whether as many wait as may."""
        return len(self._waiting) > HELD_LIMIT

    def add(self, stretch: Stretch) -> None:
        """Add a finished stretch; runs of lines of which only counts are left become one."""
        last = self._waiting[-1] if self._waiting else None
        both_bare = stretch.is_bare and last is not None and last.is_bare
        if both_bare and last is not None and last.end == stretch.start:
            last.absorb(stretch)
        else:
            insort(self._waiting, stretch, key=_by_start)

    def release(self, unfinished: Iterable[int]) -> tuple[list[Stretch], int | None]:
        """Give out what no longer waits.

        Args:
            unfinished: Offsets of the first bytes of what is not finished.

        Returns:
            The stretches in order, and the offset before which nothing is left, or None when
            nothing is left at all. No stretch lies on both sides of it: who reads again from
            there meets every line that was not given out, whole, and no other.
        """
        since = min(unfinished, default=None)
        if since is None:
            released, self._waiting = self._waiting, []
            return released, None
        for stretch in reversed(self._waiting):
            if stretch.start < since < stretch.end:
                since = stretch.start
        count = bisect_left(self._waiting, since, key=_by_start)
        released, self._waiting = self._waiting[:count], self._waiting[count:]
        return released, since
