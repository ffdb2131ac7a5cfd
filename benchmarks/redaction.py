"""How fast secrets are taken out, how slow it can be made, and how well it is done.

`python -m benchmarks.redaction [FILE]`: FILE holds JSON lines with `text`, `secrets` (what must go)
and `keep` (what must stay); without one, the lines of the tests are drawn anew.
"""

import json
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.reading import NOW
from benchmarks.rows import Row, as_table
from benchmarks.timing import best
from logwatchd.domain.event import Level, ParsedLine
from logwatchd.domain.lines import LineReader
from logwatchd.domain.redact import Redactor
from logwatchd.domain.team_patterns import PatternProblem
from tests.fakes.daemon import error_line
from tests.fakes.redaction import SampleLine, sample_lines
from tests.unit.test_evil_patterns import EVIL
from tests.unit.test_redact import PIECES

_SEED: Final = 2026
_LINES: Final = 20_000
_TEXT_BYTES: Final = 64 << 10
_PIECE: Final = 8


def redaction(corpus: Path | None = None) -> list[Row]:
    """Measure all of it; times are of the processor, the best of three."""
    redactor = Redactor()
    return [*_speed(redactor), *_worst(redactor), _evil(), *_quality(redactor, _samples(corpus))]


def _speed(redactor: Redactor) -> list[Row]:
    lines = [error_line(f"cannot load order {n}: pool timed out", n=n) for n in range(_LINES)]
    reader = LineReader(floor=Level.TRACE)
    parsed: list[ParsedLine] = []
    offset = 0
    for line in lines:
        data = line.encode()
        parsed += reader.feed(data, start=offset, end=offset + len(data), now=NOW)
        offset += len(data)
    secret = [each.text for each in sample_lines(_SEED) if each.secrets]
    text = _seconds(lambda: [redactor.text(line) for line in lines])
    event = _seconds(lambda: [redactor.event(each, received_at=NOW) for each in parsed])
    dense = _seconds(lambda: [redactor.text(line) for line in secret])
    size = sum(map(len, lines)) // len(lines)
    return [
        (f"redact ordinary lines of {size} bytes", f"{len(lines) / text:,.0f}/s", "20,000/s"),
        ("redact events of such lines", f"{event / len(parsed) * 1e6:.1f} µs each", "10 µs"),
        ("redact lines that hold a secret each", f"{len(secret) / dense:,.0f}/s", ""),
    ]


def _worst(redactor: Redactor) -> list[Row]:
    times = []
    for piece in PIECES:
        text = piece * (_TEXT_BYTES // len(piece.encode()))
        times.append((_seconds(partial(redactor.text, text)), piece))
    slowest = sorted(times, reverse=True)[:3]
    measured = ", ".join(f"{seconds * 1e3:.0f} ms {piece!r}" for seconds, piece in slowest)
    return [(f"redact 64 KiB of one piece, slowest of {len(times)}", measured, "100 ms")]


def _evil() -> Row:
    refused, slowest = 0, 0.0
    for pattern in EVIL:
        try:
            redactor = Redactor(extra_patterns=[pattern])
        except PatternProblem:
            refused += 1
            continue
        slowest = max(slowest, _seconds(partial(redactor.text, "a" * _TEXT_BYTES + "!")))
    measured = f"slowest {slowest * 1e3:.1f} ms, {refused} refused"
    return (f"64 KiB against {len(EVIL)} evil patterns of a team", measured, "50 ms")


def _quality(redactor: Redactor, lines: Sequence[SampleLine]) -> list[Row]:
    secrets = leaked = partly = keeps = lost = 0
    for line in lines:
        shown = redactor.text(line.text)
        for secret in line.secrets:
            secrets += 1
            leaked += secret in shown
            around = line.text.replace(secret, "")
            pieces = (secret[at : at + _PIECE] for at in range(len(secret) - _PIECE + 1))
            partly += any(piece in shown and piece not in around for piece in pieces)
        keeps += len(line.keep)
        lost += sum(part not in shown for part in line.keep)
    return [
        (f"secrets that go, of {secrets}", f"{1 - leaked / secrets:.2%}", "99 %"),
        ("secrets of which a piece is left", f"{partly}", "0"),
        (f"parts that stay, of {keeps}", f"{1 - lost / keeps:.2%}", "99 %"),
    ]


def _samples(corpus: Path | None) -> list[SampleLine]:
    if corpus is None:
        return sample_lines(_SEED)
    records: Iterable[dict[str, list[str]]] = map(json.loads, corpus.read_text().splitlines())
    return [
        SampleLine("", str(each["text"]), tuple(each["secrets"]), tuple(each["keep"]))
        for each in records
    ]


def _seconds(work: Callable[[], object]) -> float:
    return best(work, runs=3).cpu_seconds


if __name__ == "__main__":
    print(as_table(redaction(Path(sys.argv[1]) if len(sys.argv) > 1 else None)), end="")
