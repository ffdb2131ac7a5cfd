"""When a message that was never seen is an old problem in other words."""

from typing import Final

import pytest

from logwatchd.domain import aliases
from logwatchd.domain.alias_table import AliasTable
from logwatchd.domain.aliases import ALIASES_LIMIT, How, Known, join, near_keys, settled
from logwatchd.domain.identity import Identity, Likeness, name_of
from tests.unit.test_grouping import groups_of

_CONTEXT: Final = b"context"


def known(text: str, group: str = "v1:first") -> Known:
    """Return a known skeleton of words."""
    return Known(group, tuple(text.split()))


def identity(text: str) -> Identity:
    """Return what is known of a message of words."""
    likeness = Likeness(_CONTEXT, tuple(text.split()))
    return Identity(name_of(likeness), text, likeness)


@pytest.mark.parametrize(
    ("new", "old"),
    [("peer * is gone", "peer local is gone"), ("peer local is gone", "peer * is gone")],
)
def test_a_value_in_the_place_of_a_word_is_absorbed(new: str, old: str) -> None:
    """`synchronized to LOCAL` and `synchronized to 10.0.0.1` are one message."""
    joined = join(tuple(new.split()), [known(old)])

    assert joined is not None
    assert (joined.group, joined.how, joined.places) == ("v1:first", How.ABSORBED, (1,))
    assert joined.pattern == ("peer", "*", "is", "gone")


@pytest.mark.parametrize(
    ("new", "old"),
    [
        ("relation =users is gone", "relation * is gone"),
        ("circuit of client =opened", "circuit of client *"),
        ("peer local is gone", "peer remote is gone"),
        ("peer * is gone", "peer local is gone now"),
        ("peer *", "peer local"),
    ],
)
def test_names_opposites_and_other_words_are_not_absorbed(new: str, old: str) -> None:
    """A wrong merge hides a new problem behind an old one, in silence."""
    assert join(tuple(new.split()), [known(old)]) is None


def test_the_fifth_word_in_one_place_of_a_long_message_is_a_variant() -> None:
    """A variable of one word raises four alerts at most."""
    groups = groups_of(*(f"cannot mount volume {name} on this machine" for name in "abcdefg"))

    assert len(set(groups[:4])) == 4
    assert set(groups[4:]) == {groups[0]}


@pytest.mark.parametrize(
    ("message", "names"),
    [
        ('relation "{}" does not exist in this database', "abcdefg"),
        ("column {} of this big relation is wrong", "abcdefg"),
        ("[E100{}] the disk of this machine broke", "1234567"),
        ("the job of this night ended with {}Error", "ABCDEFG"),
    ],
)
def test_names_of_things_and_codes_are_never_variants(message: str, names: str) -> None:
    """The fifth missing table is a new problem like the first."""
    groups = groups_of(*(message.replace("{}", name) for name in names))

    assert len(set(groups)) == len(names)


def test_a_short_message_has_as_many_groups_as_words() -> None:
    """Two words in common say too little."""
    assert len(set(groups_of(*(f"finish {name} bench" for name in "abcdefg")))) == 7


def test_what_joined_stays_joined_and_what_covers_it_is_found_at_once() -> None:
    """After the first join the group takes any word in that place."""
    first, second, third = groups_of(
        "volume data is full on this host",
        "volume 17 is full on this host",
        "volume logs is full on this host",
    )

    assert first == second == third


def test_other_services_and_codes_are_never_near() -> None:
    """All that is not text must be the same."""
    words = ("volume", "*", "is", "full")

    assert set(near_keys(Likeness(b"one", words))).isdisjoint(near_keys(Likeness(b"two", words)))


def test_skeletons_that_differ_in_two_places_share_a_key() -> None:
    """Then they find each other without a look at all that is known."""
    one = Likeness(_CONTEXT, tuple("abcdefghi"))
    other = Likeness(_CONTEXT, tuple("aXcdeYghi"))

    assert not set(near_keys(one)).isdisjoint(near_keys(other))


def test_a_group_remembers_so_many_skeletons_and_takes_further_ones_all_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A group with a thousand is probably a wrong mask; it must not grow without end."""
    monkeypatch.setattr(aliases, "ALIASES_LIMIT", 3)
    table = AliasTable()
    first = settled(identity("volume * is full now"), table)

    joined = [settled(identity(f"volume {name} is full now"), table) for name in "abcdef"]

    assert set(joined) == {first}
    assert table.size_of(first) == 3
    assert ALIASES_LIMIT == 1_000


def test_an_alias_never_changes() -> None:
    """A name that was given is written into issues and messages."""
    table = AliasTable()
    lonely = settled(identity("volume data is full now"), table)
    settled(identity("volume * is full now"), table)

    assert settled(identity("volume data is full now"), table) == lonely
