"""How much memory the daemon and `replay` need for what is large: minutes, and 10 GiB of disk."""

import asyncio
import sys
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Final

from benchmarks.logs import write_log
from benchmarks.process import megabytes, peak_bytes, prepared, rss_bytes, write_errors
from benchmarks.rows import Row
from tests.fakes.daemon import Daemon, error_line

_TARGET: Final = "under 64 MB"
_MIB: Final = 1024 * 1024
_BLOCK_BYTES: Final = 256 * _MIB
_LONG_BYTES: Final = 40 * _BLOCK_BYTES
_LOOK_SECONDS: Final = 0.2
_SETTLE_SECONDS: Final = 5.0
_PATIENCE_SECONDS: Final = 1_800.0


def long_log(log: Path) -> None:
    """Write 10 GiB, one block of 256 MiB forty times over; 1 % are errors."""
    write_log(log, size_bytes=_BLOCK_BYTES, errors_per_mille=10)
    block = log.read_bytes()
    with log.open("ab") as file:
        while file.tell() < _LONG_BYTES:
            file.write(block)


def long_line(log: Path) -> None:
    """Write one line of 64 MiB, and an error behind it."""
    with log.open("wb") as file:
        file.write(b'{"level":"ERROR","fields":{"message":"')
        for _ in range(64):
            file.write(b"x" * _MIB)
        file.write(b'"}}\n' + error_line("behind the long line").encode())


def many_problems(log: Path) -> None:
    """Write 100,000 errors, each another problem."""
    write_errors(log, events=100_000, problems=100_000)


_CASES: Final[tuple[tuple[str, Callable[[Path], None]], ...]] = (
    ("10 GiB of log", long_log),
    ("a line of 64 MiB", long_line),
    ("100,000 problems", many_problems),
)


async def memory() -> AsyncGenerator[Row]:
    """Measure the daemon and `replay` on each of the large logs, read from the beginning."""
    for what, write in _CASES:
        async with prepared() as (daemon, _, log):
            write(log)
            size_bytes = log.stat().st_size
            yield f"daemon, {what}", await _daemon(daemon, size_bytes), _TARGET
            await daemon.stop()
            yield f"logwatchd replay, {what}", await _replay(log), ""


async def _daemon(daemon: Daemon, size_bytes: int) -> str:
    """Return the resident memory on the way through a log, behind it, and at its highest."""
    await daemon.start(ready=False)  # with much to read it says late that it is ready
    assert daemon.process is not None
    pid, begin = daemon.process.pid, time.monotonic()
    early = 0

    def all_read() -> bool:
        nonlocal early
        rows = daemon.query("SELECT MAX(offset) FROM position")
        offset = int(rows[0][0] or 0) if rows else 0
        if not early and offset >= size_bytes // 10:
            early = rss_bytes(pid)
        return offset >= size_bytes

    while not all_read():
        assert time.monotonic() < begin + _PATIENCE_SECONDS, "not read in time"
        await asyncio.sleep(_LOOK_SECONDS)
    seconds = time.monotonic() - begin
    await asyncio.sleep(_SETTLE_SECONDS)
    return (
        f"{megabytes(early)} after a tenth, {megabytes(rss_bytes(pid))} behind it, "
        f"peak {megabytes(peak_bytes(pid))}; {seconds:.0f} s"
    )


async def _replay(log: Path) -> str:
    """Return the most resident memory that `replay` had, looked at until its end."""
    command = (sys.executable, "-m", "logwatchd", "replay", str(log))
    quiet = asyncio.subprocess.DEVNULL
    begin = time.monotonic()
    process = await asyncio.create_subprocess_exec(*command, stdout=quiet, stderr=quiet)
    peak = 0
    while process.returncode is None:
        try:
            peak = peak_bytes(process.pid)
        except (FileNotFoundError, ValueError):
            break  # it has ended
        await asyncio.sleep(_LOOK_SECONDS / 10)
    assert await process.wait() == 0
    return f"peak {megabytes(peak)}; {time.monotonic() - begin:.0f} s"
