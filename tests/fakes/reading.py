"""A file source driven by hand: everything it gave out, and what a store would keep."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from logwatchd.domain.position import Position
from logwatchd.ports import Chunk
from logwatchd.sources.tracker import FileTracker, StartAt
from tests.fakes.clock import NOON


class Reading:
    """A tracker, everything it gave out, and the positions a store would keep."""

    def __init__(
        self, *patterns: str | Path, start_at: StartAt = StartAt.BEGINNING, **options: Any
    ) -> None:
        """Prepare; the options are those of `FileTracker`."""
        self.patterns = tuple(str(each) for each in patterns)
        self.start_at = start_at
        self.options = options
        self.now: datetime = NOON
        self.kept: dict[str, Position] = {}
        self.lines: list[bytes] = []
        self.cut: list[bytes] = []
        self.tracker = self._tracker()

    def __del__(self) -> None:
        """Give the descriptors back: a later test may count them."""
        self.tracker.close()

    def _tracker(self) -> FileTracker:
        tracker = FileTracker(self.patterns, start_at=self.start_at, **self.options)
        tracker.restore(list(self.kept.values()))
        return tracker

    def step(self, *, look: bool = True) -> None:
        """Look once and read to the end of every file."""
        if look:
            self._take(self.tracker.look(now=self.now))
        while self._take(self.tracker.read(now=self.now)):
            pass

    def look_only(self) -> None:
        """Look once and read nothing: killed right behind it."""
        self._take(self.tracker.look(now=self.now))

    def later(self, **units: float) -> None:
        """Let time pass."""
        self.now += timedelta(**units)

    def restart(self) -> None:
        """Begin anew from what was kept."""
        self.tracker.close()
        self.tracker = self._tracker()

    def settle(self, *, seconds: int = 8) -> None:
        """Look and read once a second."""
        for _ in range(seconds):
            self.step()
            self.later(seconds=1)

    def killed(self, *, after: int) -> None:
        """Look and read, and begin anew when so many chunks were recorded."""
        left = after - self._take(self.tracker.look(now=self.now), at_most=after)
        while left > 0 and (taken := self._take(self.tracker.read(now=self.now), at_most=left)):
            left -= taken
        self.restart()

    def _take(self, chunks: Iterable[Chunk], *, at_most: int | None = None) -> int:
        taken = 0
        for chunk in islice(chunks, at_most):
            taken += 1
            self.kept[chunk.key] = chunk.position_at(chunk.end)
            if chunk.cut:
                self.cut.append(chunk.data)
            else:
                self.lines += chunk.data.splitlines()
        return taken


def append(path: Path, *lines: str) -> None:
    """Write whole lines at the end of a file."""
    with path.open("ab") as file:
        file.write("".join(f"{line}\n" for line in lines).encode())


def numbered(reading: Reading) -> list[str]:
    """Return what was read, in order."""
    return [line.decode() for line in reading.lines]
