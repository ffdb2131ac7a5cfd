"""From chunks to what is seen, and the places that are recorded behind it."""

import asyncio
import os
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from logwatchd.cli.patient import PatientOutput
from logwatchd.domain.event import Event, Verdict
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.position import Position
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.domain.shown import Shown
from logwatchd.errors import StateUnusableError, StoreError
from logwatchd.pipeline.follow import Follow
from logwatchd.ports import Batch, Chunk
from tests.fakes.clock import FakeClock
from tests.fakes.daemon import error_line, eventually

PANIC = b"thread 'main' panicked at src/a.rs:4:5:\nindex out of bounds\n"


def a_chunk(data: bytes, *, base: int = 0, key: str = "1", ended: bool = False) -> Chunk:
    """Build a chunk of whole lines."""

    def position_at(offset: int) -> Position:
        return Position(key=key, path="/logs/app.log", device=1, inode=1, offset=offset)

    return Chunk(
        key=key,
        path="/logs/app.log",
        data=data,
        base=base,
        end=base + len(data),
        ended=ended,
        position_at=position_at,
    )


@dataclass
class World:
    """A source, a display and a store in one, which note what happens in which order."""

    given: Sequence[Chunk]
    ends: bool = True
    said: list[str] = field(default_factory=list)
    asked: int = 0
    gate: asyncio.Event | None = None
    failing: list[StoreError] = field(default_factory=list)
    recorded: dict[str, Batch] = field(default_factory=dict)
    seen: list[Shown] = field(default_factory=list)
    name: str = "made up"

    async def attend(self) -> None:
        """See `ports.Source`."""

    async def watching(self) -> None:
        """See `ports.Source`."""

    def problems(self) -> dict[str, str]:
        """See `ports.Source`."""
        return {}

    async def chunks(self, resume: Sequence[Position]) -> AsyncGenerator[Chunk]:
        """See `ports.Source`."""
        for chunk in self.given:
            self.asked += 1
            yield chunk
        if not self.ends:
            await asyncio.Event().wait()

    async def show(self, items: Sequence[Shown]) -> None:
        """See `ports.Display`."""
        if self.gate is not None:
            await self.gate.wait()
        self.seen += items
        self.said += ["shown"] * len(items)

    async def watch(self) -> None:
        """See `ports.Display`."""
        await asyncio.Event().wait()

    async def positions(self) -> Sequence[Position]:
        """See `ports.Store`."""
        return ()

    async def record(self, batches: Sequence[Batch], **_: Any) -> None:
        """See `ports.Store`."""
        if self.failing:
            raise self.failing.pop(0)
        self.recorded |= {each.position.key: each for each in batches}
        self.said.append("recorded")

    def offset(self, key: str = "1") -> int:
        """Return the place recorded last."""
        return self.recorded[key].position.offset


class Defective(RuleSet):
    """Rules with a defect."""

    def judge(self, event: Event) -> Verdict | None:
        """Fail at one message."""
        if event.message == "bad":
            raise KeyError(event.message)
        return super().judge(event)


def follow(world: World, *, keep: bool = True, **options: Any) -> Follow:
    """Make what is tested."""
    interpreter = Interpreter(Defective(SHIPPED), Redactor())
    store: Any = world if keep else None
    clock = FakeClock()
    return Follow(world, world, clock, interpreter, store=store, max_line_bytes=65_536, **options)


def lines(*names: str) -> bytes:
    """Return one line for each name."""
    return "".join(map(error_line, names)).encode()


async def test_a_place_is_recorded_when_the_lines_before_it_are_out() -> None:
    """The other way round, a kill in between would lose them."""
    data = lines(*(f"n{n}" for n in range(250)))
    world = World([a_chunk(data), a_chunk(data, base=len(data))])
    await follow(world).run()

    assert world.said == [*["shown"] * 250, "recorded"] * 2
    assert world.offset() == 2 * len(data)
    assert world.recorded["1"].tally.lines == 250


async def test_while_nobody_takes_what_is_shown_nothing_is_read() -> None:
    """One chunk is in hand, and no other one is asked for: memory stays as it is."""
    world = World([a_chunk(lines("a"), base=n * 1_000) for n in range(50)], gate=asyncio.Event())
    async with asyncio.TaskGroup() as group:
        group.create_task(follow(world).run())
        await eventually(lambda: world.asked)
        for _ in range(100):
            await asyncio.sleep(0)
        assert world.asked == 1
        assert world.gate is not None
        world.gate.set()
    assert len(world.seen) == 50


async def test_a_block_whose_time_is_over_is_shown_without_waiting_for_more() -> None:
    """And its place is recorded then, not before."""
    world = World([a_chunk(PANIC)], ends=False)
    following = follow(world)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(following.run())
        await eventually(lambda: world.recorded)
        await eventually(lambda: world.recorded and world.offset() == len(PANIC))
        running.cancel()
    assert [each.lines for each in world.seen] == [2]
    assert world.said == ["recorded", "shown", "recorded"]


async def test_the_place_of_an_unfinished_block_is_its_first_line() -> None:
    """With a store the next start reads it again, without one nobody would."""
    for keep, shown in ((True, 1), (False, 2)):
        data = lines("before") + PANIC
        world = World([a_chunk(data)])
        await follow(world, keep=keep).run()
        assert len(world.seen) == shown
        assert not keep or world.offset() == len(lines("before"))


async def test_a_state_that_fails_for_a_while_holds_up_no_line() -> None:
    """The disk is full: whoever watches goes on watching; what was missed is recorded later."""
    world = World([a_chunk(lines("a")), a_chunk(lines("b"), key="2")], failing=[StoreError("full")])
    await follow(world).run()

    assert len(world.seen) == 2
    assert world.recorded.keys() == {"1", "2"}


async def test_a_state_that_cannot_be_used_any_more_ends_it() -> None:
    """The hint says what happens to it; going on would repeat everything after a restart."""
    world = World([a_chunk(lines("a"))], failing=[StateUnusableError("damaged")])
    with pytest.raises(ExceptionGroup) as caught:
        await follow(world).run()

    assert caught.group_contains(StateUnusableError)


async def test_a_defect_of_ours_costs_one_line_and_is_said(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Else it would end at the same line at every start."""
    world = World([a_chunk(lines("good", "bad", "good again"))])
    await follow(world).run()

    assert [each.event and each.event.message for each in world.seen] == ["good", "good again"]
    assert "line_defect" in capsys.readouterr().out


async def test_only_events_that_a_rule_matches_are_wanted() -> None:
    """What is not shown is passed by all the same."""
    world = World([a_chunk(b"plain\n" + lines("broke") + b'{"level":"INFO","msg":"x"}\n')])
    await follow(world, errors_only=True).run()

    assert [each.event and each.event.message for each in world.seen] == ["broke"]
    assert world.offset() == world.given[0].end


async def test_a_file_that_ends_gives_out_what_it_holds() -> None:
    """A rotated file gets no other line."""
    world = World([a_chunk(PANIC, ended=True)])
    await follow(world).run()

    assert [each.lines for each in world.seen] == [2]
    assert world.offset() == len(PANIC)


async def test_a_pipe_that_does_not_block_is_waited_for_all_the_same() -> None:
    """Some who start us make it so; the flag is shared with them and is not ours to change."""
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    data = b"x" * 300_000
    with os.fdopen(reads, "rb") as pipe:
        output = PatientOutput(writes)
        async with asyncio.TaskGroup() as group:
            group.create_task(output.write(data))
            assert await asyncio.to_thread(pipe.read, len(data)) == data
    assert not os.get_blocking(writes)
    with pytest.raises(BrokenPipeError):
        await output.gone()
    with pytest.raises(BrokenPipeError):
        await output.write(b"x")
    os.close(writes)
