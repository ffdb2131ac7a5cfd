"""What commands need that run no daemon, put together without its other parts: they start sooner."""

import asyncio
import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from logwatchd.domain.candidates import CandidateFinder, expressions_of
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.naming import BEFORE, former_since
from logwatchd.domain.needles import Needles
from logwatchd.domain.steady import Reading
from logwatchd.settings import Loaded
from logwatchd.sources.compile_search import compiled_apart

_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


class SystemUptime:
    """The clocks of this machine by which limits are counted; see `domain.steady`."""

    def read(self) -> Reading:
        """See `ports.Uptime`; where there is no such clock, the process's own start stands in."""
        try:
            boot = _BOOT_ID.read_text("ascii").strip()
            up = time.clock_gettime(time.CLOCK_BOOTTIME)
        except (OSError, AttributeError):  # not Linux
            boot, up = f"process {os.getpid()}", time.monotonic()
        return Reading(SystemClock().now(), boot, timedelta(seconds=up))


class SystemClock:
    """The real time."""

    def now(self) -> datetime:
        """See `ports.Clock`."""
        return datetime.now(UTC)  # noqa: TID251 -- the one place

    async def sleep(self, seconds: float) -> None:
        """See `ports.Clock`."""
        await asyncio.sleep(seconds)  # noqa: TID251 -- the one place


def interpreter_of(
    loaded: Loaded, *, named_since: datetime | None = None, every_line: bool = False
) -> Interpreter:
    """Return what reads the lines of a configuration.

    Args:
        loaded: The configuration.
        named_since: Since when the present algorithm names problems in the state (aware, UTC);
            None when no other ever did.
        every_line: Whether no line may be passed over, not even one that no rule wants.
    """
    return Interpreter(
        loaded.rules,
        loaded.redactor,
        loaded.settings.service,
        loaded.fingerprinter,
        former_since(named_since, BEFORE and BEFORE(loaded.fingerprinter.overrides)),
        compile_search=None if every_line else _search,
    )


def every_line(loaded: Loaded) -> Interpreter:
    """Return an interpreter for commands that look at every line."""
    return interpreter_of(loaded, every_line=True)


def _search(needles: Needles) -> CandidateFinder:
    return CandidateFinder(needles, compiled=compiled_apart(expressions_of(needles)))
