"""What may be seen of a line by whoever follows a log."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.blocks import BLOCK_LINES
from logwatchd.domain.event import Level, Unparsed
from logwatchd.domain.held import Stretch
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.domain.shown import Shown, Viewer

NOON = datetime(2026, 2, 3, 12, tzinfo=UTC)
INTERPRETER = Interpreter(RuleSet(SHIPPED), Redactor())
SECRET = "hunter2-" + "swordfish"


def shown(*lines: bytes) -> list[Shown]:
    """Return what is seen of the lines of a file."""
    given: list[Stretch] = []
    reader = LineReader(floor=Level.TRACE, witness=given.append)
    offset = 0
    for line in lines:
        reader.feed(line, start=offset, end=offset + len(line), now=NOON)
        offset += len(line)
    reader.flush(now=NOON, force=True)
    viewer = Viewer(INTERPRETER)
    seen = [viewer.shown(each, path="/logs/app.log", now=NOON) for each in given]
    return [each for each in seen if each is not None]


def test_a_record_is_its_event_with_what_the_rules_say() -> None:
    """The same event that the daemon would count."""
    [seen] = shown(b'{"level":"ERROR","message":"pool timed out","target":"sqlx::pool"}\n')

    assert seen.event is not None
    assert seen.event.message == "pool timed out"
    assert seen.verdict is not None
    assert (seen.text, seen.unparsed, seen.offset, seen.lines) == ("", None, 0, 1)


def test_every_line_that_says_anything_is_seen_once_and_in_order() -> None:
    """Neighbours that are no records are counted together, but seen one by one."""
    lines = [b"one\n", b"two\n", b"\n", b"\0\0\n", b'{"level":"debug","msg":"three"}\n', b"4\n"]

    seen = shown(*lines)

    assert [each.text or (each.event and each.event.message) for each in seen] == [
        "one",
        "two",
        "three",
        "4",
    ]
    assert [each.offset for each in seen] == [0, 4, 12, 44]


def test_a_block_is_one_piece_with_all_its_lines() -> None:
    """What else was printed in the same moment is not part of the event, but is to be seen."""
    [seen] = shown(
        b"thread 'main' panicked at src/main.rs:4:5:\n",
        b"index out of bounds\n",
        b"Server listening on 0.0.0.0\n",
    )

    assert seen.event is not None
    assert seen.event.message == "index out of bounds"
    assert seen.text.endswith("index out of bounds\nServer listening on 0.0.0.0")
    assert seen.lines == 3
    assert seen.verdict is not None
    assert seen.verdict.rule == "panic"


def test_a_block_without_end_is_bounded_and_its_lines_are_counted() -> None:
    """A broken program can print frames for ever."""
    head = b"Traceback (most recent call last):\n"
    seen = shown(head, *(b'  File "a.py", line 1, in f\n' for _ in range(900)))[0]

    assert seen.text.count("\n") < BLOCK_LINES
    assert seen.lines == 901


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (f"api_key={SECRET}\n", Unparsed.NOT_JSON),
        (f"api_\x1b[31mkey={SECRET}\n", Unparsed.NOT_JSON),
        (f'{{"level":"ERROR","api_key":"{SECRET}"\n', Unparsed.BROKEN_JSON),
        (f'{{"api\\u005fkey":"{SECRET}","level":"odd"}}\n', Unparsed.NO_LEVEL),
        (f'{{"data":{{"api\\u005fkey":"{SECRET}"}}}}\n', Unparsed.NO_LEVEL),
        (f'[{{"api\\u005fkey":"{SECRET}"}}]\n', Unparsed.NOT_AN_OBJECT),
        (f'{"[" * 200}{{"api_key":"{SECRET}"}}{"]" * 200}\n', Unparsed.TOO_DEEP),
    ],
)
def test_a_line_that_is_no_record_is_redacted_too(line: str, reason: Unparsed) -> None:
    """The daemon only counts these lines; here people see them."""
    [seen] = shown(line.encode())

    assert seen.unparsed is reason
    assert "REDACTED" in repr(seen)
    assert SECRET not in repr(seen)
    assert seen.verdict is None


def test_a_secret_at_the_cut_of_a_long_line_leaves_no_half() -> None:
    """Redaction comes before the cut."""
    [seen] = shown(b"x" * 8_170 + f" password={SECRET}\n".encode())

    assert "hunter2" not in seen.text
    assert len(seen.text) <= 8_192


def test_a_private_key_over_many_lines_is_hidden_line_by_line() -> None:
    """Each line is seen by itself, and alone a line of base64 looks like nothing."""
    body = [
        b"Proc-Type: 4,ENCRYPTED\n",
        b"MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33\n",
        b"c2hvcnQ\n",
    ]
    seen = shown(
        b"-----BEGIN RSA PRIVATE KEY-----\n", *body, b"-----END RSA PRIVATE KEY-----\n", b"word\n"
    )

    assert [each.text for each in seen] == ["[REDACTED:private_key]"] * 5 + ["word"]


def test_what_follows_half_a_key_is_seen_again() -> None:
    """A key that was cut must not hide the rest of the log."""
    seen = shown(b"-----BEGIN PRIVATE KEY-----\n", b"and then it went on.\n", b"word\n")

    assert [each.text for each in seen][1:] == ["and then it went on.", "word"]


def test_an_envelope_s_time_is_kept_for_plain_lines() -> None:
    """Kubernetes says when a line was written; the line itself does not."""
    [seen] = shown(b"2026-02-03T04:05:06.000000000Z stderr F starting up\n")

    assert seen.text == "starting up"
    assert seen.at == datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC)


def test_a_level_that_nobody_understands_is_not_lost() -> None:
    """It is read under another one, which is not shown."""
    [seen] = shown(b'{"level":"odd","message":"hi"}\n')

    assert seen.event is not None
    assert seen.event.fields["level"] == "odd"


@given(st.lists(st.binary(max_size=80).filter(lambda each: b"\n" not in each), max_size=12))
def test_whatever_the_bytes_are_no_line_is_left_out(bodies: list[bytes]) -> None:
    """Each line that is not blank is in one of the things seen, and no offset comes twice."""
    lines = [body + b"\n" for body in bodies]
    seen = shown(*lines)

    blank = sum(not body.strip(b" \t\r\n\v\f\0").removeprefix(b"\xef\xbb\xbf") for body in bodies)
    assert sum(each.lines for each in seen) >= len(lines) - blank - bodies.count(b"\xef\xbb\xbf")
    offsets = [each.offset for each in seen]
    assert offsets == sorted(set(offsets))
    json.dumps([each.text for each in seen]).encode("ascii")
