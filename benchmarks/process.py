"""The daemon as a process, against a fake Discord on loopback: memory, CPU, start, latency."""

import asyncio
import json
import math
import os
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from benchmarks.rows import Row
from tests.fakes.daemon import Daemon, a_daemon, error_line, eventually, info_line
from tests.fakes.discord import FakeDiscord, fake_discord

_UNPACED_SAMPLES: Final = 25
_IDLE_SECONDS: Final = 20
"""Processor time is counted in steps of 0.01 s: of this long, 0.05 % of a core."""


@asynccontextmanager
async def prepared(files: int = 1) -> AsyncGenerator[tuple[Daemon, FakeDiscord, Path]]:
    """Make a daemon, not started yet, that reads some files from their beginning and tells a fake.

    Yields:
        The daemon, the fake Discord and the path of the first log.
    """
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        (home / "logs").mkdir()
        for number in range(files):
            (home / "logs" / f"app{number}.log").touch()
        async with fake_discord() as discord:
            environ = {
                "LOGWATCHD_PATHS": str(home / "logs" / "*.log"),
                "DISCORD_WEBHOOK_URL": discord.webhook_url,
                "LOGWATCHD_ALERTS__CEILING_HOUR": "1000000",
                "LOGWATCHD_ALERTS__CEILING_DAY": "1000000",
                "LOGWATCHD_ALERTS__DIGEST": "false",
                "LOGWATCHD_SOURCE__START_AT": "beginning",
            }
            async with a_daemon(home, environ) as daemon:
                yield daemon, discord, home / "logs" / "app0.log"


def rss_bytes(pid: int) -> int:
    """Return the resident memory of a process."""
    text = Path(f"/proc/{pid}/statm").read_text()
    return int(text.split()[1]) * os.sysconf("SC_PAGE_SIZE")


def megabytes(size_bytes: int) -> str:
    """Return a size as text, in the unit of the design's limit."""
    return f"{size_bytes / 1e6:.1f} MB"


def peak_bytes(pid: int) -> int:
    """Return the most resident memory that a process ever had, so far."""
    text = Path(f"/proc/{pid}/status").read_text()
    [line] = [each for each in text.splitlines() if each.startswith("VmHWM:")]
    return int(line.split()[1]) * 1024


def cpu_seconds(pid: int) -> float:
    """Return the processor time that the living threads of a process have used, to nanoseconds."""
    threads = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((each / "schedstat").read_text().split()[0]) for each in threads) / 1e9


async def idle(*, files: int) -> list[Row]:
    """Measure memory and CPU of a daemon that has nothing to do, and how long it took to start."""
    async with prepared(files) as (daemon, discord, log):
        begin = time.monotonic()
        await daemon.start()
        started = time.monotonic() - begin
        assert daemon.process is not None
        with log.open("a") as file:
            file.write(error_line("one problem"))
        await eventually(lambda: len(discord.requests) == 1)
        await asyncio.sleep(2)
        before, begin = cpu_seconds(daemon.process.pid), time.monotonic()
        await asyncio.sleep(_IDLE_SECONDS)
        used = cpu_seconds(daemon.process.pid) - before
        share = used / (time.monotonic() - begin)
        rss = rss_bytes(daemon.process.pid)
    return [
        (f"start to watching, {files:,} files", f"{started:.2f} s", "under 1 s"),
        (f"idle RSS, {files:,} files", megabytes(rss), "under 64 MB"),
        (f"idle CPU, {files:,} files", f"{share:.2%} of a core", "under 0.5 % with 20 files"),
    ]


async def latency(*, lines_per_second: int, samples: int = _UNPACED_SAMPLES) -> list[Row]:
    """Measure the time from the write of a line to the request at the sink.

    The daemon keeps Discord's unwritten limit of thirty requests a minute: more samples than fit
    into a minute are spread, so that none waits for that.
    """
    pause_seconds = 0.05 if samples <= _UNPACED_SAMPLES else 2.1
    async with prepared() as (daemon, discord, log):
        daemon.environ["LOGWATCHD_ALERTS__STORM_PROBLEMS"] = "1000"  # each gets its own card
        await daemon.start()
        sent: dict[str, float] = {}
        with log.open("a", buffering=1) as file:
            stop = asyncio.Event()

            async def load() -> None:
                per_step = max(1, lines_per_second // 100)
                while not stop.is_set():
                    file.write("".join(info_line(n) for n in range(per_step)))
                    file.flush()
                    await asyncio.sleep(0.01)

            async with asyncio.TaskGroup() as group:
                if lines_per_second:
                    group.create_task(load())
                await asyncio.sleep(1)
                for number in range(samples):
                    word = f"{_word(number)} broke"
                    sent[word] = time.time()
                    file.write(error_line(word))
                    file.flush()
                    await eventually(lambda w=word: _arrival(discord, w) is not None)  # type: ignore[misc]
                    await asyncio.sleep(pause_seconds)
                stop.set()
        took = sorted(
            1000 * (_arrival(discord, word) or 0.0) - 1000 * at for word, at in sent.items()
        )
    load_text = f"at {lines_per_second} lines/s" if lines_per_second else "idle"
    p99 = took[math.ceil(0.99 * samples) - 1]
    result = f"p50 {statistics.median(took):.0f} ms, p99 {p99:.0f} ms, max {took[-1]:.0f} ms"
    return [
        (f"line to POST, {load_text}, {samples} lines", result, "p50 under 30, p99 under 100 ms")
    ]


def _arrival(discord: FakeDiscord, word: str) -> float | None:
    # The first: a later word may end like this one.
    for request in discord.requests:
        if request.method == "POST" and word in json.dumps(request.json):
            return request.at
    return None


async def burst(*, events: int, problems: int) -> list[Row]:
    """Measure the full path for error events, and the memory after many distinct problems."""
    async with prepared() as (daemon, _, log):
        await daemon.start()
        assert daemon.process is not None
        begin = time.monotonic()
        write_errors(log, events=events, problems=problems)
        await eventually(lambda: daemon.counted() >= events, seconds=600)
        took = time.monotonic() - begin
        rss, peak = rss_bytes(daemon.process.pid), peak_bytes(daemon.process.pid)
    name = f"{events:,} error events of {problems:,} problems"
    return [
        (f"full path, {name}", f"{events / took:,.0f} events/s", "15,000 events/s"),
        (f"RSS after {name}", f"{megabytes(rss)}, peak {megabytes(peak)}", "under 64 MB"),
    ]


def write_errors(log: Path, *, events: int, problems: int) -> None:
    """Append error lines that are as many problems to a log."""
    with log.open("a") as file:
        for n in range(events):
            file.write(error_line(f"{_word(n % problems)} broke for order {n}", n=n))


def _word(number: int) -> str:
    word = ""
    while True:
        number, digit = divmod(number, 26)
        word += chr(97 + digit)
        if not number:
            return word + "ish"
