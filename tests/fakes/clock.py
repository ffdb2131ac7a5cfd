"""A clock that moves only when someone sleeps on it or pushes it."""

import asyncio
from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


class FakeClock:
    """Implements `ports.Clock`."""

    def __init__(self, now: datetime = NOON) -> None:
        self._now = now
        self.slept: list[float] = []

    def now(self) -> datetime:
        """See `ports.Clock`."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Move on at once, and let the other tasks run."""
        self.slept.append(seconds)
        self._now += timedelta(seconds=seconds)
        await asyncio.sleep(0)

    def advance(self, **units: float) -> None:
        """Push the time on."""
        self._now += timedelta(**units)
