"""Which algorithm names problems, and which one did before.

An id never changes, so a better algorithm is another version beside the one before. For thirty days
both name each event, and the state links the two names: what was muted, acknowledged or resolved
under the former name stays so, and nothing is told again. While there is one version, or when the
thirty days are over, one name is computed.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.event import Event
from logwatchd.domain.fingerprint import VERSION, fingerprint

TRANSITION: Final = timedelta(days=30)
"""How long both names are computed: a problem that is silent for longer is news again anyway."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """One way of naming problems.

    Attributes:
        version: What its names begin with, before the colon.
        name: Gives the name of the problem that an event belongs to; pure.
    """

    version: str
    name: Callable[[Event], str]


PRESENT: Final = Algorithm(VERSION, fingerprint)
"""The algorithm in use."""

BEFORE: Final[Algorithm | None] = None
"""The one before, for as long as states may hold its names; None while there was none."""


@dataclass(frozen=True, slots=True)
class Namer:
    """Names the problem of an event, by both algorithms during a transition.

    Attributes:
        present: The algorithm in use.
        before: The one before, or None.
        until: Until when both are computed (aware, UTC), or None for never.
    """

    present: Algorithm = PRESENT
    before: Algorithm | None = None
    until: datetime | None = None

    def names(self, event: Event, *, now: datetime) -> tuple[str, str]:
        """Return the name of an event's problem, and its former name or ""."""
        name = self.present.name(event)
        if self.before is None or self.until is None or now >= self.until:
            return name, ""
        return name, self.before.name(event)


def namer_since(since: datetime | None, present: Algorithm, before: Algorithm | None) -> Namer:
    """Return what names problems in a state.

    Args:
        since: Since when the present algorithm names them there (aware, UTC); None when no
            other ever did.
        present: The algorithm in use.
        before: The one before, or None.
    """
    return Namer(present, before, None if since is None else since + TRANSITION)
