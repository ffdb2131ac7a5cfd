"""A clock for limits that must hold whatever becomes of the clock on the wall.

A wall clock that jumps ahead by a month would empty every window at once, and one that jumps back
would let them be filled again. This one goes on by what a machine's time since its start says, and
never back. Only over a restart of the machine does it believe the wall clock, and then for one day
at most: who was off for longer has a little less to spend, not more.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

MOST_BELIEVED: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a machine's clocks say.

    Attributes:
        wall: The time of day (aware, UTC), right or wrong.
        boot: The name of this start of the machine.
        up: Time since that start, suspension included.
    """

    wall: datetime
    boot: str
    up: timedelta


@dataclass(frozen=True, slots=True)
class Steady:
    """A moment of the steady clock, and the reading that it was made from.

    Attributes:
        at: The moment (aware, UTC): near the wall clock's, and never before an earlier one.
        reading: What the machine's clocks said.
    """

    at: datetime
    reading: Reading


def steady(last: Steady | None, reading: Reading) -> Steady:
    """Return the present moment.

    Args:
        last: The last moment that was kept, or None at the very first.
        reading: What the clocks say now.
    """
    if last is None:
        return Steady(reading.wall, reading)
    if reading.boot == last.reading.boot:
        passed = reading.up - last.reading.up
    else:
        passed = min(reading.wall - last.reading.wall, MOST_BELIEVED)
    return Steady(last.at + max(passed, timedelta(0)), reading)
