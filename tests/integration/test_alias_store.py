"""Groups in the state: the same after a restart at any point, and gone with what is forgotten."""

import sqlite3
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, closing
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain import incident as life
from logwatchd.domain.alias_table import AliasTable
from logwatchd.domain.aliases import How, settled
from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.fingerprint import Fingerprinter
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.errors import StoreError
from logwatchd.ports import Batch
from logwatchd.store import queries
from logwatchd.store.aliases import Groups, SqliteAliases, join_of
from logwatchd.store.files import FILE_NAME, open_memory, transaction
from logwatchd.store.incidents import save_incidents
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from logwatchd.store.upkeep import sweep
from tests.fakes.clock import NOON
from tests.fakes.notices import an_event

_FINGERPRINTER: Final = Fingerprinter()
_POLICY: Final = Policy(sinks=("a",))

_VOLUMES: Final = tuple(f"cannot mount volume {name} on this machine" for name in "abcdef")
_MESSAGES: Final = (
    *_VOLUMES,
    "cannot mount volume 17 on this machine",
    "synchronized to local after a while",
    "synchronized to 10.0.0.1 after a while",
    "user 17 not found",
    "user 18 not found",
)


def sighting(message: str) -> Sighting:
    """Return what the interpreter would make of a message."""
    event = an_event(message=message)
    found = _FINGERPRINTER.identify(event)
    verdict = Verdict("r", Severity.WARNING, Category.APPLICATION, Tell.AT_ONCE)
    return Sighting(event, verdict, found.fingerprint, found.template, found)


def batch(messages: Sequence[str]) -> Batch:
    """Return what came of one chunk."""
    return Batch(
        path="/logs/app.log",
        sightings=tuple(sighting(each) for each in messages),
        position=Position(key="8-1-0", path="/logs/app.log", device=8, inode=1, offset=1),
        tally=Tally(),
    )


@asynccontextmanager
async def opened(place: Path) -> AsyncGenerator[SqliteStore]:
    """Open a state directory."""
    async with open_store(place, _POLICY, limits=Limits(), now=NOON) as store:
        yield store


def counts(place: Path) -> dict[str, int]:
    """Return how many events each incident has, by its template."""
    with closing(sqlite3.connect(place / FILE_NAME)) as db:
        return dict(db.execute("SELECT template, count FROM incident"))


@pytest.mark.parametrize("restart_after", range(len(_MESSAGES)))
async def test_a_restart_at_any_point_changes_no_group(restart_after: int, tmp_path: Path) -> None:
    """The same lines in the same order are the same problems, however often the daemon restarts."""
    for messages in (_MESSAGES[:restart_after], _MESSAGES[restart_after:]):
        async with opened(tmp_path) as store:
            for each in messages:
                await store.record([batch([each])], now=NOON)

    assert counts(tmp_path) == {
        "cannot mount volume a on this machine": 4,
        "cannot mount volume b on this machine": 1,
        "cannot mount volume c on this machine": 1,
        "cannot mount volume d on this machine": 1,
        "synchronized to local after a while": 2,
        "user <n> not found": 2,
    }


async def test_a_transaction_that_fails_leaves_no_alias_behind(tmp_path: Path) -> None:
    """Else the group would have a name that no incident has."""
    async with opened(tmp_path) as store:
        bad = batch(_VOLUMES[:1])
        object.__setattr__(bad.position, "key", None)
        with pytest.raises(StoreError):
            await store.record([bad], now=NOON)

    with closing(sqlite3.connect(tmp_path / FILE_NAME)) as db:
        assert db.execute("SELECT COUNT(*) FROM alias").fetchone() == (0,)


def groups(db: sqlite3.Connection, sightings: Sequence[Sighting]) -> list[str]:
    """Return the groups of events, as one transaction of the daemon finds them."""
    found = Groups(SqliteAliases(db, now=NOON))
    return [found.name(each.identity) for each in sightings if each.identity is not None]


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(_MESSAGES), max_size=20), st.integers(1, 7))
def test_the_state_and_the_table_in_memory_decide_alike(drawn: list[str], size: int) -> None:
    """What `logwatchd fingerprint` prints is what the daemon does, in batches of any size."""
    table = AliasTable()
    expected = [settled(_FINGERPRINTER.identify(an_event(message=each)), table) for each in drawn]
    found: list[str] = []
    with closing(open_memory().db) as db:
        for begin in range(0, len(drawn), size):
            with transaction(db):
                sightings = [sighting(each) for each in drawn[begin : begin + size]]
                found += groups(db, sightings)

    assert found == expected


def test_a_join_can_be_explained_later() -> None:
    """`why` shows what a message was compared with, and where the two differ."""
    with closing(open_memory().db) as db, transaction(db):
        sightings = [sighting(each) for each in _VOLUMES[:5]]
        names = groups(db, sightings)
        found = join_of(db, sightings[4].fingerprint)

        assert found is not None
        assert (found.group, found.how) == (names[0], How.VARIANT)
        assert found.like == sightings[0].identity.likeness.words  # type: ignore[union-attr]
        assert [found.like[at] for at in found.places] == ["a"]
        assert join_of(db, sightings[0].fingerprint) is None
        assert join_of(db, "v1:unknown") is None


def test_a_group_that_is_forgotten_takes_its_aliases_with_it() -> None:
    """The table is bounded by the incidents; names that come again follow from the content."""
    later = NOON + timedelta(days=91)
    with closing(open_memory().db) as db, transaction(db):
        sightings = [sighting(each) for each in _VOLUMES]
        first = sightings[0]
        groups(db, sightings)
        incident, _ = life.observe(None, first, now=NOON, remind_after=timedelta(hours=4))
        save_incidents(db, [life.resolved(incident)])

        sweep(db, _POLICY, now=later, keep=timedelta(days=90), max_bytes=1 << 30)

        assert queries.standing(db).incidents == {}
        assert SqliteAliases(db, now=later).size_of(first.fingerprint) == 0
        assert groups(db, [first]) == [first.fingerprint]
