"""Incidents get their place in the source after they were told: real state, real git."""

import json
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path

import pytest

from logwatchd.cli import main
from logwatchd.domain.card import card_of
from logwatchd.domain.card_parts import Code
from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.fingerprint import fingerprint
from logwatchd.domain.notice import CardNotice, Receipt
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language
from logwatchd.pipeline.anchor import Anchorer
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Batch, JobKind
from logwatchd.repo.source import SourceRepository
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import FakeClock
from tests.fakes.daemon import a_daemon, error_line, eventually
from tests.fakes.discord import fake_discord
from tests.fakes.notices import an_event
from tests.service.build import a_repository, commit

MESSAGE = "Failed to load retrospect 17: pool timed out"
SOURCE = 'async fn load() {\n    tracing::error!("Failed to load retrospect {}: {}", id, e);\n}\n'
EVENT = an_event(message=MESSAGE, target="app::jobs")
VERDICT = Verdict("pool", Severity.CRITICAL, Category.DATABASE, Tell.AT_ONCE)


class Host:
    """A state, a repository and a worker that is driven by hand."""

    def __init__(self, home: Path, store: SqliteStore, clock: FakeClock) -> None:
        self.home, self.store, self.clock = home, store, clock
        self.health = Health(clock)
        self.finder = SourceRepository(home / "repo", home / "state" / "index.sqlite")
        self.worker = Anchorer(self.finder, store, clock, self.health, Wakes())
        self._offset = 0

    async def seen(self) -> None:
        """Record the event once more."""
        self._offset += 1
        sighting = Sighting(EVENT, VERDICT, fingerprint(EVENT), MESSAGE)
        position = Position(key="1", path="/l", device=1, inode=1, offset=self._offset)
        batch = Batch(path="/l", sightings=(sighting,), position=position, tally=Tally())
        await self.store.record([batch], now=self.clock.now())

    async def told(self) -> CardNotice | None:
        """Deliver what is due next, as a courier would."""
        job = await self.store.claim("a", now=self.clock.now() + timedelta(minutes=1))
        if job is None:
            return None
        assert job.kind in (JobKind.POST, JobKind.EDIT)
        assert isinstance(job.notice, CardNotice)
        await self.store.finish(job, receipt=Receipt("m1", self.clock.now()), now=self.clock.now())
        return job.notice


@pytest.fixture
async def host(tmp_path: Path) -> AsyncGenerator[Host]:
    """Open a state beside a repository with one statement."""
    a_repository(tmp_path / "repo", {"src/jobs.rs": SOURCE})
    clock = FakeClock()
    async with open_store(
        tmp_path / "state", Policy(sinks=("a",)), limits=Limits(), now=clock.now()
    ) as store:
        host = Host(tmp_path, store, clock)
        yield host
        host.finder.close()


async def test_the_alert_is_out_first_and_gets_its_source_later(host: Host) -> None:
    """Promise 2: an alert never waits for anything clever."""
    await host.seen()
    first = await host.told()
    await host.worker.trace()
    second = await host.told()

    assert first is not None
    assert first.anchor is None
    assert second is not None
    assert second.anchor is not None
    assert second.anchor.title == "Failed to load retrospect {id}: pool timed out"
    for language in Language:
        card = card_of(second, language)
        assert card.subject == Tainted(second.anchor.title)
        shown = [part for field in card.fields for part in field.value if isinstance(part, Code)]
        assert any("src/jobs.rs:2 in load" in each.text.untainted() for each in shown)


async def test_an_episode_is_traced_once(host: Host) -> None:
    """And what was traced is not told again when it recurs."""
    await host.seen()
    await host.worker.trace()

    assert await host.store.unanchored(limit=5) == []
    await host.seen()
    assert await host.store.unanchored(limit=5) == []


async def test_the_name_of_a_problem_does_not_move_with_its_lines(host: Host) -> None:
    """The source refines what is shown; it is no part of the identity."""
    await host.seen()
    await host.worker.trace()
    name = fingerprint(EVENT)
    commit(host.home / "repo", {"src/jobs.rs": "// moved\n" * 40 + SOURCE}, "move")
    host.clock.advance(minutes=2)
    host.finder.refresh()

    assert host.finder.candidates(EVENT)[0].statement.line == 42
    assert fingerprint(EVENT) == name


async def test_a_repository_that_is_gone_is_said_and_tried_again(host: Host) -> None:
    """Alerts go on; the health says why they have no source."""
    (host.home / "repo").rename(host.home / "elsewhere")
    await host.seen()
    await host.worker.trace()
    problems = host.health.problems()
    assert await host.told() is not None

    (host.home / "elsewhere").rename(host.home / "repo")
    await host.worker.trace()
    assert host.health.problems() == problems  # not tried all the time
    host.clock.advance(minutes=2)
    await host.worker.trace()

    assert "no such directory" in problems["repository"]
    assert host.health.problems() == {}
    assert await host.store.unanchored(limit=5) == []


async def test_an_event_of_elsewhere_is_traced_to_nothing_once(host: Host) -> None:
    """A library's own words are not in the repository."""
    await host.seen()
    commit(host.home / "repo", {"src/jobs.rs": "fn none() {}\n"}, "gone")
    await host.worker.trace()
    notice = await host.told()

    assert await host.store.unanchored(limit=5) == []
    assert notice is not None
    assert notice.anchor is not None
    assert notice.anchor.shown is None


async def test_the_daemon_shows_the_source_on_the_card_and_when_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole way: a line, a card, an edit, a question."""
    a_repository(tmp_path / "repo", {"src/jobs.rs": SOURCE})
    log = tmp_path / "app.log"
    log.touch()
    async with fake_discord() as discord:
        environ = {
            "LOGWATCHD_PATHS": str(log),
            "DISCORD_WEBHOOK_URL": discord.webhook_url,
            "LOGWATCHD_REPOSITORY__PATH": str(tmp_path / "repo"),
            "LOGWATCHD_ALERTS__EDIT_EVERY": "1s",
        }
        async with a_daemon(tmp_path, environ) as daemon:
            await daemon.start()
            with log.open("a") as file:
                file.write(error_line(MESSAGE))
            await eventually(lambda: any(each.method == "PATCH" for each in discord.requests))
            state = daemon.state
            await daemon.stop()
    post, edit = discord.requests[0], discord.requests[-1]
    assert "src/jobs.rs" not in str(post.json)
    assert "src/jobs.rs:2 in load" in str(edit.json)

    assert main(["--state", str(state), "incidents", "--json"]) == 0
    [incident] = json.loads(capsys.readouterr().out)
    assert incident["source"]["sites"][0]["line"] == 2
    assert main(["--state", str(state), "show", incident["id"]]) == 0
    assert "src/jobs.rs:2 in load wrote" in capsys.readouterr().out
