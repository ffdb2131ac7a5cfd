"""The algorithm that named problems before the present one, for as long as both are asked.

An id never changes, so a better algorithm is another version beside the one before. For thirty days
both name each event, and the state links the two names: what was muted, acknowledged or resolved
under the former name stays so, and nothing is told again. While there is one version, or when the
thirty days are over, nothing is paid.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from logwatchd.domain.event import Event
from logwatchd.domain.identity import Identity
from logwatchd.domain.overrides import Overrides

TRANSITION: Final = timedelta(days=30)
"""How long both are asked: a problem that is silent for longer is news again anyway."""


class Identifier(Protocol):
    """Names the problems of events; `fingerprint.Fingerprinter` is the present one."""

    def identify(self, event: Event) -> Identity:
        """Name the problem that an event belongs to."""
        ...


BEFORE: Final[Callable[[Overrides], Identifier] | None] = None
"""Makes the algorithm before the present one, with a team's overrides; None while there was none.

Whoever writes another version leaves the present one here, and takes it away a release later than
thirty days after.
"""


@dataclass(frozen=True, slots=True)
class Former:
    """The algorithm before the present one.

    Attributes:
        identifier: Names problems as it did.
        until: Until when it is asked (aware, UTC).
    """

    identifier: Identifier
    until: datetime

    def identify(self, event: Event, *, now: datetime) -> Identity | None:
        """Name the problem of an event as it was named before; None when the time is over."""
        return self.identifier.identify(event) if now < self.until else None


def former_since(since: datetime | None, identifier: Identifier | None) -> Former | None:
    """Return the algorithm before, if it is to be asked at all.

    Args:
        since: Since when the present algorithm names problems in a state (aware, UTC); None when
            no other ever did.
        identifier: The algorithm before, or None.
    """
    if since is None or identifier is None:
        return None
    return Former(identifier, since + TRANSITION)
