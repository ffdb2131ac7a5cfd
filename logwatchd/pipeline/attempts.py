"""What became of each attempt to tell people, and how long it took from the line."""

from bisect import bisect_left
from collections import Counter
from datetime import datetime
from enum import StrEnum
from itertools import product
from typing import Final

from logwatchd.domain.incident import Reason
from logwatchd.domain.notice import CardNotice
from logwatchd.errors import (
    DeliveryError,
    MessageGoneError,
    RejectedError,
    ThrottledError,
    UnauthorizedError,
)
from logwatchd.ports import Job, JobKind

BOUNDS_SECONDS: Final = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
"""Upper bounds of the histogram: the promised 0.1 and 0.25, and what an outage makes of them."""

_CALLING: Final = (Reason.FIRST, Reason.REGRESSED, Reason.REMINDER)
"""What the line that was just read led to; a message posted anew is older than its line."""


class AttemptResult(StrEnum):
    """What became of an attempt."""

    DELIVERED = "delivered"
    THROTTLED = "throttled"
    FAILED = "failed"
    MESSAGE_GONE = "message_gone"
    REFUSED = "refused"
    UNAUTHORIZED = "unauthorized"


class Attempts:
    """The attempts of one sink since the start."""

    def __init__(self) -> None:
        self.results = Counter(dict.fromkeys(product(JobKind, AttemptResult), 0))
        """Attempts by what was asked for and what became of it."""
        self.line_to_notice: list[int] = [0] * (len(BOUNDS_SECONDS) + 1)
        """New messages by the time from reading a line to their acceptance; the last are longer."""
        self.line_to_notice_seconds = 0.0
        """The sum of these times."""
        self.delivered_at: datetime | None = None
        """When the last attempt succeeded (aware, UTC)."""

    @property
    def delivered(self) -> int:
        """Number of attempts that succeeded."""
        return sum(n for (_, what), n in self.results.items() if what is AttemptResult.DELIVERED)

    def succeeded(self, job: Job, *, at: datetime) -> None:
        """Note that the sink took a notice."""
        self.results[job.kind, AttemptResult.DELIVERED] += 1
        self.delivered_at = at
        notice = job.notice
        calls = isinstance(notice, CardNotice) and notice.reason in _CALLING
        if job.kind is JobKind.POST and calls:
            seconds = max(0.0, (at - job.created_at).total_seconds())
            self.line_to_notice[bisect_left(BOUNDS_SECONDS, seconds)] += 1
            self.line_to_notice_seconds += seconds

    def failed(self, job: Job, error: DeliveryError) -> None:
        """Note that it did not."""
        self.results[job.kind, _result(error)] += 1


def _result(error: DeliveryError) -> AttemptResult:
    match error:
        case ThrottledError():
            return AttemptResult.THROTTLED
        case MessageGoneError():
            return AttemptResult.MESSAGE_GONE
        case RejectedError():
            return AttemptResult.REFUSED
        case UnauthorizedError():
            return AttemptResult.UNAUTHORIZED
        case _:
            return AttemptResult.FAILED
