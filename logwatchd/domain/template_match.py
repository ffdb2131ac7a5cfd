"""Find where in a text a template was written. Linear in the text for each piece, never backtracking."""

import re
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from logwatchd.domain.statement import Template

_STARTS_TRIED: Final = 8
"""Places of the first literal that are tried; the tightest match wins."""

_REDACTED: Final = "[REDACTED:"
_SEPARATORS: Final = (": ", "] ", "; ", ", ", "- ", "=", '"', "'", "(", "`", "— ", "→ ", "| ", "> ")

_GOES_ON: Final = re.compile(r"Caused by:|left: |\d{1,2}: ")
"""How `anyhow` and assertions go on behind a text."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Match:
    """Where a template stands in a text; all places are offsets into it.

    Attributes:
        start: Where it begins, a value at its head included.
        end: Where it ends, a value at its end included.
        literals: What its literals cover, in order.
        gaps: What its values cover, in order.
        whole: Whether it begins and ends where a text of its own would.
        lost: Whether one literal is missing because redaction took it.
    """

    start: int
    end: int
    literals: tuple[Span, ...]
    gaps: tuple[Span, ...]
    whole: bool
    lost: bool = False

    @property
    def covered(self) -> int:
        """Number of characters that the literals cover."""
        return sum(end - start for start, end in self.literals)


def match(template: Template, text: str) -> Match | None:
    """Return the tightest place of a template in a text, None when it was not written from it.

    Args:
        template: The template.
        text: Folded as `statement.folded` does.
    """
    literals = list(template.literals)
    literals[0], literals[-1] = literals[0].lstrip(), literals[-1].rstrip()
    # A value at the end may be empty, and the space before it is trimmed then.
    padded = text + " "
    best: Match | None = None
    for start in _starts(literals, padded):
        found = _from(literals, padded, start, lossy=False)
        if found is not None and (best is None or _length(found) < _length(best)):
            best = found
    if best is None and _REDACTED in text:
        for start in _starts(literals, padded):
            best = best or _from(literals, padded, start, lossy=True)
    return best


def _length(found: Match) -> int:
    return found.literals[-1][1] - found.literals[0][0] if found.literals else 0


def _starts(literals: list[str], text: str) -> list[int]:
    """Return where the first literal that is not empty stands."""
    first = next((each for each in literals if each.strip()), "")
    opens = bool(literals[0])
    found: list[int] = []
    at = text.find(first) if first else -1
    while at >= 0 and len(found) < _STARTS_TRIED:
        if not opens or not _splits_word(text, at):
            found.append(at)
        at = text.find(first, at + 1)
    return found


def _splits_word(text: str, at: int) -> bool:
    """Say whether a place is inside a word."""
    return 0 < at < len(text) and _in_word(text[at - 1]) and _in_word(text[at])


def _in_word(sign: str) -> bool:
    return sign.isalnum() or sign == "_"


def _from(literals: list[str], text: str, start: int, *, lossy: bool) -> Match | None:
    """Match greedily from the place of the first literal."""
    spans: list[Span] = []
    at, lost = start, False
    last = len(literals) - 1
    for number, literal in enumerate(literals):
        if not literal.strip() and (not spans or number == last):
            continue  # it tells no place
        place = _place(text, literal, at, ends=number == last)
        if place < 0:
            if not lossy or lost or _REDACTED not in text[at:]:
                return None
            lost = True
            continue
        at = place + len(literal)
        spans.append((place, min(at, len(text) - 1)))
    return _matched(literals, text[:-1], spans, lost=lost) if spans else None


def _place(text: str, literal: str, at: int, *, ends: bool) -> int:
    """Find a literal; the last one ends where a word does."""
    place = text.find(literal, at)
    while ends and place >= 0 and _splits_word(text, place + len(literal)):
        place = text.find(literal, place + 1)
    return place


def _matched(literals: list[str], text: str, spans: list[Span], *, lost: bool) -> Match:
    first, final = spans[0][0], spans[-1][1]
    start = first if literals[0].strip() else _head(text, first)
    end = final if literals[-1].strip() else len(text)
    gaps = [(left[1], right[0]) for left, right in pairwise(spans)]
    if not literals[0].strip() and len(literals) > 1:
        gaps.insert(0, (start, first))
    if not literals[-1].strip() and len(literals) > 1:
        gaps.append((final, end))
    return Match(
        start=start,
        end=end,
        literals=tuple(spans),
        gaps=tuple(gaps),
        whole=begins_part(text, start) and ends_part(text, end),
        lost=lost,
    )


def _head(text: str, at: int) -> int:
    """Return where a value that ends at a place may begin: behind a separator or at the start."""
    colon = text.rfind(": ", 0, at)
    return colon + len(": ") if colon >= 0 else 0


def begins_part(text: str, at: int) -> bool:
    """Say whether a text of its own could begin here."""
    return at == 0 or text[:at].endswith(_SEPARATORS)


def ends_part(text: str, at: int) -> bool:
    """Say whether a text of its own could end here."""
    rest = text[at:].lstrip(" ")
    return not rest or rest[0] in ":;,)]}\"'`|(.-" or _GOES_ON.match(rest) is not None
