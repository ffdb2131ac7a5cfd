"""`why`, `merge`, `split` and `show`, called as a shell would, beside a state on disk."""

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from logwatchd.cli import main
from logwatchd.domain.diagnosis import DiagnosisWhy
from logwatchd.domain.event import Severity
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.policy import Policy, Why
from logwatchd.domain.reasons import MEANINGS
from tests.fakes.clock import NOON
from tests.fakes.daemon import error_line, info_line
from tests.fakes.states import opened, seen, sighting

MINUTE = timedelta(minutes=1)
A, B = sighting("disk is full", name="v1:aaaa000000000001"), sighting("no space", name="v1:bbbb2")
Command = Callable[..., int]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a way to run a command that sees only what a test gives it."""
    for name in ("DISCORD_WEBHOOK_URL", "LOGWATCHD_PATHS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path))

    def command(*arguments: str, stdin: bytes = b"") -> int:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        return main(list(arguments))

    return command


@pytest.fixture
def asked(command: Command, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Return a way to run a command with `--json` and to read what it says."""

    def asked(*arguments: str, stdin: bytes = b"") -> Any:
        assert command(*arguments, "--json", stdin=stdin) == 0
        return json.loads(capsys.readouterr().out)

    return asked


async def a_state(path: Path) -> None:
    """Leave a state behind in which A was seen often, and B once."""
    async with opened(path, Policy(sinks=("a",))) as store:
        await seen(store, A, B)
        await seen(store, *[A] * 5, now=NOON + MINUTE)


def test_every_decision_has_a_sentence() -> None:
    """A name alone explains nothing."""
    assert set(MEANINGS) == {*Why, *IssueWhy, *DiagnosisWhy}


async def test_why_tells_every_decision_about_a_problem(
    tmp_path: Path, asked: Callable[..., Any]
) -> None:
    """In their order, with exact numbers of events."""
    await a_state(tmp_path)
    said = asked("why", "aaaa")

    assert (said["kind"], said["fingerprint"]) == ("problem", A.fingerprint)
    assert [(each["why"], each["count"]) for each in said["outcomes"]] == [
        ("told_first", 1),
        ("updated", 5),
    ]
    assert [each["why"] for each in said["decisions"]] == ["told_first"]
    assert said["decisions"][0]["meaning"] == MEANINGS[Why.TOLD_FIRST]


async def test_merge_and_split_from_a_shell(
    tmp_path: Path, command: Command, asked: Callable[..., Any]
) -> None:
    """Everything that lists problems says so, and the merge can be undone by either id."""
    await a_state(tmp_path)
    assert asked("merge", "aaaa", "bbbb")["merged"]["merged_into"] == A.fingerprint

    shown = asked("show", "bbbb")
    assert (shown["id"], shown["merged_into"]) == ("bbbb2", A.fingerprint)
    assert [each["fingerprint"] for each in asked("show", "aaaa")["merged_here"]] == [B.fingerprint]
    listed = {each["fingerprint"]: each["merged_into"] for each in asked("incidents")}
    assert listed == {A.fingerprint: None, B.fingerprint: A.fingerprint}
    assert asked("status")["merged"] == 1
    assert asked("mute", "bbbb")["fingerprint"] == A.fingerprint
    said = asked("why", "bbbb")
    assert said["counts_on"] == A.fingerprint
    assert [each["why"] for each in said["decisions"]] == [
        "told_first",
        "told_first",
        "merged_by_hand",
        "by_hand",
    ]
    assert command("merge", "bbbb", "aaaa") == 1
    [part] = asked("split", "aaaa")
    assert (part["merged"]["fingerprint"], part["merged"]["state"]) == (B.fingerprint, "muted")
    assert command("split", "aaaa") == 1


async def test_merge_says_in_words_what_it_did(
    tmp_path: Path, command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """And `incidents` names the other problem."""
    await a_state(tmp_path)
    assert command("merge", "aaaa", "bbbb") == 0
    assert "bbbb2 count on aaaa0000 now" in capsys.readouterr().err
    assert command("incidents") == 0
    assert "merged into aaaa0000" in capsys.readouterr().out
    assert command("why", "bbbb") == 0
    assert "somebody merged them" in capsys.readouterr().out
    assert command("split", "bbbb") == 0
    assert "stands on its own again" in capsys.readouterr().err


def test_a_line_is_explained_without_any_state(asked: Callable[..., Any]) -> None:
    """What it says, which rule fits, how it is named, and what would be told."""
    said = asked("why", error_line("user 17 not found").strip())

    assert said["unparsed"] is None
    assert said["rule"]["severity"] == "warning"
    assert said["decision"]["why"] == "told_first"
    assert said["incident"] is None
    assert {"text": "17", "shown": "<n>"} in said["grouping"]["masks"]
    assert said["grouping"]["named_by"] == "content"
    names = [each["name"] for each in said["grouping"]["components"]]
    assert {"target", "message"} <= set(names)


async def test_a_line_of_a_known_problem_finds_it(
    tmp_path: Path, asked: Callable[..., Any]
) -> None:
    """By the present configuration, and writes nothing."""
    line = error_line("user 17 not found").strip()
    name = asked("why", line)["fingerprint"]
    async with opened(tmp_path) as store:
        await seen(store, sighting("user 17 not found", Severity.WARNING, name=name))
    said = asked("why", line)

    assert said["incident"]["fingerprint"] == said["counts_on"] == name
    assert said["incident"]["count"] == 1
    assert said["decision"]["why"] == "told_reminder"  # people heard of it at noon, long ago
    async with opened(tmp_path) as store:
        found = await store.incident(name)
        assert found is not None
        assert found.count == 1


def test_a_line_that_no_rule_wants_says_what_is_missing(asked: Callable[..., Any]) -> None:
    """The nearest rules first, by the conditions that fail."""
    said = asked("why", info_line(1).strip())

    assert (said["rule"], said["decision"]) == (None, None)
    assert said["not"]
    assert all(each["fails"] for each in said["not"])


def test_plain_text_is_explained_as_a_message(
    command: Command, asked: Callable[..., Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """It would only be counted as no record; which problem it would be is told all the same."""
    said = asked("why", "pool timed out after 30s")

    assert said["unparsed"] == "not_json"
    assert said["event"]["message"] == "pool timed out after 30s"
    assert command("why", "pool timed out after 30s") == 0
    assert "not a record\tnot_json" in capsys.readouterr().out


def test_lines_of_standard_input_are_explained_one_by_one(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    """One object a line for programs."""
    text = (error_line("one thing") + error_line("another thing")).encode()
    assert command("why", "-", "--json", stdin=text) == 0

    said = [json.loads(each) for each in capsys.readouterr().out.splitlines()]
    messages = [each["event"]["message"] for each in said]
    assert messages == ["one thing", "another thing"]


async def test_a_storm_can_be_asked_for(tmp_path: Path, asked: Callable[..., Any]) -> None:
    """By the name that `why` of a problem gives."""
    many = [sighting(f"it {n}", name=f"v1:{n:016x}") for n in range(0x10000000, 0x10000014)]
    async with opened(tmp_path) as store:
        await seen(store, *many)
    assert asked("why", many[15].fingerprint)["storm"] == 1
    assert [each["problems"] for each in asked("status")["storms"]] == [20]
    said = asked("why", "storm:1")

    assert (said["kind"], said["problems"]) == ("storm", 20)
    assert [each["why"] for each in said["decisions"]] == ["told_storm"]


@pytest.mark.parametrize("what", ["ffff", "storm:9"])
async def test_what_is_not_known_fails_and_says_so(
    what: str, tmp_path: Path, command: Command
) -> None:
    """An exit code for scripts."""
    await a_state(tmp_path)
    assert command("why", what) == 1


async def test_a_secret_in_a_line_is_not_printed(asked: Callable[..., Any]) -> None:
    """The command is safe to paste into a ticket."""
    word = "hunter" + "2hunter2"
    said = asked("why", error_line(f"login failed, password={word}").strip())

    assert word not in json.dumps(said)
