"""When two events are the same problem."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.event import Event, Level
from logwatchd.domain.fingerprint import fingerprint

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)

_EVENT: Final = Event(
    at=_NOON,
    level=Level.ERROR,
    message="query failed for user 17",
    target="server::db",
    service="api",
    code="COMMON500",
    request_id="a1",
    trace_id="t1",
    duration_ms=12.0,
    exception_type="sqlx::Error",
    causes=("pool error 1", "middle", "timed out after 30s"),
    stack_trace="at src/db.rs:10",
    location="src/db.rs:10:5",
    thread="tokio-1",
    fields={"status": "500", "host": "ip-10-0-0-1", "version": "1.4.0"},
)


def test_the_name_says_which_way_of_naming_made_it() -> None:
    """A later version stands beside this one, and old incidents keep their names."""
    assert re.fullmatch(r"v1:[0-9a-f]{16}", fingerprint(_EVENT))


def test_the_name_of_a_problem_never_changes() -> None:
    """It is written into issues and stored states; this value may only change with the version."""
    event = Event(at=_NOON, level=Level.ERROR, message="pool timed out", target="server::db")

    assert fingerprint(event) == "v1:2054142e60bfa68d"


@pytest.mark.parametrize(
    "change",
    [
        {"at": _NOON + timedelta(days=1)},
        {"level": Level.WARN},
        {"message": "query failed for user 99123"},
        {"request_id": "zz9"},
        {"trace_id": "t2"},
        {"duration_ms": None},
        {"stack_trace": "at src/db.rs:99"},
        {"location": "src/db.rs:99:1"},
        {"thread": "tokio-22"},
        {"dialect": "ecs"},
        {"causes": ("pool error 2", "other middle", "timed out after 1.5s")},
        {"fields": {"status": "500", "host": "ip-10-0-0-2", "version": "1.4.1", "user": "9"}},
    ],
)
def test_what_belongs_to_one_case_does_not_count(change: dict[str, Any]) -> None:
    """Each would be a second card for the same problem."""
    assert fingerprint(replace(_EVENT, **change)) == fingerprint(_EVENT)


@pytest.mark.parametrize(
    "change",
    [
        {"service": "worker"},
        {"target": "server::auth"},
        {"code": "COMMON501"},
        {"message": "insert failed for user 17"},
        {"exception_type": "std::io::Error"},
        {"causes": ("other error", "middle", "timed out after 30s")},
        {"causes": ("pool error 1", "middle", "connection reset")},
        {"causes": ()},
        {"fields": {"status": "503"}},
        {"fields": {"status": "500", "db.statement": "SELECT 1 FROM users"}},
        {"fields": {"status": "500", "url": "https://api.anthropic.com/v1/messages"}},
        {"fields": {"status": "500", "fingerprint": "mine"}},
    ],
)
def test_what_belongs_to_the_problem_counts(change: dict[str, Any]) -> None:
    """Each would hide a new problem behind an old one."""
    assert fingerprint(replace(_EVENT, **change)) != fingerprint(_EVENT)


def test_a_panic_is_known_by_its_file_and_not_by_its_line() -> None:
    """Lines move with every edit; `unwrap` in another file is another bug."""
    panic = replace(_EVENT, panic=True)

    assert fingerprint(replace(panic, location="src/db.rs:99:1")) == fingerprint(panic)
    assert fingerprint(replace(panic, location="src/db.rs")) == fingerprint(panic)
    assert fingerprint(replace(panic, location="src/auth.rs:10:5")) != fingerprint(panic)


def test_where_no_file_of_a_panic_is_known_the_frame_that_is_ours_counts() -> None:
    """`unwrap` is called everywhere; lines and hashes of a build do not count."""

    def traced(frame: str) -> str:
        stack = f"   0: core::option::unwrap_failed\n   1: {frame}\n"
        return fingerprint(replace(_EVENT, stack_trace=stack))

    assert traced("app::db::load::h1a2b3c4d5e6f7a8b") == traced("app::db::load")
    assert traced("app::db::load") != traced("app::db::save")


def test_an_explicit_fingerprint_replaces_everything_else() -> None:
    """The application knows best."""
    one = replace(_EVENT, fields={"fingerprint": "llm-overloaded"})
    other = Event(
        at=_NOON, level=Level.WARN, message="other", fields={"fingerprint": "llm-overloaded"}
    )

    assert fingerprint(one) == fingerprint(other)
    assert fingerprint(one) != fingerprint(replace(one, fields={"fingerprint": "other"}))


def test_statements_differ_by_table_and_not_by_value() -> None:
    """All slow statements of `sqlx::query` have one message."""

    def slow(statement: str) -> str:
        fields = {"db.statement": statement}
        return fingerprint(replace(_EVENT, message="slow statement", fields=fields))

    assert slow("SELECT a FROM users WHERE id = 7") == slow("SELECT a FROM users WHERE id = 42")
    assert slow("SELECT a FROM users WHERE id = 7") != slow("SELECT a FROM notes WHERE id = 7")


def test_another_host_of_a_url_is_another_problem_but_not_another_path_or_instance() -> None:
    """Another upstream has another owner."""

    def call(url: str) -> str:
        return fingerprint(replace(_EVENT, fields={"url": url}))

    assert call("https://api.a.com/v1/1") == call("https://api.a.com/v2/2?x=1")
    assert call("https://api.a.com/v1") != call("https://api.b.com/v1")
    assert call("http://10.0.0.5:8080/x") == call("http://10.0.0.6:8080/x")
    assert call("/v1/x") == call("/v1/y")


def test_text_that_moves_from_one_part_to_the_next_is_another_problem() -> None:
    """Parts are told apart by their lengths, not by a sign that a text could hold."""
    one = replace(_EVENT, service="a", target="b\x1fc")
    other = replace(_EVENT, service="a\x1fb", target="c")

    assert fingerprint(one) != fingerprint(other)


@settings(deadline=None)
@given(st.text(st.characters()), st.text(st.characters()), st.lists(st.text(st.characters())))
def test_every_event_has_a_name(message: str, target: str, causes: list[str]) -> None:
    """Lone surrogates and control signs included."""
    event = Event(
        at=_NOON,
        level=Level.ERROR,
        message=message,
        target=target,
        causes=tuple(causes),
        panic=True,
    )

    assert fingerprint(event) == fingerprint(replace(event, level=Level.INFO))
