"""The file source: woken by notifications, certain by looking once a second."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from datetime import datetime, timedelta

import structlog

from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import Position
from logwatchd.domain.silence import Activity
from logwatchd.ports import Chunk, Clock
from logwatchd.sources.cursor import printable
from logwatchd.sources.growth import Growth
from logwatchd.sources.tracker import FileTracker
from logwatchd.sources.watch import DirectoryWatch, Watching, watch

_log = structlog.stdlib.get_logger()


class FileSource:
    """Follows the files behind some patterns. Implements `ports.Source` and `ports.Followed`.

    `attend` must run beside `chunks`; without it lines are found at the next look.
    """

    name = "files"

    def __init__(
        self,
        tracker: FileTracker,
        clock: Clock,
        *,
        look_every: timedelta,
        once: bool = False,
        watching: Watching = watch,
    ) -> None:
        """Prepare; nothing is opened before `chunks` is read.

        Args:
            tracker: Knows the files; owned by this source from now on.
            clock: The daemon's clock.
            look_every: Time between two looks when no notification comes.
            once: Whether to end when every file was read to its end.
            watching: How directories are watched.
        """
        self._tracker = tracker
        self._clock = clock
        self._look_every = look_every
        self._once = once
        self._wake = asyncio.Event()
        self._look_now = True
        self._touched: set[str] = set()
        self._looked = asyncio.Event()
        self._watch = DirectoryWatch(clock, watching)
        self._growth = Growth()
        self._asked_at: datetime | None = None

    def wake(self, *, names_changed: bool, written: Collection[str] = ()) -> None:
        """Take a hint that something happened; see `watch.Hints`."""
        self._look_now = self._look_now or names_changed
        self._touched.update(written)
        self._wake.set()

    async def attend(self) -> None:
        """Listen for notifications until cancelled."""
        await self._watch.run(self)

    async def watching(self) -> None:
        """See `ports.Source`."""
        await self._looked.wait()

    def patterns(self) -> list[str]:
        """See `ports.Followed`."""
        return [printable(each) for each in self._tracker.patterns]

    def watched(self) -> list[WatchedFile]:
        """See `ports.Followed`."""
        return self._tracker.watched()

    def activity(self) -> Activity:
        """See `ports.Followed`."""
        grown_at = self._growth.by_pattern(self.patterns(), self.watched())
        return Activity(self._asked_at, grown_at)

    def problems(self) -> dict[str, str]:
        """Return what is wrong at present, by path."""
        problems = self._tracker.unreadable
        if self._watch.failing:
            problems["notifications"] = self._watch.failing
        return problems

    def configure(self, patterns: Sequence[str]) -> None:
        """Follow other patterns from the next look on."""
        if tuple(patterns) == self._tracker.patterns:
            return
        self._tracker.reconfigure(patterns)
        self.wake(names_changed=True)

    async def chunks(self, resume: Sequence[Position]) -> AsyncGenerator[Chunk]:
        """See `ports.Source`."""
        tracker = self._tracker
        tracker.restore(resume)
        next_look = self._clock.now()
        try:
            while True:
                self._wake.clear()
                now = self._clock.now()
                touched: set[str] | None = self._touched
                self._touched = set()
                # A clock set back must not put the next look off for as long.
                due = not next_look - self._look_every <= now < next_look
                if self._look_now or due:
                    self._look_now, touched = False, None
                    next_look = now + self._look_every
                    for chunk in tracker.look(now=now):
                        yield chunk
                    self._looked.set()
                    self._watch.set_directories(tracker.directories())
                more = False
                for chunk in tracker.read(now=now, touched=touched):
                    more = True
                    yield chunk
                self._asked_at = now
                if more or tracker.unfinished:
                    await self._clock.sleep(0)
                    continue
                if tracker.wants_look():
                    self._look_now = True
                    continue
                if self._once:
                    for chunk in tracker.finish():
                        yield chunk
                    return
                await self._wait(until_seconds=(next_look - now).total_seconds())
        finally:
            tracker.close()

    async def _wait(self, *, until_seconds: float) -> None:
        try:
            async with asyncio.timeout(max(0.0, until_seconds)):
                await self._wake.wait()
        except TimeoutError:
            return
