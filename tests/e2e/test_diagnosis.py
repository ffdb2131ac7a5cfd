"""From an error line to a diagnosis on its card: the daemon, its child with the real SDK, two peers."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.claude import ANSWER, KEY, FakeClaude, failure, fake_claude, message
from tests.fakes.daemon import Daemon, a_daemon, error_line, eventually
from tests.fakes.discord import FakeDiscord, fake_discord
from tests.fakes.http import Answer
from tests.service.build import a_repository

MESSAGE = "Failed to load retrospect 17: pool timed out"
SOURCE = 'async fn load() {\n    tracing::error!("Failed to load retrospect {}: {}", id, e);\n}\n'


@dataclass(slots=True)
class World:
    """A daemon, its log, and both peers."""

    daemon: Daemon
    log: Path
    discord: FakeDiscord
    claude: FakeClaude

    def write(self, text: str = MESSAGE) -> None:
        """Have an error happen."""
        with self.log.open("a", encoding="utf-8") as file:
            file.write(error_line(text, target="app::jobs"))

    def cards(self) -> str:
        """Return all messages as they stand."""
        return json.dumps(list(self.discord.messages.values()), ensure_ascii=False)

    def methods(self) -> list[str]:
        """Return how the sink was asked, in order."""
        return [each.method for each in self.discord.requests]

    async def shows(self, text: str) -> None:
        """Wait until a text is on a card."""
        await eventually(lambda: text in self.cards(), why=f"the card says: {text}")

    def became(self) -> list[str]:
        """Return what became of each diagnosis."""
        rows = self.daemon.query("SELECT value FROM diagnosis ORDER BY fingerprint")
        return [json.loads(value)["why"] for (value,) in rows]

    def ledger(self) -> list[tuple[Any, ...]]:
        """Return what was reserved and spent, in nanodollars."""
        return self.daemon.query("SELECT reserved, spent FROM ledger ORDER BY id")


Changed = Callable[..., Daemon]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncGenerator[World]:
    """Return a daemon that is not started yet, with a repository that holds the statement."""
    log = tmp_path / "app.log"
    log.touch()
    a_repository(tmp_path / "repo", {"src/jobs.rs": SOURCE})
    async with fake_discord() as discord, fake_claude() as claude:
        environ = {
            "LOGWATCHD_PATHS": str(log),
            "DISCORD_WEBHOOK_URL": discord.webhook_url,
            "LOGWATCHD_ALERTS__EDIT_EVERY": "200ms",
            "LOGWATCHD_REPOSITORY__PATH": str(tmp_path / "repo"),
            "ANTHROPIC_API_KEY": KEY,
            "ANTHROPIC_BASE_URL": claude.url,
        }
        async with a_daemon(tmp_path, environ) as daemon:
            yield World(daemon, log, discord, claude)
            assert KEY not in daemon.log + daemon.output
        assert discord.violations == []


def answer(quote: str, reference: str = "e1", **changes: Any) -> Answer:
    """Return an answer whose cause rests on one quote."""
    cause = {
        "text": "The pool has too few connections.",
        "evidence": [{"reference": reference, "quote": quote}],
    }
    return message({**ANSWER, "root_cause": cause, **changes})


async def test_the_alert_is_out_first_and_the_diagnosis_edits_its_card(world: World) -> None:
    """Promise 2, end to end: the model hangs, and the alert is there all the same."""
    gate = asyncio.Event()
    good = answer("pool timed out")
    good.gate = gate
    world.claude.answers(good)
    await world.daemon.start()
    world.write()
    await eventually(lambda: world.claude.requests)
    assert world.methods()[0] == "POST"
    assert "Likely cause" not in world.cards()
    gate.set()

    await world.shows("The pool has too few connections.")
    assert "Likely cause" in world.cards()
    assert world.methods().count("POST") == 1
    assert await world.daemon.stop() == 0
    [(reserved, spent)] = world.ledger()
    assert 0 < spent < reserved
    assert world.became() == ["diagnosed"]


async def test_a_quote_that_was_never_sent_makes_a_hypothesis_of_the_cause(world: World) -> None:
    """What the model made up is shown as what it is."""
    world.claude.answers(answer("max_connections = 5 is too small"))
    await world.daemon.start()
    world.write()

    await world.shows("Hypothesis without evidence")
    assert "max_connections = 5" not in world.cards()


async def test_the_second_event_of_a_problem_costs_nothing(world: World) -> None:
    """One diagnosis a problem, however often it happens."""
    world.claude.answers(answer("pool timed out"))
    await world.daemon.start()
    world.write()
    await world.shows("Likely cause")
    world.write()
    await world.shows("2")
    await eventually(lambda: world.daemon.told(2))

    assert len(world.claude.requests) == 1


async def test_a_refused_key_is_told_once_and_no_further_call_is_made(world: World) -> None:
    """The breaker: each further problem says so on its card, and costs no call."""
    world.claude.answers(failure(401))
    await world.daemon.start()
    world.write()
    await eventually(lambda: world.became() == ["key_refused"])
    world.write("cannot send the letter to the queue")

    await eventually(lambda: world.became() == ["key_refused", "key_refused"])
    await eventually(lambda: world.daemon.told(2))
    assert len(world.claude.requests) == 1
    assert world.cards().count("Not diagnosed") == 2
    assert [spent for _, spent in world.ledger()] == [0]


async def test_a_spent_budget_is_told_on_the_card(world: World) -> None:
    """Silence is honest: no diagnosis, and the reason."""
    world.daemon.environ["LOGWATCHD_DIAGNOSIS__DOLLARS_DAY"] = "0.0001"
    await world.daemon.start()
    world.write()

    await world.shows("Not diagnosed")
    assert world.became() == ["skipped_day"]
    assert world.claude.requests == []
    assert world.ledger() == []


async def test_killed_while_it_asked_it_never_asks_again_and_says_so(world: World) -> None:
    """At most one call an attempt: the money counts in full, for nobody knows."""
    world.claude.answers(Answer(gate=asyncio.Event()))
    await world.daemon.start()
    world.write()
    await eventually(lambda: world.claude.requests)
    await world.daemon.kill()
    await world.daemon.start()

    await world.shows("Not diagnosed")
    await eventually(lambda: world.daemon.told(1))
    assert len(world.claude.requests) == 1
    assert world.became() == ["interrupted"]
    [(reserved, spent)] = world.ledger()
    assert spent is None
    assert reserved > 0
