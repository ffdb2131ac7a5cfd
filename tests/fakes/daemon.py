"""The real daemon, as a process of its own."""

import asyncio
import json
import os
import resource
import signal
import sqlite3
import sys
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

REPOSITORY: Final = Path(__file__).parent.parent.parent
PATIENCE_SECONDS: Final = 30.0


async def eventually(
    what: Callable[[], object], *, seconds: float = PATIENCE_SECONDS, why: str = ""
) -> None:
    """Wait until something is so; fail when it is not so in time."""
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            raise AssertionError(f"not in {seconds:.0f} s: {why or what}")
        await asyncio.sleep(0.01)


@dataclass(slots=True)
class Daemon:
    """A daemon that can be started, killed and started again on the same state."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()
    process: asyncio.subprocess.Process | None = None
    _said: list[bytes] = field(default_factory=list)
    _listeners: list[asyncio.Task[None]] = field(default_factory=list)

    @property
    def state(self) -> Path:
        """The state directory."""
        return self.home / "state"

    @property
    def log(self) -> str:
        """Everything the daemon said on standard error, a pipe: a full disk does not silence it."""
        return b"".join(self._said).decode("utf-8", "replace")

    @property
    def output(self) -> str:
        """Everything the daemon said on standard output."""
        path = self.home / "daemon.out"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    async def start(
        self, *, ready: bool = True, limits: Mapping[int, tuple[int, int]] | None = None
    ) -> None:
        """Start it, perhaps with limits of resources, and wait until it says that it works."""

        def limit() -> None:
            for number, values in (limits or {}).items():
                resource.setrlimit(number, values)

        started = self.log.count('"started"')
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(REPOSITORY),
            "STATE_DIRECTORY": str(self.state),
            **{k: v for k, v in os.environ.items() if k.startswith("COVERAGE_")},
            **self.environ,
        }
        with (self.home / "daemon.out").open("ab") as out:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "logwatchd",
                *self.arguments,
                cwd=self.home,
                env=environ,
                stdout=out,
                stderr=asyncio.subprocess.PIPE,
                stdin=asyncio.subprocess.DEVNULL,
                preexec_fn=limit if limits else None,
            )
        self._listeners.append(asyncio.create_task(self._listen(self.process)))
        if ready:
            await eventually(
                lambda: self.log.count('"started"') > started or self._ended(),
                why="the daemon starts",
            )
            assert not self._ended(), self.log

    async def _listen(self, process: asyncio.subprocess.Process) -> None:
        assert process.stderr is not None
        while said := await process.stderr.read(65_536):
            self._said.append(said)

    async def close(self) -> None:
        """End it if it still runs, and hear its last words."""
        if self.process is not None and self.process.returncode is None:
            await self.kill()
        if self._listeners:
            await asyncio.wait(self._listeners)

    async def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        self.signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end and return its exit code."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            code = await self.process.wait()
        await asyncio.wait(self._listeners)
        return code

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def query(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask its database; nothing when there is none yet."""
        path = self.state / "logwatchd.db"
        if not path.exists():
            return []
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as db:
                return db.execute(sql).fetchall()
        except sqlite3.OperationalError:
            return []  # its tables are being made

    def counted(self) -> int:
        """Return how many events it has counted."""
        rows = self.query("SELECT COALESCE(SUM(count), 0) FROM incident")
        return int(rows[0][0]) if rows else 0

    def waiting(self) -> int:
        """Return how many jobs wait in its outbox."""
        rows = self.query("SELECT COUNT(*) FROM outbox WHERE state <> 'buried'")
        return int(rows[0][0]) if rows else -1

    def told(self, count: int) -> bool:
        """Tell whether this many events are counted and no job waits, both seen at one moment.

        Asked one after the other, an event recorded in between would look as if it had been told.
        """
        rows = self.query(
            "SELECT (SELECT COALESCE(SUM(count), 0) FROM incident),"
            " (SELECT COUNT(*) FROM outbox WHERE state <> 'buried')"
        )
        return rows == [(count, 0)]

    def _ended(self) -> bool:
        return self.process is not None and self.process.returncode is not None


@asynccontextmanager
async def a_daemon(
    home: Path, environ: Mapping[str, str], *arguments: str
) -> AsyncGenerator[Daemon]:
    """Make a daemon, not started yet; it is killed at the end if it still runs."""
    daemon = Daemon(home, dict(environ), arguments)
    try:
        yield daemon
    finally:
        await daemon.close()


def error_line(message: str, *, code: str = "", target: str = "app::jobs", n: int = 0) -> str:
    """Return a line as tracing-subscriber writes an error, with its newline."""
    fields = {"message": message} | ({"error_code": code} if code else {})
    value = {
        "timestamp": f"2026-02-03T04:{n // 60 % 60:02}:{n % 60:02}.000000Z",
        "level": "ERROR",
        "fields": fields,
        "target": target,
        "span": {"name": "http", "request_id": f"req-{n:06}"},
    }
    return json.dumps(value) + "\n"


def info_line(n: int) -> str:
    """Return a line that nobody needs to see, with its newline."""
    value = {
        "timestamp": "2026-02-03T04:05:06.000000Z",
        "level": "INFO",
        "fields": {"message": "finished processing request", "n": n},
        "target": "app::http",
    }
    return json.dumps(value) + "\n"
