"""Which lines of source are shown for an event, and about how much they cost a model."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.sites import Candidate, Role

SOURCES_LIMIT: Final = 8

_LINES_LIMIT: Final = 120
"""Lines of one function that are shown; of a longer one, those around the statement."""

_BEFORE: Final = 60
_AFTER: Final = 40
_LETTERS_PER_TOKEN: Final = 4


@dataclass(frozen=True, slots=True)
class SourceLines:
    """Lines of source worth reading.

    Attributes:
        path: Path in the repository.
        start: First line, from 1.
        end: Last line.
        why: Why they are here, for people.
        line: The line of the statement itself.
    """

    path: str
    start: int
    end: int
    why: str
    line: int


def source_lines(ranked: Sequence[Candidate]) -> tuple[SourceLines, ...]:
    """Return what to read, the best first: the functions around the statements, each once.

    Statements that speak against the event are shown only where none speaks for it.
    """
    sound = [each for each in ranked if each.role is not Role.DOUBTFUL]
    found: list[SourceLines] = []
    for each in sound or ranked:
        lines = _around(each)
        if not any(_covers(earlier, lines) for earlier in found):
            found.append(lines)
    return tuple(found[:SOURCES_LIMIT])


def _around(candidate: Candidate) -> SourceLines:
    where = candidate.statement
    start, end = where.start or where.line, max(where.end, where.end_line)
    if end - start >= _LINES_LIMIT:
        start, end = max(start, where.line - _BEFORE), min(end, where.end_line + _AFTER)
    name = f" in {where.function}" if where.function else ""
    why = f"line {where.line}{name} {candidate.reason}; {candidate.sure:.0%} sure"
    return SourceLines(where.path, start, end, why, where.line)


def _covers(earlier: SourceLines, lines: SourceLines) -> bool:
    return earlier.path == lines.path and earlier.start <= lines.start and lines.end <= earlier.end


def estimated_tokens(text: str) -> int:
    """Return about how many tokens a text is: four letters of English, one syllable of Korean."""
    plain = sum(1 for sign in text if sign.isascii())
    return -(-plain // _LETTERS_PER_TOKEN) + len(text) - plain
