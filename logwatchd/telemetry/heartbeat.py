"""A sign of life in the state directory: `logwatchd health` needs no endpoint and no database.

One small record, always of the same size and written in place: that also works when the disk is
full. Standard library only, and little of that: a health check runs every few seconds.
"""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from logwatchd.places import HEARTBEAT_NAME

if TYPE_CHECKING:
    from logwatchd.domain.condition import Condition

STALE_SECONDS: Final = 60.0
"""Age from which a daemon counts as dead: what the unit's watchdog allows, too."""

_RECORD_BYTES: Final = 512


class Beat(NamedTuple):
    """What the daemon last said.

    Attributes:
        age_seconds: How long ago; by a clock that nobody sets, and that runs while suspended.
        condition: How it was, in one line of our own words.
        is_degraded: Whether something kept it from doing all of its job.
    """

    age_seconds: float
    condition: str
    is_degraded: bool


class Heartbeat:
    """Writes the sign of life. It never fails: one that is missing says enough."""

    def __init__(self, directory: Path | None) -> None:
        """Prepare.

        Args:
            directory: The state directory, or None to give no sign.
        """
        self._path = None if directory is None else directory / HEARTBEAT_NAME

    def beat(self, condition: "Condition") -> None:
        """Say how the daemon is."""
        if self._path is None:
            return
        value = {
            "at": _now(),
            "condition": condition.line(),
            "degraded": condition.is_degraded,
        }
        record = json.dumps(value).encode("ascii").ljust(_RECORD_BYTES)[:_RECORD_BYTES]
        try:
            fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.pwrite(fd, record, 0)
            finally:
                os.close(fd)
        except OSError:
            return


def last_beat(directory: Path) -> Beat | None:
    """Return the last sign of life in a state directory, or None when there is none."""
    try:
        value = json.loads((directory / HEARTBEAT_NAME).read_bytes()[:_RECORD_BYTES])
        age = _now() - float(value["at"])
        # A clock that began anew since, with the host, says that the sign is older than that.
        age = age if age >= 0 else float("inf")
        return Beat(age, str(value["condition"]), bool(value["degraded"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _now() -> float:
    return time.clock_gettime(time.CLOCK_BOOTTIME)
