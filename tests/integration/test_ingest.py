"""From chunks to batches: positions, blocks of lines, and defects of ours."""

import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from logwatchd.domain.event import Event, ParsedLine, Verdict
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.position import Position
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.ingest import Ingest
from logwatchd.ports import Batch, Chunk
from logwatchd.sources.tracker import FileTracker, StartAt
from tests.fakes.clock import FakeClock
from tests.fakes.daemon import error_line, info_line

PANIC = (
    "thread 'main' panicked at src/a.rs:4:5:\nindex out of bounds\nstack backtrace:\n"
    "   0: app::run\n             at ./src/a.rs:4:5\n"
)


class Once:
    """A source that reads some files to their end, once."""

    name = "once"

    def __init__(self, tracker: FileTracker, clock: FakeClock) -> None:
        self._tracker = tracker
        self._clock = clock

    async def attend(self) -> None:
        """See `ports.Source`."""

    async def watching(self) -> None:
        """See `ports.Source`."""

    def problems(self) -> dict[str, str]:
        """See `ports.Source`."""
        return {}

    async def chunks(self, resume: Sequence[Position]) -> AsyncGenerator[Chunk]:
        """See `ports.Source`."""
        self._tracker.restore(resume)
        for chunk in self._tracker.look(now=self._clock.now()):
            yield chunk
        for chunk in self._tracker.read(now=self._clock.now()):
            yield chunk


class Kept:
    """The positions of a store."""

    def __init__(self, positions: Sequence[Position]) -> None:
        self._positions = positions

    async def positions(self) -> Sequence[Position]:
        """See `ports.Store`."""
        return self._positions


async def read(
    log: Path, kept: Sequence[Position] = (), rules: RuleSet | None = None
) -> tuple[list[Batch], Ingest, Channel[Batch]]:
    """Read a log once; return what came of it."""
    clock = FakeClock()
    channel: Channel[Batch] = Channel(100)
    tracker = FileTracker((str(log),), start_at=StartAt.BEGINNING)
    interpreter = Interpreter(rules or RuleSet(SHIPPED), Redactor())
    ingest = Ingest(Once(tracker, clock), channel, clock, interpreter, max_line_bytes=64 * 1024)
    await ingest.read(Kept(kept))  # type: ignore[arg-type]
    tracker.close()
    return await channel.take(wait_seconds=0) or [], ingest, channel


def events(batches: Sequence[Batch]) -> list[Event]:
    """Return the events of all sightings."""
    return [each.event for batch in batches for each in batch.sightings]


def messages(batches: Sequence[Batch]) -> list[str]:
    """Return the messages of all sightings."""
    return [each.event.message for batch in batches for each in batch.sightings]


async def test_the_position_stays_before_a_block_that_is_not_finished(tmp_path: Path) -> None:
    """Killed now, the next start reads the whole panic again, and the lines before it not."""
    log = tmp_path / "app.log"
    log.write_text(error_line("before") + PANIC)
    batches, _, _ = await read(log)

    assert messages(batches) == ["before"]
    last = batches[-1]
    assert last.position.offset == len(error_line("before"))
    assert last.tally.lines == 1

    again, _, _ = await read(log, [each.position for each in batches])
    assert messages(again) == []
    with log.open("a") as file:
        file.write(error_line("after"))
    final, _, _ = await read(log, [each.position for each in batches])
    assert [each.split("\n")[0] for each in messages(final)] == ["index out of bounds", "after"]
    assert final[-1].position.offset == log.stat().st_size
    assert sum(each.tally.lines for each in (*batches, *final)) == 7


def a_chunk(text: bytes, base: int = 0, *, ended: bool = False) -> Chunk:
    """Return whole lines of one file, whose positions say only where they are."""

    def position_at(offset: int) -> Position:
        assert base <= offset <= base + len(text), "a place that the chunk does not know"
        return Position(key="k", path="/a.log", device=1, inode=1, offset=offset)

    return Chunk(
        key="k",
        path="/a.log",
        data=text,
        base=base,
        end=base + len(text),
        ended=ended,
        position_at=position_at,
    )


class Interrupting(FakeClock):
    """A clock that lets something else happen whenever the reader gives others a turn."""

    def __init__(self) -> None:
        super().__init__()
        self.meanwhile: Callable[[], Awaitable[None]] | None = None

    async def sleep(self, seconds: float) -> None:
        """See `ports.Clock`."""
        if self.meanwhile is not None and seconds == 0:
            await self.meanwhile()
        await super().sleep(seconds)


def an_ingest(clock: FakeClock, *chunks: Chunk) -> tuple[Ingest, Channel[Batch]]:
    """Return an ingest of a source that gives these chunks."""

    class Given(Once):
        async def chunks(self, resume: Sequence[Position]) -> AsyncGenerator[Chunk]:
            for chunk in chunks:
                yield chunk

    channel: Channel[Batch] = Channel(100)
    source = Given(FileTracker(()), clock)
    interpreter = Interpreter(RuleSet(SHIPPED), Redactor())
    return Ingest(source, channel, clock, interpreter, max_line_bytes=64 * 1024), channel


async def test_a_reload_in_the_middle_of_a_chunk_loses_no_block() -> None:
    """SIGHUP comes when it comes; the block that opens behind it belongs to the same file."""
    head = "".join(info_line(n) for n in range(150)) + PANIC[:60]
    head = head[: head.rindex("\n") + 1]
    tail = PANIC[PANIC.index("index out") :] + error_line("after")
    first, second = head.encode(), tail.encode()
    clock = Interrupting()
    ingest, channel = an_ingest(clock, a_chunk(first), a_chunk(second, len(first), ended=True))

    async def reload() -> None:
        ingest.reset_readers()

    clock.meanwhile = reload
    await ingest.read(Kept([]))  # type: ignore[arg-type]
    batches = await channel.take(wait_seconds=0) or []

    assert [each.split("\n")[0] for each in messages(batches)] == ["index out of bounds", "after"]


async def test_a_block_is_not_finished_in_the_middle_of_a_chunk() -> None:
    """Its events would be recorded under a position that lies before them."""
    text = (
        PANIC[: PANIC.index("index")] + "".join(error_line(f"e{n}") for n in range(250))
    ).encode()
    clock = Interrupting()
    ingest, channel = an_ingest(clock, a_chunk(text))

    async def flush() -> None:
        clock.advance(seconds=9)
        ingest.flush_overdue()

    clock.meanwhile = flush
    await ingest.read(Kept([]))  # type: ignore[arg-type]
    batches = await channel.take(wait_seconds=0) or []

    assert len(messages(batches)) == 251
    [batch] = batches
    assert batch.position.offset == len(text)


def docker(text: str, stream: str) -> str:
    """Return a line as Docker writes it."""
    value = {"log": text, "stream": stream, "time": "2026-02-03T04:05:06Z"}
    return json.dumps(value, separators=(",", ":")) + "\n"


async def test_what_was_given_out_is_never_behind_the_position() -> None:
    """Two blocks of two streams: when the first is finished, only the second is read again."""
    panic = "thread 'main' panicked at src/a.rs:4:5:\n"
    one = docker(panic, "stderr") + docker(panic.replace("a.rs", "b.rs"), "stdout")
    two = docker(error_line("closes it"), "stderr")
    ingest, channel = an_ingest(
        FakeClock(), a_chunk(one.encode()), a_chunk(two.encode(), len(one.encode()))
    )
    await ingest.read(Kept([]))  # type: ignore[arg-type]
    batches = await channel.take(wait_seconds=0) or []

    second = docker(panic, "stderr").encode()
    assert [each.location for each in events(batches)] == ["src/a.rs:4"]
    assert batches[-1].position.offset == len(second)


async def test_a_flush_cuts_only_what_is_overdue() -> None:
    """A panic whose time is over must not break a line of the other stream that is being sent."""
    panic = docker("thread 'main' panicked at src/a.rs:4:5:\n", "stderr")
    line = error_line("in two pieces")
    one = panic + docker(line[:40], "stdout")
    two = docker(line[40:], "stdout")
    clock = FakeClock()
    ingest, channel = an_ingest(clock, a_chunk(one.encode()))
    await ingest.read(Kept([]))  # type: ignore[arg-type]
    clock.advance(seconds=1)
    for batch in ingest.flush_overdue():
        await channel.put(batch)
    first = await channel.take(wait_seconds=0) or []
    assert first[-1].position.offset == len(panic.encode())

    await channel.put(await ingest.batch_of(a_chunk(two.encode(), len(one.encode()))))
    second = await channel.take(wait_seconds=0) or []
    assert [each.message for each in events([*first, *second])][1:] == ["in two pieces"]
    assert not any(each.tally.unparsed for each in second)


async def test_a_defect_of_the_reader_costs_what_it_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """And the line that brought it out; the daemon does not die at it again and again."""
    text = error_line("good") + error_line("poison") + error_line("good again")
    ingest, channel = an_ingest(FakeClock(), a_chunk(text.encode()))
    real = LineReader.feed

    def fragile(self: LineReader, line: bytes, **rest: Any) -> list[ParsedLine]:
        if b"poison" in line:
            raise ZeroDivisionError
        return real(self, line, **rest)

    monkeypatch.setattr(LineReader, "feed", fragile)
    await ingest.read(Kept([]))  # type: ignore[arg-type]
    batches = await channel.take(wait_seconds=0) or []

    assert messages(batches) == ["good", "good again"]
    assert batches[-1].position.offset == len(text)
    assert ingest.defects == 1


async def test_a_defect_of_ours_costs_one_line_and_not_the_daemon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without it the daemon would die at that line again at every start."""
    log = tmp_path / "app.log"
    log.write_text(error_line("good") + error_line("poison") + error_line("good again"))
    rules = RuleSet(SHIPPED)

    class Fragile(RuleSet):
        def judge(self, event: Event) -> Verdict | None:
            if event.message == "poison":
                raise ZeroDivisionError
            return rules.judge(event)

    batches, ingest, _ = await read(log, rules=Fragile(SHIPPED))

    assert messages(batches) == ["good", "good again"]
    assert ingest.defects == 1


async def test_what_no_rule_looks_at_is_counted_all_the_same(tmp_path: Path) -> None:
    """`status` must show that lines arrive, also on a good day."""
    log = tmp_path / "app.log"
    log.write_text(info_line(1) + "no json\n" + info_line(2))
    batches, _, _ = await read(log)
    tally = batches[-1].tally

    assert (tally.lines, tally.below, dict(tally.unparsed)) == (3, 2, {"not_json": 1})
