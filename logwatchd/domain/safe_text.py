"""The one place where text written by anyone becomes text that a renderer may take.

Log text can hold escape sequences, invisible characters, mentions, links and Markdown. `clean`
removes what no reader can see; the other functions make what is left inert for one kind of
place. All limits count code points of the result.
"""

import re
from typing import Final

import re2

INVISIBLE: Final = "\u200b"
"""Zero-width space. Cleaning removes it from every input, so where it stands, we put it."""

CUT: Final = "…"

_FENCE: Final = "```"
_FENCE_COST: Final = 2 * len(_FENCE) + 2

_TAIL_SHARE: Final = 3
"""One part in this many of a cut block shows its end, where a trace names its root cause."""

_HIDDEN: Final = dict.fromkeys(
    [
        0x00AD,  # soft hyphen
        0x034F,  # grapheme joiner
        0x061C,  # bidi mark
        0x180E,  # vowel separator without width
        *range(0x200B, 0x2010),  # zero-width characters, bidi marks
        *range(0x202A, 0x202F),  # bidi embeddings and overrides
        *range(0x2060, 0x2070),  # joiners, invisible operators, bidi isolates
        0xFEFF,  # byte order mark
        *range(0xFFF9, 0xFFFC),  # interlinear annotation
        *range(0xD800, 0xE000),  # lone surrogates cannot be encoded
        *range(0xE0000, 0xE0080),  # tags: a hidden alphabet
        *range(0xE0100, 0xE01F0),  # variation selectors that hide bytes
    ]
)
_CONTROLS: Final = dict.fromkeys(
    [*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), *range(0x7F, 0xA0)]
) | {0x2028: "\n", 0x2029: "\n"}

_ESCAPES: Final = re2.compile(
    r"(?:\x1b\[|\x{9b})[0-?]{0,64}[ -/]{0,8}[@-~]?"  # colours, cursor, erase
    r"|(?:\x1b[\]PX^_]|[\x{90}\x{98}\x{9d}-\x{9f}])"  # titles, links, device strings
    r"[^\x00-\x1f\x7f-\x{9f}]*(?:\x07|\x1b\\|\x{9c})"
    r"|\x1b[ -/]{1,8}[0-~]"  # character sets
    r"|\x1b[0-~]"  # everything that is two characters
)
_ESCAPE_STARTS: Final = re.compile("[\x1b\x90-\x9f]")

_BACKTICKS: Final = re2.compile(r"`{3,}")
_SHORTCODE: Final = re.compile(r":(?![0-9]{1,2}:)[A-Za-z0-9_+-]{1,64}:")  # not a time of day
_LIST_NUMBER: Final = re.compile(r"[0-9]{1,9}(?=\.)")
_LINE_MARKS: Final = frozenset("#->+")
_MARKS: Final = frozenset("\\*_~|[]`<")
_INVITE_HOSTS: Final = ("discord", "discordapp")


def clean(text: str) -> str:
    """Remove what is not meant to be read: escape sequences, control and invisible characters.

    Newlines and tabs stay; other line ends become newlines. Cleaning twice changes nothing.
    """
    text = text.translate(_HIDDEN)
    if _ESCAPE_STARTS.search(text):
        text = _ESCAPES.sub("", text)
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)


def one_line(text: str, limit: int) -> str:
    """Return cleaned text on one line, white space folded, cut to `limit` code points."""
    return _cut(" ".join(clean(text).split()), limit)


def terminal(text: str) -> str:
    """Return cleaned text on which a terminal acts in no way; lines stay, tabs are widened."""
    return clean(text).expandtabs(4)


def discord_title(text: str, limit: int) -> str:
    """Return one line for a place where Discord reads Markdown: titles, descriptions, fields.

    Nothing in it is live: Markdown, mentions, timestamps, emoji codes and links are escaped or
    broken by a zero-width space, so that a reader sees the text as it was.
    """
    return _inert(one_line(text, max(limit, 1)), limit, escape=True)


def discord_plain(text: str, limit: int) -> str:
    """Return one line for a place where Discord reads no Markdown: footers.

    As `discord_title`, but without backslashes, which would be seen there; backticks become
    apostrophes.
    """
    return _inert(one_line(text.replace("`", "'"), max(limit, 1)), limit, escape=False)


def discord_inline(text: str, limit: int) -> str:
    """Return inline code that cannot be closed from inside, or "" when there is nothing in it."""
    line = one_line(text.replace("`", "'"), limit - 2)
    return f"`{line}`" if line else ""


def discord_fence(text: str, limit: int, *, keep_tail: bool = False) -> str:
    """Return a code block that cannot be closed from inside.

    Args:
        text: Any text.
        limit: Code points of the whole block, fences included; they always fit.
        keep_tail: Whether a cut leaves the end as well as the beginning.

    Returns:
        The block, or "" when there is nothing in it or no room for anything.
    """
    room = limit - _FENCE_COST
    body = clean(text).strip("\n").rstrip()
    if not body or room < 1:
        return ""
    body = _BACKTICKS.sub(lambda run: f"`{INVISIBLE}" * len(run.group()), body)
    body = _cut_middle(body, room) if keep_tail else _cut(body, room)
    return f"{_FENCE}\n{body}\n{_FENCE}"


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    return text[: limit - 1].rstrip() + CUT if limit > 0 else ""


def _cut_middle(text: str, limit: int) -> str:
    """Cut at line ends where there are any near, and show the cut on a line of its own."""
    mark = f"\n{CUT}\n"
    tail_room = limit // _TAIL_SHARE
    head_room = limit - tail_room - len(mark)
    if len(text) <= limit:
        return text
    if head_room < 1 or tail_room < 1:
        return _cut(text, limit)
    head, tail = text[:head_room], text[-tail_room:]
    if (end := head.rfind("\n")) > head_room // 2:
        head = head[:end]
    if -1 < (start := tail.find("\n")) < tail_room // 2:
        tail = tail[start + 1 :]
    return f"{head.rstrip()}{mark}{tail}"


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
            return "".join(pieces[:last_that_fits]).rstrip() + CUT if limit > 0 else ""
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
