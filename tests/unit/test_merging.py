"""How two problems stand when they become one, and when they part again."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from logwatchd.domain.incident import Incident, State, acknowledged, muted, resolved, was_told
from logwatchd.domain.merging import Link, LinkKind, joined, parted
from tests.fakes.notices import NOON, an_incident

HOUR = timedelta(hours=1)
LATER = NOON + 5 * HOUR


def problem(name: str, **changes: Any) -> Incident:
    """Return an incident that was told."""
    ordinary = {"fingerprint": name, "opened_at": NOON, "told_at": NOON, "count": 3}
    return an_incident(**(ordinary | changes))


A, B = problem("v1:aa"), problem("v1:bb")


def a_link(into: Incident = A, **changes: Any) -> Link:
    """Return a link from B that was made when the other stood as it does."""
    link = Link(
        fingerprint="v1:bb",
        merged_into=into.fingerprint,
        kind=LinkKind.BY_HAND,
        at=NOON,
        state_then=into.state,
    )
    return replace(link, **changes)


def test_what_goes_on_is_not_resolved() -> None:
    """An event of B would be told as a regression of A, though B was told and is open."""
    one = joined(resolved(A), B)

    assert (one.state, one.episode, was_told(one)) == (State.OPEN, 2, True)


def test_a_mute_goes_on_with_the_events_that_were_left_of_it() -> None:
    """`mute --until-count 10` of B at its third event is seven more events, of A."""
    one = joined(resolved(replace(A, count=100)), muted(B, until=None, until_count=10))

    assert (one.state, one.mute_until_count) == (State.MUTED, 107)


@pytest.mark.parametrize(
    "change", [acknowledged, lambda it: muted(it, until=None, until_count=None)]
)
def test_what_people_said_of_the_one_that_goes_on_holds(change: Any) -> None:
    """They silenced A; B's events are A's now."""
    assert joined(change(A), B) == change(A)


def test_what_was_told_of_the_merged_one_counts_as_told() -> None:
    """Or its next event would be told late, as A was never told."""
    untold = replace(A, told_at=None, opened_at=NOON + HOUR)

    assert was_told(joined(untold, B))
    assert not was_told(joined(untold, replace(B, told_at=None)))


def test_two_resolved_problems_are_one_resolved_problem() -> None:
    """The next event is a regression, as it would have been."""
    assert joined(resolved(A), resolved(B)) == resolved(A)


def test_an_undone_merge_leaves_it_as_it_was() -> None:
    """A mistake is mended: nothing was decided about the other one in between."""
    quiet = muted(A, until=None, until_count=None)

    assert parted(B, quiet, a_link(quiet), now=LATER).state is State.OPEN


@pytest.mark.parametrize("state", [State.MUTED, State.ACKNOWLEDGED, State.RESOLVED])
def test_what_was_decided_about_both_holds_for_each(state: State) -> None:
    """Whoever muted A while B was a part of it muted B, too."""
    assert parted(B, replace(A, state=state), a_link(), now=LATER).state is state


def test_a_resolved_problem_that_came_back_while_it_was_merged_is_open() -> None:
    """People saw it on A's card; its next event is no regression."""
    alone = parted(resolved(B), A, a_link(events=4, last_at=NOON + HOUR), now=LATER)

    assert (alone.state, alone.regressed) == (State.OPEN, True)
    assert (was_told(alone), alone.told_at) == (True, LATER)
    assert alone.active_at == NOON + HOUR


def test_a_resolved_problem_of_which_nothing_came_stays_resolved() -> None:
    """Its next event is a regression."""
    assert parted(resolved(B), A, a_link(), now=LATER).state is State.RESOLVED


def test_a_problem_nobody_was_told_of_is_still_to_be_told() -> None:
    """A split is no reason to tell, and none to swallow a first alert."""
    assert not was_told(parted(replace(B, told_at=None), A, a_link(), now=LATER))


def test_a_name_without_events_of_its_own_stands_as_the_other_does() -> None:
    """All events of a linked new name counted on the former one."""
    quiet = muted(A, until=None, until_count=9)
    alone = parted(None, quiet, a_link(quiet, events=2, last_at=NOON), now=LATER)

    assert (alone.fingerprint, alone.count, alone.state) == ("v1:bb", 0, State.MUTED)
    assert alone.mute_until_count == 6
