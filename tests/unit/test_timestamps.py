"""Times in every form that logs write become aware UTC, and nonsense becomes none."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.timestamps import to_utc

AT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
SECONDS = 1_770_091_506


@pytest.mark.parametrize(
    "value",
    [
        "2026-02-03T04:05:06.789012Z",
        "2026-02-03T04:05:06.789012345Z",
        "2026-02-03t04:05:06.789012z",
        "2026-02-03T13:05:06.789012+09:00",
        "2026-02-03T13:05:06.789012+0900",
        "2026-02-02T23:05:06.789012-05:00",
        "2026-02-03 04:05:06,789012",
        "2026-02-03 04:05:06.789012 UTC",
        "2026-02-03 04:05:06.789012 +00:00",
        "2026-02-03T04:05:06.789012",
        " 2026-02-03T04:05:06.789012Z ",
        SECONDS * 1_000_000 + 789_012,
        SECONDS * 1_000_000_000 + 789_012_345,
        str(SECONDS * 1_000_000 + 789_012),
        SECONDS + 0.789012,
        {"seconds": SECONDS, "nanos": 789_012_345},
        {"seconds": str(SECONDS), "nanos": 789_012_345},
    ],
)
def test_a_time_is_read_to_the_microsecond(value: Any) -> None:
    """When it happened orders events and is shown to people in their own zone."""
    found = to_utc(value)
    assert found == AT
    assert found is not None
    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-02-03 04:05:06,789", AT.replace(microsecond=789_000)),
        ("2026-02-03T04:05:06Z", AT.replace(microsecond=0)),
        ("2026-02-03T04:05:06.5Z", AT.replace(microsecond=500_000)),
        (SECONDS, AT.replace(microsecond=0)),
        (SECONDS * 1000 + 789, AT.replace(microsecond=789_000)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1, tzinfo=UTC)),
    ],
)
def test_a_coarser_time_is_read_as_far_as_it_goes(value: Any, expected: datetime) -> None:
    """Python writes milliseconds after a comma, others whole seconds; leap seconds exist."""
    assert to_utc(value) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        "",
        "yesterday",
        "12.5s",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59-12:00",
        "2026-13-01T00:00:00Z",
        "2026-02-30T00:00:00Z",
        "2026-02-03T25:00:00Z",
        "2026-02-03T04:05:61Z",
        "2026-02-03T04:05:06+99:99",
        "٢٠٢٦-02-03T04:05:06Z",
        "2026-02-03T04:05:06Z" + "0" * 100,
        0,
        -1,
        42,
        1e300,
        10**400,
        float("nan"),
        float("inf"),
        [],
        {},
        {"seconds": "x"},
        {"seconds": 10**30, "nanos": 1},
        {"seconds": SECONDS, "nanos": -5},
        {"seconds": SECONDS, "nanos": 1.5},
    ],
)
def test_nonsense_is_no_time(value: Any) -> None:
    """The time of reading is better than the year 1, or an exception."""
    assert to_utc(value) is None


@given(st.datetimes(datetime(1990, 1, 2), datetime(2199, 12, 30)))  # noqa: DTZ001 -- made aware below
def test_every_time_comes_back(naive: datetime) -> None:
    """No rounding may move an event, in text or in microseconds."""
    at = naive.replace(tzinfo=UTC)
    assert to_utc(at.isoformat()) == at


@given(
    st.text(max_size=80)
    | st.floats()
    | st.integers()
    | st.dictionaries(
        st.sampled_from(["seconds", "nanos"]), st.integers() | st.text() | st.floats()
    )
)
def test_no_value_raises(value: Any) -> None:
    """Whatever stands under the name of a time must not lose the event."""
    found = to_utc(value)
    assert found is None or found.tzinfo is UTC
