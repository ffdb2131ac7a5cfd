"""What a piece of work takes, by the clock on the wall and of processors."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Took:
    """What one run took. The time of processors holds that of the children that have ended."""

    wall_seconds: float
    cpu_seconds: float


def took(work: Callable[[], object]) -> Took:
    """Run it once.

    Args:
        work: A float that it returns is how many seconds the part took that counts, by the clock
            on the wall.
    """
    before, begin = _cpu_seconds(), time.perf_counter()
    result = work()
    wall_seconds = result if isinstance(result, float) else time.perf_counter() - begin
    return Took(wall_seconds, _cpu_seconds() - before)


def best(work: Callable[[], object], *, runs: int) -> Took:
    """Return the run that needed the least time of processors: the machine may be shared."""
    return min((took(work) for _ in range(runs)), key=lambda each: each.cpu_seconds)


def _cpu_seconds() -> float:
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in usages)
