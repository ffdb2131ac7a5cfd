"""An application that logs by the clock and rotates its log, as a process of its own.

    python -m tests.fakes.rotating LOG --rotation chain --seconds 3

It tells after each rotation, and at its end, as one line of JSON, what it wrote so far.
"""

import argparse
import asyncio
import json
import os
import random
import shutil
import sys
import time
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Final

from tests.fakes.daemon import REPOSITORY, error_line, info_line
from tests.fakes.old_files import shift

LINES_PER_SECOND: Final = 2_000
ROTATE_SECONDS: Final = 0.2
PROBLEMS: Final = ("red", "green", "blue", "black", "white", "amber", "ivory", "olive")

_KEPT: Final = 150
"""Old files kept: thirty seconds, in which a daemon that was killed is back."""

_BETWEEN_LINES: Final = 5
"""Lines written between the copying and the emptying of `copytruncate`."""


class Rotation(StrEnum):
    """How a log is rotated."""

    DATED = "dated"
    """Renamed to a name with a number that grows, as with `dateext`; made anew later."""
    CHAIN = "chain"
    """`.1` becomes `.2`, the log becomes `.1`."""
    DAILY = "daily"
    """Nothing is renamed; the writer goes on in a file with another name."""
    COPIED = "copied"
    """Copied to `.1` and emptied; the writer writes meanwhile."""


@dataclass(slots=True)
class Written:
    """What was written.

    Attributes:
        lines: All lines.
        problems: Lines of each problem, errors all.
        between: Lines among them of which a copy was not made before they were emptied away.
        rotations: How often the log was rotated.
    """

    lines: int = 0
    problems: dict[str, int] = field(default_factory=lambda: dict.fromkeys(PROBLEMS, 0))
    between: int = 0
    rotations: int = 0


class _Writer:
    """Writes and rotates."""

    def __init__(self, log: Path, rotation: Rotation, seed: int) -> None:
        self.written = Written()
        self._log = log
        self._rotation = rotation
        self._dice = random.Random(seed)  # noqa: S311 -- a repeatable game of chance
        self._file = self._opened()

    def run(self, seconds: float) -> None:
        """Write what is due by the clock, and rotate when that is."""
        begin = time.monotonic()
        while (passed := time.monotonic() - begin) < seconds:
            if passed >= (self.written.rotations + 1) * ROTATE_SECONDS:
                self._rotate()
                self._tell()
            self._write(int(passed * LINES_PER_SECOND) - self.written.lines)
            time.sleep(0.005)
        self._tell()

    def _tell(self) -> None:
        sys.stdout.write(json.dumps(asdict(self.written)) + "\n")
        sys.stdout.flush()

    def _write(self, lines: int) -> None:
        text = []
        for _ in range(lines):
            n = self.written.lines
            self.written.lines += 1
            if n % 4:
                text.append(info_line(n))
                continue
            problem = self._dice.choice(PROBLEMS)
            self.written.problems[problem] += 1
            text.append(error_line(f"{problem} thing broke for order {n}", n=n))
        data = "".join(text).encode()
        half = self._dice.randrange(len(data) + 1)
        self._file.write(data[:half])  # a line in two halves, most of the time
        self._file.write(data[half:])

    def _rotate(self) -> None:
        number = self.written.rotations = self.written.rotations + 1
        match self._rotation:
            case Rotation.DATED:
                self._log.rename(self._name(20260000 + number, "-"))
                self._write(5)  # the writer is told to open its log anew a moment later
                self._file.close()
                self._file = self._opened()
                self._name(20260000 + number - _KEPT, "-").unlink(missing_ok=True)
            case Rotation.CHAIN:
                shift(self._log, kept=_KEPT)
                self._log.rename(self._name(1))
                self._write(5)
                self._file.close()
                self._file = self._opened()
            case Rotation.DAILY:
                self._file.close()
                self._file = self._opened()
                self._path(number - _KEPT).unlink(missing_ok=True)
            case Rotation.COPIED:
                shift(self._log, kept=_KEPT)
                shutil.copyfile(self._log, self._name(1))
                self._write(_BETWEEN_LINES)
                self.written.between += _BETWEEN_LINES
                os.truncate(self._log, 0)

    def _name(self, number: int, separator: str = ".") -> Path:
        return self._log.with_name(f"{self._log.name}{separator}{number}")

    def _path(self, number: int) -> Path:
        return self._log.with_name(f"app.{number:05}.log")

    def _opened(self) -> BinaryIO:
        daily = self._rotation is Rotation.DAILY
        path = self._path(self.written.rotations) if daily else self._log
        return path.open("ab", buffering=0)


@asynccontextmanager
async def a_rotating_log(
    log: Path, rotation: Rotation, *, seconds: float, seed: int
) -> AsyncGenerator[Callable[[], tuple[Written, bool]]]:
    """Run the application.

    Yields:
        A function that returns what was written, as last told, and whether that was the last word.
    """
    arguments = (str(log), "--rotation", rotation, "--seconds", str(seconds), "--seed", str(seed))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.fakes.rotating",
        *arguments,
        env={"PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
    )
    written = Written()

    async def listen() -> None:
        nonlocal written
        assert process.stdout is not None
        while line := await process.stdout.readline():
            written = Written(**json.loads(line))
        assert await process.wait() == 0

    listening = asyncio.create_task(listen())
    try:
        yield lambda: (written, listening.done())
        await listening
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
        listening.cancel()


def main() -> None:
    """Write until the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("log", type=Path)
    parser.add_argument("--rotation", type=Rotation, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    _Writer(arguments.log, arguments.rotation, arguments.seed).run(arguments.seconds)


if __name__ == "__main__":
    main()
