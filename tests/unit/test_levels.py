"""The level of a record, in every spelling that is in use."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.event import Level
from logwatchd.domain.levels import level_of


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("trace", Level.TRACE),
        ("Verbose", Level.TRACE),
        ("DEBUG", Level.DEBUG),
        ("info", Level.INFO),
        ("Information", Level.INFO),
        ("notice", Level.INFO),
        ("warn", Level.WARN),
        ("WARNING", Level.WARN),
        ("Error", Level.ERROR),
        ("err", Level.ERROR),
        ("severe", Level.ERROR),
        ("fatal", Level.FATAL),
        ("CRITICAL", Level.FATAL),
        ("crit", Level.FATAL),
        ("panic", Level.FATAL),
        ("alert", Level.FATAL),
        ("emergency", Level.FATAL),
        (" ERROR ", Level.ERROR),
        ("eRrOr", Level.ERROR),
        ("\x1b[31mERROR\x1b[0m", Level.ERROR),
        ("ERROR+2", Level.ERROR),
        ("INFO+3", Level.INFO),
        ("DEBUG-4", Level.TRACE),
        ("50", Level.ERROR),
        (10, Level.TRACE),
        (20, Level.DEBUG),
        (30, Level.INFO),
        (35, Level.INFO),
        (40, Level.WARN),
        (50, Level.ERROR),
        (60, Level.FATAL),
        (70, Level.FATAL),
    ],
)
def test_a_level_is_known_in_every_spelling(word: Any, level: Level) -> None:
    """A line whose level is not understood is a line nobody is told of."""
    assert level_of({"level": word}) is level


@pytest.mark.parametrize(
    "record",
    [
        {"log.level": "error"},
        {"log": {"level": "error"}},
        {"severity": "ERROR"},
        {"severity_text": "ERROR"},
        {"@l": "Error", "@t": "x"},
        {"levelname": "ERROR"},
        {"lvl": "eror", "severity": "error"},
        {"lvl": "error"},
        {"level": 3, "severity": "ERROR"},
        {"level": None, "levelname": "ERROR"},
    ],
)
def test_a_level_is_found_under_every_usual_name(record: dict[str, Any]) -> None:
    """Each library has its own name for it; an unusable value does not hide a good one."""
    assert level_of(record) is Level.ERROR


def test_serilog_leaves_the_usual_level_out() -> None:
    """Its compact form writes a level only when it is not Information."""
    assert level_of({"@t": "2026-02-03T04:05:06Z", "@mt": "started"}) is Level.INFO


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"level": ""},
        {"level": "loud"},
        {"level": True},
        {"level": 3},
        {"level": 1e9},
        {"level": float("nan")},
        {"level": ["error"]},
        {"level": {"name": "error"}},
        {"level": "x" * 10_000},
        {"fields": {"level": "ERROR"}},
        {"log": "error"},
    ],
)
def test_a_record_without_a_usable_level_has_none(record: dict[str, Any]) -> None:
    """A field of the event called `level` is the user's own and must not raise an alarm."""
    assert level_of(record) is None


@given(
    st.dictionaries(st.sampled_from(["level", "log", "@l", "severity"]), st.text() | st.floats())
)
def test_no_record_raises(record: dict[str, Any]) -> None:
    """This runs for every line there is."""
    level_of(record)
