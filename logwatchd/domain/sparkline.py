"""Counts as a row of bars."""

from collections.abc import Sequence
from typing import Final

BARS: Final = "▁▂▃▄▅▆▇█"
NOTHING: Final = "·"

LONGEST: Final = 48
"""Bars that are drawn; a longer row is no glance any more."""


def sparkline(counts: Sequence[int]) -> str:
    """Draw one character for each count, scaled to the largest.

    Args:
        counts: Counts, oldest first; only the newest `LONGEST` are drawn.

    Returns:
        As many characters as counts drawn. Zero (or less) is a dot, so that one event never
        looks like none.
    """
    drawn = counts[-LONGEST:]
    top = max(drawn, default=0)
    return "".join(_bar(count, top) for count in drawn)


def _bar(count: int, top: int) -> str:
    if count <= 0:
        return NOTHING
    return BARS[(count * len(BARS) - 1) // top]
