"""How much speaks for each statement whose template stands in a text of an event, and what against it."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.clues import Clues
from logwatchd.domain.source_paths import is_module, near_modules, same_file
from logwatchd.domain.statement import ANY_TARGET, Kind, Statement, size_of
from logwatchd.domain.template_match import Match, match

_STANDARD_LOG: Final = frozenset({"error", "warn", "info", "debug", "trace", "event", "log"})

WEAK: Final = 1.5
"""Information below which a text may be there by chance: about one common word."""

_FULL_WORD: Final = 8

_KIND_WEIGHT: Final = {
    Kind.LOG: 1.0,
    Kind.ERROR: 1.0,
    Kind.PANIC: 1.0,
    Kind.DISPLAY: 0.95,
    Kind.TEXT: 0.75,
}


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
class Hit:
    """A statement whose template stands in one of the texts."""

    statement: Statement
    text: int
    match: Match
    score: float
    doubt: str = ""
    wraps: bool = False


def matched(clues: Clues, found: Found) -> list[Hit]:
    """Return the statements whose templates stand in the texts of an event."""
    hits = []
    for statement in found.statements:
        if not any(statement.template.literals):
            continue
        for number, text in enumerate(clues.texts):
            place = match(statement.template, text)
            if place is not None:
                score = _score(statement, place, clues, found)
                hits.append(Hit(statement, number, place, score, _doubt(statement, number, clues)))
    return hits


def _score(statement: Statement, place: Match, clues: Clues, found: Found) -> float:
    """Weigh a match: by what its literals say, by its kind, then by small signs that break ties.

    The factors only order candidates of one event. A value in the middle that is as long as a
    sentence speaks against a match, as does a place where no text of its own would stand.
    """
    information = sum(_weight(word, found) for word in statement.template.words())
    information += 0.02 * place.covered
    spread = sum(end - start for start, end in place.gaps[:-1])
    information *= 1 - min(0.4, spread / 400)
    information *= _KIND_WEIGHT[statement.kind]
    information *= 1.0 if place.whole else 0.75
    information *= 0.5 if place.lost else 1.0
    information *= 0.2 if statement.is_test else 1.0
    return information * (1 + signs_of(statement, clues))


def _weight(word: str, found: Found) -> float:
    count = max(1, found.frequency.get(word, 1))
    rarity = 1 - math.log(count) / math.log(max(2, found.total + 1))
    return (0.4 + max(0.0, rarity)) * min(_FULL_WORD, size_of(word)) / 4


def signs_of(statement: Statement, clues: Clues) -> float:
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
