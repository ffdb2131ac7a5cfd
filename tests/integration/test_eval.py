"""Incidents whose answer is known are diagnosed well enough, and no invented quote passes."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from logwatchd.cli import main
from logwatchd.cli.filters import events_of
from logwatchd.domain.diagnosis_context import question
from logwatchd.domain.event import Level
from logwatchd.domain.lines import LineReader
from logwatchd.domain.policy import Policy
from logwatchd.repo.collect import collect
from logwatchd.repo.source import SourceRepository
from logwatchd.settings import load
from logwatchd.store.sqlite import Limits, open_store
from logwatchd.wiring import every_line
from tests.fakes.claude import KEY, fake_claude
from tests.fakes.notices import NOON, an_incident
from tests.incidents.build import build
from tests.incidents.cases import CASES, Case
from tests.service.build import a_repository, git, service
from tests.service.events import EVENTS

_SMALL = {
    "app-disk-full", "app-injected-webhook", "app-report-empty-fix-reverted", "app-secret-in-line",
    "db-isolation", "llm-provider-outage", "llm-red-herring-deploy", "llm-timeout-cut",
}  # fmt: skip


def evaluated(
    directory: Path, cases: list[Case], capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    """Build some incidents and evaluate them."""
    build(directory, cases)
    code = main(["eval", "--json", str(directory)])
    return code, json.loads(capsys.readouterr().out)


def test_there_are_enough_incidents_of_every_kind() -> None:
    """A share of five incidents says nothing."""
    assert len(CASES) >= 24
    assert len({each.name for each in CASES}) == len(CASES)
    targets = {each.target for each in CASES}
    assert targets == {"llm", "auth", "database", "application", "no-code"}
    assert sum(each.guilty is None for each in CASES) >= 8


def test_a_repository_is_the_same_each_time_and_has_15_to_40_commits(tmp_path: Path) -> None:
    """A score that changes by itself compares nothing."""
    case = next(each for each in CASES if each.reverts)
    build(tmp_path / "a", [case])
    build(tmp_path / "b", [case])

    heads = {git(tmp_path / each / case.name / "repository", "rev-parse", "main") for each in "ab"}
    count = git(tmp_path / "a" / case.name / "repository", "rev-list", "--count", "main")

    assert len(heads) == 1
    assert 15 <= int(count) <= 40


def test_the_targets_are_held_by_a_few_incidents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The short form of the suite: all kinds of traps, once each."""
    code, found = evaluated(tmp_path, [e for e in CASES if e.name in _SMALL], capsys)

    assert found["held"], found
    assert code == 0
    assert found["scores"]["caught"]["of"] >= 3 * len(_SMALL)
    assert found["scores"]["brier_shown"] < found["scores"]["brier_said"] / 2


@pytest.mark.full
def test_the_targets_are_held_by_all_incidents(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """True line 95 %, guilty commit in the top 3 80 %, "none" first 80 %, all false quotes caught."""
    code, found = evaluated(tmp_path, list(CASES), capsys)

    assert found["held"], found["scores"]
    assert code == 0


async def test_a_live_run_pays_from_the_ledger_and_stops_at_its_budget(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Through the real child: one call is made, and with a budget of a cent's part none."""
    build(tmp_path / "incidents", [e for e in CASES if e.name == "db-refused"])
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
    async with open_store(tmp_path / "state", Policy(), limits=Limits(), now=NOON):
        pass
    command = ["eval", "--live", "--json", str(tmp_path / "incidents")]
    async with fake_claude() as api:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", api.url)
        await asyncio.to_thread(main, [*command, "--budget", "0.000001"])
        assert not api.requests
        assert "not asked about" in capsys.readouterr().err
        await asyncio.to_thread(main, command)
        assert len(api.requests) == 1
    [incident] = json.loads(capsys.readouterr().out)["incidents"]
    assert incident["replies"] == 1
    assert incident["nanodollars"] > 0

    assert main(["cost", "--json"]) == 0
    spent = json.loads(capsys.readouterr().out)
    assert spent["month_nanodollars"] == incident["nanodollars"]


def test_the_question_holds_the_true_line_of_nearly_every_error_site(tmp_path: Path) -> None:
    """The measure of the issue: at least 60 sites, 95 of 100, within 8,000 tokens."""
    files, sites = service()
    loaded = load(to_run=False)
    reader, interpreter = LineReader(floor=Level.TRACE), every_line(loaded)
    lines = [json.dumps(EVENTS[name]).encode() + b"\n" for name in sites]
    events = list(events_of(reader, interpreter, lines))
    assert len(events) == len(sites) >= 60

    missed = []
    with SourceRepository(
        a_repository(tmp_path / "service", files), tmp_path / "index.sqlite"
    ) as source:
        source.refresh()
        for (name, site), event in zip(sites.items(), events, strict=True):
            incident = an_incident(sample=event)
            context = collect(source, incident)
            asked = question(
                incident, context, "", tokens=8_000, nonce=bytes(16), redact=lambda text: text
            )
            line = files[site.path].split("\n")[site.line - 1]
            if not any(
                each.path == site.path and line in each.text for each in asked.pieces.values()
            ):
                missed.append(name)

    assert len(missed) <= len(sites) * 5 // 100, missed


def test_a_directory_without_incidents_is_a_mistake_of_usage(tmp_path: Path) -> None:
    """Nothing evaluated must not read as all targets held."""
    assert main(["eval", str(tmp_path)]) == 2
