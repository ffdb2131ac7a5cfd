"""When new problems of one target are a storm, and when it is over."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Reason
from logwatchd.domain.policy import Action, Decision, Policy, Told, Why, decide
from logwatchd.domain.storm import (
    Newcomer,
    StormPolicy,
    ends_at,
    is_storm,
    storm_name,
    storm_number,
    with_newcomer,
)
from tests.fakes.clock import NOON
from tests.fakes.notices import an_incident

POLICY = StormPolicy(problems=10, window=timedelta(minutes=5))
SECOND = timedelta(seconds=1)


def newcomers(seconds: list[int], policy: StormPolicy = POLICY) -> tuple[Newcomer, ...]:
    """Return what is kept of problems that were new at these seconds."""
    latest: tuple[Newcomer, ...] = ()
    for number, second in enumerate(seconds):
        latest = with_newcomer(latest, Newcomer(f"v1:{number:x}", NOON + second * SECOND), policy)
    return latest


def test_ten_new_problems_are_no_storm_and_the_eleventh_makes_one() -> None:
    """The threshold is what may be new, not what may not."""
    assert not is_storm(newcomers([0] * 10), POLICY, now=NOON)
    assert is_storm(newcomers([0] * 11), POLICY, now=NOON)


def test_what_is_older_than_the_window_does_not_count() -> None:
    """Eleven new problems in a day are an ordinary day."""
    spread = newcomers([0, *([299] * 9), 300])

    assert not is_storm(spread, POLICY, now=NOON + 300 * SECOND)
    assert is_storm(newcomers([1, *([299] * 9), 300]), POLICY, now=NOON + 300 * SECOND)


def test_a_problem_that_is_new_twice_is_one() -> None:
    """It was forgotten in between."""
    latest: tuple[Newcomer, ...] = ()
    for _ in range(20):
        latest = with_newcomer(latest, Newcomer("v1:a", NOON), POLICY)

    assert len(latest) == 1


def test_a_storm_ends_when_half_of_its_threshold_would_be_too_many() -> None:
    """Or one that drips along would hide what is new of this target for ever."""
    latest = newcomers([*range(11), 200])

    # The sixth newest came at second 6; from 306 on no more than five are new.
    assert ends_at(latest, POLICY) == NOON + 306 * SECOND


@given(st.lists(st.integers(0, 900), min_size=1, max_size=60), st.integers(1, 12))
@settings(max_examples=60, deadline=None, derandomize=True)
def test_a_storm_needs_its_threshold_and_an_end_its_quiet(seconds: list[int], limit: int) -> None:
    """What is kept of the newcomers decides as the whole list would."""
    policy = StormPolicy(problems=limit, window=timedelta(minutes=5))
    seconds.sort()
    now = NOON + seconds[-1] * SECOND
    latest = newcomers(seconds, policy)
    fresh = [each for each in seconds if seconds[-1] - each < 300]

    assert is_storm(latest, policy, now=now) == (len(fresh) > limit)
    end = ends_at(latest, policy)
    if end is not None:
        at_end = [each for each in seconds if NOON + each * SECOND + policy.window > end]
        assert len(at_end) <= limit // 2


@pytest.mark.parametrize(
    ("severity", "reason", "decision"),
    [
        (Severity.WARNING, Reason.FIRST, Decision(Action.NONE, Why.HELD_STORM, collect=True)),
        (Severity.WARNING, Reason.RECURRED, Decision(Action.NONE, Why.HELD_STORM, collect=True)),
        (Severity.WARNING, Reason.REGRESSED, Decision(Action.POST, Why.TOLD_REGRESSED)),
        (Severity.CRITICAL, Reason.FIRST, Decision(Action.POST, Why.TOLD_FIRST)),
    ],
)
def test_a_storm_holds_back_what_is_new_and_not_critical(
    severity: Severity, reason: Reason, decision: Decision
) -> None:
    """The first critical of each problem gets through, and what somebody had resolved does."""
    incident = an_incident(severity=severity)

    assert decide(incident, reason, Told(0, 0), Policy(), in_storm=True) == decision


def test_what_was_told_before_the_storm_keeps_its_card() -> None:
    """Its number changes; nothing rings."""
    incident = an_incident(severity=Severity.WARNING, opened_at=NOON, told_at=NOON)
    decision = decide(incident, Reason.RECURRED, Told(0, 0), Policy(), in_storm=True)

    assert decision.why is Why.UPDATED


def test_the_name_of_a_storm_is_no_fingerprint() -> None:
    """Both are subjects of decisions and of messages."""
    assert storm_number(storm_name(12)) == 12
    assert storm_number("v1:0012") is None
    assert storm_number("storm:x") is None
