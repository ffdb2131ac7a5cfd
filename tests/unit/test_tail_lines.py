"""How a line looks that `logwatchd tail` prints."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.cli.tail_lines import as_json, as_text
from logwatchd.domain.event import Category, Level, Severity, Tell, Unparsed, Verdict
from logwatchd.domain.incident_json import event_values
from logwatchd.domain.shown import Shown
from tests.fakes.notices import NOON, an_event


def a_shown(**changes: Any) -> Shown:
    """Build a line of one event."""
    ordinary: dict[str, Any] = {
        "path": "/logs/app.log",
        "offset": 17,
        "lines": 1,
        "event": an_event(),
        "verdict": None,
        "text": "",
        "at": NOON,
        "unparsed": None,
    }
    return Shown(**(ordinary | changes))


def plain(text: str, **changes: Any) -> Shown:
    """Build a line that is no record."""
    values = {"event": None, "at": None, "unparsed": Unparsed.NOT_JSON}
    return a_shown(text=text, **(values | changes))


def text(shown: Shown, *, colour: bool = False, with_path: bool = False) -> str:
    """Print it for people."""
    return as_text(shown, colour=colour, with_path=with_path)


def test_an_event_is_one_line() -> None:
    """Time, level, target, message, code, request: in this order, for the eye and for cut."""
    event = an_event(code="DB_1", request_id="r-9", level=Level.WARN, message="풀이 가득 찼습니다")

    assert text(a_shown(event=event)) == (
        "2026-02-03T12:00:00.000Z WARN  backend::db::pool 풀이 가득 찼습니다 [DB_1] req=r-9\n"
    )


def test_what_has_more_lines_hangs_below_the_first() -> None:
    """Nothing that an event says can begin a line of its own."""
    event = an_event(
        message="a\n2026-02-03T12:00:00.000Z FATAL forged",
        causes=("first", "second\rFATAL forged"),
        stack_trace="  at x\n\n  at y",
    )

    first, *below = text(a_shown(event=event)).splitlines()
    assert first.endswith("backend::db::pool a")
    assert below == [
        "    2026-02-03T12:00:00.000Z FATAL forged",
        "    caused by: first",
        "    caused by: second",
        "    FATAL forged",
        "      at x",
        "      at y",
    ]


def test_a_block_is_printed_as_it_stood_and_says_what_is_missing() -> None:
    """The whole of it, up to what is kept."""
    block = a_shown(event=an_event(target=""), text="head\n  0: frame", lines=5)

    assert text(block).splitlines() == [
        "2026-02-03T12:00:00.000Z ERROR head",
        "      0: frame",
        "    … 3 more",
    ]


def test_a_plain_line_stands_as_it_is() -> None:
    """With the time of its envelope, if it has one."""
    assert text(plain("\tat x")) == "    at x\n"
    assert text(plain("up\rdown", at=NOON)) == "2026-02-03T12:00:00.000Z up\n    down\n"


def test_a_record_without_a_level_or_a_message_shows_its_fields() -> None:
    """Else there would be nothing to see of it."""
    event = an_event(message="", target="", fields={"a": "1", "b": "x y"})

    assert text(a_shown(event=event)).endswith(" ERROR a=1 b=x y\n")
    bare = text(a_shown(event=event, unparsed=Unparsed.NO_LEVEL))
    assert bare.endswith("Z -     a=1 b=x y\n")
    assert text(a_shown(event=an_event(message="", target=""))).endswith("Z ERROR\n")


def test_the_file_stands_in_front_where_there_are_several() -> None:
    """As grep does it."""
    assert text(plain("x"), with_path=True) == "/logs/app.log: x\n"
    hostile = plain("x", path="/logs/\x1b[2Ja\nb.log")
    assert text(hostile, with_path=True) == "/logs/a b.log: x\n"


def test_colours_are_ours_alone() -> None:
    """Each one is ended, and none comes from the log."""
    event = an_event(message="\x1b[31mred", code="A", request_id="r", level=Level.FATAL)

    line = text(a_shown(event=event), colour=True, with_path=True)
    assert line.count("\x1b[") == 2 * line.count("\x1b[0m")
    assert "\x1b[1;31mFATAL\x1b[0m" in line
    assert " red " in line


def test_json_is_what_parse_prints_with_path_and_offset() -> None:
    """A program that reads the one reads the other."""
    verdict = Verdict("pool", Severity.CRITICAL, Category.DATABASE, Tell.AT_ONCE)

    assert json.loads(as_json(a_shown(verdict=verdict))) == event_values(an_event()) | {
        "rule": "pool",
        "severity": "critical",
        "category": "database",
        "path": "/logs/app.log",
        "offset": 17,
    }


def test_json_of_a_line_that_is_no_record_says_why() -> None:
    """No level is made up for it."""
    assert json.loads(as_json(plain("up", at=NOON))) == {
        "at": "2026-02-03T12:00:00.000Z",
        "text": "up",
        "unparsed": "not_json",
        "path": "/logs/app.log",
        "offset": 17,
    }
    bare = json.loads(as_json(a_shown(unparsed=Unparsed.NO_LEVEL)))
    assert bare["unparsed"] == "no_level"
    assert "level" not in bare


@pytest.mark.parametrize("with_path", [True, False])
@given(words=st.text(), stack=st.text())
def test_no_text_makes_a_terminal_act_or_a_line_of_its_own(
    words: str, stack: str, *, with_path: bool
) -> None:
    """Whatever a log holds."""
    event = an_event(message=words, target=words, code=words, request_id=words, stack_trace=stack)
    for shown in (a_shown(event=event, path=words), plain(words), a_shown(text=stack or "x")):
        printed = text(shown, with_path=with_path)
        _, *below = printed.removesuffix("\n").split("\n")
        assert all(line.startswith("    ") or not line for line in below)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", printed)
        encoded = as_json(shown)
        assert encoded.count("\n") == 1
        assert json.loads(encoded)["path"] == shown.path
