"""Lengths of time, in words."""

from typing import Final

_LENGTHS: Final = (86_400, 3_600, 60, 1)
_PARTS_SHOWN: Final = 2


def in_units(seconds: int, units: tuple[str, str, str, str], between: str) -> str:
    """Return a length of time in its two largest units: `1 h 30 min`.

    Args:
        seconds: The length, not negative.
        units: Names of day, hour, minute and second.
        between: What stands between a number and its unit.
    """
    parts: list[str] = []
    rest = seconds
    for length, unit in zip(_LENGTHS, units, strict=True):
        number, rest = divmod(rest, length)
        if number:
            parts.append(f"{number:,}{between}{unit}")
        elif parts:
            break
    return " ".join(parts[:_PARTS_SHOWN]) or f"0{between}{units[-1]}"
