"""A bounded queue that can be closed (asyncio's own can from Python 3.13 on)."""

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class Channel(Generic[T]):
    """Several writers, one reader, at most `size` items between them.

    `put` waits while the channel is full: that wait is the pipeline's back-pressure, and it ends
    at the source, which stops reading. Cancelling either side loses nothing that was put.
    """

    def __init__(self, size: int) -> None:
        self._room = asyncio.Semaphore(size)
        self._items: deque[T] = deque()
        self._news = asyncio.Event()
        self._closed = False
        self.put_count = 0
        """Items put since the start."""

    def __len__(self) -> int:
        return len(self._items)

    async def put(self, item: T) -> None:
        """Add an item, waiting for room."""
        await self._room.acquire()
        self._items.append(item)
        self.put_count += 1
        self._news.set()

    def close(self) -> None:
        """Let the reader finish what is there and then stop; stop the writers first."""
        self._closed = True
        self._news.set()

    async def take(self, *, wait_seconds: float | None) -> list[T] | None:
        """Take everything that is there.

        Args:
            wait_seconds: How long to wait when there is nothing; None for ever.

        Returns:
            The items, none when the wait is over; or None when the channel is closed and empty.
        """
        if not self._items:
            if self._closed:
                return None
            self._news.clear()
            try:
                async with asyncio.timeout(wait_seconds):
                    await self._news.wait()
            except TimeoutError:
                return []
        taken = list(self._items)
        self._items.clear()
        for _ in taken:
            self._room.release()
        return taken if taken or not self._closed else None
