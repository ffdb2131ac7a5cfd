import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain import safe_github
from logwatchd.domain.safe_text import INVISIBLE, one_line
from logwatchd.domain.tainted import Tainted
from tests.fakes.discord_rules import CONTROLS
from tests.fakes.hostile import HOSTILE, LIMITS

LIVE = {
    "mention": re.compile(r"@[A-Za-z0-9]"),
    "reference": re.compile(r"#[0-9]|\bGH-[0-9]", re.IGNORECASE),
    "commit": re.compile(r"(?<![0-9a-z])[0-9a-f]{7,40}(?![0-9a-z])", re.IGNORECASE),
    "link": re.compile(r"[a-z]:[/\\]|www\.|\]\(|\]\[", re.IGNORECASE),
    "definition": re.compile(r"\]:"),
    "image": re.compile(r"!\["),
    "markup": re.compile(r"<[A-Za-z!/?]|-->"),
    "entity": re.compile(r"&(#[0-9x]|[a-z])", re.IGNORECASE),
    "command": re.compile(r"^\s*/"),
    "emoji": re.compile(r":(?![0-9]{1,2}:)[a-z0-9_+-]{1,64}:", re.IGNORECASE),
    "code": re.compile(r"`"),
}
FENCED = re.compile(r"(`{3,})\n(.*)\n(`{3,})", re.DOTALL)


def title(text: str, limit: int = 256) -> str:
    """Render a title."""
    return safe_github.github_title(Tainted(text), limit)


def fence(text: str, limit: int = 1_000, *, keep_tail: bool = False) -> str:
    """Render a block."""
    return safe_github.github_fence(Tainted(text), limit, keep_tail=keep_tail)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("pool timed out (5s) at 12:30:05", "pool timed out (5s) at 12:30:05"),
        ("사용자 인증 실패: 토큰 만료", "사용자 인증 실패: 토큰 만료"),
        ("Vec<u8> -> a_b *c*", "Vec<|u8> -> a_b *c*"),
        ("cc @torvalds @acme/team", "cc @|torvalds @|acme/team"),
        ("fixes #12, closes acme/api#3", "fixes #|12, closes acme/api#|3"),
        ("resolves: GH-7", "resolves: GH|-7"),
        ("closes https://github.com/a/b/issues/1", "closes https:|//github.com/a/b/issues/1"),
        ("since deadbeef0123", "since deadbe|ef0123"),
        ("www.evil.example", "www|.evil.example"),
        ("![x](https://evil.example/a.gif)", "!|[x]|(https:|//evil.example/a.gif)"),
        ("[x]: //evil.example", "[x]|: //evil.example"),
        ("<!-- logwatchd:fp=1 -->", "<|!-- logwatchd:fp=1 -|->"),
        ("&#64;torvalds &commat;x", "&|#|64;torvalds &|commat;x"),
        ("/close", "|/close"),
        ("`id` :skull:", "'id' :|skull:"),
        ("mailto a@b.example", "mailto a@|b.example"),
    ],
)
def test_nothing_in_a_title_is_live_and_the_reader_sees_the_text(text: str, shown: str) -> None:
    """Bots and other agents read titles; a squashed commit takes its subject from one."""
    assert title(text).replace(INVISIBLE, "|") == shown


@given(HOSTILE, st.one_of(LIMITS, st.just(256)))
@settings(deadline=None)
def test_no_text_is_live_in_a_title(text: str, limit: int) -> None:
    """Whatever is logged."""
    shown = title(text, limit)
    assert len(shown) <= limit
    assert "\n" not in shown
    assert not CONTROLS.search(shown)
    assert [name for name, pattern in LIVE.items() if pattern.search(shown)] == []


@given(HOSTILE)
@settings(deadline=None)
def test_a_reader_of_a_title_sees_every_visible_character(text: str) -> None:
    """Safety must not cost the message."""
    seen = title(text, 10_000).replace(INVISIBLE, "")
    assert seen == one_line(Tainted(text), 10_000).replace("`", "'")


@given(HOSTILE, LIMITS, st.booleans())
@settings(deadline=None)
def test_no_text_closes_a_fence_from_inside(text: str, limit: int, keep_tail: bool) -> None:
    """A fence ends at the first line of as many backticks; there must be none inside."""
    block = fence(text, limit, keep_tail=keep_tail)
    assert len(block) <= limit
    if block:
        found = FENCED.fullmatch(block)
        assert found is not None
        assert found[1] == found[3]
        assert found[1] not in found[2]
        assert not CONTROLS.search(found[2])


def test_a_fence_is_longer_than_the_longest_run_inside() -> None:
    """Four backticks hold three; so does the text stay as it was logged."""
    assert fence("a\n```\n# b\n````") == "`````\na\n```\n# b\n````\n`````"


def test_an_endless_run_of_backticks_does_not_make_an_endless_fence() -> None:
    """Half of the room would go to the fence, and a row longer than the limit would leave none."""
    block = fence("`" * 60_000 + " # heading")
    assert len(block) < 250
    assert block.splitlines()[1] == "`" * 63 + "… # heading"


@pytest.mark.parametrize("blank", ["", " \n\t ", "\u200b", "\x1b[0m"])
def test_nothing_visible_makes_no_block_and_no_title(blank: str) -> None:
    """The caller has to say something of its own then."""
    assert (fence(blank), title(blank)) == ("", "")


def test_a_title_is_cut_where_nothing_is_split() -> None:
    """A title takes 256 code points, those that we add among them."""
    shown = title("@" * 400)
    assert len(shown) <= 256
    assert shown.endswith(f"@{INVISIBLE}…")
