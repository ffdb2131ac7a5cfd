"""Check an answer against what was sent: each quote must stand there, byte for byte.

Telling a model to be careful does not keep it from inventing causes; this does not either, but what
it invents finds no quote, and whoever reads the card sees it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.diagnosis import NO_COMMIT, Answer, Checked, Claim, Found, Verified
from logwatchd.domain.tainted import Tainted

QUOTE_LEAST: Final = 8
"""Characters of a quote that proves anything; a shorter one must be a whole line."""

_HYPOTHESIS_CAP: Final = 30
"""Percent of confidence at most in a root cause for which nothing was found."""

_EVENT_ONLY_CAP: Final = 60
"""The same when all that was found is the log itself: that is where one started."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A piece of what was sent, as it stood there.

    Attributes:
        reference: Its name, such as `s1`; that is what evidence refers to.
        text: The text, exactly as sent.
        path: The source file that it is from, or "".
        start: Line of that file at which `source` begins, from 1.
        source: The lines of the file, before anything was cut; "" when it is no source.
        commit: Id of the commit that it is about, or "".
        summary: What that commit says it does, or "".
    """

    reference: str
    text: str
    path: str = ""
    start: int = 1
    source: str = ""
    commit: str = ""
    summary: str = ""


def verified(answer: Answer, pieces: Mapping[str, Piece]) -> Verified:
    """Check an answer.

    Args:
        answer: What the model said.
        pieces: What it was sent, by reference.

    Returns:
        What is left of it. The confidence is at most the share of the quotes that were found; a
        claim without a quote counts as one that was not.
    """
    cause, impact = _checked(answer.cause, pieces), _checked(answer.impact, pieces)
    claims = [_checked(each, pieces) for each in answer.claims]
    given = [answer.cause, *answer.claims]
    quotes = sum(max(len(each.evidence), 1) for each in given)
    found = len(cause.found) + sum(len(each.found) for each in claims)
    suspect = pieces.get(answer.suspect)
    offered = suspect is not None and bool(suspect.commit)
    said = round(min(max(answer.confidence, 0.0), 1.0) * 100)
    return Verified(
        cause=cause,
        kind=answer.kind,
        impact=impact,
        claims=tuple(each for each in claims if each.found),
        recommendations=answer.recommendations,
        suspect=suspect.commit if suspect is not None and offered else "",
        suspect_summary=Tainted(suspect.summary if suspect is not None and offered else ""),
        code_change=answer.code_change,
        file=answer.file
        if answer.file in {Tainted(each.path) for each in pieces.values()}
        else Tainted(""),
        unknown=answer.unknown,
        confidence=min(said, found * 100 // quotes, _cap(cause)),
        said=said,
        quotes=quotes,
        found=found,
        dropped=sum(not each.found for each in claims),
        false_suspect=not offered and answer.suspect != NO_COMMIT,
    )


def _checked(claim: Claim, pieces: Mapping[str, Piece]) -> Checked:
    found = []
    for each in claim.evidence:
        piece = pieces.get(each.reference)
        if piece is not None and stands_in(each.quote, piece.text):
            beyond_log = bool(piece.path or piece.commit)
            line = _line(piece, each.quote)
            path = Tainted(piece.path if line else "")
            place = _place(piece, line)
            found.append(Found(place, Tainted(each.quote), beyond_log, path, line))
    return Checked(claim.text, tuple(found))


def _cap(cause: Checked) -> int:
    if not cause.found:
        return _HYPOTHESIS_CAP
    return 100 if any(each.beyond_log for each in cause.found) else _EVENT_ONLY_CAP


def stands_in(quote: str, text: str) -> bool:
    """Say whether a quote stands in a text, and is long enough to prove anything."""
    if len(quote.strip()) < QUOTE_LEAST:
        return bool(quote.strip()) and quote in text.split("\n")
    return quote in text


def _place(piece: Piece, line: int) -> Tainted:
    if piece.commit:
        return Tainted(piece.commit)
    if not piece.path:
        return Tainted(piece.reference)
    return Tainted(f"{piece.path}:{line}" if line else piece.path)


def _line(piece: Piece, quote: str) -> int:
    """Return the line of the source file where a quote begins, 0 when it is not of its source."""
    at = piece.source.find(quote) if piece.path else -1
    if at < 0:
        return 0
    leading = len(quote) - len(quote.lstrip("\n"))
    return piece.start + piece.source.count("\n", 0, at + leading)
