"""When a failed delivery is tried again."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.retry import LONGEST_DELAY, next_attempt
from tests.fakes.clock import NOON


@given(st.integers(1, 10_000), st.floats(0, 1, exclude_max=True), st.integers(0, 86_400))
def test_never_before_the_peer_allows(attempts: int, jitter: float, pause: int) -> None:
    """`Retry-After` always wins, however many attempts were made."""
    wait = timedelta(seconds=pause)
    at = next_attempt(attempts=attempts, now=NOON, jitter=jitter, wait_at_least=wait)

    assert wait <= at - NOON <= max(wait, LONGEST_DELAY)


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 300), (99, 300)])
def test_delays_double_up_to_five_minutes(attempts: int, seconds: int) -> None:
    """After an hour's outage the card must be out minutes later."""
    assert next_attempt(attempts=attempts, now=NOON, jitter=1.0) == NOON + timedelta(
        seconds=seconds
    )
