"""When a diagnosis is made, used again, and made once more: real state, real git, a scripted model."""

import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from logwatchd.diagnosers.instructions import instructions
from logwatchd.diagnosers.price_table import price_table
from logwatchd.diagnosers.scripted import ScriptedDiagnoser
from logwatchd.domain.diagnosis_policy import DiagnosisPolicy
from logwatchd.domain.event import Category, Event, Severity, Sighting, Tell, Verdict
from logwatchd.domain.fingerprint import fingerprint
from logwatchd.domain.issue import IssuePolicy
from logwatchd.domain.notice import CardNotice, Receipt
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.domain.texts import Language
from logwatchd.pipeline.anchor import Anchorer
from logwatchd.pipeline.diagnose import DiagnosisWorker, Plan
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Batch
from logwatchd.repo.collect import RepositoryContext
from logwatchd.repo.source import SourceRepository
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from logwatchd.wiring import SystemUptime
from tests.fakes.claude import ANSWER
from tests.fakes.clock import FakeClock
from tests.fakes.notices import an_event
from tests.service.build import a_repository

SOURCE = 'async fn load() {\n    tracing::error!("Failed to load retrospect {}: {}", id, e);\n}\n'
POOL = an_event(message="Failed to load retrospect 17: pool timed out", target="app::jobs")
LOCK = an_event(message="Failed to load retrospect 17: lock not granted", target="app::jobs")
VERDICT = Verdict("pool", Severity.CRITICAL, Category.DATABASE, Tell.AT_ONCE)
PATIENCE = timedelta(minutes=2)


class Host:
    """A state, a repository and the workers, driven by hand."""

    def __init__(self, home: Path, store: SqliteStore, clock: FakeClock) -> None:
        self.store, self.clock = store, clock
        index = home / "state" / "index.sqlite"
        self.source = SourceRepository(home / "repo", index)
        health, wakes = Health(clock), Wakes()
        self.anchorer = Anchorer(self.source, store, clock, health, wakes)
        self.diagnoser = ScriptedDiagnoser(json.dumps(ANSWER))
        plan = Plan(
            model="claude-haiku-5-5",
            better_model=None,
            instructions=instructions(Language.EN),
            tokens=8_000,
            prices=price_table(),
            redact=lambda text: text,
            nonce=lambda: bytes(16),
        )
        self.worker = DiagnosisWorker(
            self.diagnoser,
            RepositoryContext(home / "repo", index),
            store,
            clock,
            SystemUptime(),
            health,
            wakes,
            plan,
        )
        self._offset = 0

    async def seen(self, event: Event = POOL, times: int = 1) -> None:
        """Record an event, and have its card sent."""
        self._offset += 1
        sighting = Sighting(event, VERDICT, fingerprint(event), event.message)
        position = Position(key="1", path="/l", device=1, inode=1, offset=self._offset)
        sightings = (sighting,) * times
        batch = Batch(path="/l", sightings=sightings, position=position, tally=Tally())
        await self.store.record([batch], now=self.clock.now())
        await self.told()

    async def told(self) -> list[CardNotice]:
        """Deliver what is due, as a courier would."""
        shown = []
        while job := await self.store.claim("a", now=self.clock.now() + timedelta(hours=1)):
            assert isinstance(job.notice, CardNotice)
            shown.append(job.notice)
            receipt = Receipt("m1", self.clock.now())
            await self.store.finish(job, receipt=receipt, now=self.clock.now())
        return shown


@pytest.fixture
async def host(tmp_path: Path) -> AsyncGenerator[Host]:
    """Open a state beside a repository with one statement."""
    a_repository(tmp_path / "repo", {"src/jobs.rs": SOURCE})
    clock = FakeClock()
    policy = Policy(
        sinks=("a",),
        issues=IssuePolicy(repository="acme/api"),
        diagnosis=DiagnosisPolicy(source_wait=PATIENCE),
    )
    async with open_store(tmp_path / "state", policy, limits=Limits(), now=clock.now()) as store:
        host = Host(tmp_path, store, clock)
        yield host
        host.source.close()


async def test_the_question_waits_until_the_problem_was_traced(host: Host) -> None:
    """Asked at once, the model would not see the source that is being indexed."""
    await host.seen()
    assert not await host.worker.step()

    await host.anchorer.trace()
    assert await host.worker.step()
    [card] = await host.told()
    assert card.diagnosis is not None
    assert card.diagnosis.commit != ""
    assert card.diagnosis.without == ()


async def test_a_repository_that_cannot_be_read_delays_the_question_and_no_more(host: Host) -> None:
    """The diagnosis says what it did without."""
    await host.seen()
    host.clock.advance(minutes=2)

    assert await host.worker.step()
    [card] = await host.told()
    assert card.diagnosis is not None
    assert card.diagnosis.without == ("source",)


async def test_a_diagnosis_is_used_again_for_a_problem_from_the_same_statement(host: Host) -> None:
    """One statement, two problems, one call; the second card says whose diagnosis it shows."""
    await host.seen(POOL)
    await host.anchorer.trace()
    await host.worker.step()
    await host.told()
    await host.seen(LOCK)
    await host.anchorer.trace()
    await host.worker.step()

    shown = await host.told()
    assert fingerprint(POOL) != fingerprint(LOCK)
    assert shown[-1].diagnosis is not None
    assert shown[-1].diagnosis.reused == fingerprint(POOL)
    assert shown[-1].diagnosis.cost == 0


async def test_a_rate_that_jumps_calls_for_another_diagnosis_a_day_later(host: Host) -> None:
    """What fails a hundred times an hour is not what failed twice yesterday."""
    await host.seen()
    await host.anchorer.trace()
    await host.worker.step()
    await host.told()
    host.clock.advance(hours=25)
    await host.seen()
    await host.store.sweep(now=host.clock.now())
    host.clock.advance(minutes=2)
    assert not await host.worker.step()

    await host.seen(times=100)
    await host.store.sweep(now=host.clock.now())
    host.clock.advance(minutes=2)
    assert await host.worker.step()


async def test_the_issue_is_written_anew_when_the_diagnosis_is_there(host: Host) -> None:
    """Who opens the issue reads what the card says."""
    await host.seen()
    await host.anchorer.trace()
    await host.worker.step()

    case = await host.store.next_issue(now=host.clock.now())
    assert case is not None
    assert case.notice.diagnosis is not None
    assert case.notice.diagnosis.verified is not None
