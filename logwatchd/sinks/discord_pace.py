"""Not asking Discord more often than it allows, without being told so twice."""

import math
from collections import deque
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from logwatchd.errors import ThrottledError

BURST: Final = 30
WINDOW: Final = timedelta(seconds=60)
"""Discord's unwritten limit for one webhook: 30 requests a minute, in no header."""

DEFAULT_PAUSE: Final = timedelta(seconds=30)
"""When the reply does not say, or says nonsense."""

LONGEST_PAUSE: Final = timedelta(hours=1)
_SHORTEST_PAUSE: Final = timedelta(milliseconds=250)


class Route(StrEnum):
    """Requests that Discord counts together."""

    EXECUTE = "execute"
    MESSAGE = "message"
    WEBHOOK = "webhook"


class Pace:
    """Remembers what Discord allows one webhook. Knows the time only from its arguments."""

    def __init__(self) -> None:
        self._sent: deque[datetime] = deque(maxlen=BURST)
        self._closed_until: dict[Route, datetime] = {}

    def take(self, route: Route, *, now: datetime) -> None:
        """Note that a request is sent now.

        Raises:
            ThrottledError: It is too early; nothing was noted.
        """
        wait = self._wait(route, now)
        if wait > timedelta(0):
            message = f"discord: own pause before the next request ({route.value})"
            raise ThrottledError(message, destination="discord", retry_after=wait)
        self._sent.append(now)

    def learn(self, route: Route, headers: Mapping[str, str], *, now: datetime) -> None:
        """Read from a reply that it was the last one allowed for a while."""
        if headers.get("x-ratelimit-remaining") != "0":
            return
        after = _seconds(headers.get("x-ratelimit-reset-after"))
        if after is not None:
            self._closed_until[route] = now + min(timedelta(seconds=after), LONGEST_PAUSE)

    def close(self, route: Route, pause: timedelta, *, everything: bool, now: datetime) -> None:
        """Note a pause that Discord asked for, for one route or for all."""
        for one in Route if everything else (route,):
            self._closed_until[one] = now + pause

    def _wait(self, route: Route, now: datetime) -> timedelta:
        """Say how long to wait; a clock set back makes no wait longer than it was meant."""
        closed = self._closed_until.get(route, now) - now
        full = len(self._sent) == BURST
        crowded = min(self._sent[0] + WINDOW - now, WINDOW) if full else timedelta(0)
        return max(min(closed, LONGEST_PAUSE), crowded)


def pause_of(headers: Mapping[str, str], body: object) -> timedelta:
    """Return the pause a reply asks for: the longest of what it says, within reason.

    Args:
        headers: The reply's headers, names in lower case.
        body: The reply's JSON, or None.
    """
    said = [
        _seconds(headers.get("retry-after")),
        _seconds(headers.get("x-ratelimit-reset-after")),
        _seconds(body.get("retry_after")) if isinstance(body, dict) else None,
    ]
    longest = max((seconds for seconds in said if seconds is not None), default=None)
    if longest is None:
        return DEFAULT_PAUSE
    return max(timedelta(seconds=longest), _SHORTEST_PAUSE)


def _seconds(value: object) -> float | None:
    """Return seconds within the longest pause, or None for what is no number of seconds."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    if not math.isfinite(seconds) or seconds < 0:
        return None
    return min(seconds, LONGEST_PAUSE.total_seconds())
