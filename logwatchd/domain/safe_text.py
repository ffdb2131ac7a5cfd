"""The one way from text that anyone could have written to text that is shown.

Log text can hold escape sequences, invisible characters, mentions, links and Markdown. Every
renderer takes `Tainted` and begins with `cleaning.visible`; what is left is made inert for one kind
of place: here for a terminal and for JSON, in `safe_discord` and `safe_github` for those, in
`prompt` for a model. All limits count code points of the result.
"""

from collections.abc import Callable
from typing import Final

from logwatchd.domain.cleaning import visible, without_surrogates
from logwatchd.domain.tainted import Tainted

INVISIBLE: Final = "\u200b"
"""Zero-width space. Cleaning removes it from every input, so where it stands, we put it."""

CUT: Final = "…"

_TAIL_SHARE: Final = 3
"""One part in this many of a cut block shows its end, where a trace names its root cause."""

_PLACEHOLDER: Final = "[REDACTED:"


def one_line(text: Tainted, limit: int) -> str:
    """Return cleaned text on one line, white space folded, cut to `limit` code points."""
    return cut(" ".join(visible(text.untainted()).split()), limit)


def terminal(text: Tainted) -> str:
    """Return cleaned text on which a terminal acts in no way; lines stay, tabs are widened."""
    return visible(text.untainted()).expandtabs(4)


def json_value(text: Tainted | str) -> str:
    """Return text as it stands, for a JSON document in ASCII: a terminal acts on nothing in it."""
    return without_surrogates(text.untainted() if isinstance(text, Tainted) else text)


def redacted_again(text: Tainted, redact: Callable[[str], str]) -> Tainted:
    """Return a text without secrets that only show once it is clean, or came by another way."""
    return Tainted(redact(visible(text.untainted())))


def block(text: Tainted) -> str:
    """Return cleaned text of several lines, without blank ones around it."""
    return visible(text.untainted()).strip("\n").rstrip()


def cut(text: str, limit: int) -> str:
    """Cut a clean text to `limit`, and show it."""
    if len(text) <= limit:
        return text
    return without_half_placeholder(text[: limit - 1]).rstrip() + CUT if limit > 0 else ""


def cut_middle(text: str, limit: int) -> str:
    """Cut a clean text at line ends where there are any near, and show it on a line of its own."""
    mark = f"\n{CUT}\n"
    tail_room = limit // _TAIL_SHARE
    head_room = limit - tail_room - len(mark)
    if len(text) <= limit:
        return text
    if head_room < 1 or tail_room < 1:
        return cut(text, limit)
    head, tail = without_half_placeholder(text[:head_room]), text[-tail_room:]
    if (end := head.rfind("\n")) > head_room // 2:
        head = head[:end]
    if -1 < (start := tail.find("\n")) < tail_room // 2:
        tail = tail[start + 1 :]
    return f"{head.rstrip()}{mark}{tail}"


def without_half_placeholder(head: str) -> str:
    """Return the beginning of a text without the half of a `[REDACTED:kind]` at its end.

    Half of one looks like a secret to whoever looks for secrets again.
    """
    at = head.rfind("[")
    rest = head[at:] if at >= 0 else ""
    halved = "]" not in rest and (_PLACEHOLDER.startswith(rest) or rest.startswith(_PLACEHOLDER))
    return head[:at] if rest and halved else head
