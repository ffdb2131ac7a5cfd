"""`logwatchd tail`, as a process of its own."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.fakes.daemon import PATIENCE_SECONDS, REPOSITORY


@dataclass(slots=True)
class Tail:
    """A tail that can be started, killed and started again; its output is appended to a file."""

    home: Path
    arguments: tuple[str, ...]
    environ: dict[str, str] = field(default_factory=dict)
    process: asyncio.subprocess.Process | None = None

    @property
    def output(self) -> str:
        """Everything on standard output, of all its lives."""
        return self._said("tail.out")

    @property
    def remarks(self) -> str:
        """Everything on standard error, of all its lives."""
        return self._said("tail.err")

    def values(self) -> list[dict[str, Any]]:
        """Return the whole lines of its output as JSON; half a line is what a kill leaves."""
        lines = self.output.splitlines(keepends=True)
        # The next life goes on behind the half line that a kill left.
        return [json.loads(each[each.rfind('{"at"') :]) for each in lines if each.endswith("\n")]

    async def start(self, *, stdout: int | None = None) -> None:
        """Start it."""
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "PYTHONPATH": str(REPOSITORY),
            **{k: v for k, v in os.environ.items() if k.startswith("COVERAGE_")},
            **self.environ,
        }
        command = (sys.executable, "-m", "logwatchd", "tail", *self.arguments)
        with (self.home / "tail.out").open("ab") as out, (self.home / "tail.err").open("ab") as err:
            self.process = await asyncio.create_subprocess_exec(
                *command,
                cwd=self.home,
                env=environ,
                stdout=out if stdout is None else stdout,
                stderr=err,
                stdin=asyncio.subprocess.DEVNULL,
            )

    async def kill(self) -> None:
        """End it as a power cut would."""
        assert self.process is not None
        self.process.kill()
        await self.process.wait()

    async def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Ask it to end, and return its exit code."""
        assert self.process is not None
        self.process.send_signal(number)
        return await self.ended()

    async def ended(self) -> int:
        """Wait for its end and return its exit code."""
        assert self.process is not None
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.process.wait()

    def _said(self, name: str) -> str:
        path = self.home / name
        return path.read_text("utf-8", "replace") if path.exists() else ""


@asynccontextmanager
async def a_tail(home: Path, *arguments: str, **environ: str) -> AsyncGenerator[Tail]:
    """Make a tail, not started yet; it is killed at the end if it still runs."""
    tail = Tail(home, arguments, environ)
    try:
        yield tail
    finally:
        if tail.process is not None and tail.process.returncode is None:
            await tail.kill()
