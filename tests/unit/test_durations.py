"""Durations in every form that logs write become milliseconds."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.durations import to_ms


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("12.3ms", 12.3),
        ("1.2s", 1200.0),
        ("850µs", 0.85),
        ("850μs", 0.85),
        ("850us", 0.85),
        ("35 ms", 35.0),
        ("125ns", 0.000125),
        ("1.5m", 90_000.0),
        ("1m 3s", 63_000.0),
        ("1h2m3.5s", 3_723_500.0),
        ("2 seconds", 2000.0),
        ("  7ms ", 7.0),
        ("42", 42.0),
        (42, 42.0),
        (0, 0.0),
        (0.25, 0.25),
    ],
)
def test_a_duration_is_read_in_milliseconds(value: Any, expected: float) -> None:
    """The rule for slow calls compares them all with one limit."""
    assert to_ms(value) == expected


@pytest.mark.parametrize(("unit", "expected"), [("s", 1500.0), ("us", 0.0015), ("ns", 0.000002)])
def test_a_plain_number_has_the_unit_of_its_name(unit: str, expected: float) -> None:
    """`elapsed_secs: 1.5` is a second and a half."""
    assert to_ms(1.5, unit=unit) == expected
    assert to_ms("1.5", unit=unit) == expected


@pytest.mark.parametrize(
    "value",
    [None, True, -1, "-5ms", float("nan"), float("inf"), 10**400, "", "fast", "12 30", "12 parsecs",
     "1m 30", "ms", [], {}, "5" * 100, "٣ms"],
)  # fmt: skip
def test_nonsense_is_no_duration(value: Any) -> None:
    """A negative or endless duration would trip rules or break arithmetic later."""
    assert to_ms(value) is None


@given(st.text(max_size=70) | st.integers() | st.floats())
def test_no_value_raises(value: Any) -> None:
    """Whatever stands under the name of a duration must not lose the event."""
    found = to_ms(value)
    assert found is None or found >= 0
