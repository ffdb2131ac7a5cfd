"""What a runtime prints as it dies becomes one record."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.blocks import BLOCK_CHARS, BLOCK_LINES
from logwatchd.domain.event import MESSAGE_LIMIT, STACK_LIMIT, Level, ParsedLine
from logwatchd.domain.panic import may_begin, open_block

AT = datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)
NOTE = "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace"
FRAMES = [
    "   0: std::panicking::begin_panic",
    "             at /rustc/abc/library/std/src/panicking.rs:645:5",
    "   1: app::handlers::parse_id",
    "             at ./src/handlers.rs:12:5",
]


def read(*lines: str) -> tuple[ParsedLine, int]:
    """Read lines into a block until one does not belong; return the record and how many did."""
    block = open_block(lines[0], at=AT)
    assert block is not None
    taken = 1
    for line in lines[1:]:
        if block.done or not block.take(line):
            break
        taken += 1
    return block.parsed(), taken


def test_a_panic_is_one_fatal_record() -> None:
    """The death of the process is the worst event there is, and it never comes as JSON."""
    found, taken = read(
        "thread 'main' panicked at src/main.rs:4:5:",
        "index out of bounds: the len is 3 but the index is 99",
        NOTE,
    )
    assert taken == 3
    assert found == ParsedLine(
        at=AT,
        level=Level.FATAL,
        message="index out of bounds: the len is 3 but the index is 99",
        location="src/main.rs:4",
        thread="main",
        panic=True,
        dialect="rust-panic",
    )


@pytest.mark.parametrize(
    ("lines", "message", "location", "thread"),
    [
        (["thread 'main' panicked at 'boom', src/main.rs:4:5", NOTE], "boom", "src/main.rs:4", "main"),
        (["thread '<unnamed>' panicked at 'it's', src/a.rs:1:2"], "it's", "src/a.rs:1", "<unnamed>"),
        (["thread 'main' panicked at 'assertion failed: `(left == right)`", "  left: `1`,",
          " right: `2`', src/main.rs:4:5", NOTE],
         "assertion failed: `(left == right)`\n  left: `1`,\n right: `2`", "src/main.rs:4", "main"),
        (["thread 'tokio-runtime-worker' (4711) panicked at src/a.rs:1:2:", "boom", NOTE],
         "boom", "src/a.rs:1", "tokio-runtime-worker"),
        (["thread 'main' panicked at src/a.rs:1:2:", "assertion `left == right` failed",
          "  left: 1", " right: 2", NOTE],
         "assertion `left == right` failed\n  left: 1\n right: 2", "src/a.rs:1", "main"),
        (["thread 'main' panicked at src/a.rs:1:2:", "first", "second", NOTE],
         "first\nsecond", "src/a.rs:1", "main"),
        (["thread 'main' panicked at src/a.rs:1:2:", "ERROR: looks like a log line", NOTE],
         "ERROR: looks like a log line", "src/a.rs:1", "main"),
        (["panicked at src/a.rs:1:2:", "boom"], "boom", "src/a.rs:1", ""),
        (["\x1b[31mthread 'main' panicked at src/a.rs:1:2:\x1b[0m", "boom"],
         "boom", "src/a.rs:1", "main"),
        (["thread 'main' panicked at src/a.rs:1:2:"],
         "thread 'main' panicked at src/a.rs:1:2:", "src/a.rs:1", "main"),
        (["thread 'main' has overflowed its stack", "fatal runtime error: stack overflow"],
         "fatal runtime error: stack overflow", "", "main"),
        (["fatal runtime error: stack overflow, aborting"],
         "fatal runtime error: stack overflow, aborting", "", ""),
        (["memory allocation of 64 bytes failed"], "memory allocation of 64 bytes failed", "", ""),
    ],
)  # fmt: skip
def test_every_form_of_death_is_read(
    lines: list[str], message: str, location: str, thread: str
) -> None:
    """The standard library changed the form several times; old toolchains are in use."""
    found, taken = read(*lines)
    assert taken == len(lines)
    assert (found.message, found.location, found.thread) == (message, location, thread)
    assert (found.level, found.panic) == (Level.FATAL, True)


def test_a_backtrace_is_kept_apart_from_the_message() -> None:
    """The message names the problem; frames in it would make every build another problem."""
    lines = [
        "thread 'main' panicked at src/a.rs:1:2:",
        "[DB_POOL] boom",
        "stack backtrace:",
        *FRAMES,
        "note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.",
    ]
    found, taken = read(*lines)
    assert taken == len(lines)
    assert (found.message, found.code) == ("[DB_POOL] boom", "DB_POOL")
    assert found.stack_trace == "\n".join(FRAMES)
    assert found.location == "src/a.rs:1"


def test_a_panic_ends_at_its_note() -> None:
    """Nothing needs to be waited for then: the alert goes out at once."""
    block = open_block("thread 'main' panicked at src/a.rs:1:2:", at=None)
    assert block is not None
    assert block.take("boom")
    assert not block.done
    assert block.take(NOTE)
    assert block.done


@pytest.mark.parametrize(
    ("lines", "stranger"),
    [
        (["thread 'a' panicked at src/a.rs:1:2:", "boom"], "thread 'b' panicked at src/b.rs:1:2:"),
        (["thread 'a' panicked at src/a.rs:1:2:", "boom"], "2026-02-03T04:05:06Z INFO started"),
        (["thread 'a' panicked at src/a.rs:1:2:", "boom"], "[2026-02-03 04:05:06] started"),
        (["thread 'a' panicked at src/a.rs:1:2:", "boom"], "WARN pool is slow"),
        (["thread 'a' panicked at src/a.rs:1:2:", "boom"], "Traceback (most recent call last):"),
        (["thread 'a' panicked at 'boom', src/a.rs:1:2"], "Server listening"),
        (["thread 'a' panicked at 'boom', src/a.rs:1:2", "stack backtrace:"], "Server listening"),
    ],
)
def test_what_cannot_belong_to_a_panic_ends_it(lines: list[str], stranger: str) -> None:
    """Another line in the message would make another problem of the same panic."""
    found, taken = read(*lines, stranger)
    assert taken == len(lines)
    assert stranger not in found.message


def test_chatter_behind_a_panic_without_an_end_is_left_out_of_the_message() -> None:
    """Only the first panic of a process ends in a note; what is printed next may be anything."""
    found, _ = read(
        "thread 'a' panicked at src/a.rs:1:2:",
        "boom",
        "",
        "Caused by:",
        "    why",
        "port 8080",
        "x",
    )
    assert found.message == "boom\n\nCaused by:\n    why"


def test_a_python_traceback_is_one_error_record() -> None:
    """Scripts beside the backend die in the same log."""
    lines = [
        "Traceback (most recent call last):",
        '  File "/srv/a.py", line 3, in main',
        "    connect()",
        '  File "/srv/db.py", line 7, in connect',
        "    raise ConnectionError('no route')",
        "    ^^^^^^^^^^^^^^^^^",
        "app.errors.ConnectionError: no route",
    ]
    found, taken = read(*lines)
    assert taken == len(lines)
    assert (found.level, found.panic, found.dialect) == (Level.ERROR, False, "python-traceback")
    assert found.message == "app.errors.ConnectionError: no route"
    assert found.exception_type == "app.errors.ConnectionError"
    assert found.location == "/srv/db.py:7"
    assert found.stack_trace == "\n".join(lines)


def test_chained_python_tracebacks_are_one_record_with_causes() -> None:
    """The last exception is what happened, the first is why."""
    tracebacks = [
        ["Traceback (most recent call last):", '  File "/a.py", line 1, in f', f"{name}: {text}"]
        for name, text in (("KeyError", "'x'"), ("ValueError", "bad"), ("SystemExit", "1"))
    ]
    lines = [
        *tracebacks[0],
        "",
        "During handling of the above exception, another exception occurred:",
        "",
        *tracebacks[1],
        "",
        "The above exception was the direct cause of the following exception:",
        "",
        *tracebacks[2],
    ]
    found, taken = read(*lines)
    assert taken == len(lines)
    assert (found.message, found.exception_type) == ("SystemExit: 1", "SystemExit")
    assert found.causes == ("ValueError: bad", "KeyError: 'x'")


@pytest.mark.parametrize(
    "stranger",
    ["Server listening", "2026-02-03 04:05:06 started", "Traceback (most recent call last):"],
)
def test_what_cannot_belong_to_a_traceback_ends_it(stranger: str) -> None:
    """The next traceback is another event; a print is none."""
    found, taken = read(
        "Traceback (most recent call last):", '  File "/a.py", line 1', "E: x", stranger
    )
    assert taken == 3
    assert found.message == "E: x"


def test_an_exception_group_is_named_by_its_group() -> None:
    """Its tree has many exceptions; the group's line says how many."""
    found, taken = read(
        "  + Exception Group Traceback (most recent call last):",
        '  |   File "/a.py", line 1, in f',
        "  |     raise group",
        "  | ExceptionGroup: two things (2 sub-exceptions)",
        "  +-+---------------- 1 ----------------",
        "    | ValueError: one",
        "    +------------------------------------",
    )
    assert taken == 7
    assert found.message == "ExceptionGroup: two things (2 sub-exceptions)"
    assert found.exception_type == "ExceptionGroup"


def test_a_traceback_that_is_cut_off_says_its_last_line() -> None:
    """The process may be killed while it prints."""
    found, _ = read("Traceback (most recent call last):", '  File "/a.py", line 1, in f')
    assert found.message == 'File "/a.py", line 1, in f'
    assert read("Traceback (most recent call last):")[0].message


@pytest.mark.parametrize(
    "line",
    [
        "the server panicked at noon",
        "note: run with `RUST_BACKTRACE=1`",
        "thread 'main' is fine",
        "see Traceback (most recent call last): in the log",
        "a memory allocation of 5 bytes failed",
        "",
    ],
)
def test_other_text_begins_nothing(line: str) -> None:
    """A false panic would wake people at night."""
    assert open_block(line, at=None) is None


def test_an_endless_block_is_bounded() -> None:
    """A loop that prints frames for ever must not fill memory, nor hold back what follows."""
    endless = [f"   {number}: frame" for number in range(5_000)]
    found, taken = read(
        "thread 'a' panicked at src/a.rs:1:2:", "boom", "stack backtrace:", *endless
    )
    assert taken < 5_000
    assert found.stack_trace.count("\n") <= BLOCK_LINES
    found, taken = read("thread 'a' panicked at src/a.rs:1:2:", *["text"] * 5_000)
    assert taken <= BLOCK_LINES
    found, _ = read("thread 'a' panicked at src/a.rs:1:2:", *["x" * 10_000] * 20, NOTE)
    assert len(found.message) <= MESSAGE_LIMIT < BLOCK_CHARS
    assert read("Traceback (most recent call last):", *["  x"] * 5_000)[1] < 5_000


LINES = st.sampled_from(
    [
        "thread 'main' panicked at src/main.rs:4:5:",
        "thread 'main' panicked at 'boom",
        "', src/main.rs:4:5",
        "Traceback (most recent call last):",
        "ValueError: x",
        "stack backtrace:",
        "fatal runtime error: x",
        "During handling of the above exception, another exception occurred:",
        "",
        NOTE,
        *FRAMES,
    ]
) | st.text(max_size=40)


@given(st.lists(LINES, min_size=1, max_size=20))
def test_no_lines_raise(lines: list[str]) -> None:
    """Whatever is printed, the daemon goes on."""
    block = open_block(lines[0], at=None)
    if block is not None:
        for line in lines[1:]:
            block.take(line)
        found = block.parsed()
        assert found.message
        assert len(found.stack_trace) <= STACK_LIMIT


@given(LINES)
def test_the_cheap_question_never_misses_a_block(line: str) -> None:
    """It is asked of every plain line; a wrong no would lose a panic."""
    if open_block(line, at=None) is not None:
        assert may_begin(line.encode())
