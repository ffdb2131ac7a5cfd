"""Bytes of a line become an object or a named reason, never an exception."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.decode import DEPTH_LIMIT, decode_cut, decode_line
from logwatchd.domain.event import Unparsed

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.text(), JSON, max_size=5)


def depth_of(value: Any) -> int:
    """Return how many brackets stand around the innermost value."""
    if isinstance(value, dict):
        return 1 + max(map(depth_of, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth_of, value), default=0)
    return 0


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b'{"a":1}', {"a": 1}),
        (b'{"a":1}\n', {"a": 1}),
        (b'{"a":1}\r\n', {"a": 1}),
        (b'  {"a":1} \t\n', {"a": 1}),
        (b'\xef\xbb\xbf{"a":1}\n', {"a": 1}),
        (b'\0\0\0{"a":1}\n', {"a": 1}),
        (b'\0\xef\xbb\xbf {"a":1}\n', {"a": 1}),
        (b'{"a":1}\0\0', {"a": 1}),
        (b'{"a":"tab\there"}', {"a": "tab\there"}),
        (b'{"a":"x\\u0000y"}', {"a": "x\0y"}),
        (b'{"a":"x\0y"}', {"a": "x\0y"}),
        (b'{"a":1,"a":2}', {"a": 2}),
        (b'{"a":"caf\xe9"}', {"a": "caf\ufffd"}),
        (b'{"a":"\\ud83d\\ude00"}', {"a": "\U0001f600"}),
        (b"{}", {}),
    ],
)
def test_an_object_is_decoded_whatever_surrounds_it(line: bytes, expected: dict[str, Any]) -> None:
    """Editors, containers and copytruncate leave marks around lines; the event must survive."""
    assert decode_line(line) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", Unparsed.EMPTY),
        (b"\n", Unparsed.EMPTY),
        (b" \r\n", Unparsed.EMPTY),
        (b"\0" * 4096 + b"\n", Unparsed.EMPTY),
        (b"\xef\xbb\xbf\n", Unparsed.EMPTY),
        (b"hello", Unparsed.NOT_JSON),
        (b"[2026-02-03] INFO started", Unparsed.NOT_JSON),
        (b"123 apples", Unparsed.NOT_JSON),
        (b"true story", Unparsed.NOT_JSON),
        (b"\xff\xfe\x00", Unparsed.NOT_JSON),
        (b"[1,2]", Unparsed.NOT_AN_OBJECT),
        (b"42", Unparsed.NOT_AN_OBJECT),
        (b'"text"', Unparsed.NOT_AN_OBJECT),
        (b"null", Unparsed.NOT_AN_OBJECT),
        (b'{"a":', Unparsed.BROKEN_JSON),
        (b"{", Unparsed.BROKEN_JSON),
        (b"{oops}", Unparsed.BROKEN_JSON),
        (b'{"a":1}{"b":2}', Unparsed.BROKEN_JSON),
        (b'{"a":1} trailing', Unparsed.BROKEN_JSON),
        (b'{"timest{"timestamp":"x"}', Unparsed.BROKEN_JSON),
        (b'{"a":' * 100_000, Unparsed.TOO_DEEP),
        (b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", Unparsed.TOO_DEEP),
        (b"[" * 100_000, Unparsed.TOO_DEEP),
    ],
)
def test_a_line_that_is_no_object_says_why(line: bytes, reason: Unparsed) -> None:
    """Lines that could not be read are counted by reason and shown: silence must be honest."""
    assert decode_line(line) is reason


def test_many_brackets_that_are_not_nested_are_no_depth() -> None:
    """A long list of small objects, or brackets in a text, is an ordinary line."""
    rows = [{"n": number} for number in range(10 * DEPTH_LIMIT)]
    record = {"rows": rows, "text": '[{"' * 500}
    assert decode_line(json.dumps(record).encode()) == record


def test_depth_is_followed_up_to_its_limit_and_no_further() -> None:
    """The limit is ours and not the interpreter's, so that every version decides alike."""
    at_limit = b'{"a":' * DEPTH_LIMIT + b"1" + b"}" * DEPTH_LIMIT
    assert isinstance(decode_line(at_limit), dict)
    assert decode_line(b'{"a":' + at_limit + b"}") is Unparsed.TOO_DEEP


def test_a_lone_surrogate_is_replaced_in_names_and_values() -> None:
    """SQLite and the HTTP client refuse such text; the crash would come far from its cause."""
    found = decode_line(b'{"k\\ud800":["\\udfff",{"x":"a\\uD83D"}],"level":"ERROR"}')
    assert found == {"k\ufffd": ["\ufffd", {"x": "a\ufffd"}], "level": "ERROR"}


@pytest.mark.parametrize(
    "number", ["9" * 5000, "-" + "9" * 5000, "1e999", "NaN", "Infinity", "-Infinity", "1e-999"]
)
def test_an_odd_number_does_not_lose_the_event(number: str) -> None:
    """Python refuses to convert thousands of digits; an attacker could hide behind that."""
    found = decode_line(f'{{"level":"ERROR","n":{number},"m":7}}'.encode())
    assert isinstance(found, dict)
    assert (found["level"], found["m"]) == ("ERROR", 7)


@given(OBJECTS)
def test_every_object_comes_back_as_it_was_written(record: dict[str, Any]) -> None:
    """The repairs must not change what needs none."""
    assert decode_line(json.dumps(record).encode()) == record
    assert decode_line(json.dumps(record, ensure_ascii=False).encode()) == record


@given(st.binary(max_size=300) | st.binary(max_size=300).map(lambda data: b"{" + data))
def test_no_bytes_raise(line: bytes) -> None:
    """One line of rubbish must never stop the daemon."""
    assert isinstance(decode_line(line), dict | Unparsed)
    assert isinstance(decode_cut(line), dict | Unparsed)


TRACING = (
    '{"timestamp":"2026-02-03T04:05:06.789012Z","level":"ERROR","fields":{"message":'
    '"정상 \\"quoted\\" \\\\ \\u00e9 text","list":[1,{"a":[]}],"n":12},"target":"app::db"}'
).encode()


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        (b'{"level":"ERROR","message":"long te', {"level": "ERROR", "message": "long te"}),
        (b'{"level":"ERROR","messa', {"level": "ERROR"}),
        (b'{"level":"ERROR","message"', {"level": "ERROR"}),
        (b'{"level":"ERROR","message":', {"level": "ERROR"}),
        (b'{"level":"ERROR","n":12', {"level": "ERROR"}),
        (b'{"level":"ERROR","n":12,', {"level": "ERROR", "n": 12}),
        (b'{"level":"ERROR","n":tru', {"level": "ERROR"}),
        (b'{"level":"ERROR","a":{"b":["x","y', {"level": "ERROR", "a": {"b": ["x", "y"]}}),
        (b'{"level":"ERROR","a":{', {"level": "ERROR", "a": {}}),
        (b'{"level":"ERROR","m":"half \\u00', {"level": "ERROR", "m": "half "}),
        (b'{"level":"ERROR","m":"half \\', {"level": "ERROR", "m": "half "}),
        (b'{"level":"ERROR","m":"whole \\\\', {"level": "ERROR", "m": "whole \\"}),
        (b'{"level":"ERROR","m":"whole \\\\u00', {"level": "ERROR", "m": "whole \\u00"}),
        (b'{"level":"ERROR","m":"\\ud83d', {"level": "ERROR", "m": "\ufffd"}),
        ('{"level":"ERROR","m":"é'.encode()[:-1], {"level": "ERROR", "m": ""}),
        (b'\xef\xbb\xbf{"level":"ERROR","m":"x', {"level": "ERROR", "m": "x"}),
        (b'{"level":"ERROR"}', {"level": "ERROR"}),
    ],
)
def test_the_beginning_of_a_cut_line_is_mended(prefix: bytes, expected: dict[str, Any]) -> None:
    """A giant line is often the most important one; its head says what it is."""
    assert decode_cut(prefix) == expected


@pytest.mark.parametrize(
    "prefix", [b"", b"{", b'{"a', b"plain text", b"[1,2", b"{oops", b'{"a":1]', b"\0\0"]
)
def test_a_beginning_that_says_nothing_is_a_cut(prefix: bytes) -> None:
    """What cannot be mended is counted under its own name."""
    assert decode_cut(prefix) is Unparsed.CUT


def test_a_cut_anywhere_behind_the_level_keeps_the_level() -> None:
    """Where the limit falls is chance; the level decides whether anyone is told."""
    for length in range(TRACING.index(b'"fields"'), len(TRACING)):
        found = decode_cut(TRACING[:length])
        assert isinstance(found, dict)
        assert found["level"] == "ERROR"


@given(OBJECTS, st.data())
def test_a_cut_object_keeps_a_part_of_the_whole(
    record: dict[str, Any], data: st.DataObject
) -> None:
    """Mending must not invent members: what is found stands in the whole record."""
    line = json.dumps(record).encode()
    found = decode_cut(line[: data.draw(st.integers(0, len(line)))])
    if isinstance(found, dict):
        assert list(found) == list(record)[: len(found)]
        complete = list(found)[:-1]
        assert all(found[name] == record[name] for name in complete)


@pytest.mark.parametrize(
    "prefix",
    [
        b'{"a":"' + b'\\"' * 500_000,
        b'{"a":[' + b"{}," * 300_000,
        b'{"a":' + b"[" * 1_000_000,
        b'{"a":' + b'"x" ' * 200_000,
    ],
)
def test_mending_a_hostile_giant_is_quick(prefix: bytes) -> None:
    """A megabyte made to be slow would hold up every alert; with quadratic time this never ends."""
    assert isinstance(decode_cut(prefix), dict | Unparsed)
