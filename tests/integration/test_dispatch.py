"""Channel to store: when positions are written."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from logwatchd.domain.position import Position, Tally
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.dispatch import Dispatch
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Batch, Recorded
from tests.fakes.clock import FakeClock


class Recording:
    """The part of a store that is needed here."""

    def __init__(self) -> None:
        self.lines: list[int] = []

    async def record(self, batches: Sequence[Batch], *, now: datetime) -> Recorded:
        """See `ports.Store`."""
        self.lines.append(sum(each.tally.lines for each in batches))
        return Recorded()


def quiet(offset: int) -> Batch:
    """Return a batch of one line that no rule looks at."""
    position = Position(key="k", path="/a.log", device=1, inode=1, offset=offset)
    return Batch(path="/a.log", sightings=(), position=position, tally=Tally(lines=1))


async def test_positions_are_written_each_second_also_under_steady_traffic() -> None:
    """A day of INFO lines without a pause: `status` shows progress, a kill reads little again."""
    clock, store = FakeClock(), Recording()
    channel: Channel[Batch] = Channel(1)
    dispatch = Dispatch(channel, store, clock, Health(clock), Wakes())  # type: ignore[arg-type]
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(dispatch.run())
        for number in range(100):
            await channel.put(quiet(number))
            clock.advance(seconds=0.1)
            await asyncio.sleep(0)
        written = list(store.lines)
        channel.close()

    assert len(written) >= 8
    assert sum(store.lines) == 100


async def test_what_is_settled_is_known_although_nothing_comes() -> None:
    """A daemon whose files are silent, or not there yet, says that it is ready all the same."""
    clock, store = FakeClock(), Recording()
    channel: Channel[Batch] = Channel(8)
    dispatch = Dispatch(channel, store, clock, Health(clock), Wakes())  # type: ignore[arg-type]
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        group.create_task(dispatch.run())
        await dispatch.settled()
        await channel.put(quiet(0))
        clock.advance(seconds=2)
        await channel.put(quiet(1))
        await dispatch.settled()
        assert sum(store.lines) == 2
        channel.close()


def met(offset: int) -> Batch:
    """Return a batch that says where a file is read from, which is written at once."""
    return replace(quiet(offset), tally=Tally())


class Flooded(Recording):
    """A store behind a source that has always more: each transaction meets the next batch."""

    def __init__(self, channel: Channel[Batch]) -> None:
        super().__init__()
        self._channel = channel

    async def record(self, batches: Sequence[Batch], *, now: datetime) -> Recorded:
        """See `ports.Store`."""
        if len(self.lines) < 100:
            await self._channel.put(met(len(self.lines)))
            await asyncio.sleep(0)  # the real one works in a thread
        return await super().record(batches, now=now)


async def test_what_is_settled_does_not_wait_for_what_comes_later() -> None:
    """A service manager gives up on a daemon that says it is ready only behind a night's backlog."""
    clock = FakeClock()
    channel: Channel[Batch] = Channel(8)
    store = Flooded(channel)
    dispatch = Dispatch(channel, store, clock, Health(clock), Wakes())  # type: ignore[arg-type]
    async with asyncio.timeout(10), asyncio.TaskGroup() as group:
        await channel.put(met(0))
        running = group.create_task(dispatch.run())
        await dispatch.settled()
        assert len(store.lines) < 100
        running.cancel()
