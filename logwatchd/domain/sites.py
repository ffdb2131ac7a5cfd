"""Decide which statements of the source wrote a message, and in which order they matter.

Several statements write one message: an error's text is put into another's, and a log statement
writes the result. All that took part are found, with what each covers. The first is the one that
says most about what went wrong: not the one that passes on, in general words, what it was given.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from logwatchd.domain.clues import Clues, Place
from logwatchd.domain.source_paths import is_module, near_modules, same_file
from logwatchd.domain.statement import ANY_TARGET, Kind, Statement, is_message, size_of
from logwatchd.domain.template_match import Match, begins_part, match

CANDIDATES_LIMIT: Final = 12

_STANDARD_LOG: Final = frozenset({"error", "warn", "info", "debug", "trace", "event", "log"})
_WEAK: Final = 1.5
"""Information below which a text may be there by chance: about one common word."""

_FULL_WORD: Final = 8
_KIND_WEIGHT: Final = {
    Kind.LOG: 1.0,
    Kind.ERROR: 1.0,
    Kind.PANIC: 1.0,
    Kind.DISPLAY: 0.95,
    Kind.TEXT: 0.75,
}
_RAISED_SHARE: Final = 0.9
"""What a place that raises an error is worth beside the text of the error's type."""

_CERTAIN: Final = 100.0
"""Score of a place that the event names itself."""

_RIVAL_SHARE: Final = 0.85
"""A statement for the same words that is worth this share of the first may as well be meant."""


class Role(StrEnum):
    """What a statement has to do with a message."""

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


@dataclass(frozen=True, slots=True)
class Found:
    """What the index holds for the words and places of an event.

    Attributes:
        statements: Statements that share a rare word with a text of the event, or stand where it
            was logged.
        raised: For a symbol, the places that make such an error.
        frequency: In how many statements a word stands.
        total: Number of statements.
    """

    statements: Sequence[Statement]
    raised: Mapping[str, Sequence[Statement]]
    frequency: Mapping[str, int]
    total: int


@dataclass(frozen=True, slots=True)
class _Hit:
    """A statement whose template stands in one of the texts."""

    statement: Statement
    text: int
    match: Match
    score: float
    doubt: str = ""
    wraps: bool = False


def candidates(clues: Clues, found: Found) -> tuple[Candidate, ...]:
    """Return the statements that took part in an event, the one that says most first.

    Args:
        clues: What the event says.
        found: What the index holds for it.

    Returns:
        At most `CANDIDATES_LIMIT`, each statement once; the same for the same input.
    """
    hits = _with_wrapping(clues, _undominated(_hits(clues, found)))
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


def _order(candidate: Candidate) -> tuple[int, float, str, int]:
    where = candidate.statement
    return (_ROLE_ORDER[candidate.role], -candidate.score, where.path, where.line)


def _hits(clues: Clues, found: Found) -> list[_Hit]:
    hits = []
    for statement in found.statements:
        if not any(statement.template.literals):
            continue
        for number, text in enumerate(clues.texts):
            place = match(statement.template, text)
            if place is not None:
                score = _score(statement, place, clues, found)
                hits.append(_Hit(statement, number, place, score, _doubt(statement, number, clues)))
    return hits


def _score(statement: Statement, place: Match, clues: Clues, found: Found) -> float:
    """Weigh a match: by what its literals say, by its kind, then by small signs that break ties."""
    information = sum(_weight(word, found) for word in statement.template.words())
    information += 0.02 * place.covered
    spread = sum(end - start for start, end in place.gaps[:-1])
    information *= 1 - min(0.4, spread / 400)
    information *= _KIND_WEIGHT[statement.kind]
    information *= 1.0 if place.whole else 0.75
    information *= 0.5 if place.lost else 1.0
    information *= 0.2 if statement.is_test else 1.0
    return information * (1 + _signs(statement, clues))


def _weight(word: str, found: Found) -> float:
    count = max(1, found.frequency.get(word, 1))
    rarity = 1 - math.log(count) / math.log(max(2, found.total + 1))
    return (0.4 + max(0.0, rarity)) * min(_FULL_WORD, size_of(word)) / 4


def _signs(statement: Statement, clues: Clues) -> float:
    """Add up what speaks for one of several statements with the same words."""
    signs = 0.0
    if statement.function and statement.function in clues.spans:
        signs += 0.2
    if statement.codes and clues.code in statement.codes:
        signs += 0.2
    if statement.fields:
        shared = sum(1 for each in statement.fields if each in clues.fields)
        signs += 0.2 * shared / len(statement.fields)
    if clues.target:
        signs += 0.1 * near_modules(statement.path, statement.modules, clues.target)
    for place in clues.places:
        if same_file(statement.path, place.path):
            inside = statement.line <= place.line <= statement.end_line
            near = statement.start <= place.line <= statement.end
            signs += 1.0 if inside else 0.3 if near else 0.1
            break
    return signs


def _doubt(statement: Statement, text: int, clues: Clues) -> str:
    """Return what speaks against a statement, "" when nothing does."""
    if statement.kind is Kind.PANIC and clues.panic and clues.places:
        same = same_file(statement.path, clues.places[0].path)
        return "" if same else "another file panicked"
    if statement.kind is not Kind.LOG:
        return ""
    if text > 0:
        return "a log statement writes no cause"
    if clues.panic:
        return "is no panic"
    if statement.level and clues.level and statement.level != clues.level:
        return f"logs at {statement.level}"
    return _doubt_by_target(statement, clues)


def _doubt_by_target(statement: Statement, clues: Clues) -> str:
    """Compare the target with the module: in Rust they are the same unless one is named."""
    if not clues.modules_known or not statement.path.endswith(".rs"):
        return ""
    if statement.target:
        return "" if statement.target in (ANY_TARGET, clues.target) else "names another target"
    own = statement.via.rpartition("::")[2] in _STANDARD_LOG
    if own and not is_module(statement.path, statement.modules, clues.target):
        return "stands in another module"
    return ""


def _undominated(hits: list[_Hit]) -> list[_Hit]:
    """Doubt what was found only inside the literal of another statement, or in one of many words."""
    kept = []
    for hit in hits:
        inside = any(
            other.text == hit.text
            and other.match.covered > hit.match.covered
            and not other.doubt
            and all(_within(span, other.match) for span in hit.match.literals)
            for other in hits
            if other is not hit
        )
        doubt = hit.doubt or ("is part of a longer text" if inside else "")
        doubt = doubt or ("says too little" if hit.score < _WEAK / 3 else "")
        kept.append(replace(hit, doubt=doubt))
    return kept


def _within(span: tuple[int, int], place: Match) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in place.literals)


def _with_wrapping(clues: Clues, hits: list[_Hit]) -> list[_Hit]:
    """Mark the statements that pass on what another one wrote, and weigh what they pass on."""
    sound = [each for each in hits if not each.doubt]
    marked = []
    for hit in hits:
        inner = [each for each in sound if each is not hit and _is_put_into(each, hit, clues)]
        outer = [each for each in sound if each is not hit and _is_put_into(hit, each, clues)]
        score = hit.score * _symbol_factor(hit, outer)
        marked.append(replace(hit, score=score, wraps=_passes_on(hit, inner)))
    return marked


def _passes_on(hit: _Hit, inner: list[_Hit]) -> bool:
    """Say whether something more to the point was put into the text.

    The text of an error's type says less than a text made for the occasion; a log statement says
    less than the error that it logs, unless that is only the text of a type.
    """
    for each in inner:
        made = each.statement.kind in (Kind.ERROR, Kind.PANIC) or (
            each.statement.kind is Kind.TEXT and each.score >= _WEAK
        )
        if hit.statement.kind is Kind.DISPLAY and (made or not each.statement.template.wraps):
            return True
        if hit.statement.kind in (Kind.LOG, Kind.TEXT) and made and each.score >= _WEAK:
            return True
    return False


def _is_put_into(inner: _Hit, outer: _Hit, clues: Clues) -> bool:
    """Say whether one text fills a value of the other, from end to end of a part."""
    if outer.text != inner.text:
        return outer.text < inner.text and inner.match.whole and outer.statement.kind is Kind.LOG
    text, last = clues.texts[inner.text], len(outer.match.gaps) - 1
    follows = outer.match.end < inner.match.start and text.startswith(": ", outer.match.end)
    if follows and inner.match.whole:
        return True  # a chain of causes on one line
    return inner.match.whole and any(
        start <= inner.match.start
        and inner.match.end <= end
        and (inner.match.start == start or begins_part(text, inner.match.start))
        # A single word in the middle is a value, not what is wrong.
        and (is_message(inner.statement.template) or (number == last and outer.match.end == end))
        for number, (start, end) in enumerate(outer.match.gaps)
    )


def _symbol_factor(hit: _Hit, outer: list[_Hit]) -> float:
    """Compare the variant that a text is put into with the one whose text stands around it."""
    if not hit.statement.symbol or hit.statement.kind is Kind.DISPLAY:
        return 1.0
    around = [each for each in outer if each.statement.kind is Kind.DISPLAY]
    names = {each.statement.symbol for each in around if each.statement.symbol}
    if not names:
        return 1.0
    return 1.15 if hit.statement.symbol in names else 0.85


def _candidate(hit: _Hit, clues: Clues) -> Candidate:
    role = Role.DOUBTFUL if hit.doubt else Role.WRAPPED if hit.wraps else Role.WROTE
    return Candidate(
        statement=hit.statement,
        role=role,
        score=hit.score,
        text=hit.text,
        match=hit.match,
        reason=_reason(hit, role, clues),
    )


def _reason(hit: _Hit, role: Role, clues: Clues) -> str:
    verb = {Role.WROTE: "writes", Role.WRAPPED: "passes on as"}.get(role, "could write")
    where = "the message" if hit.text == 0 else "a cause"
    share = f"{hit.match.covered} of {len(clues.texts[hit.text])} characters of {where}"
    doubt = f"; but {hit.doubt}" if hit.doubt else ""
    return f"{verb} `{hit.statement.template.text}` ({share}){doubt}"


def raised_symbol(statement: Statement) -> str:
    """Return the name by which other code uses a text: an error's variant, a constant; else ""."""
    if statement.kind is Kind.DISPLAY:
        return statement.symbol
    return statement.function if statement.function.isupper() else ""


def _raisers(hits: list[_Hit], clues: Clues, found: Found) -> list[Candidate]:
    """Return the places that make the errors whose types wrote a part."""
    made: list[Candidate] = []
    for hit in hits:
        if hit.doubt or hit.wraps:
            continue
        symbol = raised_symbol(hit.statement)
        places = found.raised.get(symbol, ()) if symbol else ()
        share = _RAISED_SHARE / math.sqrt(max(1, len(places)))
        made += [
            Candidate(
                statement=replace(each, template=hit.statement.template),
                role=Role.RAISED,
                score=hit.score * share * (1 + _signs(each, clues)),
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
        and each.score >= _WEAK
        and same_file(each.statement.path, place.path)
        for each in made
    )


__all__ = ["CANDIDATES_LIMIT", "Candidate", "Clues", "Found", "Place", "Role", "candidates"]
