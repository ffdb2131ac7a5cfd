"""Decide when people are told of bytes that were lost: soon, exactly, and not too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

COPY_WAIT: Final = timedelta(seconds=10)
"""Time for a copy of an emptied file to turn up: what it holds is not lost."""

TELL_FILE_EVERY: Final = timedelta(hours=1)
TELL_EVERY: Final = timedelta(minutes=6)
"""Least time between two notices, whatever the number of files: ten an hour."""

FILES_TOLD: Final = 10
"""Files named in one notice; the others wait for the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """Bytes of one file that were there and will never be read.

    Attributes:
        path: The file.
        bytes: All of them, in the lives of the file that are remembered.
        untold: Those of them that people have not heard of.
        since: When the first untold ones were lost (aware, UTC).
        told_at: When people last heard of a loss in this file, or None.
    """

    path: str
    bytes: int
    untold: int
    since: datetime
    told_at: datetime | None = None


def to_tell(
    losses: Sequence[Loss], *, last_notice_at: datetime | None, now: datetime
) -> tuple[Loss, ...]:
    """Choose the losses of which people are told now, the largest first.

    Args:
        losses: One for each file.
        last_notice_at: When people were last told of any loss, or None.
        now: The present (aware, UTC).
    """
    if last_notice_at is not None and _within(TELL_EVERY, last_notice_at, now):
        return ()
    due = [
        each
        for each in losses
        if each.untold > 0
        and not _within(COPY_WAIT, each.since, now)
        and (each.told_at is None or not _within(TELL_FILE_EVERY, each.told_at, now))
    ]
    return tuple(sorted(due, key=lambda each: (-each.untold, each.path))[:FILES_TOLD])


def _within(pause: timedelta, since: datetime, now: datetime) -> bool:
    """Say whether a pause still lasts; a clock that was set back ends it."""
    return timedelta(0) <= now - since < pause
