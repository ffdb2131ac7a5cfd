"""Text for GitHub: a title in which nothing is live, and a fence that nothing inside can close.

Sources of what GitHub acts on: its pages "Autolinked references and URLs", "Linking a pull request
to an issue" and "Basic writing and formatting syntax", and the GitHub Flavored Markdown
specification (fenced code blocks, autolinks). A title is read by bots and becomes the subject of a
squashed commit, so it is made inert although GitHub itself formats little in it.
"""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

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

TITLE_LIMIT: Final = 256
"""Code points of a title that the API takes."""

_LONGEST_RUN: Final = 64
"""Backticks in a row that are kept: the fence around them is one longer."""

_SHORTEST_FENCE: Final = 3
_NAME_LIMIT: Final = 120
_FACT_LIMIT: Final = 1_024
_PATH_LIMIT: Final = 1_000
_RUN: Final = re.compile("`+")
_ENDLESS_RUN: Final = re.compile(f"`{{{_LONGEST_RUN},}}")

_LIVE: Final = re.compile(
    r"[@<]"  # mentions, e-mail addresses, commits of another repository, HTML
    r"|#(?=[0-9])"  # issues, also of another repository, and what closes them
    r"|GH(?=-[0-9])"
    r"|:(?=[/\\])|www(?=\.)"  # links
    r"|:(?=(?![0-9]{1,2}:)[a-z0-9_+-]{1,64}:)"  # emoji, but no time of day
    r"|!(?=\[)|\](?=[(\[:])"  # images, references, definitions
    r"|-(?=->)"  # the end of a comment
    r"|&(?=#|[a-z])"  # a character by its name
    r"|^(?=/)",  # commands of bots
    re.IGNORECASE,
)
_COMMIT: Final = re.compile(r"(?<![0-9a-z])[0-9a-f]{7,}(?![0-9a-z])", re.IGNORECASE)
_COMMIT_ID: Final = re.compile("[0-9a-f]{40}|[0-9a-f]{64}")
_COMMIT_PART: Final = re.compile("[0-9a-fA-F]{1,6}")
"""Too short to name a commit."""


def github_title(text: Tainted, limit: int = TITLE_LIMIT) -> str:
    """Return one line in which no mention, reference, link, command or markup is live.

    What would be live is broken by a zero-width space, so that a reader sees the text as it was;
    backticks become apostrophes.
    """
    line = one_line(text, max(limit, 1)).replace("`", "'")
    inert, kept = _inert(line), min(len(line), limit)
    while len(inert) > limit and kept:
        kept -= 1
        inert = _inert(without_half_placeholder(line[:kept]).rstrip()) + CUT
    return inert if len(inert) <= limit else ""


def github_fence(text: Tainted, limit: int, *, keep_tail: bool = False) -> str:
    """Return a code block whose fence is longer than every run of backticks inside.

    Args:
        text: Any text.
        limit: Code points of the whole block, fences included; they always fit.
        keep_tail: Whether a cut leaves the end as well as the beginning.

    Returns:
        The block, or "" when there is nothing in it or no room for anything.
    """
    body = _ENDLESS_RUN.sub("`" * (_LONGEST_RUN - 1) + CUT, block(text))
    longest = max((len(run) for run in _RUN.findall(body)), default=0)
    fence = "`" * max(_SHORTEST_FENCE, longest + 1)
    room = limit - 2 * len(fence) - 2
    if not body or room < 1:
        return ""
    body = cut_middle(body, room) if keep_tail else cut(body, room)
    return f"{fence}\n{body}\n{fence}"


def github_facts(facts: Sequence[tuple[str | Tainted, Tainted]], limit: int) -> str:
    """Return facts as a code block, one a line behind their names.

    Args:
        facts: Names, our own or from outside, with values that may hold anything; those without a
            value are left out.
        limit: Code points of the whole block; what finds no room is cut at its end.
    """
    named = [
        f"{one_line(name, _NAME_LIMIT) if isinstance(name, Tainted) else name}: "
        f"{one_line(value, _FACT_LIMIT)}"
        for name, value in facts
        if value
    ]
    return github_fence(Tainted("\n".join(named)), limit)


def github_permalink(web: str, commit: str, path: Tainted, line: int) -> str:
    """Return the address of a line of the source, or "" when it cannot be one.

    Args:
        web: Address of the repository in a browser, by the settings.
        commit: The whole id of the commit.
        path: Path in the repository; what could be live in it is percent-encoded.
        line: From 1.
    """
    place = quote(path.untainted(), safe="/", errors="replace")
    if not _COMMIT_ID.fullmatch(commit) or not place or line < 1 or len(place) > _PATH_LIMIT:
        return ""
    return f"{web}/blob/{commit}/{place}#L{line}"


def _inert(line: str) -> str:
    apart = _COMMIT.sub(lambda run: INVISIBLE.join(_COMMIT_PART.findall(run.group())), line)
    return _LIVE.sub(lambda found: found.group() + INVISIBLE, apart)
