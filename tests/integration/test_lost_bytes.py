"""What is lost is counted to the byte and told: real files, real state, a fake clock."""

import sqlite3
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager, closing
from pathlib import Path

import pytest

from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.notice import Receipt, TextKind, TextNotice
from logwatchd.domain.policy import Policy
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.ingest import Ingest
from logwatchd.ports import Batch, Chunk
from logwatchd.sources.cursor import CHUNK_BYTES
from logwatchd.sources.tracker import FileTracker, StartAt
from logwatchd.store.files import FILE_NAME
from logwatchd.store.queries import Standing
from logwatchd.store.schema import LATEST, MIGRATIONS
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import NOON, FakeClock
from tests.fakes.daemon import info_line

LINE = info_line(1)
MANY = 3 * CHUNK_BYTES // len(LINE)


class Host:
    """A daemon's way from file to state, driven by hand."""

    def __init__(self, home: Path, *patterns: Path) -> None:
        self.home = home
        self.patterns = tuple(map(str, patterns))
        self.clock = FakeClock()
        self.tracker = FileTracker(())
        self.store: SqliteStore
        self.ingest: Ingest

    @asynccontextmanager
    async def live(self) -> AsyncGenerator[None]:
        """Run while the context lasts; another one is a restart."""
        state = self.home / "state"
        async with open_store(
            state, Policy(sinks=("a",)), limits=Limits(), now=self.clock.now()
        ) as store:
            self.store = store
            self.tracker = FileTracker(self.patterns, start_at=StartAt.BEGINNING)
            self.tracker.restore(await store.positions())
            interpreter = Interpreter(RuleSet(SHIPPED), Redactor())
            channel: Channel[Batch] = Channel(1)
            self.ingest = Ingest(
                None,  # type: ignore[arg-type]
                channel,
                self.clock,
                interpreter,
                max_line_bytes=64 * 1024,
            )
            yield
            self.tracker.close()

    async def look(self) -> None:
        """Look, and record what it says."""
        await self._record(self.tracker.look(now=self.clock.now()))

    async def read(self) -> None:
        """Read one chunk of each file, and record it."""
        await self._record(self.tracker.read(now=self.clock.now()))

    async def read_all(self) -> None:
        """Read to the end of every file."""
        while await self._record(self.tracker.read(now=self.clock.now())):
            pass

    async def standing(self) -> Standing:
        """Return what `status` knows."""
        return await self.store.standing()

    async def lost(self) -> int:
        """Return the total of lost bytes."""
        return (await self.standing()).totals.get("lost_bytes", 0)

    async def told(self) -> list[tuple[tuple[str, str], ...]]:
        """Sweep, and deliver what waits; return the details of what people hear."""
        await self.store.sweep(now=self.clock.now())
        heard = []
        while (job := await self.store.claim("a", now=self.clock.now())) is not None:
            assert isinstance(job.notice, TextNotice)
            assert job.notice.kind is TextKind.BYTES_LOST
            heard.append(job.notice.details)
            receipt = Receipt("m", self.clock.now())
            await self.store.finish(job, receipt=receipt, now=self.clock.now())
        return heard

    async def _record(self, chunks: Iterable[Chunk]) -> bool:
        batches = [await self.ingest.batch_of(each) for each in chunks]
        if batches:
            await self.store.record(batches, now=self.clock.now())
        return bool(batches)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log of three chunks."""
    path = tmp_path / "app.log"
    path.write_text(LINE * MANY)
    return path


async def test_a_log_emptied_before_it_was_read_is_counted_and_told_once(
    tmp_path: Path, log: Path
) -> None:
    """Exactly `size last seen - read offset`: neither more nor less than is known."""
    host = Host(tmp_path, log)
    async with host.live():
        await host.look()
        await host.read()  # one chunk of three
        [file] = (await host.standing()).files
        assert 0 < file["offset"] < CHUNK_BYTES < file["size_bytes"] == len(LINE) * MANY
        expected = file["size_bytes"] - file["offset"]

        log.write_text(LINE)
        await host.read()
        await host.read_all()
        assert await host.lost() == expected
        assert await host.told() == []  # a copy may still turn up
        host.clock.advance(seconds=10)
        assert await host.told() == [((f"{expected:,} B", str(log)),)]
        host.clock.advance(hours=2)
        assert await host.told() == []
        past, present = sorted((await host.standing()).files, key=lambda each: each["state"])[::-1]
        assert (past["lost_bytes"], past["state"]) == (expected, "rotated")
        assert (present["lost_bytes"], present["lines"]) == (0, 1)


async def test_lost_bytes_are_told_of_once_though_it_dies_in_between(
    tmp_path: Path, log: Path
) -> None:
    """Counted with the position in one transaction; told from the state, not from memory."""
    host = Host(tmp_path, log)
    async with host.live():
        await host.look()
        await host.read()
        log.write_text("")
        await host.read()
        expected = await host.lost()
    assert expected > 0
    host.clock.advance(minutes=1)
    for heard in (1, 0):
        async with host.live():
            await host.look()
            assert await host.lost() == expected
            assert len(await host.told()) == heard
    host.clock.advance(days=8)
    async with host.live():
        assert await host.told() == []
        assert [each["state"] for each in (await host.standing()).files] == ["live"]
        assert await host.lost() == expected  # also when the life itself is forgotten


async def test_a_log_emptied_while_the_daemon_was_down_is_counted(
    tmp_path: Path, log: Path
) -> None:
    """As far as it was seen before; what was written since, nobody saw."""
    host = Host(tmp_path, log)
    async with host.live():
        await host.look()
        await host.read()
        [file] = (await host.standing()).files
    log.write_text("")
    async with host.live():
        await host.look()
        assert await host.lost() == file["size_bytes"] - file["offset"]


@pytest.mark.parametrize("missing", [0, 100])
async def test_what_a_copy_holds_is_not_lost(tmp_path: Path, log: Path, missing: int) -> None:
    """`copytruncate` inside the pattern: only what the copy lacks is gone."""
    host = Host(tmp_path, tmp_path / "app.log*")
    async with host.live():
        await host.look()
        await host.read()
        whole = log.read_bytes()
        (tmp_path / "app.log.1").write_bytes(whole[: len(whole) - missing * len(LINE)])
        log.write_text("")
        await host.read()
        assert await host.lost() == missing * len(LINE)  # the copy is found at once
        await host.look()
        await host.read_all()
        assert await host.lost() == missing * len(LINE)
        host.clock.advance(minutes=1)
        assert len(await host.told()) == (1 if missing else 0)
        lines = sum(each["lines"] for each in (await host.standing()).files)
        assert lines == MANY - missing


async def test_a_log_that_was_read_to_its_end_loses_nothing(tmp_path: Path, log: Path) -> None:
    """Truncation is no trouble by itself."""
    host = Host(tmp_path, log)
    async with host.live():
        await host.look()
        await host.read_all()
        log.write_text("")
        await host.read_all()
        host.clock.advance(minutes=1)
        assert await host.told() == []
        assert await host.lost() == 0
        assert host.tracker.truncations == 1


async def test_the_beginning_of_a_line_is_lost_with_its_end(tmp_path: Path, log: Path) -> None:
    """It was read, but it was told nobody: it counts."""
    log.write_text(LINE + "half a line")
    host = Host(tmp_path, log)
    async with host.live():
        await host.look()
        await host.read_all()
        log.write_text("")
        await host.read_all()
        assert await host.lost() == len("half a line")


async def test_many_files_emptied_at_once_are_one_notice(tmp_path: Path) -> None:
    """A script that empties every log."""
    logs = [tmp_path / f"{n:02}.log" for n in range(12)]
    for each in logs:
        each.write_text(LINE * MANY)
    host = Host(tmp_path, tmp_path / "*.log")
    async with host.live():
        await host.look()
        await host.read()
        for each in logs:
            each.write_text("")
        await host.read()
        host.clock.advance(seconds=10)
        assert [len(details) for details in await host.told()] == [10]
        host.clock.advance(minutes=6)
        assert [len(details) for details in await host.told()] == [2]


async def test_lag_is_what_was_written_and_not_read(tmp_path: Path, log: Path) -> None:
    """And its age is the time since the file was last read to its end."""
    host = Host(tmp_path, log)
    async with host.live():
        await host.look()
        await host.read_all()
        [file] = host.tracker.watched()
        assert (file.lag_bytes, file.caught_up_at) == (0, NOON)

        with log.open("a") as appended:
            appended.write(LINE + "half")
        [file] = host.tracker.watched()
        assert (file.lag_bytes, file.caught_up_at) == (len(LINE) + 4, NOON)

        host.clock.advance(seconds=5)
        await host.read_all()
        [file] = host.tracker.watched()
        assert (file.lag_bytes, file.unfinished_bytes) == (0, 4)
        assert file.caught_up_at == host.clock.now()


def first_schema(directory: Path) -> Path:
    """Write a state as the first release did, with one file read up to byte 40."""
    directory.mkdir()
    path = directory / FILE_NAME
    with closing(sqlite3.connect(path)) as db:
        db.executescript(MIGRATIONS[0])
        db.execute(
            "INSERT INTO position VALUES "
            "('8-1-0', '/logs/app.log', '8', '1', 0, 0, '', 40, 0, '', 'live', 1, 4, 40, 2, 1)"
        )
        db.execute("INSERT INTO total VALUES ('lines', 4)")
        db.execute("PRAGMA user_version = 1")
        db.commit()
    return path


async def test_an_older_state_is_brought_up_to_date(tmp_path: Path) -> None:
    """Nothing known is forgotten; what it did not count begins at nothing, and nothing is lost."""
    first_schema(tmp_path / "state")
    async with open_store(tmp_path / "state", Policy(), limits=Limits(), now=NOON) as store:
        [position] = await store.positions()
        assert (position.offset, position.size, position.lost) == (40, 40, 0)
        standing = await store.standing()
        assert standing.totals == {"lines": 4}
        [file] = standing.files
        assert (file["lines"], file["events"], file["unparsed"]) == (4, 2, 1)
        assert (file["lost_bytes"], file["cut_lines"], file["last_read_at"]) == (0, 0, None)
        assert await store.silences() == {}
    with closing(sqlite3.connect(tmp_path / "state" / FILE_NAME)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (LATEST,)


async def test_a_damaged_older_state_gives_up_its_positions_too(tmp_path: Path) -> None:
    """An update must not be the moment at which a damaged file costs lines."""
    path = first_schema(tmp_path / "state")
    with closing(sqlite3.connect(path)) as db:
        [(root, size)] = db.execute(
            "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size "
            "WHERE name = 'incident'"
        ).fetchall()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)
    async with open_store(tmp_path / "state", Policy(), limits=Limits(), now=NOON) as store:
        assert store.salvaged == 1
        [position] = await store.positions()
        assert (position.offset, position.size) == (40, 40)
