"""From chunks to batches: positions, blocks of lines, and defects of ours."""

from collections.abc import AsyncGenerator, Sequence
from pathlib import Path

import pytest

from logwatchd.domain.event import Event, Verdict
from logwatchd.domain.interpret import Interpreter
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
