"""Silent logs: real files and real state, a fake clock; the listener is driven by hand."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from logwatchd.domain import incident as life
from logwatchd.domain.incident import Reason, State
from logwatchd.domain.notice import CardNotice, Receipt
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import FileState, Position
from logwatchd.domain.silence import Activity, name_of
from logwatchd.domain.texts import Language, texts_of
from logwatchd.errors import StoreError
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.listen import Listener, Patience, Voice
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import JobKind
from logwatchd.sources.files import FileSource
from logwatchd.sources.tracker import FileTracker, StartAt
from logwatchd.store import queries
from logwatchd.store.files import opened_beside
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import FakeClock

LIMIT = timedelta(minutes=10)
POLICY = Policy(sinks=("a",))


class Host:
    """Files, a state and a listener; a minute is twelve looks."""

    def __init__(self, home: Path, *patterns: Path, patience: Patience | None = None) -> None:
        self.home = home
        self.patterns = tuple(map(str, patterns))
        self.patience = patience or Patience(default=LIMIT)
        self.clock = FakeClock()
        self.health = Health(self.clock)
        self.store: SqliteStore
        self.source: FileSource
        self.listener: Listener
        self._tracker = FileTracker(())
        self._kept: dict[str, Position] = {}

    @asynccontextmanager
    async def live(self) -> AsyncGenerator[None]:
        """Run while the context lasts; another one is a restart."""
        state = self.home / "state"
        async with open_store(state, POLICY, limits=Limits(), now=self.clock.now()) as self.store:
            self._tracker = FileTracker(self.patterns, start_at=StartAt.BEGINNING)
            self._tracker.restore(list(self._kept.values()))
            self.source = FileSource(
                self._tracker, self.clock, look_every=timedelta(seconds=1), once=True
            )
            self.listener = Listener(
                self.source,
                self.store,
                self.clock,
                self.health,
                Wakes(),
                patience=self.patience,
                voice=Voice(service="api", texts=texts_of(Language.EN)),
            )
            try:
                yield
            finally:
                self._tracker.close()

    def ask(self) -> None:
        """Look, and ask every file for new lines, as the source does."""
        now = self.clock.now()
        chunks = self._tracker.look(now=now)
        chunks += list(self._tracker.read(now=now))
        while chunks:
            self._kept |= {each.key: each.position_at(each.end) for each in chunks}
            chunks = list(self._tracker.read(now=now))
        self.source._asked_at = now

    async def minutes(self, number: float, *, asking: bool = True) -> None:
        """Let time pass, as the daemon does."""
        for _ in range(round(number * 12)):
            self.clock.advance(seconds=5)
            if asking:
                self.ask()
            await self.listener.listen()

    async def told(self) -> list[tuple[JobKind, Reason, State, str]]:
        """Deliver what is due; return what people hear."""
        heard = []
        while (job := await self.store.claim("a", now=self.clock.now())) is not None:
            if isinstance(job.notice, CardNotice):
                incident = job.notice.incident
                said = incident.sample.message.untainted()
                heard.append((job.kind, job.notice.reason, incident.state, said))
            receipt = job.receipt or Receipt(str(job.id), self.clock.now())
            await self.store.finish(job, receipt=receipt, now=self.clock.now())
        return heard


def write(path: Path, text: str = "a line\n") -> None:
    """Append to a log."""
    with path.open("a") as file:
        file.write(text)


def raised(reason: Reason, pattern: Path, span: str = "10 min") -> tuple[object, ...]:
    """Return what people hear of a silence."""
    return (JobKind.POST, reason, State.OPEN, f"no log from {pattern} for {span}")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log with a line in it."""
    path = tmp_path / "app.log"
    write(path)
    return path


async def test_a_silent_log_is_one_problem_until_lines_come_again(
    tmp_path: Path, log: Path
) -> None:
    """Told at once, once; resolved by the first line, by an edit of the same card."""
    host = Host(tmp_path, log)
    async with host.live():
        host.ask()
        await host.minutes(9.9)
        assert await host.told() == []
        await host.minutes(0.3)
        assert await host.told() == [raised(Reason.FIRST, log)]
        await host.minutes(60)
        assert await host.told() == []

        write(log)
        await host.minutes(0.1)
        [(kind, _, state, _)] = await host.told()
        assert (kind, state) == (JobKind.EDIT, State.RESOLVED)
        assert await host.store.silences() == {}

        await host.minutes(10.2)
        assert await host.told() == [raised(Reason.REGRESSED, log)]
    with opened_beside(tmp_path / "state") as db:
        whys = [each.why for each in queries.decisions(db, name_of(str(log), service="api"))]
    assert whys == ["told_regressed", "resolved_heard", "told_first"]


async def test_a_restart_neither_repeats_nor_forgets_it(tmp_path: Path, log: Path) -> None:
    """Nor does it fire before its time, counted from the start."""
    host = Host(tmp_path, log)
    async with host.live():
        host.ask()
        await host.minutes(9)
    host.clock.advance(hours=3)
    async with host.live():
        host.ask()
        await host.minutes(9.9)
        assert await host.told() == []
        await host.minutes(0.3)
        assert len(await host.told()) == 1
    async with host.live():
        host.ask()
        await host.minutes(30)
        assert await host.told() == []
        write(log)
        await host.minutes(0.1)
        [(kind, _, state, _)] = await host.told()
        assert (kind, state) == (JobKind.EDIT, State.RESOLVED)


async def test_rotation_is_no_silence_and_a_missing_log_is_one(tmp_path: Path, log: Path) -> None:
    """The pattern is judged: a writer that goes on under another name, or not at all."""
    missing = tmp_path / "worker.log"
    host = Host(tmp_path, log, missing)
    async with host.live():
        host.ask()
        for _ in range(4):
            await host.minutes(5)
            log.rename(tmp_path / "app.log.1")
            write(tmp_path / "app.log.1")
            host.ask()
            write(log)
        assert await host.told() == [raised(Reason.FIRST, missing)]
        write(missing)
        await host.minutes(1)
        assert [state for _, _, state, _ in await host.told()] == [State.RESOLVED]


async def test_any_file_of_a_pattern_speaks_for_it(tmp_path: Path, log: Path) -> None:
    """Each pattern has its own time; a file that two patterns name speaks for both."""
    host = Host(
        tmp_path,
        tmp_path / "*.log",
        tmp_path,
        log,
        patience=Patience(default=LIMIT, by_pattern={str(log): timedelta(hours=1)}),
    )
    async with host.live():
        host.ask()
        for _ in range(5):
            await host.minutes(5)
            write(tmp_path / "other.log")
        assert await host.told() == []
        await host.minutes(33)
        patterns = {each[-1] for each in await host.told()}
        assert patterns == {
            f"no log from {tmp_path / '*.log'} for 10 min",
            f"no log from {tmp_path} for 10 min",
        }
        await host.minutes(3)
        assert await host.told() == [raised(Reason.FIRST, log, "1 h")]


async def test_a_daemon_that_reads_nothing_takes_no_log_for_silent(
    tmp_path: Path, log: Path
) -> None:
    """Held up, asleep, or without a state to write to: that is our silence."""
    host = Host(tmp_path, log)
    async with host.live():
        host.ask()
        await host.minutes(9)
        await host.minutes(30, asking=False)
        host.ask()
        await host.minutes(0.5)
        assert await host.told() == []

        host.health.problem("state", "disk is full")
        await host.minutes(30)
        host.health.clear("state")
        await host.minutes(0.3)
        assert await host.told() == []
        await host.minutes(1)
        assert await host.told() == [raised(Reason.FIRST, log)]


async def test_a_lasting_silence_is_reminded_of_and_never_resolved_by_time(
    tmp_path: Path, log: Path
) -> None:
    """After 4 h, then 8 h, then 16 h; quiet is no sign of health here."""
    host = Host(tmp_path, log)
    async with host.live():
        host.ask()
        await host.minutes(11)
        assert len(await host.told()) == 1
        heard = []
        for hour in range(1, 60):
            host.clock.advance(hours=1)
            host.ask()
            await host.minutes(0.5)
            await host.store.sweep(now=host.clock.now())
            heard += [(hour, each[1], each[2]) for each in await host.told()]

        assert [reason for _, reason, _ in heard] == [Reason.REMINDER] * 3
        assert [hour for hour, _, _ in heard] == [4, 12, 28]


async def test_what_a_person_decided_holds(tmp_path: Path, log: Path) -> None:
    """Resolved or muted by hand: nothing more while it is silent; a mute outlasts the silence."""
    host = Host(tmp_path, log)
    name = name_of(str(log), service="api")
    async with host.live():
        host.ask()
        await host.minutes(11)
        await host.told()
        with opened_beside(tmp_path / "state", write=True) as db:
            queries.change_by_hand(
                db,
                name,
                lambda each: life.muted(each, until=None, until_count=None),
                POLICY,
                now=host.clock.now(),
                detail="mute",
            )
        await host.minutes(300)
        write(log)
        await host.minutes(11)
        incident = await host.store.incident(name)
        assert incident is not None
        assert (incident.state, incident.count) == (State.MUTED, 2)
        assert [each for each in await host.told() if each[0] is JobKind.POST] == []


async def test_what_a_ceiling_held_back_is_told_when_there_is_room(
    tmp_path: Path, log: Path
) -> None:
    """No line comes that could bring it up again."""
    host = Host(tmp_path, log)
    async with host.live():
        host.store.policy = Policy(sinks=("a",), ceiling_hour=1)
        host.source.configure([str(log), str(tmp_path / "b.log")])
        host.ask()
        await host.minutes(11)
        assert len(await host.told()) == 1
        host.clock.advance(hours=1)
        host.ask()
        await host.minutes(0.5)
        assert len(await host.told()) == 1


async def test_a_path_that_is_followed_no_more_is_no_problem(tmp_path: Path, log: Path) -> None:
    """Taken out of the settings, or the setting switched off: nobody waits for it."""
    host = Host(tmp_path, log, tmp_path / "b.log")
    async with host.live():
        host.ask()
        await host.minutes(11)
        assert len(await host.told()) == 2
        host.source.configure([str(log)])
        host.clock.advance(minutes=1)
        await host.minutes(0.1)
        assert [each[2] for each in await host.told()] == [State.RESOLVED]
    host.patience = Patience()
    async with host.live():
        host.clock.advance(minutes=1)
        await host.listener.listen()
        assert [each[2] for each in await host.told()] == [State.RESOLVED]
        assert await host.store.silences() == {}


async def test_a_state_that_fails_is_said_and_tried_again(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither lost nor told twice."""
    host = Host(tmp_path, log)
    async with host.live():
        host.ask()
        await host.minutes(9.9)
        real = host.store.record_silences

        async def failing(*_: object, **__: object) -> None:
            raise StoreError("state: disk is full")

        monkeypatch.setattr(host.store, "record_silences", failing)
        await host.minutes(0.2)
        assert host.health.problems() == {"state": "disk is full"}
        monkeypatch.setattr(host.store, "record_silences", real)
        host.health.clear("state")
        await host.minutes(0.2)
        assert await host.told() == [raised(Reason.FIRST, log)]


async def test_the_source_says_when_it_asked_every_file(tmp_path: Path, log: Path) -> None:
    """The round counts when it is over: one that is held up in the middle does not."""
    clock = FakeClock()
    tracker = FileTracker((str(log),), start_at=StartAt.BEGINNING)
    source = FileSource(tracker, clock, look_every=timedelta(seconds=1), once=True)
    assert source.activity() == Activity(None, {})
    began = clock.now()
    async with asyncio.timeout(10):
        async for chunk in source.chunks([]):
            if chunk.data:
                assert source.activity().asked_at is None
                clock.advance(seconds=7)
            if chunk.ended:
                assert source.activity() == Activity(clock.now(), {str(log): began})
                assert [each.state for each in source.watched()] == [FileState.LIVE]
