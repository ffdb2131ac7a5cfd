"""The demo log that ships: what `--dry-run` shows without a path."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import logwatchd.demo
from logwatchd.demo.make_demo_log import demo_log
from logwatchd.domain.event import Category, Event, Severity, Unparsed, Verdict
from logwatchd.domain.fingerprint import fingerprint
from logwatchd.domain.lines import LineReader
from logwatchd.domain.position import Tally
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_FILE = Path(logwatchd.demo.__file__).with_name("demo.log")


@cache
def _judged() -> tuple[Sequence[tuple[Event, Verdict]], Tally]:
    rules, redactor = RuleSet(SHIPPED), Redactor()
    reader = LineReader(floor=rules.floor)
    records, offset = [], 0
    for line in _FILE.read_bytes().splitlines(keepends=True):
        end = offset + len(line)
        records += reader.feed(line, start=offset, end=end, now=_NOON)
        offset = end
    records += reader.flush(now=_NOON, force=True)
    events = [redactor.event(record, received_at=_NOON) for record in records]
    judged = [(event, rules.judge(event)) for event in events]
    return [(event, verdict) for event, verdict in judged if verdict], reader.take_tally()


def test_the_file_is_what_its_generator_writes() -> None:
    """A change of the story is made in the generator, where it can be reviewed."""
    assert _FILE.read_bytes() == demo_log()


def test_it_is_short_enough_to_read_and_long_enough_to_be_believed() -> None:
    """About five minutes of a small backend."""
    assert 300 <= len(demo_log().splitlines()) <= 500


def test_each_of_the_four_targets_has_its_trouble() -> None:
    """LLM, authentication, database, application; and something that fits nowhere."""
    judged, _ = _judged()

    assert {verdict.category for _, verdict in judged} == set(Category)
    assert {verdict.severity for _, verdict in judged} == set(Severity)
    assert {verdict.rule for _, verdict in judged} >= {
        "panic",
        "llm-code",
        "llm-failure",
        "llm-key-refused",
        "llm-slow",
        "auth-code",
        "auth-failure",
        "auth-fault",
        "database-lost",
        "database-deadlock",
        "database-constraint",
        "client-error-code",
        "client-error-status",
        "external-service-code",
        "error",
    }


def test_a_problem_that_repeats_with_other_ids_stays_one_problem() -> None:
    """Many lines, few cards: that is what the demo is to show."""
    judged, _ = _judged()
    problems = Counter(fingerprint(event) for event, _ in judged)
    lost = [event for event, verdict in judged if verdict.rule == "database-lost"]

    assert len(judged) > 4 * len(problems)
    assert max(Counter(fingerprint(event) for event in lost).values()) == 26
    assert {event.request_id for event in lost if event.request_id} != {""}


def test_the_panic_comes_as_plain_text_with_its_backtrace() -> None:
    """A Rust panic is not JSON, and its lines stand between lines that are."""
    judged, _ = _judged()
    panics = [event for event, verdict in judged if verdict.rule == "panic"]

    assert [panic.panic for panic in panics] == [True, True]
    assert "retrospects.rs:142" in panics[0].location
    assert "summarize" in panics[0].stack_trace


def test_no_secret_of_the_demo_survives() -> None:
    """A password in a URL and a bearer token are in the file, made up as they are."""
    raw = _FILE.read_bytes().decode("utf-8", "replace")
    judged, _ = _judged()
    shown = repr(judged)

    for secret in ("hunter2-demo", "demo-only.not-a-real-token", "member0@example.com"):
        assert secret in raw
        assert secret not in shown
    assert "postgres://app:[REDACTED:url_password]@db.internal" in shown


def test_hostile_and_broken_lines_are_in_it() -> None:
    """What a visitor types, and what a crash leaves behind, has to be harmless in the demo, too."""
    raw = _FILE.read_bytes()
    for piece in (
        b"@everyone",
        b"```",
        b"\\u001b[2J",
        "\u202e".encode(),
        b"</deploy:1122334455667788990>",
        "[로그인](https://evil.example/login)".encode(),
        b'"level":"INFO","severity":"none"',
        b"\xe9\xff",
        b"[" * 500,
        b"\n\n",
    ):
        assert piece in raw, piece
    _, tally = _judged()

    assert set(tally.unparsed) >= {Unparsed.BROKEN_JSON, Unparsed.EMPTY, Unparsed.NOT_AN_OBJECT}
    assert tally.lines == len(raw.splitlines())


def test_words_alone_do_not_make_an_error() -> None:
    """INFO and DEBUG lines that say ERROR are most of the noise of a real log."""
    judged, tally = _judged()

    assert b"upstream said ERROR" in _FILE.read_bytes()
    assert not any("upstream said ERROR" in event.message for event, _ in judged)
    assert tally.below > 200
