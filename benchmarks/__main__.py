"""Run every measurement and print a table."""

import asyncio
import os
import platform

from benchmarks.filtering import filtering
from benchmarks.process import burst, idle, latency
from benchmarks.reading import as_table, reading
from benchmarks.redaction import redaction
from benchmarks.source_index import source_index


def main() -> None:
    """Measure, slowest last."""
    print(f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}\n")
    rows = [("what", "measured", "target"), *reading()]
    rows += redaction()
    rows += filtering()
    rows += source_index()
    print(as_table(rows[1:]), end="", flush=True)
    for work in (
        idle(),
        latency(lines_per_second=0),
        latency(lines_per_second=1_000),
        latency(lines_per_second=10_000),
        burst(events=30_000, problems=8),
        burst(events=30_000, problems=10_000),
    ):
        rows += asyncio.run(work)
        print(as_table(rows[-1:]), end="", flush=True)
    print("\n" + as_table(rows), end="")


if __name__ == "__main__":
    main()
