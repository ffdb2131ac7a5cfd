"""Merging problems and splitting them again: on real SQLite, beside an open daemon's state."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logwatchd.domain import incident as life
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.notice import CardNotice
from logwatchd.domain.policy import Policy, Why
from logwatchd.errors import MergeRefusedError
from logwatchd.ports import JobKind
from logwatchd.store import links, merge, queries
from logwatchd.store.files import opened_beside
from logwatchd.store.sqlite import SqliteStore
from tests.fakes.clock import NOON
from tests.fakes.states import POLICY, changed, delivered, opened, seen, sighting

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
A, B, C = sighting("disk is full"), sighting("no space left"), sighting("write failed")


def merged(path: Path, into: str, name: str, now: datetime = NOON) -> merge.Changed:
    """Merge, as the command does."""
    with opened_beside(path, write=True) as db:
        [one], [other] = queries.find(db, into), queries.find(db, name)
        return merge.merge(db, one, other, POLICY, now=now)


def split(path: Path, name: str, now: datetime = NOON) -> None:
    """Undo a merge, as the command does."""
    with opened_beside(path, write=True) as db:
        merge.split(db, name, POLICY, now=now)


async def incident(store: SqliteStore, name: str) -> Incident:
    """Return an incident that must be known."""
    found = await store.incident(name)
    assert found is not None
    return found


def whys(path: Path, name: str) -> list[str]:
    """Return the stored decisions about a problem, in their order."""
    with opened_beside(path) as db:
        return [each.why for each in queries.decisions(db, name)][::-1]


async def test_events_of_a_merged_problem_count_on_the_other(tmp_path: Path) -> None:
    """Exactly, and nothing new is told; ids stay what they were."""
    async with opened(tmp_path) as store:
        await seen(store, A, B)
        assert len(await delivered(store)) == 2
        merged(tmp_path, A.fingerprint, B.fingerprint)
        recorded = await seen(store, B, B, A, now=NOON + SECOND)

        assert (recorded.opened, recorded.reasons) == (0, {Why.UPDATED.value: 3})
        assert (await incident(store, A.fingerprint)).count == 4
        assert (await incident(store, B.fingerprint)).count == 1
        with opened_beside(tmp_path) as db:
            link = links.link_of(db, B.fingerprint)
        assert link is not None
        assert (link.merged_into, link.events) == (A.fingerprint, 2)
        assert Why.MERGED_BY_HAND.value in whys(tmp_path, B.fingerprint)


async def test_the_card_of_a_merged_problem_is_edited_once_to_say_so(tmp_path: Path) -> None:
    """What comes after it is on the other card."""
    async with opened(tmp_path) as store:
        await seen(store, A, B)
        await delivered(store)
        merged(tmp_path, A.fingerprint, B.fingerprint)
        for minute in range(1, 20):
            await seen(store, B, now=NOON + minute * MINUTE)
        edits = [
            job.notice
            for minute in range(1, 40)
            for job in await delivered(store, NOON + minute * MINUTE)
            if isinstance(job.notice, CardNotice) and job.subject == B.fingerprint
        ]

        assert [each.merged_into for each in edits] == [A.fingerprint]


async def test_chains_lead_to_their_end_and_cycles_are_refused(tmp_path: Path) -> None:
    """C into B, B into A: an event of C counts on A; A into C is no tree any more."""
    async with opened(tmp_path) as store:
        await seen(store, A, B, C)
        merged(tmp_path, B.fingerprint, C.fingerprint)
        merged(tmp_path, A.fingerprint, B.fingerprint)
        await seen(store, C)

        assert (await incident(store, A.fingerprint)).count == 2
        for into, name in ((C, A), (A, A), (A, C), (C, B)):
            with pytest.raises(MergeRefusedError):
                merged(tmp_path, into.fingerprint, name.fingerprint)
        split(tmp_path, B.fingerprint)
        await seen(store, C)
        assert (await incident(store, B.fingerprint)).count == 2


async def test_a_split_of_the_one_that_goes_on_frees_all_that_was_merged_into_it(
    tmp_path: Path,
) -> None:
    """What had counted on it stays there: no event is counted twice."""
    async with opened(tmp_path) as store:
        await seen(store, A, B, C)
        await delivered(store)
        merged(tmp_path, A.fingerprint, B.fingerprint)
        merged(tmp_path, A.fingerprint, C.fingerprint)
        await seen(store, B, C)
        split(tmp_path, A.fingerprint, NOON + 5 * HOUR)
        recorded = await seen(store, A, B, C, now=NOON + 6 * HOUR)

        counts = [(await incident(store, each.fingerprint)).count for each in (A, B, C)]
        assert counts == [4, 2, 2]
        assert recorded.reasons[Why.UPDATED.value] == 2  # B and C; A has its own reminder
        with pytest.raises(MergeRefusedError):
            split(tmp_path, A.fingerprint)


def muted(incident: Incident) -> Incident:
    """Mute without an end."""
    return life.muted(incident, until=None, until_count=None)


STANDINGS: list[Callable[[Incident], Incident]] = [
    lambda each: each,
    life.acknowledged,
    muted,
    life.resolved,
]


@pytest.mark.parametrize("of_a", STANDINGS)
@pytest.mark.parametrize("of_b", STANDINGS)
@pytest.mark.parametrize("between", STANDINGS)
async def test_neither_a_merge_nor_a_split_tells_anything_again(
    of_a: Callable[[Incident], Incident],
    of_b: Callable[[Incident], Incident],
    between: Callable[[Incident], Incident],
    tmp_path: Path,
) -> None:
    """In whatever state both are, and whatever is decided in between.

    The next event of B may be told only where B would have been told of without any of it: it
    was resolved, or somebody resolved the one problem that both were.
    """
    async with opened(tmp_path) as store:
        await seen(store, A, B)
        await delivered(store)
        changed(tmp_path, A.fingerprint, of_a, NOON)
        changed(tmp_path, B.fingerprint, of_b, NOON)
        merged(tmp_path, A.fingerprint, B.fingerprint, NOON + SECOND)
        posts = await posts_of(store, NOON + SECOND)
        both_resolved = of_a is of_b is life.resolved
        assert posts == 0
        await seen(store, B, now=NOON + MINUTE)
        assert await posts_of(store, NOON + MINUTE) == int(both_resolved)

        changed(tmp_path, A.fingerprint, between, NOON + MINUTE)
        split(tmp_path, B.fingerprint, NOON + 5 * HOUR)
        assert await posts_of(store, NOON + 5 * HOUR) == 0
        # A problem that was resolved after its last event regresses with the next one.
        is_resolved = (await incident(store, B.fingerprint)).state is State.RESOLVED
        assert not is_resolved or between is life.resolved
        await seen(store, B, now=NOON + 6 * HOUR)
        assert await posts_of(store, NOON + 6 * HOUR) == int(is_resolved)


async def posts_of(store: SqliteStore, now: datetime) -> int:
    """Count the new messages that are due."""
    return sum(job.kind is JobKind.POST for job in await delivered(store, now))


async def test_what_is_merged_is_not_resolved_by_its_own_quiet(tmp_path: Path) -> None:
    """Its events come; they count elsewhere. Its mute ends with the split at the earliest."""
    async with opened(tmp_path) as store:
        await seen(store, A, B)
        merged(tmp_path, A.fingerprint, B.fingerprint)
        await seen(store, B, now=NOON + 20 * HOUR)
        swept = await store.sweep(now=NOON + 30 * HOUR)

        assert swept.reasons == {}
        split(tmp_path, B.fingerprint, NOON + 30 * HOUR)
        assert (await store.sweep(now=NOON + 30 * HOUR)).reasons == {}


async def test_merges_survive_a_restart(tmp_path: Path) -> None:
    """They are in the state, not in a process."""
    async with opened(tmp_path) as store:
        await seen(store, A, B)
        merged(tmp_path, A.fingerprint, B.fingerprint)
    async with opened(tmp_path) as store:
        await seen(store, B)

        assert (await incident(store, A.fingerprint)).count == 2


async def test_a_link_to_what_is_forgotten_is_forgotten(tmp_path: Path) -> None:
    """The merged problem goes on by itself, rather than on an incident that is not there."""
    async with opened(tmp_path) as store:
        await seen(store, A, B, C)
        merged(tmp_path, B.fingerprint, C.fingerprint)
        merged(tmp_path, A.fingerprint, B.fingerprint)
        with opened_beside(tmp_path, write=True) as db:
            gone = []
            for name in (B.fingerprint, A.fingerprint):
                db.execute("DELETE FROM incident WHERE fingerprint = ?", (name,))
                gone.append(set(links.forget(db, [name])))

            # Events of B still count on A: what is known of B's words must stay until A is gone.
            assert gone == [set(), {A.fingerprint, B.fingerprint}]
            assert links.links_of(db, [each.fingerprint for each in (A, B, C)]) == {}
        await seen(store, C)
        assert (await incident(store, C.fingerprint)).count == 2


async def test_what_became_of_each_event_is_stored_and_adds_up(tmp_path: Path) -> None:
    """One row for each reason, however many events: a flood costs no more than a drop."""
    async with opened(tmp_path, Policy(sinks=("a",))) as store:
        await seen(store, A)
        await seen(store, *[A] * 500, now=NOON + MINUTE)
        changed(tmp_path, A.fingerprint, muted, NOON + MINUTE)
        await seen(store, *[A] * 40, now=NOON + HOUR)
        with opened_beside(tmp_path) as db:
            found = queries.outcomes(db, A.fingerprint)

        assert [(each.why, each.count) for each in found] == [
            ("told_first", 1),
            ("updated", 500),
            ("held_muted", 40),
        ]
        assert (found[1].first_at, found[2].last_at) == (NOON + MINUTE, NOON + HOUR)
        assert sum(each.count for each in found) == (await incident(store, A.fingerprint)).count


async def test_a_mute_of_a_resolved_problem_ends_resolved(tmp_path: Path) -> None:
    """Nobody saw it again, so it is not open."""
    async with opened(tmp_path) as store:
        await seen(store, A)
        changed(tmp_path, A.fingerprint, life.resolved, NOON)
        until = NOON + HOUR
        changed(
            tmp_path,
            A.fingerprint,
            lambda each: life.muted(each, until=until, until_count=None),
            NOON,
        )
    async with opened(tmp_path) as store:
        assert (await store.sweep(now=until)).reasons == {Why.MUTE_ENDED.value: 1}
        assert (await incident(store, A.fingerprint)).state is State.RESOLVED
