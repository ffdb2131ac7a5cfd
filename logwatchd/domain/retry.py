"""Decide when a failed delivery is tried again. It is never given up for being late.

An alert that could not be delivered for a day is still news, so only a refusal buries a job.
The row of the outbox remembers the decision; no coroutine sleeps through it.
"""

from datetime import datetime, timedelta
from typing import Final

FIRST_DELAY: Final = timedelta(seconds=2)
LONGEST_DELAY: Final = timedelta(minutes=5)
"""Short enough that a card is out minutes after an hour's outage ends."""

_DOUBLINGS_LIMIT: Final = 16


def next_attempt(
    *,
    attempts: int,
    now: datetime,
    jitter: float,
    wait_at_least: timedelta = timedelta(0),
) -> datetime:
    """Place the next attempt.

    Args:
        attempts: Attempts made so far, at least 1.
        now: The present (aware, UTC).
        jitter: A draw from [0, 1): 0 halves the exponential delay, 1 keeps it whole.
        wait_at_least: The peer's own demand (`Retry-After`); it always wins over the delay.
    """
    exponential = min(FIRST_DELAY * (1 << min(attempts - 1, _DOUBLINGS_LIMIT)), LONGEST_DELAY)
    return now + max(exponential * (0.5 + jitter / 2), wait_at_least)
