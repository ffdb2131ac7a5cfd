import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain import safe_discord
from logwatchd.domain.safe_text import INVISIBLE, one_line
from logwatchd.domain.tainted import Tainted
from tests.fakes.discord_rules import TIMESTAMP, outside_code, text_breaches
from tests.fakes.hostile import HOSTILE, LIMITS


def discord_title(text: str, limit: int) -> str:
    """Render a title."""
    return safe_discord.discord_title(Tainted(text), limit)


def discord_plain(text: str, limit: int) -> str:
    """Render a footer."""
    return safe_discord.discord_plain(Tainted(text), limit)


def discord_inline(text: str, limit: int) -> str:
    """Render an identifier."""
    return safe_discord.discord_inline(Tainted(text), limit)


def discord_fence(text: str, limit: int, *, keep_tail: bool = False) -> str:
    """Render a block."""
    return safe_discord.discord_fence(Tainted(text), limit, keep_tail=keep_tail)


def reader_sees(text: str) -> str:
    """Undo what Discord undoes before it shows a text."""
    return re.sub(r"\\([^0-9A-Za-z\s])", r"\1", text).replace(INVISIBLE, "")


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
    assert reader_sees(discord_title(text, 10_000)) == one_line(Tainted(text), 10_000)


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


@pytest.mark.parametrize(
    ("markdown", "parts"),
    [
        ("", [""]),
        (r"a\_b \`c\`", ["a_b `c`"]),
        ("**x:** `y` z", ["**x:** ", "y", " z"]),
        (r"\` `a\b`", ["` ", r"a\b", ""]),
        ("m\n```\na\n`b\n```\nn", ["m\n", "\na\n`b\n", "\nn"]),
    ],
)
def test_what_a_reader_sees_is_read_part_by_part(markdown: str, parts: list[str]) -> None:
    """An own secret is looked for in what is read, not in what is escaped."""
    assert list(safe_discord.discord_reading(markdown)) == parts
