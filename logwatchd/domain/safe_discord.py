"""Text for Discord: nothing in it pings, links, formats or closes what it stands in."""

import re
from collections.abc import Iterator
from typing import Final

import re2

from logwatchd.domain.safe_text import (
    CUT,
    INVISIBLE,
    block,
    cut,
    cut_middle,
    one_line,
    without_half_placeholder,
)
from logwatchd.domain.tainted import Tainted

_FENCE: Final = "```"
"""Discord knows no longer one, so a run of backticks inside is broken instead."""

_FENCE_COST: Final = 2 * len(_FENCE) + 2

_BACKTICKS: Final = re2.compile(r"`{3,}")
_SHORTCODE: Final = re.compile(r":(?![0-9]{1,2}:)[A-Za-z0-9_+-]{1,64}:")  # not a time of day
_LIST_NUMBER: Final = re.compile(r"[0-9]{1,9}(?=\.)")
_READ: Final = re.compile(
    r"\\(?P<escaped>[^0-9A-Za-z\s])|(?P<code>```.*?```|`[^`\n]+`)|(?P<plain>.)", re.DOTALL
)
_LINE_MARKS: Final = frozenset("#->+")
_MARKS: Final = frozenset("\\*_~|[]`<")
_INVITE_HOSTS: Final = ("discord", "discordapp")


def discord_title(text: Tainted, limit: int) -> str:
    """Return one line for a place where Discord reads Markdown: titles, descriptions, fields.

    Nothing in it is live: Markdown, mentions, timestamps, emoji codes and links are escaped or
    broken by a zero-width space, so that a reader sees the text as it was.
    """
    return _inert(one_line(text, max(limit, 1)), limit, escape=True)


def discord_plain(text: Tainted, limit: int) -> str:
    """Return one line for a place where Discord reads no Markdown: footers.

    As `discord_title`, but without backslashes, which would be seen there; backticks become
    apostrophes.
    """
    return _inert(one_line(text, max(limit, 1)).replace("`", "'"), limit, escape=False)


def discord_inline(text: Tainted, limit: int) -> str:
    """Return inline code that cannot be closed from inside, or "" when there is nothing in it."""
    line = one_line(text, limit - 2).replace("`", "'")
    return f"`{line}`" if line else ""


def discord_fence(text: Tainted, limit: int, *, keep_tail: bool = False) -> str:
    """Return a code block that cannot be closed from inside.

    Args:
        text: Any text.
        limit: Code points of the whole block, fences included; they always fit.
        keep_tail: Whether a cut leaves the end as well as the beginning.

    Returns:
        The block, or "" when there is nothing in it or no room for anything.
    """
    room = limit - _FENCE_COST
    body = block(text)
    if not body or room < 1:
        return ""
    body = _BACKTICKS.sub(lambda run: f"`{INVISIBLE}" * len(run.group()), body)
    body = cut_middle(body, room) if keep_tail else cut(body, room)
    return f"{_FENCE}\n{body}\n{_FENCE}"


def discord_reading(markdown: str) -> Iterator[str]:
    """Yield what a reader sees of a text made here: each piece of code, and what is between."""
    between: list[str] = []
    for found in _READ.finditer(markdown):
        if found["code"] is None:
            between.append(found["escaped"] or found["plain"])
            continue
        yield "".join(between)
        yield found["code"].strip("`")
        between = []
    yield "".join(between)


def _inert(line: str, limit: int, *, escape: bool) -> str:
    """Neutralise one character after the other; a cut never splits what stands for one."""
    pieces: list[str] = []
    length = 0
    last_that_fits = 0
    listed = _LIST_NUMBER.match(line) if escape else None
    for at, mark in enumerate(line):
        piece = _escaped(line, at, mark) if escape else _plain(line, at, mark)
        if listed and at == listed.end():
            piece = "\\."
        length += len(piece)
        if length > limit:
            kept = len(without_half_placeholder(line[:last_that_fits]))
            return "".join(pieces[:kept]).rstrip() + CUT if limit > 0 else ""
        pieces.append(piece)
        if length < limit:
            last_that_fits = len(pieces)
    return "".join(pieces)


def _escaped(line: str, at: int, mark: str) -> str:
    broken = _broken(line, at, mark)
    if mark in _MARKS or (at == 0 and mark in _LINE_MARKS):
        return "\\" + broken
    if mark == "(" and at and line[at - 1] == "]":
        return "\\" + broken
    if mark == ":" and _SHORTCODE.match(line, at):
        return "\\" + broken
    return broken


def _plain(line: str, at: int, mark: str) -> str:
    return INVISIBLE + mark if mark == "[" else _broken(line, at, mark)


def _broken(line: str, at: int, mark: str) -> str:
    """Put a zero-width space behind what would begin something live.

    Never before it: a backslash would then escape the space and not the mark.
    """
    following = line[at + 1 : at + 2]
    if mark in "@<":
        return mark + INVISIBLE
    if mark == "]" and following in ("(", ":"):
        return mark + INVISIBLE
    if mark == ":" and following in ("/", "\\"):
        return mark + INVISIBLE
    if mark == "." and line[max(0, at - 10) : at].lower().endswith(_INVITE_HOSTS):
        return mark + INVISIBLE
    return mark
