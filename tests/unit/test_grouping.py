"""Which messages are one problem: pairs of the field, and what holds for all messages."""

import json
import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.alias_table import AliasTable
from logwatchd.domain.aliases import settled
from logwatchd.domain.event import Event, Level
from logwatchd.domain.fingerprint import Fingerprinter
from tests.fakes.grouping_pairs import DIFFERENT, SAME

_AT: Final = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
_FINGERPRINTER: Final = Fingerprinter()


def groups_of(*messages: str) -> list[str]:
    """Return the groups of messages that come one after the other into an empty table."""
    table = AliasTable()
    return [settled(_FINGERPRINTER.identify(event_of(each)), table) for each in messages]


def event_of(message: str) -> Event:
    """Return an event that is nothing but its message."""
    return Event(at=_AT, level=Level.ERROR, message=message)


@pytest.mark.parametrize(("one", "other"), SAME)
def test_one_problem_is_one_group(one: str, other: str) -> None:
    """Ten alerts for one problem, and people mute the channel."""
    first, second = groups_of(one, other)

    assert first == second


@pytest.mark.parametrize(("one", "other"), DIFFERENT)
def test_two_problems_are_two_groups(one: str, other: str) -> None:
    """The second would never be seen, and its diagnosis would be of the first."""
    first, second = groups_of(one, other)

    assert first != second


_VALUES: Final = st.one_of(
    st.integers(-(10**9), 10**9), st.booleans(), st.uuids().map(str), st.text("abcdef", max_size=9)
)
_MAPS: Final = st.dictionaries(
    st.sampled_from(["user", "room", "size", "owner", "count", "ttl"]), _VALUES, min_size=2
)


@settings(deadline=None, max_examples=60)
@given(_MAPS, st.randoms(use_true_random=False), st.sampled_from(["join", "leave"]))
def test_the_order_of_a_maps_members_does_not_count(
    members: Mapping[str, object], chance: random.Random, kind: str
) -> None:
    """Maps have no order: each run of a program may print another one."""
    shuffled = list({**members, "kind": kind}.items())
    chance.shuffle(shuffled)
    one = json.dumps({**members, "kind": kind})
    other = json.dumps(dict(shuffled))

    first, second = groups_of(f"unhandled event {one}", f"unhandled event {other}")

    assert first == second


_SENTENCES: Final = (
    "user {} not found",
    "upstream took {} ms, more than {}",
    "connection to {}:5432 was lost",
    "요청 {} 처리 실패",
    "status 503 from upstream {}",
    "status 502 from upstream {}",
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(_SENTENCES), st.integers(0, 10**6)), max_size=30),
    st.randoms(use_true_random=False),
)
def test_in_another_order_what_joins_nothing_has_the_same_names(
    drawn: list[tuple[str, int]], chance: random.Random
) -> None:
    """The guarantee: a name follows from the content. Order decides only which skeleton is first.

    That is the name of a group whose members differ in words; see `test_aliases`.
    """
    messages = [sentence.replace("{}", str(value)) for sentence, value in drawn]
    shuffled = messages.copy()
    chance.shuffle(shuffled)

    by_message = dict(zip(messages, groups_of(*messages), strict=True))

    assert dict(zip(shuffled, groups_of(*shuffled), strict=True)) == by_message


@pytest.mark.parametrize(
    "piece",
    ["a.", "1 ", "a1-", "0:", "x=1,", '"a', "Some(", '{"a":1,', "가1 ", '"GET /a HTTP/1" ', "**"],
)
def test_a_hostile_message_has_a_group(piece: str) -> None:
    """Each is the worst case of some expression; one that goes back and forth would not end."""
    [group] = groups_of(piece * (8_000 // len(piece)))

    assert group.startswith("v1:")
