"""Run measurements, print each as it comes and all of them as a table at the end."""

import argparse
import asyncio
import logging
import os
import platform
from collections.abc import AsyncGenerator, Callable, Iterator
from functools import partial
from typing import Final

import structlog

from benchmarks.memory import memory
from benchmarks.peers import peers
from benchmarks.process import burst, idle, latency
from benchmarks.reading import reading
from benchmarks.redaction import redaction
from benchmarks.rows import Row, as_table
from benchmarks.source_index import source_index

_GIB: Final = 1024**3
_QUICK: Final = ("reading", "redaction", "throughput", "sources", "process")
_SLOW: Final = ("latency", "memory")
_LOADS: Final = (0, 1_000, 10_000)
"""Lines a second beside which the latency is measured."""


async def _process() -> AsyncGenerator[Row]:
    works = [
        partial(idle, files=20),
        partial(idle, files=1_000),
        *(partial(latency, lines_per_second=each) for each in _LOADS),
        partial(burst, events=30_000, problems=8),
        partial(burst, events=30_000, problems=10_000),
    ]
    for work in works:
        for row in await work():
            yield row


async def _latency() -> AsyncGenerator[Row]:
    for lines_per_second in _LOADS:
        for row in await latency(lines_per_second=lines_per_second, samples=100):
            yield row


def main() -> None:
    """Measure what is asked for."""
    options = _arguments()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}")
    print(f"load of the machine before: {os.getloadavg()[0]:.1f}\n", flush=True)
    parts = _parts(options)
    rows = [("what", "measured", "target")]
    for name in options.only or _QUICK:
        for row in parts[name]():
            rows.append(row)
            print(as_table([row]), end="", flush=True)
    print("\n" + as_table(rows), end="")


def _parts(options: argparse.Namespace) -> dict[str, Callable[[], Iterator[Row]]]:
    size_bytes = int(options.gib * _GIB)
    return {
        "reading": lambda: iter(reading()),
        "redaction": lambda: iter(redaction()),
        "throughput": lambda: peers(size_bytes=size_bytes, runs=options.runs),
        "sources": lambda: iter(source_index()),
        "process": lambda: _in_turn(_process()),
        "latency": lambda: _in_turn(_latency()),
        "memory": lambda: _in_turn(memory()),
    }


def _in_turn(rows: AsyncGenerator[Row]) -> Iterator[Row]:
    """Give rows out as they come, on a loop of its own."""
    with asyncio.Runner() as runner:
        while True:
            try:
                yield runner.run(anext(rows))
            except StopAsyncIteration:
                return


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument(
        "--only",
        action="append",
        choices=(*_QUICK, *_SLOW),
        help=f"a part; may be repeated; {', '.join(_SLOW)} run only when they are named",
    )
    parser.add_argument("--gib", type=float, default=0.25, help="size of the logs of throughput")
    parser.add_argument("--runs", type=int, default=1, help="the best of so many, for throughput")
    return parser.parse_args()


if __name__ == "__main__":
    main()
