"""Being woken by the kernel, and doing without when it says nothing. Real files, real inotify."""

import asyncio
import errno
import os
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from watchfiles import Change

from logwatchd.sources.files import FileSource
from logwatchd.sources.tracker import FileTracker, StartAt
from logwatchd.sources.watch import Changes, Watching, watch
from logwatchd.wiring import SystemClock
from tests.fakes.daemon import eventually
from tests.fakes.reading import append

NEVER = timedelta(hours=1)
"""Time between two looks: what is found meanwhile was found by a notification."""

OFTEN = timedelta(milliseconds=50)


@dataclass
class Running:
    """A source that runs, and what it gave out."""

    source: FileSource
    lines: list[str] = field(default_factory=list)

    async def take(self) -> None:
        """Read for ever."""
        async with aclosing(self.source.chunks([])) as chunks:
            async for chunk in chunks:
                self.lines += chunk.data.decode().splitlines()

    async def have(self, *lines: str) -> None:
        """Wait until these lines, and no others, were given out."""
        await eventually(
            lambda: sorted(self.lines) == sorted(lines), why=f"{self.lines} of {lines}"
        )


@asynccontextmanager
async def running(
    pattern: Path, *, look_every: timedelta = NEVER, watching: Watching = watch
) -> AsyncGenerator[Running]:
    """Run a source until the block ends."""
    tracker = FileTracker((str(pattern),), start_at=StartAt.BEGINNING)
    source = FileSource(tracker, SystemClock(), look_every=look_every, watching=watching)
    run = Running(source)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run.take()), group.create_task(source.attend())]
        try:
            await source.watching()
            yield run
        finally:
            for task in tasks:
                task.cancel()


async def woken(run: Running, log: Path) -> None:
    """Wait until the kernel tells of writes: a watch begins some time after the first look."""
    number = 0
    while number not in {int(line) for line in run.lines if line.isdigit()}:
        number += 1
        append(log, str(number))
        await asyncio.sleep(0.1)
    run.lines.clear()


async def test_a_line_wakes_the_source(tmp_path: Path) -> None:
    """No look is due for an hour."""
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path / "*.log") as run:
        await woken(run, log)
        for number in range(5):
            append(log, f"line {number}")
            await run.have(*(f"line {n}" for n in range(number + 1)))


async def test_a_new_file_and_a_new_directory_wake_the_source(tmp_path: Path) -> None:
    """Names come and go: what they stand for is looked at, at once."""
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path / "**" / "*.log") as run:
        await woken(run, log)
        append(tmp_path / "new.log", "in a new file")
        await run.have("in a new file")
        (tmp_path / "deep" / "deeper").mkdir(parents=True)
        append(tmp_path / "deep" / "deeper" / "app.log", "in a new directory")
        await run.have("in a new file", "in a new directory")
        append(tmp_path / "deep" / "deeper" / "app.log", "and again")
        await run.have("in a new file", "in a new directory", "and again")


async def test_a_file_that_lost_its_name_wakes_the_source(tmp_path: Path) -> None:
    """No pattern names `app.log.1`, and its writer still has it open."""
    log = tmp_path / "app.log"
    log.touch()
    async with running(log) as run:
        await woken(run, log)
        with log.open("ab", buffering=0) as writer:
            log.rename(tmp_path / "app.log.1")
            append(log, "new file")
            await run.have("new file")
            writer.write(b"old file\n")
            await run.have("new file", "old file")


async def test_a_link_that_leads_elsewhere_wakes_the_source(tmp_path: Path) -> None:
    """The directory of what it leads to is watched as well."""
    target = tmp_path / "elsewhere" / "real.log"
    target.parent.mkdir()
    target.touch()
    (tmp_path / "app.log").symlink_to(target)
    async with running(tmp_path / "*.log") as run:
        await woken(run, target)
        append(target, "line")
        await run.have("line")


async def test_a_file_name_that_is_not_utf8_ends_nothing(tmp_path: Path) -> None:
    """Watchfiles ends with an exception at it; it is begun again."""
    log = tmp_path / "app.log"
    log.touch()
    async with running(tmp_path / "*.log") as run:
        await woken(run, log)
        for number in range(2):
            strange = os.fsencode(tmp_path) + b"/\xff\xfe" + str(number).encode()
            with open(strange, "wb") as file:  # noqa: PTH123, ASYNC230 -- a path of bytes
                file.write(b"not a log\n")
        await woken(run, log)
        append(log, "line")
        await run.have("line")


async def test_a_directory_made_anew_is_watched_anew(tmp_path: Path) -> None:
    """The watch was on the one that is gone; the new one may have the same number."""
    logs = tmp_path / "logs"
    logs.mkdir()
    (logs / "app.log").touch()
    async with running(logs / "*.log") as run:
        await woken(run, logs / "app.log")
        shutil.rmtree(logs)
        logs.mkdir()
        append(logs / "app.log", "0")
        await woken(run, logs / "app.log")
        append(logs / "app.log", "line")
        await run.have("line")


@dataclass
class Refusing:
    """Watching that fails, as when the kernel's limits are used up."""

    error: Exception
    failures: int = 1_000_000
    began: int = 0

    async def __call__(self, directories: Sequence[str], stop: asyncio.Event) -> Changes:
        """Fail, or work after so many failures."""
        self.began += 1
        if self.began <= self.failures:
            raise self.error
        async for changes in watch(directories, stop):
            yield changes


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EMFILE, "Too many open files"),
        RuntimeError("watching failed"),
    ],
    ids=["watches", "instances", "inside"],
)
async def test_without_notifications_lines_are_found_by_looking(
    tmp_path: Path, error: Exception
) -> None:
    """`max_user_watches` or `max_user_instances` used up: said, and survived."""
    log = tmp_path / "app.log"
    log.touch()
    watching = Refusing(error)
    async with running(tmp_path / "*.log", look_every=OFTEN, watching=watching) as run:
        append(log, "1")
        await run.have("1")
        await eventually(lambda: "notifications" in run.source.problems())
        append(log, "2")
        append(tmp_path / "new.log", "3")
        await run.have("1", "2", "3")


async def test_a_failure_that_stays_is_logged_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And tried again for ever, without a word."""
    (tmp_path / "app.log").touch()
    watching = Refusing(OSError(errno.ENOSPC, "No space left on device"))
    async with running(tmp_path / "*.log", look_every=OFTEN, watching=watching):
        await eventually(lambda: watching.began >= 3)
    said = capsys.readouterr()

    assert (said.out + said.err).count("notifications_failing") == 1


async def test_watching_is_begun_again_when_it_failed(tmp_path: Path) -> None:
    """Somebody freed what had been used up."""
    log = tmp_path / "app.log"
    log.touch()
    watching = Refusing(OSError(errno.ENOSPC, "No space left on device"), failures=1)
    async with running(tmp_path / "*.log", watching=watching) as run:
        await woken(run, log)
        append(log, "line")
        await run.have("line")


async def test_notifications_that_are_lost_are_made_up_for_by_looking(tmp_path: Path) -> None:
    """The kernel's queue overflows, or the file system is a network's: not a word is heard."""
    log = tmp_path / "app.log"
    log.touch()

    async def silent(directories: Sequence[str], stop: asyncio.Event) -> Changes:
        await stop.wait()
        yield set()

    async with running(tmp_path / "*.log", look_every=OFTEN, watching=silent) as run:
        for number in range(3):
            append(log, str(number))
            await run.have(*(str(n) for n in range(number + 1)))
        log.rename(tmp_path / "app.log.1")
        append(log, "3")
        await run.have("0", "1", "2", "3")
        assert run.source.problems() == {}


async def test_a_hint_about_a_stranger_harms_nothing(tmp_path: Path) -> None:
    """Other files are written beside the log, and paths may be told that nobody knows."""
    log = tmp_path / "app.log"
    append(log, "1")

    async def noisy(directories: Sequence[str], stop: asyncio.Event) -> Changes:
        yield {(Change.modified, "/nowhere"), (Change.deleted, str(tmp_path / "x"))}
        yield {(Change.modified, str(log))}
        await stop.wait()

    async with running(tmp_path / "*.log", watching=noisy) as run:
        await run.have("1")
