"""Times as logs write them, to aware UTC."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

# What lies outside is a zero value, an uptime or a wrong unit rather than a time.
_FIRST_YEAR: Final = 1990
_LAST_YEAR: Final = 2199

# Seconds, milli-, micro- and nanoseconds since 1970 differ by a factor of 1,000, and the years
# above span a factor of 12: the size of the number says its unit.
_MICROSECONDS_IN: Final = ((1e11, 1e6), (1e14, 1e3), (1e17, 1.0), (1e20, 1e-3))

_TEXT_LIMIT: Final = 64
_NANOS_IN_SECOND: Final = 1_000_000_000
_DATE: Final = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt ]([0-9]{2}):([0-9]{2}):([0-9]{2})"
    r"(?:[.,]([0-9]{1,18}))? ?(?:[Zz]|UTC|GMT|([+-])([01][0-9]|2[0-3]):?([0-5][0-9])?)?\Z"
)
_NUMBER: Final = re.compile(r"[0-9]{9,20}(?:\.[0-9]{1,9})?\Z")


def to_utc(value: Any) -> datetime | None:
    """Return a time as an aware UTC one, or None when it is none.

    Args:
        value: RFC 3339 text with any number of fraction digits, the same with a space or a comma
            as Python's `asctime` (taken as UTC when it has no offset), a number since 1970 in s,
            ms, µs or ns, or an object `{"seconds", "nanos"}`.
    """
    if isinstance(value, str):
        return _from_text(value.strip()) if len(value) <= _TEXT_LIMIT else None
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return _from_number(value)
    if isinstance(value, dict):
        return _from_parts(value)
    return None


def _from_text(text: str) -> datetime | None:
    if text[10:11] == "T":
        try:
            return _in_range(datetime.fromisoformat(text))
        except ValueError:
            pass
    return _from_odd_text(text)


def _from_odd_text(text: str) -> datetime | None:
    found = _DATE.match(text)
    if found is None:
        if not _NUMBER.match(text):
            return None
        return _from_number(float(text) if "." in text else int(text))
    year, month, day, hour, minute, second = map(int, found.group(1, 2, 3, 4, 5, 6))
    fraction, sign, offset_hours, offset_minutes = found.group(7, 8, 9, 10)
    shift = timedelta(hours=int(offset_hours or 0), minutes=int(offset_minutes or 0))
    leap = second == 60  # noqa: PLR2004 -- a leap second, which datetime does not know
    try:
        local = datetime(year, month, day, hour, minute, second - leap, tzinfo=UTC)
        local += timedelta(seconds=leap, microseconds=int((fraction or "")[:6].ljust(6, "0")))
        return _in_range(local + shift if sign == "-" else local - shift)
    except (ValueError, OverflowError):
        return None


def _from_number(value: float) -> datetime | None:
    for limit, factor in _MICROSECONDS_IN:
        if 0 < value < limit:
            # Integers are kept exact: a float has no room for nanoseconds since 1970.
            exact = isinstance(value, int)
            micros = _scaled(int(value), factor) if exact else round(value * factor)
            return _in_range(_EPOCH + timedelta(microseconds=micros))
    return None


def _scaled(value: int, factor: float) -> int:
    return value * int(factor) if factor >= 1 else value // round(1 / factor)


def _from_parts(value: Mapping[str, Any]) -> datetime | None:
    seconds, nanos = value.get("seconds"), value.get("nanos") or 0
    if isinstance(seconds, str) and seconds.isascii() and seconds.isdigit():
        seconds = int(seconds[:20])  # protobuf writes 64-bit integers as text
    if not isinstance(seconds, int) or not isinstance(nanos, int):
        return None
    if not (0 < seconds < _MICROSECONDS_IN[0][0] and 0 <= nanos < _NANOS_IN_SECOND):
        return None
    return _in_range(_EPOCH + timedelta(seconds=seconds, microseconds=nanos // 1000))


def _in_range(found: datetime) -> datetime | None:
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
