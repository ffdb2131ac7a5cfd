"""Decide which statements of the source wrote a message, and in which order they matter.

Several statements write one message: an error's text is put into another's, and a log statement
writes the result. All that took part are found, with what each covers. The first is the one that
says most about what went wrong: not the one that passes on, in general words, what it was given.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from logwatchd.domain.clues import Clues, Place
from logwatchd.domain.site_evidence import WEAK, Found, Hit, matched, signs_of
from logwatchd.domain.site_wrapping import undominated, with_wrapping
from logwatchd.domain.source_paths import is_module, same_file
from logwatchd.domain.statement import Kind, Statement
from logwatchd.domain.template_match import Match

CANDIDATES_LIMIT: Final = 12

_RAISED_SHARE: Final = 0.9
"""What a place that raises an error is worth beside the text of the error's type."""

_USED_SHARE: Final = 1.1
"""What a use of a macro is worth beside the macro's text, which serves them all."""

_CERTAIN: Final = 100.0
"""Score of a place that the event names itself."""

_RIVAL_SHARE: Final = 0.85
"""A statement for the same words that is worth this share of the first may as well be meant."""


class Role(StrEnum):
    """What a statement has to do with a message.

    Attributes:
        WROTE: It wrote a part of it.
        WRAPPED: It passed on, in words of its own, what another one wrote.
        RAISED: It uses what wrote a part: an error's variant, a constant, a macro.
        STOOD: The event names the place.
        DOUBTFUL: It could have written a part, but something speaks against it.
    """

    WROTE = "wrote"
    WRAPPED = "wrapped"
    RAISED = "raised"
    STOOD = "stood"
    DOUBTFUL = "doubtful"


_ROLE_ORDER: Final = {
    Role.STOOD: 0,
    Role.WROTE: 0,
    Role.RAISED: 0,
    Role.WRAPPED: 1,
    Role.DOUBTFUL: 2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A statement that may have taken part.

    Attributes:
        statement: The statement.
        role: What it has to do with the message.
        score: How much speaks for it; compares candidates of one event, and nothing else.
        sure: How sure it is that this one, and no other for the same words, took part: 0 to 1.
        text: Which text it was found in: 0 the message, 1 the first cause, and so on.
        match: Where, or None when it was found by its place alone.
        reason: Why it is here, for people.
    """

    statement: Statement
    role: Role
    score: float
    sure: float = 0.0
    text: int = 0
    match: Match | None = None
    reason: str = ""


def candidates(clues: Clues, found: Found) -> tuple[Candidate, ...]:
    """Return the statements that took part in an event, the one that says most first.

    Args:
        clues: What the event says.
        found: What the index holds for it.

    Returns:
        At most `CANDIDATES_LIMIT`, each statement once; the same for the same input.
    """
    hits = with_wrapping(clues, undominated(matched(clues, found)))
    made = [_candidate(each, clues) for each in hits]
    made += _raisers(hits, clues, found)
    made += _standing(made, clues, found)
    best: dict[tuple[str, int, str], Candidate] = {}
    for each in sorted(made, key=_order):
        key = (each.statement.path, each.statement.line, each.statement.template.text)
        best.setdefault(key, each)
    ranked = tuple(best.values())[:CANDIDATES_LIMIT]
    return tuple(replace(each, sure=sureness(each, ranked)) for each in ranked)


def sureness(candidate: Candidate, ranked: Sequence[Candidate]) -> float:
    """Return how sure it is that a candidate took part: the only place where that is computed.

    What its literals say, shared with those that explain the same words as well.
    """
    if candidate.role is Role.STOOD:
        return 0.95
    found = candidate.match
    said = 1 - math.exp(-candidate.score / 3)
    if found is not None and (not found.whole or found.lost):
        said *= 0.8
    rivals = sum(
        1
        for each in ranked
        if each.score >= _RIVAL_SHARE * candidate.score and _same_words(candidate, each)
    )
    if candidate.role is Role.DOUBTFUL:
        said *= 0.3
    return round(said / max(1, rivals), 2)


def _same_words(one: Candidate, other: Candidate) -> bool:
    if one.text != other.text or one.match is None or other.match is None:
        return False
    if Role.DOUBTFUL in {one.role, other.role} and one.role is not other.role:
        return False
    shared = _overlap(one.match, other.match)
    return 2 * shared > min(one.match.covered, other.match.covered)


def _overlap(one: Match, other: Match) -> int:
    return sum(
        max(0, min(a_end, b_end) - max(a, b))
        for a, a_end in one.literals
        for b, b_end in other.literals
    )


def _order(candidate: Candidate) -> tuple[int, float, str, int, str]:
    where = candidate.statement
    rank = _ROLE_ORDER[candidate.role]
    return (rank, -candidate.score, where.path, where.line, where.template.text)


def _candidate(hit: Hit, clues: Clues) -> Candidate:
    role = Role.DOUBTFUL if hit.doubt else Role.WRAPPED if hit.wraps else Role.WROTE
    return Candidate(
        statement=hit.statement,
        role=role,
        score=hit.score,
        text=hit.text,
        match=hit.match,
        reason=_reason(hit, role, clues),
    )


def _reason(hit: Hit, role: Role, clues: Clues) -> str:
    verb = {Role.WROTE: "writes", Role.WRAPPED: "passes on as"}.get(role, "could write")
    where = "the message" if hit.text == 0 else "a cause"
    share = f"{hit.match.covered} of {len(clues.texts[hit.text])} characters of {where}"
    doubt = f"; but {hit.doubt}" if hit.doubt else ""
    return f"{verb} `{hit.statement.template.text}` ({share}){doubt}"


def raised_symbol(statement: Statement) -> str:
    """Return the name by which other code uses a text, "" when it is written where it stands.

    An error's variant, a constant in capitals, or a macro with its exclamation mark.
    """
    if statement.kind is Kind.DISPLAY or statement.symbol.endswith("!"):
        return statement.symbol
    return statement.function if statement.function.isupper() else ""


def _likely(places: Sequence[Statement], symbol: str, clues: Clues) -> Sequence[Statement]:
    """Leave out the uses of a macro in modules that are not the one that logged."""
    if not symbol.endswith("!") or not clues.modules_known:
        return places
    here = [each for each in places if is_module(each.path, each.modules, clues.target)]
    return here or places


def _raisers(hits: list[Hit], clues: Clues, found: Found) -> list[Candidate]:
    """Return the places that make the errors whose types wrote a part."""
    made: list[Candidate] = []
    for hit in hits:
        if hit.doubt or hit.wraps:
            continue
        symbol = raised_symbol(hit.statement)
        places = _likely(found.raised.get(symbol, ()), symbol, clues) if symbol else ()
        share = _USED_SHARE if symbol.endswith("!") else _RAISED_SHARE
        share /= math.sqrt(max(1, len(places)))
        made += [
            Candidate(
                statement=replace(each, template=hit.statement.template),
                role=Role.RAISED,
                score=hit.score * share * (1 + signs_of(each, clues)),
                text=hit.text,
                reason=f"uses `{symbol}`, which says `{hit.statement.template.text}`",
            )
            for each in places
        ]
    return made


def _standing(made: list[Candidate], clues: Clues, found: Found) -> list[Candidate]:
    """Return what stands where the event says it happened, when its text did not tell."""
    standing: list[Candidate] = []
    made_known = any(each.role is not Role.DOUBTFUL for each in made)
    for place in clues.places:
        around = [
            each
            for each in found.statements
            if same_file(each.path, place.path) and each.start <= place.line <= each.end
        ]
        exact = [each for each in around if each.line <= place.line <= each.end_line]
        chosen = min(exact or around, key=lambda each: each.end - each.start, default=None)
        if chosen is None or (made_known if not place.origin else _is_told(made, place)):
            continue
        here = chosen if exact else replace(chosen, line=place.line, end_line=place.line)
        standing.append(
            Candidate(
                statement=here,
                role=Role.STOOD,
                score=_CERTAIN - len(standing),
                reason=f"the event names this place ({place.why})",
            )
        )
    return standing


def _is_told(made: list[Candidate], place: Place) -> bool:
    """Say whether a text tells more than a line, which moves with every edit of the file."""
    return any(
        each.role is Role.WROTE
        and each.score >= WEAK
        and same_file(each.statement.path, place.path)
        for each in made
    )
