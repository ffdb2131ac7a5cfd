"""How long something took, as logs write it, to milliseconds."""

import math
import re
from typing import Any, Final

_MS_IN: Final = {
    "ns": 1e-6,
    "us": 1e-3,
    "µs": 1e-3,  # micro sign
    "μs": 1e-3,  # Greek mu
    "ms": 1.0,
    "millis": 1.0,
    "milliseconds": 1.0,
    "s": 1e3,
    "sec": 1e3,
    "secs": 1e3,
    "second": 1e3,
    "seconds": 1e3,
    "m": 6e4,
    "min": 6e4,
    "h": 3.6e6,
}

_TEXT_LIMIT: Final = 64
_PART: Final = re.compile(r"\s{0,4}([0-9]{1,18}(?:\.[0-9]{1,18})?)\s{0,4}([a-zµμ]{0,12})")
_DECIMALS: Final = 6
"""Nanoseconds; what is smaller is noise of the conversion."""


def to_ms(value: Any, *, unit: str = "ms") -> float | None:
    """Return a duration in milliseconds, or None when it is none.

    Args:
        value: A number, or text with or without units, such as `12.3ms`, `850µs`, `1m 3s`.
        unit: The unit of a number without one, as the field's name says it.
    """
    if isinstance(value, str):
        return _from_text(value, unit) if len(value) <= _TEXT_LIMIT else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value) * _MS_IN[unit]
    except OverflowError:
        return None
    return round(found, _DECIMALS) if math.isfinite(found) and found >= 0 else None


def _from_text(text: str, unit: str) -> float | None:
    total, position, parts = 0.0, 0, 0
    text = text.strip()
    while position < len(text):
        found = _PART.match(text, position)
        if found is None:
            return None
        name = found[2].lower()
        # A number without a unit must stand alone: "12 30" is no duration.
        if not name and (parts or found.end() != len(text)):
            return None
        factor = _MS_IN.get(name or unit)
        if factor is None:
            return None
        total += float(found[1]) * factor
        position, parts = found.end(), parts + 1
    return round(total, _DECIMALS) if parts else None
