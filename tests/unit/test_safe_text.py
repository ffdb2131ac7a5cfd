import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.safe_text import (
    INVISIBLE,
    clean,
    discord_fence,
    discord_inline,
    discord_plain,
    discord_title,
    one_line,
    terminal,
)
from tests.fakes.discord_rules import CONTROLS, TIMESTAMP, outside_code, text_breaches

PIECES = (
    *"`*_~|>#-[]()<@:/!&\\.;+ \n\r\t\x00\x1b\x7f\x85\x9b\x9d\u200b\u200d\u202e\ufeff\ud800가😀a1",
    "```", "https://", "http:/", "javascript:", "](", "[x]: ", "![", "<img", "</close:1>", "<@&12>",
    "<#12>", "<t:1:R>", "<:a:1>", "<a:b:2>", "@everyone", "@here", "discord.gg/", "discord.com/invite",
    "\x1b[31m", "\x1b]8;;x\x07", "\U000e0041", "\ufff9", "``", "1.", "\u2028",
)  # fmt: skip
HOSTILE = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=40).map(
    "".join
)
LIMITS = st.integers(min_value=0, max_value=120)


def reader_sees(text: str) -> str:
    """Undo what Discord undoes before it shows a text."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace(INVISIBLE, "")


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
        ("half \ud800\udfff", "half "),
        ("가\ufeff나\u00ad다", "가나다"),
        ("para\u2029graph", "para\ngraph"),
    ],
)
def test_what_no_reader_can_see_is_removed(dirty: str, cleaned: str) -> None:
    """Hidden characters reorder, rewrite or smuggle text past the person who reads it."""
    assert clean(dirty) == cleaned


@given(HOSTILE)
@settings(deadline=None)
def test_cleaning_twice_changes_nothing(text: str) -> None:
    """Otherwise removing one thing would put another together."""
    once = clean(text)
    assert clean(once) == once
    assert not CONTROLS.search(once)
    once.encode()


def test_escape_introducers_without_end_are_read_in_linear_time() -> None:
    """A line of nothing but openings must not stall the daemon: 40,000 of them take no time worth naming."""
    assert clean("\x9d\x1b]\x1b[\x1bP" * 10_000) == ""


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


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pool timed out (5s) at 12:30:05", "pool timed out (5s) at 12:30:05"),
        ("(:100:)", r"(\:100:)"),
        ("사용자 인증 실패: 토큰 만료", "사용자 인증 실패: 토큰 만료"),
        ("a_b *c* ~d~ |e|", r"a\_b \*c\* \~d\~ \|e\|"),
        ("# heading", r"\# heading"),
        ("- item", r"\- item"),
        ("> quote", r"\> quote"),
        ("12. item", r"12\. item"),
        ("[a](https://x.example)", "\\[a\\]\u200b\\(https:\u200b//x.example)"),
        ("@everyone", "@\u200beveryone"),
        ("<@&12>", "\\<\u200b@\u200b&12>"),
        ("<t:12:R>", "\\<\u200bt:12:R>"),
        (":skull:", r"\:skull:"),
        ("`x`", r"\`x\`"),
        ("discord.gg/abc", "discord.\u200bgg/abc"),
    ],
)
def test_nothing_in_a_title_is_live_and_the_reader_sees_the_text(text: str, shown: str) -> None:
    """Titles are read as Markdown; log text must neither ping nor link nor shout."""
    assert discord_title(text, 256) == shown
    assert reader_sees(shown).replace("\u200b", "") == text


@given(HOSTILE, LIMITS)
@settings(deadline=None)
def test_no_text_is_live_in_a_title_or_a_footer(text: str, limit: int) -> None:
    """Whatever is logged."""
    for safe in (discord_title(text, limit), discord_plain(text, limit)):
        assert len(safe) <= limit
        assert "\n" not in safe
        assert not TIMESTAMP.search(safe)
        assert text_breaches(safe) == []


@given(HOSTILE)
@settings(deadline=None)
def test_every_mark_of_markdown_is_escaped_in_a_title(text: str) -> None:
    """An unescaped star or backtick could pair with one of ours and swallow what stands between."""
    unescaped = re.sub(r"\\[^0-9A-Za-z\s]", "", discord_title(text, 10_000))
    assert not set(unescaped) & set("\\*_~|[]`<")


@given(HOSTILE)
@settings(deadline=None)
def test_a_reader_of_a_title_sees_every_visible_character(text: str) -> None:
    """Safety must not cost the message."""
    assert reader_sees(discord_title(text, 10_000)) == one_line(text, 10_000)


@given(HOSTILE, LIMITS, st.booleans())
@settings(deadline=None)
def test_no_text_breaks_out_of_a_fence(text: str, limit: int, keep_tail: bool) -> None:
    """What stands behind a broken fence would be live."""
    fence = discord_fence(text, limit, keep_tail=keep_tail)
    assert len(fence) <= limit
    if fence:
        assert fence.startswith("```\n")
        assert fence.endswith("\n```")
        assert fence.count("```") == 2
        assert outside_code(fence).strip() == ""
        assert fence[4:-4].strip()


def test_a_cut_fence_is_closed_and_says_that_it_was_cut() -> None:
    """An open fence would swallow the rest of the card."""
    fence = discord_fence("x" * 500, 100)
    assert len(fence) == 100
    assert fence.endswith("x…\n```")


def test_a_cut_trace_keeps_its_head_and_its_tail() -> None:
    """The head names the error, the tail names where it came from."""
    trace = "\n".join(f"{number}: frame::number::{number}" for number in range(200))
    fence = discord_fence(trace, 300, keep_tail=True)
    assert fence.startswith("```\n0: frame::number::0\n1: ")
    assert fence.endswith("198: frame::number::198\n199: frame::number::199\n```")
    assert "\n…\n" in fence
    assert len(fence) <= 300


@pytest.mark.parametrize("blank", ["", " \n\t ", "\u200b", "\x1b[0m"])
def test_nothing_visible_makes_no_code_at_all(blank: str) -> None:
    """Discord would show an empty fence as six backticks."""
    assert discord_fence(blank, 100) == ""
    assert discord_inline(blank, 100) == ""
    assert discord_fence("x", 8) == ""


@given(HOSTILE, LIMITS)
@settings(deadline=None)
def test_no_text_breaks_out_of_inline_code(text: str, limit: int) -> None:
    """Identifiers are shown in inline code; a backtick in one must not end it."""
    code = discord_inline(text, limit)
    assert len(code) <= limit
    assert code.count("`") in (0, 2)
    assert outside_code(code).strip() == ""


@given(HOSTILE)
@settings(deadline=None)
def test_a_terminal_acts_on_nothing(text: str) -> None:
    """`--dry-run` prints log text to the screen of whoever tries it."""
    shown = terminal(text)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", shown)
    assert terminal(shown) == shown
