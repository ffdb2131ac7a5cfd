"""How fast lines are read, beside `json.loads` on the same lines in the same run."""

import json
from datetime import UTC, datetime
from typing import Final

from benchmarks.rows import Row
from benchmarks.timing import best
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from tests.fakes.daemon import error_line, info_line

NOW = datetime(2026, 2, 3, tzinfo=UTC)

_AT_ONCE: Final = 100
"""Lines between two turns of the other tasks, as in the daemon."""


def reading() -> list[Row]:
    """Measure decoding and judging against `json.loads` alone."""
    infos = [info_line(n).encode() for n in range(50_000)]
    errors = [error_line(f"cannot load order {n}", n=n).encode() for n in range(5_000)]
    rules, redactor = RuleSet(SHIPPED), Redactor()

    def read(lines: list[bytes]) -> None:
        interpreter = Interpreter(rules, redactor)
        reader = interpreter.reader()
        offset = 0
        for first in range(0, len(lines), _AT_ONCE):
            parsed = []
            for line in lines[first : first + _AT_ONCE]:
                parsed += reader.feed(line, start=offset, end=offset + len(line), now=NOW)
                offset += len(line)
            interpreter.sightings([(NOW, each) for each in parsed])

    def loads(lines: list[bytes]) -> None:
        for line in lines:
            json.loads(line)

    rows = []
    for name, lines in (
        ("INFO lines, read and passed over", infos),
        ("error lines, to id", errors),
    ):
        ours = len(lines) / best(lambda each=lines: read(each), runs=3).cpu_seconds  # type: ignore[misc]
        bare = len(lines) / best(lambda each=lines: loads(each), runs=3).cpu_seconds  # type: ignore[misc]
        rows.append((name, f"{ours:,.0f}/s, {ours / bare:.2f} × json.loads", ""))
    return rows
