"""How well messages are grouped, beside Drain3 and masks alone on the same data in the same run.

    python -m benchmarks.grouping DATA_DIR

`DATA_DIR` holds sets as LogHub publishes them: `NAME_2k.log_structured.csv` with the messages and,
if there is one, `NAME_2k.log_structured_corrected.csv` with better templates; and it may hold
`pairs.jsonl` with members `a`, `b` and `same`. None of that is part of this project. Drain3 is
measured where it is installed (`pip install drain3`).
"""

import csv
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from logwatchd.domain.alias_table import AliasTable
from logwatchd.domain.aliases import settled
from logwatchd.domain.event import Event, Level
from logwatchd.domain.fingerprint import Fingerprinter
from logwatchd.domain.redact import Redactor

Group = Callable[[str], object]
"""Returns the group of the next message of a stream."""

_NOON: Final = datetime(2026, 2, 3, tzinfo=UTC)
_MASKS: Final = (
    ("uuid", r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b"),
    ("email", r"\b[\w.%+-]+@[\w.-]+\.[a-z]{2,}\b"),
    ("ip", r"\b\d{1,3}(?:\.\d{1,3}){3}\b"),
    ("date", r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d+)?)?Z?\b"),
    ("hex", r"\b0x[0-9a-f]+\b|\b(?=[a-f]*\d)[0-9a-f]{8,}\b"),
    ("float", r"-?\b\d+\.\d+\b"),
    ("int", r"-?\b\d+\b"),
    ("quoted", r"(?<==)'[^']*'|(?<==)\"[^\"]*\""),
)


class Score(NamedTuple):
    """How groups compare with the labels of one stream.

    Attributes:
        ga: Share of messages in a group that is exactly a labelled one.
        fga: The same for groups: harmonic mean of precision and recall.
        newr: Share of new problems that raise a new group.
        newp: Share of new groups that are a new problem.
        rate: Messages a second of one core.
    """

    ga: float
    fga: float
    newr: float
    newp: float
    rate: float


def main(directory: Path) -> int:
    """Measure every approach on every set and print a table."""
    streams = list(_streams(directory))
    if not streams:
        print(f"skipped: no *_2k.log_structured.csv in {directory}", file=sys.stderr)
        return 0
    pairs = list(_pairs(directory / "pairs.jsonl"))
    print(f"{'approach':12} {'GA':>6} {'FGA':>6} {'NEWR':>6} {'NEWP':>6} {'kmsg/s':>7}  pairs")
    for name, fresh in _approaches():
        scores = [score(fresh(), messages, truth) for messages, truth in streams]
        means = Score(*(sum(column) / len(scores) for column in zip(*scores, strict=True)))
        print(
            f"{name:12} {means.ga:6.3f} {means.fga:6.3f} {means.newr:6.3f} {means.newp:6.3f} "
            f"{means.rate / 1000:7.1f}  {_on_pairs(fresh, pairs)}"
        )
    return 0


def score(group: Group, messages: Sequence[str], truth: Sequence[str]) -> Score:
    """Feed one stream and compare; the time counted is that of the processor."""
    begin = time.process_time()
    found = [group(each) for each in messages]
    took = time.process_time() - begin
    groups, labelled = _members(found), _members(truth)
    right = set(groups) & set(labelled)
    precision, recall = len(right) / len(groups), len(right) / len(labelled)
    seen: set[object] = set()
    known: set[str] = set()
    hits = 0
    for mine, label in zip(found, truth, strict=True):
        hits += mine not in seen and label not in known
        seen.add(mine)
        known.add(label)
    return Score(
        ga=sum(map(len, right)) / len(messages),
        fga=2 * precision * recall / (precision + recall) if right else 0.0,
        newr=hits / len(labelled),
        newp=hits / len(groups),
        rate=len(messages) / took,
    )


def _members(labels: Sequence[object]) -> list[tuple[int, ...]]:
    found = defaultdict(list)
    for at, label in enumerate(labels):
        found[label].append(at)
    return [tuple(members) for members in found.values()]


def _streams(directory: Path) -> Iterator[tuple[list[str], list[str]]]:
    for path in sorted(directory.glob("*_2k.log_structured.csv")):
        corrected = path.with_name(f"{path.stem}_corrected.csv")
        labels = corrected if corrected.exists() else path
        # Messages of one file, labels of the other: some corrected files change messages, too.
        yield _column(path, "Content"), _column(labels, "EventTemplate")


def _column(path: Path, name: str) -> list[str]:
    with path.open(newline="", encoding="utf-8") as file:
        return [row[name] for row in csv.DictReader(file)]


def _pairs(path: Path) -> Iterator[tuple[str, str, bool]]:
    for line in path.read_text("utf-8").splitlines() if path.exists() else ():
        pair = json.loads(line)
        yield pair["a"], pair["b"], pair["same"]


def _on_pairs(fresh: Callable[[], Group], pairs: Sequence[tuple[str, str, bool]]) -> str:
    split = merged = 0
    for one, other, same in pairs:
        group = fresh()
        alike = group(one) == group(other)
        split += same and not alike
        merged += alike and not same
    right = len(pairs) - split - merged
    return f"{right} of {len(pairs)} right, {merged} wrongly merged, {split} wrongly split"


def _approaches() -> Iterator[tuple[str, Callable[[], Group]]]:
    yield "logwatchd", _ours
    if find_spec("drain3") is None:
        print("skipped: drain3 is not installed", file=sys.stderr)
    else:
        yield "drain3", _drain
    yield "masks alone", _masks_alone


def _ours() -> Group:
    fingerprinter, aliases, redactor = Fingerprinter(), AliasTable(), Redactor()

    def group(message: str) -> str:
        event = Event(at=_NOON, level=Level.ERROR, message=redactor.text(message))
        return settled(fingerprinter.identify(event), aliases)

    return group


def _drain() -> Group:
    config = import_module("drain3.template_miner_config").TemplateMinerConfig()
    miner = import_module("drain3").TemplateMiner(config=config)
    return lambda message: miner.add_log_message(message)["cluster_id"]


def _masks_alone() -> Group:
    """Typed masks in front of a comparison, as error trackers do without a stack trace."""
    masks = re.compile("|".join(f"(?P<{name}>{regex})" for name, regex in _MASKS), re.IGNORECASE)
    return lambda message: masks.sub(lambda found: f"<{found.lastgroup}>", message)


if __name__ == "__main__":
    if len(sys.argv) != len(("program", "directory")):
        sys.exit("usage: python -m benchmarks.grouping DATA_DIR")
    sys.exit(main(Path(sys.argv[1])))
