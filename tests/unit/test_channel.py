"""The bounded queue in front of the store."""

import asyncio

from logwatchd.pipeline.channel import Channel


async def test_what_was_put_is_taken_in_order() -> None:
    """All that is there, at once: a batch is one transaction."""
    channel: Channel[int] = Channel(3)
    for number in (1, 2, 3):
        await channel.put(number)

    assert await channel.take(wait_seconds=1) == [1, 2, 3]


async def test_a_full_channel_makes_the_writer_wait() -> None:
    """That wait is the back-pressure that keeps memory flat."""
    channel: Channel[int] = Channel(2)
    written: list[int] = []

    async def write() -> None:
        for number in range(5):
            await channel.put(number)
            written.append(number)

    async with asyncio.TaskGroup() as group:
        group.create_task(write())
        for _ in range(20):
            await asyncio.sleep(0)
        assert written == [0, 1]
        taken = await channel.take(wait_seconds=1) or []
        while len(taken) < 5:
            taken += await channel.take(wait_seconds=1) or []

    assert taken == [0, 1, 2, 3, 4]


async def test_an_empty_channel_gives_nothing_when_the_wait_is_over() -> None:
    """The reader has other work to do by time."""
    channel: Channel[int] = Channel(1)

    assert await channel.take(wait_seconds=0) == []


async def test_a_closed_channel_is_emptied_before_it_ends() -> None:
    """What was read before the signal is recorded."""
    channel: Channel[int] = Channel(2)
    await channel.put(1)
    channel.close()

    assert await channel.take(wait_seconds=1) == [1]
    assert await channel.take(wait_seconds=1) is None


async def test_closing_wakes_a_reader_that_waits() -> None:
    """The end must not wait for the end of a wait."""
    channel: Channel[int] = Channel(1)

    async with asyncio.timeout(5), asyncio.TaskGroup() as group:
        taking = group.create_task(channel.take(wait_seconds=60))
        await asyncio.sleep(0)
        channel.close()

    assert taking.result() is None
