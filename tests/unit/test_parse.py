"""Records of every dialect say the same things under different names."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.event import (
    FIELDS_LIMIT,
    MESSAGE_LIMIT,
    STACK_LIMIT,
    VALUE_LIMIT,
    Level,
    ParsedLine,
    Unparsed,
)
from logwatchd.domain.parse import as_json, parse_record

AT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
AT_MS = AT.replace(microsecond=789_000)
ISO = "2026-02-03T04:05:06.789012Z"
TRACEBACK = (
    "Traceback (most recent call last):\n"
    '  File "/srv/app/db.py", line 7, in connect\n'
    "    raise ConnectionError('no route')\n"
    "ConnectionError: no route"
)

TRACING: dict[str, Any] = {
    "timestamp": ISO,
    "level": "ERROR",
    "fields": {
        "message": "[AI5001] request failed",
        "error": "operation timed out",
        "err.kind": "Timeout",
        "latency": "35 ms",
        "attempt": 3,
        "retry": True,
        "level": "info",
        "target": "10.0.0.1",
        "filename": "upload.png",
    },
    "target": "server::utils::error",
    "filename": "src/utils/error.rs",
    "line_number": 42,
    "span": {"name": "http", "request_id": "req-1", "uri": "/v1/chat"},
    "spans": [
        {"name": "root", "region": "eu"},
        {"name": "http", "request_id": "req-1", "uri": "/v1/chat"},
    ],
    "threadName": "tokio-runtime-worker",
    "threadId": "ThreadId(3)",
}


def parse(record: dict[str, Any], **more: Any) -> ParsedLine:
    """Parse a record that must have a level."""
    found = parse_record({"level": "ERROR", **record} | more)
    assert isinstance(found, ParsedLine)
    return found


def test_a_tracing_line_is_read_whole() -> None:
    """This is the backend's own form; the shell pipeline before us read none of it."""
    assert parse_record(TRACING) == ParsedLine(
        at=AT,
        level=Level.ERROR,
        message="[AI5001] request failed",
        target="server::utils::error",
        code="AI5001",
        request_id="req-1",
        duration_ms=35.0,
        exception_type="Timeout",
        causes=("operation timed out",),
        location="src/utils/error.rs:42",
        thread="tokio-runtime-worker",
        dialect="tracing",
        fields={
            "attempt": "3",
            "retry": "true",
            "level": "info",
            "target": "10.0.0.1",
            "filename": "upload.png",
            "span.name": "http",
            "span.uri": "/v1/chat",
            "span.region": "eu",
        },
    )


def test_a_flattened_tracing_line_says_the_same() -> None:
    """`flatten_event(true)` is one switch in the backend's set-up."""
    flat = {name: value for name, value in TRACING.items() if name != "fields"}
    flat |= {"message": "[AI5001] request failed", "error": "operation timed out"}
    found = parse(flat)
    assert (found.dialect, found.target) == ("tracing", "server::utils::error")
    assert (found.message, found.code) == ("[AI5001] request failed", "AI5001")
    assert found.causes == ("operation timed out",)
    assert found.request_id == "req-1"
    assert found.location == "src/utils/error.rs:42"


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        pytest.param(
            {"v": 0, "name": "api", "hostname": "h", "pid": 7, "level": 50, "time": ISO,
             "msg": "boom", "err": {"name": "TypeError", "message": "x is null",
                                    "stack": "TypeError: x is null\n    at f (a.js:1:2)"}},
            {"dialect": "bunyan", "at": AT, "target": "api", "message": "boom",
             "exception_type": "TypeError", "causes": ("x is null",),
             "stack_trace": "TypeError: x is null\n    at f (a.js:1:2)",
             "fields": {"v": "0", "hostname": "h", "pid": "7"}},
            id="bunyan",
        ),
        pytest.param(
            {"level": 60, "time": 1_770_091_506_789, "pid": 7, "hostname": "h", "msg": "boom",
             "err": {"type": "Error", "message": "bad", "stack": "Error: bad\n at f",
                     "code": "ECONNRESET"},
             "req": {"id": "r-9", "method": "GET"}, "responseTime": 12},
            {"dialect": "pino", "at": AT_MS, "level": Level.FATAL, "code": "ECONNRESET",
             "exception_type": "Error", "causes": ("bad",), "request_id": "r-9",
             "duration_ms": 12.0},
            id="pino",
        ),
        pytest.param(
            {"level": "error", "time": 1_770_091_506_789, "pid": 7, "hostname": "h", "msg": "boom"},
            {"dialect": "pino", "at": AT_MS, "message": "boom"},
            id="pino with level names",
        ),
        pytest.param(
            {"event": "query failed", "level": "error", "logger": "app.db", "timestamp": ISO,
             "exception": TRACEBACK},
            {"dialect": "structlog", "at": AT, "message": "query failed", "target": "app.db",
             "exception_type": "ConnectionError", "stack_trace": TRACEBACK,
             "causes": ("ConnectionError: no route",), "fields": {}},
            id="structlog",
        ),
        pytest.param(
            {"event": "query failed", "level": "error",
             "exception": [{"exc_type": "ValueError", "exc_value": "bad", "frames": [
                 {"filename": "/a.py", "lineno": 3, "name": "f"}]}]},
            {"dialect": "structlog", "exception_type": "ValueError", "causes": ("bad",),
             "stack_trace": "/a.py:3 in f\nValueError: bad"},
            id="structlog with exceptions as objects",
        ),
        pytest.param(
            {"asctime": "2026-02-03 04:05:06,789", "levelname": "ERROR", "name": "app.db",
             "message": "failed", "pathname": "/srv/a.py", "lineno": 7, "exc_info": TRACEBACK,
             "threadName": "MainThread"},
            {"dialect": "python", "at": AT_MS, "target": "app.db", "location": "/srv/a.py:7",
             "exception_type": "ConnectionError", "thread": "MainThread",
             "stack_trace": TRACEBACK},
            id="python",
        ),
        pytest.param(
            {"@timestamp": ISO, "log.level": "error", "log.logger": "app.Db", "message": "failed",
             "error.type": "java.io.IOException", "error.message": "reset",
             "error.stack_trace": "java.io.IOException: reset\n\tat A.b(A.java:1)",
             "error.code": "E7", "trace.id": "abc1", "service.name": "shop",
             "event.duration": 2_000_000, "http.request.id": "q1"},
            {"dialect": "ecs", "at": AT, "target": "app.Db", "service": "shop", "code": "E7",
             "exception_type": "java.io.IOException", "causes": ("reset",), "trace_id": "abc1",
             "duration_ms": 2.0, "request_id": "q1", "fields": {}},
            id="ecs dotted",
        ),
        pytest.param(
            {"@timestamp": ISO, "log": {"level": "error", "logger": "app.Db",
             "origin": {"file": {"name": "A.java", "line": 9}}}, "message": "failed",
             "error": {"type": "X", "message": "reset", "stack_trace": "a\nb", "code": 17},
             "trace": {"id": "abc1"}, "service": {"name": "shop"},
             "process": {"thread": {"name": "t1"}}},
            {"dialect": "ecs", "at": AT, "target": "app.Db", "service": "shop", "code": "17",
             "exception_type": "X", "causes": ("reset",), "stack_trace": "a\nb",
             "trace_id": "abc1", "location": "A.java:9", "thread": "t1", "fields": {}},
            id="ecs nested",
        ),
        pytest.param(
            {"time": ISO, "level": "ERROR+2", "msg": "failed",
             "source": {"function": "main.f", "file": "/a/main.go", "line": 12}, "err": "EOF"},
            {"dialect": "slog", "at": AT, "location": "/a/main.go:12", "causes": ("EOF",),
             "fields": {"source.function": "main.f"}},
            id="slog",
        ),
        pytest.param(
            {"severity": "CRITICAL", "message": "failed",
             "timestamp": {"seconds": 1_770_091_506, "nanos": 789_012_345},
             "logging.googleapis.com/trace": "projects/p/traces/abc1",
             "logging.googleapis.com/sourceLocation": {"file": "a.go", "line": "42"},
             "httpRequest": {"latency": "1.2s", "status": 500}},
            {"dialect": "gcp", "level": Level.FATAL, "at": AT, "trace_id": "abc1",
             "location": "a.go:42", "duration_ms": 1200.0, "fields": {"httpRequest.status": "500"}},
            id="gcp",
        ),
        pytest.param(
            {"@t": ISO, "@mt": "User {Name} took {Elapsed:0.0} ms {{x}} {Gone}", "@l": "Error",
             "Name": "kim", "Elapsed": 4.5, "SourceContext": "App.Db",
             "@x": "System.InvalidOperationException: no\n   at App.Db.Run()"},
            {"dialect": "serilog", "at": AT, "message": "User kim took 4.5 ms {x} {Gone}",
             "target": "App.Db", "exception_type": "System.InvalidOperationException",
             "causes": ("System.InvalidOperationException: no",), "duration_ms": 4.5},
            id="serilog",
        ),
        pytest.param(
            {"ts": 1_770_091_506.789, "level": "error", "msg": "failed", "caller": "db/pool.go:42"},
            {"dialect": "json", "at": AT_MS, "location": "db/pool.go:42", "message": "failed"},
            id="zap",
        ),
    ],
)  # fmt: skip
def test_every_dialect_is_read(record: dict[str, Any], expected: dict[str, Any]) -> None:
    """The backend has neighbours in other languages; their errors arrive in the same place."""
    found = parse_record(record)
    assert isinstance(found, ParsedLine)
    assert {name: getattr(found, name) for name in expected} == expected


def test_a_record_without_a_level_is_none() -> None:
    """Without a level nobody can say whether it matters; it is counted by that name."""
    assert parse_record({"message": "x"}) is Unparsed.NO_LEVEL
    assert parse_record({"fields": {"level": "ERROR"}}) is Unparsed.NO_LEVEL


def test_the_envelopes_time_stands_in_only_when_the_record_has_none() -> None:
    """The application knows best when it happened."""
    other = datetime(2020, 1, 1, tzinfo=UTC)
    assert parse({"timestamp": ISO}).at == AT
    found = parse_record({"level": "ERROR", "time": "soon", "msg": "x"}, at=other)
    assert isinstance(found, ParsedLine)
    assert found.at == other
    assert found.fields == {"time": "soon"}


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("[AI5001] request failed", "AI5001"),
        ("[COMMON500] oops", "COMMON500"),
        ("  [DB_POOL] timed out", "DB_POOL"),
        ("[AUTH-003] expired", "AUTH-003"),
        ("[ERROR] [AI5001] request failed", "AI5001"),
        ("[ERROR] request failed", ""),
        ("[WARN] request failed", ""),
        ("[2026] request failed", ""),
        ("[X] request failed", ""),
        ("[ERROR] [WARN] [INFO] [AI5001] request failed", ""),
        ("[lower] request failed", ""),
        ("[" + "A" * 33 + "] request failed", ""),
        ("request [AI5001] failed", ""),
    ],
)
def test_a_code_at_the_head_of_a_message_is_the_code(message: str, code: str) -> None:
    """The code narrows the identity of a problem; a level in brackets must not."""
    assert parse({"message": message}).code == code


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"error_code": "DB_1"}, "DB_1"),
        ({"errorCode": 17}, "17"),
        ({"err_code": "E"}, "E"),
        ({"error": {"code": "E2"}}, "E2"),
        ({"code": True}, ""),
        ({"code": "x" * 65}, ""),
        ({"code": ["a"]}, ""),
        ({"code": "", "error.code": "E3"}, "E3"),
    ],
)
def test_a_code_is_found_under_its_usual_names(fields: dict[str, Any], code: str) -> None:
    """A member wins over the head of the message; what is no code is none."""
    assert parse({"message": "x", **fields}).code == code
    assert parse({"fields": {"message": "x", **fields}}).code == code


@pytest.mark.parametrize(
    "record",
    [
        {"fields": {"requestId": "r"}, "span": {"request_id": "s"}},
        {"fields": {}, "reqId": "r", "span": {"request_id": "s"}},
        {"fields": {}, "span": {"req_id": "r"}, "spans": [{"request_id": "s"}]},
        {"fields": {}, "spans": [{"request_id": "s"}, {"x-request-id": "r"}]},
        {"x_request_id": "r"},
        {"correlation_id": "r"},
        {"request": {"id": "r"}},
        {"http": {"request": {"id": "r"}}},
    ],
)
def test_the_nearest_request_id_is_taken(record: dict[str, Any]) -> None:
    """An inner span belongs to the request more closely than an outer one."""
    assert parse({"message": "x", **record}).request_id == "r"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"duration_ms": 12}, 12.0),
        ({"latency": "1.5s"}, 1500.0),
        ({"elapsed_secs": 0.25}, 250.0),
        ({"duration_seconds": 2}, 2000.0),
        ({"elapsed": "850µs", "elapsed_secs": 0.00085}, 0.85),
        ({"took": 9}, 9.0),
        ({"duration_ms": -1, "latency": 5}, 5.0),
        ({"duration_ms": "soon"}, None),
    ],
)
def test_a_duration_is_found_with_its_unit(fields: dict[str, Any], expected: float | None) -> None:
    """The rule for slow calls needs milliseconds, however they were written."""
    assert parse({"message": "x", **fields}).duration_ms == expected


@pytest.mark.parametrize(
    ("fields", "causes"),
    [
        ({"error": "a", "cause": "b", "caused_by": ["c", {"message": "d"}]}, ("a", "b", "c", "d")),
        ({"error": "failed"}, ()),
        ({"error": "a", "err": "a"}, ("a",)),
        ({"error": {"message": "a", "cause": {"message": "b"}}}, ("a", "b")),
        ({"error": "out\n\nCaused by:\n    0: mid\n    1: in\n\nStack backtrace:\n   0: f"},
         ("out", "mid", "in")),
        ({"error": "out\n\nCaused by:\n    in"}, ("out", "in")),
        ({"error.cause_chain": [f"c{n}" for n in range(20)]}, tuple(f"c{n}" for n in range(8))),
        ({"error": True}, ()),
    ],
)  # fmt: skip
def test_causes_stand_outermost_first_without_repeats(
    fields: dict[str, Any], causes: tuple[str, ...]
) -> None:
    """The wrapper says what failed, the innermost cause says why."""
    assert parse({"fields": {"message": "failed", **fields}}).causes == causes


def test_an_error_text_stands_in_for_a_missing_message() -> None:
    """A card without a title helps nobody."""
    found = parse({"fields": {"error": "timed out", "cause": "[X1] inner"}, "target": "a"})
    assert (found.message, found.causes) == ("timed out", ("[X1] inner",))


@pytest.mark.parametrize(
    ("record", "location", "thread"),
    [
        ({"fields": {"message": "panicked at src/x.rs:12:5:\nboom"}}, "src/x.rs:12", ""),
        ({"message": "thread 'main' panicked at 'boom', src/x.rs:12:5"}, "src/x.rs:12", "main"),
        ({"message": "thread 'w' (77) panicked at src/x.rs:12:5:\nboom"}, "src/x.rs:12", "w"),
        ({"message": "A panic occurred", "panic.payload": "boom",
          "panic.location": "src/x.rs:12:5"}, "src/x.rs:12", ""),
        ({"message": "boom", "panic": True, "file": "a.rs", "line": "x"}, "", ""),
        ({"message": "boom", "panic": True, "file": "a.rs", "line": ["x"]}, "", ""),
        ({"fields": {"message": "boom", "panic": True}, "filename": "a.rs", "line_number": 3},
         "a.rs:3", ""),
        ({"message": "boom", "target": "panic"}, "", ""),
    ],
)  # fmt: skip
def test_a_logged_panic_is_known_as_one(record: dict[str, Any], location: str, thread: str) -> None:
    """A panic hook's own line number says nothing; the panic's place does."""
    found = parse(record)
    assert found.panic
    assert (found.location, found.thread) == (location, thread)


@pytest.mark.parametrize(
    "record",
    [
        {"message": "the server panicked at noon"},
        {"message": "don't panic"},
        {"message": "x", "panic": "no"},
        {"message": "x", "panic": False},
    ],
)
def test_a_text_about_panics_is_none(record: dict[str, Any]) -> None:
    """A panic is critical by rule; users must not be able to write one."""
    assert not parse(record).panic


def test_json_inside_a_message_is_left_alone() -> None:
    """A client's payload must not choose level, code or request."""
    inner = '{"level":"FATAL","error_code":"X9","request_id":"evil"}'
    found = parse({"message": inner, "payload": inner})
    assert (found.message, found.level, found.code) == (inner, Level.ERROR, "")
    assert found.request_id == ""


def test_texts_are_clean_everywhere() -> None:
    """Colours and control characters would break terminals and cards, surrogates the store."""
    dirty = (
        "\x1b[31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \x00\x07\x85tab\tline\nend \ud800"
    )
    text = "red link tab\tline\nend \ufffd"
    found = parse({"message": dirty, "error": "!" + dirty, "k\x00ey": dirty, "target": dirty})
    assert (found.message, found.target) == (text, text)
    assert found.causes == ("!" + text,)
    assert found.fields == {"key": text}


def test_an_unfinished_escape_sequence_hides_nothing() -> None:
    """Else one byte at the head of a message would make it disappear from the alert."""
    assert parse({"message": "\x1b]everything is lost"}).message == "everything is lost"
    assert parse({"message": "\x1b[12everything"}).message.endswith("verything")


def test_a_text_that_is_too_long_is_cut_and_shows_it() -> None:
    """Memory stays bounded, and a reader sees that something is missing."""
    giant = "x" * 1_000_000
    found = parse({"message": giant, "stack_trace": giant, "error": "e" + giant, "f": giant})
    assert len(found.message) == MESSAGE_LIMIT
    assert len(found.stack_trace) == STACK_LIMIT
    assert [len(cause) for cause in found.causes] == [VALUE_LIMIT]
    assert len(found.fields["f"]) == VALUE_LIMIT
    assert found.message.endswith("x…")
    assert parse({"message": "x" * MESSAGE_LIMIT}).message == "x" * MESSAGE_LIMIT


def test_remaining_fields_are_flat_text() -> None:
    """Rules and cards see one level of names, whatever the nesting was."""
    record = {
        "message": "x", "a": {"b": {"c": {"d": {"e": 1}}}}, "n": 1.5, "list": [1, {"k": "v"}],
        "none": None, "empty": "", "yes": True, "zero": 0,
    }  # fmt: skip
    assert parse(record).fields == {
        "n": "1.5",
        "list": '[1,{"k":"v"}]',
        "yes": "true",
        "zero": "0",
        "a.b.c.d": '{"e":1}',
    }


def test_a_value_that_json_cannot_have_is_harmless() -> None:
    """Records also come from callers in the same process; a telling mark is enough then."""
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    found = parse(
        {"message": "x", "deep": deep, "long": 10**5000, "when": AT, "keys": [{(1, 2): 3}]}
    )
    assert found.fields["deep"] == found.fields["long"] == found.fields["keys"] == "…"
    assert found.fields["when"] == '"2026-02-03 04:05:06.789012+00:00"'


def test_only_so_many_fields_are_kept() -> None:
    """A record with a thousand members must not fill the store or a card."""
    found = parse({"message": "x"} | {f"f{n}": n for n in range(1000)})
    assert len(found.fields) == FIELDS_LIMIT
    assert parse({f"f{n}": {} for n in range(5000)}, message="x").fields == {}


@pytest.mark.parametrize(
    "backtrace", ["disabled backtrace", "<disabled>", "", None, True, [], ["a", 5, {"frames": 7}]]
)
def test_a_backtrace_that_says_nothing_is_harmless(backtrace: Any) -> None:
    """Rust prints a placeholder when backtraces are switched off."""
    assert "disabled" not in parse({"message": "x", "backtrace": backtrace}).stack_trace


def test_a_port_or_a_time_is_no_place_in_the_source() -> None:
    """A wrong place would be shown as the line to look at."""
    for text in ("10:30", "localhost:80", "Seoul", "src/main.rs", "x" * 1000 + ".rs:1"):
        assert parse({"message": "x", "location": text}).location == ""
    assert parse({"message": "x", "file": "upload.png"}).fields == {"file": "upload.png"}


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30)
VALUES = st.recursive(
    SCALARS
    | st.sampled_from([TRACEBACK, "[X1] x", "panicked at a.rs:1:2:\nx", ISO, "5ms", "a.rs:3"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["message", "type", "code", "id", "cause", "frames", "file", "line", "stack"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["message", "msg", "error", "err", "exception", "stack", "backtrace", "fields", "span", "spans",
     "timestamp", "time", "@t", "@mt", "@x", "log", "source", "target", "code", "request", "caller",
     "duration", "latency", "panic", "event", "severity", "thread", "filename", "line_number"]
)  # fmt: skip


@given(
    st.dictionaries(NAMES | st.text(max_size=8), VALUES, max_size=8), st.sampled_from(["ERROR", 50])
)
def test_no_record_raises_and_every_result_is_within_its_limits(
    record: dict[str, Any], level: Any
) -> None:
    """Whatever an attacker gets into a log, the daemon goes on and its state stays bounded."""
    found = parse_record({**record, "level": level})
    assert isinstance(found, ParsedLine)
    assert len(found.message) <= MESSAGE_LIMIT
    assert len(found.stack_trace) <= STACK_LIMIT
    assert found.message not in found.causes
    assert len(set(found.causes)) == len(found.causes)
    json.dumps(as_json(found), ensure_ascii=False, allow_nan=False).encode()


def test_the_json_form_is_stable_and_leaves_out_what_is_empty() -> None:
    """Scripts are written against `logwatchd parse`."""
    assert as_json(parse({"message": "x", "timestamp": ISO, "took": 0})) == {
        "at": "2026-02-03T04:05:06.789012Z",
        "level": "error",
        "message": "x",
        "duration_ms": 0.0,
        "dialect": "json",
    }
    found = parse_record(TRACING)
    assert isinstance(found, ParsedLine)
    assert list(as_json(found)) == [
        "at", "level", "message", "target", "code", "request_id", "duration_ms", "exception_type",
        "causes", "location", "thread", "dialect", "fields",
    ]  # fmt: skip
