"""Another version of the algorithm takes over: a toy v2 beside v1, through real SQLite."""

from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import pytest

from logwatchd.domain import incident as life
from logwatchd.domain.event import Event, Sighting
from logwatchd.domain.fingerprint import Fingerprinter
from logwatchd.domain.identity import Identity
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.naming import TRANSITION, Former, former_since
from logwatchd.domain.policy import Why
from logwatchd.ports import Recorded
from logwatchd.store import links, merge, queries
from logwatchd.store.files import opened_beside
from logwatchd.store.sqlite import SqliteStore
from tests.fakes.clock import NOON
from tests.fakes.states import POLICY, changed, delivered, opened, seen, sighting

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
MESSAGE = "Disk Is Full"


def toy(event: Event) -> str:
    """Name a problem by the first two words of its message, in lower case."""
    words = " ".join(event.message.lower().split()[:2])
    return f"v2:{blake2b(words.encode(), digest_size=8).hexdigest()}"


def named(message: str, former: Former | None, now: datetime = NOON) -> Sighting:
    """Return an event as the interpreter of the updated daemon gives it."""
    made = sighting(message)
    before = former.identify(made.event, now=now) if former is not None else None
    identity = Identity(toy(made.event), message, None)
    return replace(made, fingerprint=toy(made.event), identity=identity, former=before)


async def former_of(store: SqliteStore, now: datetime = NOON) -> Former | None:
    """Return the algorithm before the update, as the composition root makes it."""
    return former_since(await store.named_since("v2", now=now), Fingerprinter())


async def see(store: SqliteStore, message: str, now: datetime = NOON) -> Recorded:
    """Record one event, named by the updated daemon."""
    return await seen(store, named(message, await former_of(store, now), now), now=now)


def old(message: str) -> Sighting:
    """Return an event as the interpreter gave it before the update."""
    made = sighting(message)
    identity = Fingerprinter().identify(made.event)
    return replace(made, fingerprint=identity.fingerprint, identity=identity)


async def incident(store: SqliteStore, name: str) -> Incident:
    """Return an incident that must be known."""
    found = await store.incident(name)
    assert found is not None
    return found


def muted(incident: Incident) -> Incident:
    """Mute without an end."""
    return life.muted(incident, until=None, until_count=None)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda each: each, Why.UPDATED),
        (life.acknowledged, Why.UPDATED),
        (muted, Why.HELD_MUTED),
        (life.resolved, Why.TOLD_REGRESSED),
    ],
)
async def test_an_update_tells_nothing_again(change: object, why: Why, tmp_path: Path) -> None:
    """What was muted stays muted; what was resolved regresses, as it would have."""
    known = old(MESSAGE)
    async with opened(tmp_path) as store:
        await store.named_since("v1", now=NOON)
        await seen(store, known)
        await delivered(store)
        changed(tmp_path, known.fingerprint, change, NOON)  # type: ignore[arg-type]
    async with opened(tmp_path) as store:
        recorded = await see(store, MESSAGE, NOON + SECOND)

        assert (recorded.opened, recorded.reasons) == (0, {why.value: 1})
        assert (await incident(store, known.fingerprint)).count == 2
        with opened_beside(tmp_path) as db:
            found = queries.decisions(db, toy(known.event))
        assert [each.why for each in found] == [Why.MERGED_BY_VERSION.value]


async def test_the_link_stays_when_the_thirty_days_are_over(tmp_path: Path) -> None:
    """Then one name is computed, and a problem that was linked goes on as it was."""
    async with opened(tmp_path) as store:
        await seen(store, old(MESSAGE))
        await see(store, MESSAGE)
    after = NOON + TRANSITION
    async with opened(tmp_path) as store:
        former = await former_of(store, after)
        assert former is not None
        assert named(MESSAGE, former, after - SECOND).former == old(MESSAGE).identity
        assert named(MESSAGE, former, after).former is None
        recorded = await see(store, MESSAGE, after)

        assert recorded.opened == 0
        assert (await incident(store, old(MESSAGE).fingerprint)).count == 3
        recorded = await see(store, "never seen before", after)
        assert recorded.opened == 1


async def test_a_restart_in_between_does_not_begin_the_thirty_days_anew(tmp_path: Path) -> None:
    """Since when the present version names problems is in the state."""
    async with opened(tmp_path) as store:
        await seen(store, old(MESSAGE))
        await former_of(store)
    async with opened(tmp_path) as store:
        former = await former_of(store, NOON + 20 * DAY)
        assert former is not None
        assert former.until == NOON + TRANSITION


async def test_a_new_state_pays_for_no_other_version(tmp_path: Path) -> None:
    """Nothing in it has a former name; neither has anything where there is one version."""
    async with opened(tmp_path) as store:
        assert await former_of(store) is None
        await see(store, MESSAGE)
    async with opened(tmp_path) as store:
        assert await former_of(store, NOON + DAY) is None
        since = await store.named_since("v3", now=NOON + DAY)
        assert since == NOON + DAY
        assert former_since(since, None) is None


async def test_two_problems_that_the_new_version_sees_as_one_are_merged(tmp_path: Path) -> None:
    """The muted one must not come back through the resolved one."""
    one, other = old("disk is full"), old("disk is broken")
    async with opened(tmp_path) as store:
        await seen(store, one, other)
        await delivered(store)
        changed(tmp_path, one.fingerprint, life.resolved, NOON)
        changed(tmp_path, other.fingerprint, muted, NOON)
        first = await see(store, "disk is broken", NOON + SECOND)
        second = await see(store, "disk is full", NOON + SECOND)

        assert (first.reasons, second.reasons) == ({"held_muted": 1}, {"held_muted": 1})
        assert (await incident(store, other.fingerprint)).count == 3
        with opened_beside(tmp_path) as db:
            assert links.root_of(db, one.fingerprint) == other.fingerprint


async def test_the_other_order_does_not_tell_either(tmp_path: Path) -> None:
    """The resolved one goes on as the muted one stands, once they are one."""
    one, other = old("disk is full"), old("disk is broken")
    async with opened(tmp_path) as store:
        await seen(store, one, other)
        await delivered(store)
        changed(tmp_path, one.fingerprint, muted, NOON)
        changed(tmp_path, other.fingerprint, life.acknowledged, NOON)
        await see(store, "disk is full", NOON + SECOND)
        await see(store, "disk is broken", NOON + SECOND)

        assert (await incident(store, one.fingerprint)).state is State.MUTED
        assert await delivered(store, NOON + SECOND) == []


async def test_what_a_person_split_is_not_linked_again(tmp_path: Path) -> None:
    """They know better than two algorithms; the split itself tells nothing."""
    known = old(MESSAGE)
    async with opened(tmp_path) as store:
        await seen(store, known)
        await delivered(store)
        await see(store, MESSAGE)
        with opened_beside(tmp_path, write=True) as db:
            merge.split(db, toy(known.event), POLICY, now=NOON)
        recorded = await see(store, MESSAGE, NOON + SECOND)

        assert recorded.reasons == {Why.UPDATED.value: 1}
        assert (await incident(store, toy(known.event))).count == 1
        assert (await incident(store, known.fingerprint)).count == 2
