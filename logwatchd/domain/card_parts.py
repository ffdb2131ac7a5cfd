"""What a card is made of, whoever draws it.

Each piece of text says by its type whether we wrote it or anyone could have: a renderer takes
`Words`, `Strong` and `Graph` as they are; the rest is `Tainted`, which only `safe_text` and its
siblings open.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from logwatchd.domain.tainted import Tainted


class Tone(StrEnum):
    """The mood of a card; a renderer turns it into a colour."""

    CRITICAL = "critical"
    WARNING = "warning"
    INFO = "info"
    QUIET = "quiet"
    GOOD = "good"


@dataclass(frozen=True, slots=True)
class Words:
    """Our own words."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Our own words, to be seen first."""

    text: str


@dataclass(frozen=True, slots=True)
class Graph:
    """Characters of our own that need a fixed width."""

    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """Untrusted text within a sentence; at most `limit` code points are shown."""

    text: Tainted
    limit: int = 160


@dataclass(frozen=True, slots=True)
class Code:
    """Untrusted text that reads as an identifier; at most `limit` code points are shown."""

    text: Tainted
    limit: int = 120


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time (aware); `relative` asks for "5 minutes ago" where that stays true."""

    at: datetime
    relative: bool = True


Inline = Words | Strong | Graph | Quote | Code | Moment


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the body."""

    parts: tuple[Inline, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Untrusted text of several lines.

    Attributes:
        text: The text.
        label: Our own words above it.
        limit: Code points that are shown at most.
        keep_tail: Whether a cut leaves the end as well as the beginning.
    """

    text: Tainted
    label: str
    limit: int
    keep_tail: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A named fact.

    Attributes:
        name: Our own words.
        value: What is shown.
        wide: Whether it needs a row of its own.
        essential: Whether it stays however little room there is.
    """

    name: str
    value: tuple[Inline, ...]
    wide: bool = False
    essential: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """A notice, ready to be drawn.

    Attributes:
        tone: The mood.
        lead: Our own words; what the title begins with, never cut.
        subject: What the title goes on with; untrusted.
        body: Lines and blocks, the most important first.
        fields: Facts, the most important first.
        footer: What stands below.
        at: The time the card is about (aware, UTC).
        ident: Short name of the incident, or "".
        count: Events of the incident or digest, or None.
        standing: Our own words for where the incident stands, or "".
        stub: Our own words for a reader who can be shown nothing else.
        mention: Whether a new message with this card may call people.
    """

    tone: Tone
    lead: str
    subject: Tainted
    body: tuple[Line | Block, ...]
    fields: tuple[Field, ...] = ()
    footer: tuple[Inline, ...] = ()
    at: datetime
    ident: str = ""
    count: int | None = None
    standing: str = ""
    stub: str = ""
    mention: bool = False


def with_texts(card: Card, change: Callable[[Tainted], Tainted]) -> Card:
    """Return a card with each untrusted text replaced by what `change` makes of it."""

    def inlines(parts: tuple[Inline, ...]) -> tuple[Inline, ...]:
        return tuple(
            replace(each, text=change(each.text)) if isinstance(each, Quote | Code) else each
            for each in parts
        )

    def piece(part: Line | Block) -> Line | Block:
        if isinstance(part, Line):
            return Line(inlines(part.parts))
        return replace(part, text=change(part.text))

    return replace(
        card,
        subject=change(card.subject),
        body=tuple(piece(part) for part in card.body),
        fields=tuple(replace(each, value=inlines(each.value)) for each in card.fields),
        footer=inlines(card.footer),
    )
