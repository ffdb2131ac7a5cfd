import re

import pytest
from hypothesis import given, settings

from logwatchd.domain import safe_text
from logwatchd.domain.cleaning import visible
from logwatchd.domain.tainted import Tainted
from tests.fakes.discord_rules import CONTROLS
from tests.fakes.hostile import HOSTILE, LIMITS


def one_line(text: str, limit: int) -> str:
    """Render one line."""
    return safe_text.one_line(Tainted(text), limit)


def terminal(text: str) -> str:
    """Render for a terminal."""
    return safe_text.terminal(Tainted(text))


@pytest.mark.parametrize(
    ("dirty", "cleaned"),
    [
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x9b31mred", "red"),
        ("\x1bPdevice\x1b\\x", "x"),
        ("\x1b(Bascii", "ascii"),
        ("cut \x1b[3", "cut "),
        ("open \x1b]0;no end", "open 0;no end"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("tab\tstays\n", "tab\tstays\n"),
        ("n\x00u\x08l\x7f\x85", "nul"),
        ("@every\u200bone", "@everyone"),
        ("ab\u202edc\u2066\u200f\u061c", "abdc"),
        ("tags\U000e0061\U000e007f", "tags"),
        ("half \ud800\udfff", "half \ufffd\ufffd"),
        ("가\ufeff나\u00ad다", "가나다"),
        ("para\u2029graph", "para\ngraph"),
        ("sel\ufe0fect\U000e0101ed", "selected"),
        ("filled\u3164\u115f\uffa0", "filled"),
        ("beat\U0001d173s", "beats"),
    ],
)
def test_what_no_reader_can_see_is_removed(dirty: str, cleaned: str) -> None:
    """Hidden characters reorder, rewrite or smuggle text past the person who reads it."""
    assert visible(dirty) == cleaned


@given(HOSTILE)
@settings(deadline=None)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Otherwise removing one thing would put another together."""
    once = visible(text)
    assert visible(once) == once
    assert not CONTROLS.search(once)
    once.encode()


def test_escape_introducers_without_end_are_read_in_linear_time() -> None:
    """A line of nothing but openings must not stall the daemon: 40,000 of them take no time worth naming."""
    assert visible("\x9d\x1b]\x1b[\x1bP" * 10_000) == ""


@given(HOSTILE, LIMITS)
@settings(deadline=None)
def test_one_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    """Titles and table cells hold exactly one line."""
    line = one_line(text, limit)
    assert len(line) <= limit
    assert line == line.strip()
    assert len(line.splitlines()) <= 1


def test_a_cut_line_shows_that_it_was_cut() -> None:
    """A reader must not take a part for the whole."""
    assert one_line("  pool   timed\tout\nwhile waiting", 15) == "pool timed out…"


@given(HOSTILE)
@settings(deadline=None)
def test_a_terminal_acts_on_nothing(text: str) -> None:
    """`--dry-run` prints log text to the screen of whoever tries it."""
    shown = terminal(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    assert terminal(shown) == shown


@pytest.mark.parametrize(
    ("limit", "shown"),
    [(17, "key=[REDACTED:tok"), (30, "key=[REDACTED:token] and more")],
)
def test_a_cut_never_leaves_half_of_a_placeholder(limit: int, shown: str) -> None:
    """Half of one looks like a secret to whoever looks for secrets again."""
    text = "key=[REDACTED:token] and more"
    line = one_line(text, limit)
    assert line == (shown if len(text) <= limit else "key=…")


def test_what_only_shows_once_the_text_is_clean_is_redacted_again() -> None:
    """A secret that was split by an invisible sign is whole for the reader."""
    hidden = safe_text.redacted_again(
        Tainted("to\u3164ken"), lambda text: text.replace("token", "gone")
    )
    assert hidden == Tainted("gone")


def test_json_shows_text_as_it_is() -> None:
    """A program that reads `--json` wants the text, not what a renderer made of it."""
    assert safe_text.json_value(Tainted("@everyone \x1b[31m \ud800")) == "@everyone \x1b[31m \ufffd"
    assert safe_text.json_value("own") == "own"
