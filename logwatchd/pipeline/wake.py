"""Tell the couriers that there is work, so that they need not ask all the time."""

import asyncio


class Wakes:
    """One bell for each courier."""

    def __init__(self) -> None:
        self._bells: list[asyncio.Event] = []

    def bell(self) -> asyncio.Event:
        """Return a new bell; who waits on it clears it."""
        bell = asyncio.Event()
        self._bells.append(bell)
        return bell

    def wake(self) -> None:
        """Ring every bell."""
        for bell in self._bells:
            bell.set()
