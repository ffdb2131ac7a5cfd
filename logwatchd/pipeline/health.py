"""What is wrong at present, said once when it begins and once when it ends."""

from collections.abc import Iterable
from datetime import datetime

import structlog

from logwatchd.domain.condition import Condition, Phase, condition_of
from logwatchd.ports import Clock

_log = structlog.stdlib.get_logger()


class Health:
    """The daemon's problems, by name: a `ProblemKind`, with more behind a colon."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._problems: dict[str, tuple[str, datetime]] = {}
        self.phase = Phase.STARTING
        """Where the daemon is in its life."""

    def problem(self, name: str, text: str, *, hint: str = "") -> None:
        """Note a problem; only a new one, or one that changed, is logged."""
        text = text.removeprefix(f"{name.rpartition(':')[2]}: ")  # it is shown behind its name
        known = self._problems.get(name)
        if known is not None and known[0] == text:
            return
        since = known[1] if known else self._clock.now()
        self._problems[name] = (text, since)
        _log.error("problem", name=name, error=text, hint=hint)

    def clear(self, name: str) -> None:
        """Note that a problem is over."""
        known = self._problems.pop(name, None)
        if known is not None:
            lasted = self._clock.now() - known[1]
            _log.info("recovered", name=name, after_seconds=round(lasted.total_seconds(), 1))

    def since(self, name: str) -> datetime | None:
        """Say since when there is a problem, or None."""
        known = self._problems.get(name)
        return known[1] if known else None

    def problems(self) -> dict[str, str]:
        """Return the problems of the moment."""
        return {name: text for name, (text, _) in self._problems.items()}

    def condition(self, source: Iterable[str]) -> Condition:
        """Sum up how the daemon is.

        Args:
            source: Names of what keeps lines from being read; see `ports.Source.problems`.
        """
        return condition_of(self.phase, self._problems, source)
