"""How fast a log is read and its uninteresting lines are passed over, beside other programs."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.logs import write_log
from benchmarks.process import Row
from benchmarks.reading import best_seconds
from logwatchd.domain.candidates import CandidateFinder
from logwatchd.domain.event import Category, Level, Severity, Tell
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.needles import needles_of
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet, RuleSpec
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.sources.tracker import FileTracker, StartAt

NOW: Final = datetime(2026, 2, 3, tzinfo=UTC)
_CHUNK: Final = 64 * 1024
_JSON_LOADS_SHARE: Final = 8
"""`json.loads` is measured on an eighth of the log: it is that slow."""

_OTHERS: Final = (
    ("wc -l", ("wc", "-l")),
    ("grep -c", ("grep", "-c", '"ERROR"')),
    ("jq select", ("jq", "-c", 'select(.level=="ERROR")')),
)


def filtering(*, size_bytes: int = 256 * 1024 * 1024) -> list[Row]:
    """Measure all of it on logs with 1 % and 10 % errors."""
    rows = []
    with tempfile.TemporaryDirectory() as name:
        for per_mille in (10, 100):
            log = Path(name) / f"{per_mille}.log"
            write_log(log, size_bytes=size_bytes, errors_per_mille=per_mille)
            log.read_bytes()  # into the page cache
            rows += _rows(log, f"{per_mille / 10:.0f} % errors")
    return rows


def _rows(log: Path, what: str) -> list[Row]:
    size = log.stat().st_size
    bare = size / _JSON_LOADS_SHARE / best_seconds(lambda: _json_loads(log), runs=2)
    rows = [(f"json.loads of each line, {what}", _rate(bare), "")]

    def row(name: str, work: Callable[[], object], target: str = "") -> None:
        rate = size / best_seconds(work, runs=2)
        rows.append((f"{name}, {what}", f"{_rate(rate)}, {rate / bare:.1f} × json.loads", target))

    shipped = RuleSet(SHIPPED)
    row("search, shipped rules", lambda: _search(log, shipped), "2 GB/s at 1 %")
    row("search, rules with 24 texts", lambda: _search(log, _many_texts()), "700 MB/s")
    row("read, search, count lines", lambda: _pass_over(log, shipped))
    for name, command in _OTHERS:
        if shutil.which(command[0]):
            row(name, lambda each=command: _run((*each, str(log))))  # type: ignore[misc]
        else:
            rows.append((f"{name}, {what}", "not installed", ""))
    row("logwatchd replay", lambda: _run((sys.executable, "-m", "logwatchd", "replay", str(log))))
    return rows


def _rate(bytes_per_second: float) -> str:
    return f"{bytes_per_second / 1e6:,.0f} MB/s"


def _many_texts() -> RuleSet:
    """Return rules that need two dozen texts at any level."""
    words = [f"{first}{second}" for first in ("refund", "invoice", "parcel", "voucher") for second
             in ("lost", "broken", "denied", "late", "twice", "stolen")]  # fmt: skip
    rule = RuleSpec(
        name="texts",
        severity=Severity.WARNING,
        category=Category.OTHER,
        tell=Tell.AT_ONCE,
        level=Level.INFO,
        message=tuple(words),
    )
    return RuleSet((rule,))


def _search(log: Path, rules: RuleSet) -> int:
    finder = CandidateFinder(needles_of(rules))
    found = offset = 0
    fd = os.open(log, os.O_RDONLY)
    while data := os.pread(fd, _CHUNK, offset):
        data = data[: data.rfind(b"\n") + 1]
        found += len(finder.lines(data))
        offset += len(data)
    os.close(fd)
    return found


def _pass_over(log: Path, rules: RuleSet) -> int:
    """Read as the daemon does, up to the lines that it would decode."""
    interpreter = Interpreter(rules, Redactor())
    reader = interpreter.reader()
    tracker = FileTracker(patterns=(str(log),), start_at=StartAt.BEGINNING)
    tracker.look(now=NOW)
    found = 0
    while chunks := list(tracker.read(now=NOW)):
        for chunk in chunks:
            found += sum(1 for _ in interpreter.wanted(chunk.data, lambda: reader))
    tracker.close()
    return found


def _json_loads(log: Path) -> None:
    left = log.stat().st_size // _JSON_LOADS_SHARE
    with log.open("rb") as file:
        for line in file:
            json.loads(line)
            left -= len(line)
            if left <= 0:
                return


def _run(command: Sequence[str]) -> None:
    # Not to /dev/null: grep notices, and stops at the first match.
    subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
