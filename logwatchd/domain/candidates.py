"""Find the lines of a chunk that may matter, without decoding the others."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from logwatchd.domain import byte_search
from logwatchd.domain.envelope import DOCKER_HEAD
from logwatchd.domain.lines import LineReader
from logwatchd.domain.needles import ENVELOPE, Needles
from logwatchd.domain.patterns import BytesIndex, BytesPattern

_NEEDLE: Final = 0
_GATED: Final = 1
_ENVELOPE: Final = 2
_OTHER: Final = 3

_OTHER_LINE: Final = BytesPattern(r"\n[^{]")
"""The beginning of a line that is no object: plain text, which is counted, or CRI's envelope.

Looked for by itself: it takes a tenth of the time that it would add to the search for the rest.
"""

_DOCKER_OBJECT: Final = DOCKER_HEAD + b"{"
_DOCKER_WHOLE: Final = b'\\n","stream":"'
"""How Docker writes the end of an application's line; without it the line goes on in the next."""

_CRI_OBJECT: Final = b" F {"
_CRI_HEAD_BYTES: Final = 64


def expressions_of(needles: Needles) -> list[str]:
    """Return all expressions that are looked for, in the order of their numbers."""
    return [*needles.expressions, *needles.gated, ENVELOPE]


class CandidateFinder:
    """Finds the lines that hold a needle, those that are no object, and unfinished ones."""

    def __init__(self, needles: Needles, *, compiled: bytes | None = None) -> None:
        """Compile the expressions, or take them compiled.

        Args:
            needles: What to look for.
            compiled: `expressions_of(needles)`, compiled by this version of Hyperscan.
        """
        expressions = expressions_of(needles)
        self._kinds = [_NEEDLE] * len(needles.expressions)
        self._kinds += [*[_GATED] * len(needles.gated), _ENVELOPE]
        self._gate = BytesIndex(needles.gate)
        self._database = (
            byte_search.compiled(expressions) if compiled is None else byte_search.loaded(compiled)
        )

    def lines(self, data: bytes) -> list[tuple[int, int]]:
        """Return where the candidates begin and end (their newline included), in order.

        Args:
            data: Whole lines; the last one may lack its newline.
        """
        hits: list[tuple[int, int]] = []
        kinds = self._kinds

        def note(number: int, _start: int, end: int, _flags: int, _context: Any) -> None:
            hits.append((end, kinds[number]))

        self._database.scan(data, match_event_handler=note)
        hits += [(end, _OTHER) for end in _OTHER_LINE.ends(data)]
        if not data.startswith(b"{"):
            hits.append((1, _OTHER))
        hits.sort()
        return self._lines_of(data, hits)

    def _lines_of(self, data: bytes, hits: list[tuple[int, int]]) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        start = stop = 0
        wanted = True  # the line from `start` to `stop`, if there is one
        for end, kind in hits:
            if end > stop:
                start = data.rfind(b"\n", stop, end - 1) + 1 or stop
                newline = data.find(b"\n", end - 1)
                stop = len(data) if newline < 0 else newline + 1
                wanted = False
            if not wanted and self._is_wanted(data, start, stop, kind):
                found.append((start, stop))
                wanted = True
        return found

    def _is_wanted(self, data: bytes, start: int, stop: int, kind: int) -> bool:
        """Say whether a line is wanted in which something of a kind was found."""
        if kind == _NEEDLE:
            return True
        if kind == _GATED:
            return self._gate.finds(data[start:stop])
        return not _is_whole_object(data, start, stop, kind)


def wanted_lines(
    finder: CandidateFinder | None, data: bytes, reader: Callable[[], LineReader]
) -> Iterator[tuple[int, int]]:
    """Yield where the lines begin and end that a reader must be fed; it is told of the others.

    While something in the reader waits for more lines, every line is wanted: the reader must have
    been fed each one before the next is asked for.

    Args:
        finder: Finds the lines that may matter; None when every line must be read.
        data: Whole lines; the last one may lack its newline.
        reader: Gives the present reader of this file.
    """
    size = len(data)
    candidates = iter(()) if finder is None else iter(finder.lines(data))
    start, next_candidate = 0, (0, 0)
    while start < size:
        if finder is not None and reader().pending_since_offset is None:
            while next_candidate[0] < start or next_candidate[1] == 0:
                next_candidate = next(candidates, (size, size))
            if next_candidate[0] > start:
                reader().pass_over(data, start, next_candidate[0])
                start = next_candidate[0]
                continue
        stop = data.find(b"\n", start) + 1 or size
        yield start, stop
        start = stop


def _is_whole_object(data: bytes, start: int, stop: int, kind: int) -> bool:
    """Say whether an envelope holds one whole object, in which a needle would have been found."""
    if kind == _ENVELOPE:
        if not data.startswith(DOCKER_HEAD, start):
            return True  # the text stands somewhere in a line that is no envelope
        is_object = data.startswith(_DOCKER_OBJECT, start)
        return is_object and data.find(_DOCKER_WHOLE, start, stop) >= 0
    if not data[start : start + 1].isdigit():
        return False
    return data.find(_CRI_OBJECT, start, min(stop, start + _CRI_HEAD_BYTES)) >= 0
