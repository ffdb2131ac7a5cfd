"""Cards as plain lines, for pipes and for those who want no colour."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, assert_never

from logwatchd.domain.card_parts import (
    Block,
    Card,
    Code,
    Graph,
    Inline,
    Line,
    Moment,
    Quote,
    Strong,
    Words,
)
from logwatchd.domain.safe_text import CUT, one_line, terminal

SUBJECT_LIMIT: Final = 400
BLOCK_LINES: Final = 30
"""Lines of a block that are printed; more would push the next card off the screen."""

_TAIL_LINES: Final = 10
_LINE_LIMIT: Final = 1_000
_INDENT: Final = "  "


def plain_card(card: Card) -> str:
    """Return a card as indented lines, a blank one last."""
    return "\n".join([headline(card), *(_INDENT + line for line in _details(card)), "", ""])


def update_line(card: Card) -> str:
    """Return one line that says how an incident stands now."""
    count = "" if card.count is None else f"×{card.count:,}"
    facts = (card.ident, count, card.standing, one_line(card.subject, SUBJECT_LIMIT))
    return f"↻ {'  '.join(fact for fact in facts if fact)}"


def headline(card: Card) -> str:
    """Return the title without its icon, the name of the incident in front."""
    words = card.lead.partition(" ")[2] or card.lead
    subject = one_line(card.subject, SUBJECT_LIMIT)
    return " ".join(part for part in (card.ident, words, f"— {subject}" if subject else "") if part)


def shown(card: Card, block: Block) -> list[str]:
    """Return the lines of a block that are printed; a cut is shown.

    None when the block says no more than the title above it.
    """
    text = terminal(block.text).strip("\n").rstrip()
    if not text or text == terminal(card.subject).strip():
        return []
    lines = [_clipped(line) for line in text.splitlines()]
    if len(lines) <= BLOCK_LINES:
        return lines
    tail = _TAIL_LINES if block.keep_tail else 0
    return [*lines[: BLOCK_LINES - tail], CUT, *(lines[-tail:] if tail else [])]


def moment(at: datetime) -> str:
    """Return a time as `2026-02-03 04:05:06Z`."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def inline(part: Inline) -> str:
    """Return a part as text on which a terminal acts in no way."""
    match part:
        case Words() | Strong() | Graph():
            return part.text
        case Quote() | Code():
            return one_line(part.text, part.limit)
        case Moment():
            return moment(part.at)
        case _:
            assert_never(part)


def joined(parts: tuple[Inline, ...]) -> str:
    """Return parts as one text."""
    texts = (inline(part).strip() for part in parts)
    return " ".join(text for text in texts if text)


def _details(card: Card) -> Iterator[str]:
    for part in card.body:
        if isinstance(part, Line):
            yield joined(part.parts)
        elif lines := shown(card, part):
            yield f"{part.label}:"
            yield from (_INDENT + line for line in lines)
    for field in card.fields:
        yield f"{field.name}: {joined(field.value)}"
    below = joined(card.footer)
    yield f"{moment(card.at)}{' · ' if below else ''}{below}"


def _clipped(line: str) -> str:
    return line if len(line) <= _LINE_LIMIT else line[: _LINE_LIMIT - 1] + CUT
