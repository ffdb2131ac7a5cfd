"""Place the records of an old log on a clock that is never set back."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final, Generic, TypeVar

T = TypeVar("T")

JUMP: Final = timedelta(hours=1)
"""A step ahead that is believed only when the next record with a time does not take it back."""

_WAITING_LIMIT: Final = 1_000


class Timeline(Generic[T]):
    """Gives each record of one file a moment, in the order of the file.

    A record without a time takes the last one, and so does one whose time lies before it. One
    wrong clock or one hostile line must not move everything behind it into the future, where all
    of it would happen at once: a large step waits for the next record's opinion.

    Args:
        start: Where the clock begins, or None when the first believable time says it.
        latest: No record can be of a later time.
        otherwise: Where the clock begins when no record says a time.
    """

    def __init__(self, *, start: datetime | None, latest: datetime, otherwise: datetime) -> None:
        self._last = start
        self._latest = latest
        self._otherwise = min(otherwise, latest)
        self._ahead: datetime | None = None
        self._waiting: list[tuple[datetime | None, T]] = []
        self.disbelieved = 0
        """Times that were not used because they lie in the future or were taken back."""

    def place(self, at: datetime | None, item: T) -> Iterator[tuple[datetime, T]]:
        """Add a record.

        Args:
            at: The time it says (aware, UTC), or None.
            item: The record.

        Yields:
            Records with their moments, as far as they are certain; perhaps earlier ones first.
        """
        if at is not None and at > self._latest:
            self.disbelieved += 1
            at = None
        if at is not None and self._ahead is not None:
            if at >= self._ahead - JUMP:
                yield from self._settled(self._ahead)
            else:
                self._take_back()
                if self._last is not None:
                    yield from self._settled(self._last)
        if self._must_wait(at):
            self._waiting.append((at, item))
            self._ahead = at if self._ahead is None else self._ahead
            if len(self._waiting) > _WAITING_LIMIT:
                yield from self._settled(self._ahead or self._otherwise)
            return
        yield self._moment(at), item

    def finish(self) -> Iterator[tuple[datetime, T]]:
        """Give out what waits: there are no more records."""
        yield from self._settled(self._ahead or self._otherwise)

    def _must_wait(self, at: datetime | None) -> bool:
        if at is None:
            return self._last is None or self._ahead is not None
        return self._last is None or at > self._last + JUMP

    def _settled(self, first: datetime) -> Iterator[tuple[datetime, T]]:
        """Give out what waits; what has no time of its own and none before it takes `first`."""
        waiting, self._waiting, self._ahead = self._waiting, [], None
        if self._last is None:
            self._last = first
        for at, item in waiting:
            yield self._moment(at), item

    def _take_back(self) -> None:
        self.disbelieved += sum(at is not None for at, _ in self._waiting)
        self._waiting = [(None, item) for _, item in self._waiting]
        self._ahead = None

    def _moment(self, at: datetime | None) -> datetime:
        last = self._otherwise if self._last is None else self._last
        self._last = last if at is None else max(last, at)
        return self._last
