"""Whether and how people are told."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.incident import Incident, Reason
from logwatchd.domain.policy import Action, Decision, Policy, Told, Why, decide, edit_due
from tests.fakes.clock import NOON
from tests.fakes.notices import an_incident

NOBODY = Told(0, 0)
POLICY = Policy()


def problem(
    severity: Severity = Severity.WARNING, tell: Tell = Tell.AT_ONCE, *, told: bool = False
) -> Incident:
    """Return an incident whose present episode began at noon."""
    return an_incident(severity=severity, tell=tell, opened_at=NOON, told_at=NOON if told else None)


@pytest.mark.parametrize(
    ("reason", "why"),
    [
        (Reason.FIRST, Why.TOLD_FIRST),
        (Reason.REGRESSED, Why.TOLD_REGRESSED),
        (Reason.REMINDER, Why.TOLD_REMINDER),
    ],
)
def test_news_is_told_by_a_new_message(reason: Reason, why: Why) -> None:
    """A first sight, a regression and a reminder each deserve a message of their own."""
    assert decide(problem(), reason, NOBODY, POLICY) == Decision(Action.POST, why)


def test_a_recurrence_edits_the_message() -> None:
    """The same problem again changes a number, it does not ring again."""
    assert decide(problem(told=True), Reason.RECURRED, NOBODY, POLICY) == Decision(
        Action.EDIT, Why.UPDATED, collect=True
    )


def test_a_recurring_critical_stays_out_of_the_digest() -> None:
    """Its card is the news; the digest is for what is less."""
    decision = decide(problem(Severity.CRITICAL, told=True), Reason.RECURRED, NOBODY, POLICY)

    assert decision == Decision(Action.EDIT, Why.UPDATED)


def test_info_is_counted_only() -> None:
    """Every 4xx of the backend is an ERROR line; nobody wants to hear of them."""
    decision = decide(problem(Severity.INFO, Tell.COUNT), Reason.FIRST, NOBODY, POLICY)

    assert decision == Decision(Action.NONE, Why.COUNTED)


def test_a_rule_can_leave_a_problem_to_the_digest() -> None:
    """Between telling at once and only counting."""
    decision = decide(problem(tell=Tell.DIGEST), Reason.FIRST, NOBODY, POLICY)

    assert decision == Decision(Action.NONE, Why.COLLECTED, collect=True)


def test_a_muted_problem_is_silent() -> None:
    """Somebody said so."""
    assert decide(problem(), Reason.MUTED, NOBODY, POLICY).why is Why.HELD_MUTED


@pytest.mark.parametrize(
    ("told", "why"),
    [(Told(10, 10), Why.HELD_HOUR_CEILING), (Told(0, 50), Why.HELD_DAY_CEILING)],
)
def test_above_the_ceiling_a_warning_goes_to_the_digest(told: Told, why: Why) -> None:
    """A flood of messages is read by nobody."""
    assert decide(problem(), Reason.FIRST, told, POLICY) == Decision(Action.NONE, why, collect=True)


def test_a_problem_that_was_held_back_is_told_when_there_is_room() -> None:
    """Held back is not forgotten."""
    decision = decide(problem(told=False), Reason.RECURRED, NOBODY, POLICY)

    assert decision == Decision(Action.POST, Why.TOLD_LATE)


def test_the_message_of_an_earlier_episode_does_not_count_as_told() -> None:
    """A regression that the ceiling held back must still be told later."""
    old = replace(problem(), told_at=NOON - timedelta(days=1))

    assert decide(old, Reason.RECURRED, NOBODY, POLICY).why is Why.TOLD_LATE


@given(
    st.sampled_from([Reason.FIRST, Reason.REGRESSED, Reason.REMINDER]),
    st.integers(0, 10**6),
    st.integers(0, 10**6),
)
def test_a_critical_is_never_held_back_by_a_ceiling(reason: Reason, hour: int, day: int) -> None:
    """Whatever the flood, the worst gets through."""
    decision = decide(problem(Severity.CRITICAL), reason, Told(hour, day), POLICY)

    assert decision.action is Action.POST


@pytest.mark.parametrize(
    ("age", "since_sent", "wait"),
    [
        (timedelta(minutes=5), timedelta(seconds=10), timedelta(seconds=20)),
        (timedelta(minutes=5), timedelta(seconds=31), timedelta(0)),
        (timedelta(hours=2), timedelta(seconds=31), timedelta(minutes=10) - timedelta(seconds=31)),
    ],
)
def test_edits_keep_their_distance(age: timedelta, since_sent: timedelta, wait: timedelta) -> None:
    """Discord limits edits, and those of messages older than an hour most of all."""
    due = edit_due(POLICY, now=NOON, posted_at=NOON - age, sent_at=NOON - since_sent)

    assert due == NOON + wait
