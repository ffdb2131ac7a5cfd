"""How fast a log is read and its uninteresting lines are passed over."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from benchmarks.logs import Log
from logwatchd.domain.candidates import CandidateFinder
from logwatchd.domain.event import Category, Level, Severity, Tell
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.needles import needles_of
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet, RuleSpec
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.sources.cursor import CHUNK_BYTES
from logwatchd.sources.tracker import FileTracker, StartAt

NOW: Final = datetime(2026, 2, 3, tzinfo=UTC)
_MAX_LINE_BYTES: Final = 256 * 1024


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


def _search(log: Log, rules: RuleSet) -> None:
    finder = CandidateFinder(needles_of(rules))
    offset = 0
    fd = os.open(log.path, os.O_RDONLY)
    while data := os.pread(fd, CHUNK_BYTES, offset):
        data = data[: data.rfind(b"\n") + 1]
        finder.lines(data)
        offset += len(data)
    os.close(fd)


def _pass_over(log: Log) -> None:
    """Read as the daemon does, up to the lines that it would decode."""
    interpreter = Interpreter(RuleSet(SHIPPED), Redactor())
    reader = interpreter.reader()
    tracker = FileTracker(patterns=(str(log.path),), start_at=StartAt.BEGINNING)
    tracker.look(now=NOW)
    while chunks := list(tracker.read(now=NOW)):
        for chunk in chunks:
            for _ in interpreter.lines(chunk, lambda: reader, max_line_bytes=_MAX_LINE_BYTES):
                pass
    tracker.close()


PARTS: Final[tuple[tuple[str, Callable[[Log], None], str], ...]] = (
    ("search, shipped rules", lambda log: _search(log, RuleSet(SHIPPED)), "2 GB/s at 1 %"),
    ("search, rules with 24 texts", lambda log: _search(log, _many_texts()), "700 MB/s"),
    ("read, search, count lines", _pass_over, "2 GB/s at 1 %"),
)
"""What is measured, the work, and the target of the design."""
