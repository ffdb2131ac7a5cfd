"""How bad a record says it is."""

import re
from collections.abc import Mapping
from typing import Any, Final

from logwatchd.domain.event import Level

_NAMES: Final = {
    Level.TRACE: ("trace", "verbose", "finest", "finer"),
    Level.DEBUG: ("debug", "fine", "dbg"),
    Level.INFO: ("info", "information", "informational", "notice", "default", "inf"),
    Level.WARN: ("warn", "warning", "wrn"),
    Level.ERROR: ("error", "err", "severe"),
    Level.FATAL: ("fatal", "critical", "crit", "panic", "dpanic", "alert", "emergency", "emerg"),
}
NAMES: Final = {name: level for level, names in _NAMES.items() for name in names}
"""Words that name a level, in lower case."""

# The usual spellings are found by one look-up, without making a lower-case copy.
_BY_SPELLING: Final = {
    spelling: level
    for name, level in NAMES.items()
    for spelling in (name, name.upper(), name.capitalize())
}

LEVEL_WORDS: Final = frozenset(name.upper() for name in NAMES)
"""Words that name a level, in upper case."""

_FIELDS: Final = (
    "level",
    "log.level",
    "severity",
    "severity_text",
    "severityText",
    "@l",
    "levelname",
    "lvl",
    "log_level",
    "loglevel",
)

_WORD_LIMIT: Final = 32
_COLOUR: Final = re.compile(r"\x1b\[[0-9;]{0,16}m")
_OFFSET: Final = re.compile(r"([a-z]{1,16})([+-])[0-9]{1,3}\Z")

# Bunyan and pino count 10, 20, ... 60; in-between numbers are custom levels.
_STEPS: Final = (Level.TRACE, Level.DEBUG, Level.INFO, Level.WARN, Level.ERROR, Level.FATAL)
_STEP: Final = 10
_HIGHEST: Final = 100


def level_of(record: Mapping[str, Any]) -> Level | None:
    """Return the level of a record, or None when it has none.

    Only the record itself is asked: a `level` among a tracing event's own fields is not its level.
    """
    value = record.get("level")
    if isinstance(value, str):
        known = _BY_SPELLING.get(value)
        if known is not None:
            return known
    return _searched(record)


def _searched(record: Mapping[str, Any]) -> Level | None:
    for name in _FIELDS:
        value = record.get(name)
        level = None if value is None else _level(value, numeric=name.endswith("level"))
        if level is not None:
            return level
    log = record.get("log")
    if isinstance(log, dict):
        level = _level(log.get("level"), numeric=True)
        if level is not None:
            return level
    # Serilog's compact form leaves the level out when it is the usual one.
    if ("@t" in record or "@mt" in record) and "@l" not in record:
        return Level.INFO
    return None


def _level(value: Any, *, numeric: bool) -> Level | None:
    if isinstance(value, str):
        if numeric and len(value) <= _WORD_LIMIT and value.isascii() and value.isdigit():
            return number_level(int(value))
        return _named(value)
    if not numeric or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return number_level(value)


def number_level(value: float) -> Level | None:
    """Return the level that a number means, as Bunyan and pino count."""
    if not _STEP <= value <= _HIGHEST:
        return None
    return _STEPS[min(int(value // _STEP), len(_STEPS)) - 1]


def _named(value: str) -> Level | None:
    known = _BY_SPELLING.get(value)
    if known is not None or len(value) > _WORD_LIMIT:
        return known
    # Nothing else is taken away: `needles` must find every spelling in the bytes of a line.
    word = _COLOUR.sub("", value).strip(" ").lower()
    if word in NAMES:
        return NAMES[word]
    # Go's slog writes levels between the named ones as `ERROR+2` or `DEBUG-4`.
    found = _OFFSET.match(word)
    if found is None:
        return None
    base = NAMES.get(found[1])
    return Level.TRACE if base is Level.DEBUG and found[2] == "-" else base
