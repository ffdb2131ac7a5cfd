"""Throughput of `replay` and of our reading beside other programs, all on the same logs."""

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks import filtering
from benchmarks.logs import Log, write_log
from benchmarks.rows import Row
from benchmarks.shippers import ONE_CORE, SHIPPERS, Shipper, UnfinishedError
from benchmarks.timing import best

_JSON_LOADS_SHARE: Final = 8
"""`json.loads` is measured on an eighth of the log: it is that slow."""

_TOOLS: Final = (
    ("wc -l", ("wc", "-l")),
    ("grep -c", ("grep", "-c", '"level":"ERROR"')),
    ("jq", ("jq", "-c", 'select(.level=="ERROR")')),
)

_REPLAY: Final = (sys.executable, "-m", "logwatchd", "replay")


def peers(*, size_bytes: int, runs: int) -> Iterator[Row]:
    """Measure all on a log with 1 % errors, then on one with 10 %, in the page cache."""
    with tempfile.TemporaryDirectory() as name:
        for per_mille in (10, 100):
            path = Path(name) / f"{per_mille}.log"
            log = write_log(path, size_bytes=size_bytes, errors_per_mille=per_mille)
            for what, measured, target in _rows(log, runs):
                yield f"{what}, {per_mille / 10:.0f} % errors", measured, target
            path.unlink()


def _rows(log: Log, runs: int) -> Iterator[Row]:
    bare = best(partial(_json_loads, log), runs=runs)
    bare_rate = log.size_bytes / _JSON_LOADS_SHARE / bare.cpu_seconds
    yield "json.loads of each line", f"{bare_rate / 1e6:,.0f} MB/s", ""

    def measure(work: Callable[[], object]) -> str:
        took = best(work, runs=runs)
        rate = log.size_bytes / took.cpu_seconds
        by_clock = log.size_bytes / took.wall_seconds
        ratio = f"{rate / bare_rate:.1f} × json.loads"
        return f"{rate / 1e6:,.0f} MB/s, {ratio} (by the clock {by_clock / 1e6:,.0f} MB/s)"

    for what, part, target in filtering.PARTS:
        yield what, measure(partial(part, log)), target
    yield "logwatchd replay", measure(partial(_run, _REPLAY, log)), "2 GB/s at 1 %"
    for what, command in _TOOLS:
        found = shutil.which(command[0])
        yield what, measure(partial(_run, command, log)) if found else "not installed", ""
    for shipper in SHIPPERS:
        if not shutil.which(shipper.program):
            yield shipper.name, "not installed", ""
            continue
        try:
            yield shipper.name, measure(partial(_ship, shipper, log)), ""
        except UnfinishedError as error:
            yield shipper.name, f"not measured: {error}", ""


def _json_loads(log: Log) -> None:
    left = log.size_bytes // _JSON_LOADS_SHARE
    with log.path.open("rb") as file:
        for line in file:
            json.loads(line)
            left -= len(line)
            if left <= 0:
                return


def _run(command: tuple[str, ...], log: Log) -> None:
    # Not to /dev/null: grep notices, and stops at the first match.
    whole = (*ONE_CORE, *command, str(log.path))
    subprocess.run(whole, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)


def _ship(shipper: Shipper, log: Log) -> float:
    with tempfile.TemporaryDirectory() as name:
        return shipper.read(log, Path(name))
