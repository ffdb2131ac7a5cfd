"""What commands need that run no daemon, put together without its other parts: they start sooner."""

import asyncio
from datetime import UTC, datetime

from logwatchd.domain.candidates import CandidateFinder, expressions_of
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.naming import BEFORE, former_since
from logwatchd.domain.needles import Needles
from logwatchd.settings import Loaded
from logwatchd.sources.compile_search import compiled_apart


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
