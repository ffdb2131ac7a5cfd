"""The life of an incident."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.incident import (
    Incident,
    Reason,
    State,
    acknowledged,
    is_quiet,
    muted,
    observe,
    resolved,
    told,
    unmuted,
)
from tests.fakes.clock import NOON
from tests.fakes.notices import an_event

REMIND = timedelta(hours=4)
VERDICT = Verdict("unknown-error", Severity.WARNING, Category.APPLICATION, Tell.AT_ONCE)


def seen(
    known: Incident | None, after: timedelta = timedelta(0), at: timedelta | None = None
) -> tuple[Incident, Reason]:
    """Fold an event into an incident, `after` noon by our clock and `at` by its own."""
    event = an_event(at=NOON + (after if at is None else at))
    return observe(
        known,
        Sighting(event, VERDICT, "v1:0123456789abcdef", "it broke"),
        now=NOON + after,
        remind_after=REMIND,
    )


def test_a_first_event_opens_an_incident() -> None:
    """Episode one, event one."""
    incident, reason = seen(None)

    assert reason is Reason.FIRST
    assert (incident.state, incident.episode, incident.count) == (State.OPEN, 1, 1)


def test_a_repeat_only_counts() -> None:
    """No new message for the same problem."""
    incident, _ = seen(None)
    again, reason = seen(told(incident, Reason.FIRST, now=NOON), timedelta(minutes=1))

    assert reason is Reason.RECURRED
    assert (again.count, again.last_seen) == (2, NOON + timedelta(minutes=1))


def test_an_event_out_of_order_moves_no_time_backwards() -> None:
    """Lines of several files come in any order."""
    incident, _ = seen(None)
    again, _ = seen(incident, timedelta(minutes=1), at=timedelta(minutes=-5))

    assert again.first_seen == NOON - timedelta(minutes=5)
    assert again.last_seen == NOON


def test_reminders_come_after_four_hours_and_then_doubling() -> None:
    """A problem that nobody takes on must not be forgotten, nor be a nuisance."""
    incident, _ = seen(None)
    incident = told(incident, Reason.FIRST, now=NOON)
    hours = []
    for hour in range(1, 40):
        incident, reason = seen(incident, timedelta(hours=hour))
        if reason is Reason.REMINDER:
            hours.append(hour)
            incident = told(incident, reason, now=NOON + timedelta(hours=hour))

    assert hours == [4, 12, 28]


def test_a_reminder_that_was_held_back_does_not_put_the_next_one_off() -> None:
    """Only a reminder that was told counts."""
    incident, _ = seen(None)
    incident = told(incident, Reason.FIRST, now=NOON)
    incident, first = seen(incident, timedelta(hours=4))
    _, again = seen(incident, timedelta(hours=4, minutes=1))

    assert (first, again) == (Reason.REMINDER, Reason.REMINDER)


def test_the_end_of_a_mute_that_is_held_back_is_told_later() -> None:
    """It counts as not told since."""
    incident, _ = seen(None)
    incident = told(incident, Reason.FIRST, now=NOON)
    quiet = muted(incident, until=NOON + timedelta(hours=1), until_count=None)
    loud, _ = seen(quiet, timedelta(hours=1))

    assert loud.told_at is None


def test_an_acknowledged_problem_is_not_reminded_of() -> None:
    """Somebody is on it."""
    incident, _ = seen(None)
    incident = acknowledged(told(incident, Reason.FIRST, now=NOON))
    _, reason = seen(incident, timedelta(hours=100))

    assert reason is Reason.RECURRED


def test_seen_again_after_resolved_is_a_regression() -> None:
    """The next episode: open again, and said so."""
    incident, _ = seen(None)
    again, reason = seen(resolved(incident), timedelta(days=3))

    assert reason is Reason.REGRESSED
    assert (again.state, again.episode, again.episode_count) == (State.OPEN, 2, 1)
    assert again.regressed
    assert again.count == 2


def test_a_mute_ends_at_its_time() -> None:
    """The next event after it is told: the problem is still there."""
    incident, _ = seen(None)
    quiet = muted(incident, until=NOON + timedelta(hours=2), until_count=None)

    assert seen(quiet, timedelta(hours=1))[1] is Reason.MUTED
    loud, reason = seen(quiet, timedelta(hours=2))
    assert (loud.state, loud.episode, reason) == (State.OPEN, 1, Reason.REMINDER)


def test_a_mute_ends_at_its_count() -> None:
    """`mute --until-count 3`: two are silent, the third one is told."""
    incident, _ = seen(None)
    quiet = muted(incident, until=None, until_count=3)
    quiet, second = seen(quiet)
    _, third = seen(quiet)

    assert (second, third) == (Reason.MUTED, Reason.REMINDER)


def test_a_mute_without_an_end_has_none() -> None:
    """Only a person ends it."""
    incident, _ = seen(None)
    quiet = muted(incident, until=None, until_count=None)

    assert seen(quiet, timedelta(days=300))[1] is Reason.MUTED
    assert unmuted(quiet).state is State.OPEN


def test_a_resolved_problem_that_is_muted_is_resolved_again_when_the_mute_ends() -> None:
    """Nobody saw it meanwhile; it would stand as open for a day, though it was over."""
    incident, _ = seen(None)
    quiet = muted(resolved(incident), until=None, until_count=None)

    assert quiet.state is State.MUTED
    assert unmuted(quiet) == resolved(incident)
    assert acknowledged(quiet).state is State.RESOLVED


def test_a_resolved_problem_that_comes_back_while_it_is_muted_is_open_after_it() -> None:
    """It begins another episode, of which nobody hears before the mute is over."""
    incident, _ = seen(None)
    quiet = muted(resolved(incident), until=None, until_count=3)
    quiet, second = seen(quiet)
    loud, third = seen(quiet)

    assert (second, quiet.state, quiet.episode) == (Reason.MUTED, State.MUTED, 2)
    assert unmuted(quiet).state is State.OPEN
    assert (third, loud.state, loud.regressed) == (Reason.REMINDER, State.OPEN, True)


def test_a_resolved_problem_that_comes_back_after_its_mute_has_regressed() -> None:
    """The mute changed nothing about that."""
    incident, _ = seen(None)
    quiet = muted(resolved(incident), until=NOON + timedelta(hours=1), until_count=None)
    again, reason = seen(quiet, timedelta(hours=2))

    assert (reason, again.state, again.episode) == (Reason.REGRESSED, State.OPEN, 2)


@pytest.mark.parametrize(
    ("change", "quiet"),
    [
        (lambda each: each, True),
        (acknowledged, True),
        (lambda each: muted(each, until=None, until_count=None), False),
        (resolved, False),
    ],
)
def test_silence_resolves_what_is_open(change: object, quiet: bool) -> None:
    """A muted one stays muted, or its next event would be called a regression."""
    incident, _ = seen(None)
    assert callable(change)
    later = NOON + timedelta(hours=24)

    assert is_quiet(change(incident), now=later, resolve_after=timedelta(hours=24)) is quiet


def test_what_is_resolved_cannot_be_acknowledged() -> None:
    """It would hide the regression to come."""
    incident, _ = seen(None)

    assert acknowledged(resolved(incident)).state is State.RESOLVED


class Life(RuleBasedStateMachine):
    """Whatever people and events do, in any order."""

    @initialize()
    def first(self) -> None:
        """Open it."""
        self.now = timedelta(0)
        self.events = 1
        self.incident, _ = seen(None)

    @rule(minutes=st.integers(0, 3_000))
    def event(self, minutes: int) -> None:
        """See it again, after a while."""
        self.now += timedelta(minutes=minutes)
        self.events += 1
        before = self.incident
        self.incident, reason = seen(before, self.now)
        if reason in (Reason.REGRESSED, Reason.REMINDER):
            self.incident = told(self.incident, reason, now=NOON + self.now)
        came_back = reason is Reason.REGRESSED or before.resolved_before_mute
        assert came_back == (self.incident.episode == before.episode + 1)

    @rule(act=st.sampled_from([acknowledged, resolved, unmuted]))
    def person(self, act: object) -> None:
        """Let a person do something."""
        assert callable(act)
        self.incident = act(self.incident)

    @rule(hours=st.none() | st.integers(1, 99), count=st.none() | st.integers(1, 50))
    def mute(self, hours: int | None, count: int | None) -> None:
        """Let a person mute it."""
        until = None if hours is None else NOON + self.now + timedelta(hours=hours)
        self.incident = muted(self.incident, until=until, until_count=count)

    @invariant()
    def counts_are_exact(self) -> None:
        """No event is lost or counted twice by any transition."""
        incident = getattr(self, "incident", None)
        if incident is not None:
            assert incident.count == self.events
            assert 1 <= incident.episode_count <= incident.count

    @invariant()
    def only_a_muted_one_has_an_end_of_its_mute(self) -> None:
        """A left-over end would reopen it at a surprising time."""
        incident = getattr(self, "incident", None)
        if incident is not None and incident.state is not State.MUTED:
            assert replace(incident, muted_until=None, mute_until_count=None) == incident


TestLife = Life.TestCase
TestLife.settings = settings(max_examples=50, deadline=None)
