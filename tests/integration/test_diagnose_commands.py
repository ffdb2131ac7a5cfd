"""`logwatchd diagnose`, `cost` and `feedback`, with a reply from a file and with the real child."""

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from logwatchd.cli import main
from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.ports import Batch
from logwatchd.store.sqlite import Limits, open_store
from tests.fakes.claude import ANSWER, KEY, fake_claude
from tests.fakes.daemon import error_line
from tests.fakes.notices import NOON, an_event
from tests.service.build import a_repository

SOURCE = 'async fn load() {\n    tracing::error!("Failed to load retrospect {}: {}", id, e);\n}\n'
MESSAGE = "Failed to load retrospect 17: pool timed out"

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return a way to run a command beside a repository, with a key."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    a_repository(tmp_path / "repo", {"src/jobs.rs": SOURCE})
    (tmp_path / "line.json").write_text(error_line(MESSAGE, target="app::jobs"), "utf-8")
    (tmp_path / "reply.json").write_text(json.dumps(ANSWER), "utf-8")
    yield lambda *arguments: main(list(arguments))
    structlog.reset_defaults()


@pytest.fixture
async def known(tmp_path: Path) -> None:
    """Make a state with one problem."""
    verdict = Verdict("pool", Severity.WARNING, Category.DATABASE, Tell.AT_ONCE)
    sighting = Sighting(an_event(message=MESSAGE), verdict, "v1:5d41402abc4b2a76", MESSAGE)
    position = Position(key="1", path="/l", device=1, inode=1, offset=9)
    batch = Batch(path="/l", sightings=(sighting,), position=position, tally=Tally())
    async with open_store(tmp_path / "state", Policy(), limits=Limits(), now=NOON) as store:
        await store.record([batch], now=NOON)


def read(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return what was printed as JSON."""
    value: dict[str, Any] = json.loads(capsys.readouterr().out)
    return value


def test_a_dry_run_prints_the_question_and_its_price_and_asks_nobody(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the source of the message in it, and without a state."""
    command = ("diagnose", "--event", "line.json", "--repo", "repo", "--dry-run", "--json")
    assert run(*command) == 0

    asked = read(capsys)
    assert "tracing::error!" in asked["user"]
    assert MESSAGE in asked["user"]
    assert asked["most_nanodollars"] > 0
    assert asked["without"] == []


def test_a_repository_that_is_not_there_is_said(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """The question is asked all the same, with what there is."""
    command = ("diagnose", "--event", "line.json", "--repo", "none", "--dry-run", "--json")
    assert run(*command) == 0
    assert read(capsys)["without"] == ["source"]


def test_an_answer_from_a_file_is_checked_like_any_other(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """For demonstrations, and to try a prompt: it costs nothing."""
    command = ("diagnose", "--event", "line.json", "--repo", "repo", "--reply", "reply.json")
    assert run(*command) == 0

    out = capsys.readouterr().out
    assert "The pool has five connections." in out
    assert "1 of 1 quotes verified" in out


def test_neither_a_problem_nor_an_event_is_a_mistake(run: Run) -> None:
    """Nor both."""
    assert run("diagnose") == 2
    assert run("diagnose", "5d41", "--event", "line.json") == 2


@pytest.mark.usefixtures("known")
async def test_a_question_by_hand_is_paid_from_the_same_ledger(
    run: Run, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through the real child; then people say whether it was right."""
    async with fake_claude() as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        assert await asyncio.to_thread(run, "diagnose", "5d41", "--json") == 0
    made = read(capsys)
    assert made["why"] == "diagnosed"
    assert len(api.requests) == 1

    assert run("cost", "--json") == 0
    spent = read(capsys)
    assert spent["month_nanodollars"] == made["cost_nanodollars"] > 0
    assert (spent["reserved_nanodollars"], spent["calls_hour"]) == (0, 1)
    assert [each["name"] for each in spent["by_category"]] == ["database"]

    assert run("feedback", "5d41", "down", "it was the \x1b[2Jproxy") == 0
    capsys.readouterr()
    assert run("status", "--json") == 0
    said = read(capsys)["accuracy"]
    assert said["category"] == [{"name": "database", "right": 0, "wrong": 1}]
    assert said["prompt"][0]["name"] == made["prompt"]
    assert run("show", "5d41") == 0
    shown = capsys.readouterr().out
    assert "0 found it right, 1 wrong (command) it was the proxy" in shown


@pytest.mark.usefixtures("known")
def test_feedback_on_what_was_never_diagnosed_is_refused(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to judge."""
    assert run("feedback", "5d41", "up") == 1
    assert "has no diagnosis" in capsys.readouterr().err
