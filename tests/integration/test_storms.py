"""Storms of new problems: one card, exact counts, through real SQLite."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logwatchd.domain.event import Severity, Sighting, Tell
from logwatchd.domain.notice import Receipt, StormNotice
from logwatchd.domain.policy import Policy, Why
from logwatchd.domain.storm import CARDS_AN_HOUR, StormPolicy
from logwatchd.ports import Job, JobKind
from logwatchd.store import queries, storm_rows
from logwatchd.store.files import open_memory, opened_beside, transaction
from logwatchd.store.outbox import claim, finish
from logwatchd.store.record import fold
from logwatchd.store.sqlite import SqliteStore
from tests.fakes.clock import NOON
from tests.fakes.states import delivered, opened, seen, sighting

SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


def problem(number: int, severity: Severity = Severity.WARNING, target: str = "app::a") -> Sighting:
    """Return an event of a problem with this number."""
    return sighting(f"it {number}", severity, target=target, name=f"v1:{number:016x}")


def problems(count: int, start: int = 0, target: str = "app::a") -> list[Sighting]:
    """Return one event of each of so many problems."""
    return [problem(number, target=target) for number in range(start, start + count)]


async def cards(store: SqliteStore, now: datetime) -> list[Job]:
    """Deliver everything that is due; return what was about a storm."""
    return [job for job in await delivered(store, now) if isinstance(job.notice, StormNotice)]


def storm_in(job: Job) -> StormNotice:
    """Return the notice of a storm's card."""
    assert isinstance(job.notice, StormNotice)
    return job.notice


async def test_the_eleventh_new_problem_of_a_target_makes_one_card_of_all_that_follow(
    tmp_path: Path,
) -> None:
    """Ten were told; two hundred are one message, with examples and exact numbers."""
    async with opened(tmp_path) as store:
        recorded = await seen(store, *problems(200), *([problem(150)] * 7))
        jobs = await delivered(store)

        assert Counter(job.kind for job in jobs) == {JobKind.POST: 11}
        [card] = [job for job in jobs if isinstance(job.notice, StormNotice)]
        storm = storm_in(card).storm
        assert (storm.problems, storm.events, storm.ended_at) == (200, 207, None)
        assert (storm_in(card).examples[0].count, len(storm_in(card).examples)) == (8, 5)
        assert recorded.reasons == {
            Why.TOLD_FIRST.value: 10,
            Why.HELD_STORM.value: 197,
            Why.TOLD_STORM.value: 1,
        }


async def test_ten_new_problems_or_ten_of_each_target_are_no_storm(tmp_path: Path) -> None:
    """The ceilings are for those."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(10), *problems(10, 100, "app::b"))

        assert await cards(store, NOON) == []


async def test_what_nobody_is_told_of_makes_no_storm(tmp_path: Path) -> None:
    """A hundred kinds of client errors are counted, as before."""
    async with opened(tmp_path) as store:
        quiet = [
            sighting(f"it {n}", Severity.INFO, Tell.COUNT, name=f"v1:{n:016x}") for n in range(100)
        ]
        recorded = await seen(store, *quiet)

        assert recorded.reasons == {Why.COUNTED.value: 100}
        assert await cards(store, NOON) == []


async def test_the_first_critical_of_each_problem_gets_through(tmp_path: Path) -> None:
    """And counts as one of the new ones."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(50))
        await delivered(store)
        bad = [problem(number, Severity.CRITICAL) for number in range(60, 63)]
        recorded = await seen(store, *bad, *bad, now=NOON + SECOND)

        assert recorded.reasons == {Why.TOLD_FIRST.value: 3, Why.UPDATED.value: 3}
        [card] = await cards(store, NOON + MINUTE)
        assert (storm_in(card).storm.problems, storm_in(card).storm.events) == (53, 56)


async def test_the_card_is_edited_at_its_pace_and_says_when_it_is_over(tmp_path: Path) -> None:
    """Every half minute at most; after the end nothing changes any more."""
    async with opened(tmp_path) as store:
        edits = []
        for second in range(0, 120, 2):
            now = NOON + second * SECOND
            await seen(store, *problems(5, 5 * second), now=now)
            edits += await cards(store, now)
        assert [job.kind for job in edits] == [JobKind.POST] + [JobKind.EDIT] * 3

        end = NOON + 118 * SECOND - 2 * SECOND + 5 * MINUTE  # the sixth newest came before the last
        assert (await store.sweep(now=end - SECOND)).reasons == {}
        swept = await store.sweep(now=end + 20 * SECOND)
        assert swept.reasons == {Why.STORM_ENDED.value: 1}
        assert swept.jobs
        last = (await cards(store, NOON + HOUR))[-1]
        assert (last.kind, storm_in(last).storm.ended_at) == (JobKind.EDIT, end)
        assert storm_in(last).storm.problems == 300
        await seen(store, problem(7), now=NOON + HOUR)
        assert await cards(store, NOON + 2 * HOUR) == []


async def test_after_its_end_a_problem_that_stays_is_told_like_any_other(tmp_path: Path) -> None:
    """Also before a sweep has noticed the end; it stayed in the list all the time."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(20))
        await delivered(store)
        held = await seen(store, problem(15), now=NOON + 299 * SECOND)
        late = await seen(store, problem(15), now=NOON + 2 * HOUR)

        assert held.reasons == {Why.HELD_STORM.value: 1}
        assert late.reasons == {Why.TOLD_LATE.value: 1, Why.STORM_ENDED.value: 1}
        with opened_beside(tmp_path) as db:
            assert len(queries.incidents(db, limit=100)) == 20


async def test_what_was_held_can_be_asked_for(tmp_path: Path) -> None:
    """A named decision for each problem and for the storm itself."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(20), problem(15))
        with opened_beside(tmp_path) as db:
            [held] = queries.outcomes(db, problem(15).fingerprint)
            [told] = queries.decisions(db, "storm:1")

            assert (held.why, held.count) == (Why.HELD_STORM.value, 2)
            assert told.why == Why.TOLD_STORM.value
            assert storm_rows.storm_of(db, problem(15).fingerprint) == 1
            assert [each.problems for each in queries.standing(db).storms] == [20]


async def test_a_storm_survives_a_restart(tmp_path: Path) -> None:
    """The same card goes on, with the same numbers: it is in the transaction of the events."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(30))
        [card] = await cards(store, NOON)
    async with opened(tmp_path) as store:
        await seen(store, *problems(5, 30), now=NOON + SECOND)
        [again] = await cards(store, NOON + MINUTE)

        assert (again.kind, again.receipt and again.receipt.message_id) == (
            JobKind.EDIT,
            f"m{card.id}",
        )
        assert storm_in(again).storm.problems == 35


async def test_a_card_that_was_on_its_way_when_the_process_died_comes_again(
    tmp_path: Path,
) -> None:
    """With the numbers of the restart, and marked: Discord may have it already."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(30))
        while (job := await store.claim("a", now=NOON)) is not None:
            assert not job.notice.maybe_repeat  # claimed, never finished: kill -9
    async with opened(tmp_path) as store:
        await seen(store, *problems(5, 30), now=NOON + SECOND)
        [again] = await cards(store, NOON + SECOND)

        assert (again.kind, again.notice.maybe_repeat) == (JobKind.POST, True)
        assert storm_in(again).storm.problems == 35


async def test_a_batch_that_fails_leaves_no_storm(tmp_path: Path) -> None:
    """Kill -9 in mid-transaction: the events come again, and are counted once."""
    async with opened(tmp_path) as store:
        with pytest.raises(AttributeError):
            await seen(store, *problems(30), None)  # type: ignore[arg-type]
        assert await cards(store, NOON) == []
        await seen(store, *problems(30))
        [card] = await cards(store, NOON)

        assert storm_in(card).storm.problems == 30


async def test_made_up_targets_do_not_flood_the_channel_with_storms(tmp_path: Path) -> None:
    """Beyond some cards an hour the ceilings hold back what is new."""
    async with opened(tmp_path) as store:
        every = [each for n in range(40) for each in problems(12, 100 * n, f"app::{'x' * n}y")]
        recorded = await seen(store, *every)

        assert len(await cards(store, NOON)) == CARDS_AN_HOUR
        assert recorded.reasons[Why.HELD_HOUR_CEILING.value] > 0


async def test_a_repeat_of_what_is_forgotten_is_not_forgotten(tmp_path: Path) -> None:
    """Old storms and newcomers go; what goes on stays."""
    async with opened(tmp_path) as store:
        await seen(store, *problems(20))
        await store.sweep(now=NOON + HOUR)
        await store.sweep(now=NOON + timedelta(days=10))
        with opened_beside(tmp_path) as db:
            rows = db.execute(
                "SELECT (SELECT COUNT(*) FROM storm), (SELECT COUNT(*) FROM storm_problem), "
                "(SELECT COUNT(*) FROM newcomer)"
            ).fetchone()

        assert rows == (0, 0, 0)


STEP = st.tuples(
    st.integers(0, 90),  # seconds that pass
    st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.booleans()), max_size=12),
)


@given(st.lists(STEP, max_size=14), st.integers(1, 5))
@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
def test_no_event_is_lost_and_no_storm_comes_without_its_threshold(
    steps: list[tuple[int, list[tuple[int, bool, bool]]]], limit: int
) -> None:
    """Whatever comes, in whatever order: counts add up, and posts stay below their bound."""
    policy = Policy(sinks=("a",), digest=False, storm=StormPolicy(problems=limit))
    db, now, sent = open_memory().db, NOON, Counter[str]()
    seen_first: dict[str, tuple[datetime, str]] = {}
    events: Counter[str] = Counter()
    for seconds, numbers in steps:
        now += seconds * SECOND
        sightings = list(_of(numbers))
        for each in sightings:
            events[each.fingerprint] += 1
            seen_first.setdefault(each.fingerprint, (now, each.event.target))
        with transaction(db):
            fold(db, sightings, policy, now=now)
            while (job := claim(db, "a", now=now, due_by=now)) is not None:
                sent[job.kind.value + str(isinstance(job.notice, StormNotice))] += 1
                _check(job, seen_first, limit)
                finish(db, job, policy, receipt=job.receipt or Receipt("m", now), now=now)
    counts = dict(db.execute("SELECT fingerprint, count FROM incident").fetchall())
    reasons = dict(
        db.execute("SELECT fingerprint, SUM(count) FROM outcome GROUP BY fingerprint").fetchall()
    )
    assert counts == reasons == dict(events)
    for number, told in db.execute("SELECT number, events FROM storm").fetchall():
        of_problems = db.execute(
            "SELECT COALESCE(SUM(events), 0), COUNT(*) FROM storm_problem WHERE storm = ?",
            (number,),
        ).fetchone()
        problems_told = db.execute(
            "SELECT problems FROM storm WHERE number = ?", (number,)
        ).fetchone()[0]
        assert of_problems == (told, problems_told)
    db.close()


def _of(numbers: Iterable[tuple[int, bool, bool]]) -> Iterable[Sighting]:
    for number, critical, elsewhere in numbers:
        severity = Severity.CRITICAL if critical else Severity.WARNING
        target = "app::b" if elsewhere else "app::a"
        yield problem(number + 1_000 * elsewhere, severity, target)


def _check(job: Job, first: dict[str, tuple[datetime, str]], limit: int) -> None:
    """Compare a storm's card with what was really new."""
    if not isinstance(job.notice, StormNotice) or job.kind is not JobKind.POST:
        return
    storm = job.notice.storm
    new = [at for at, target in first.values() if target == storm.target and at >= storm.since]
    assert len(new) > limit
    assert storm.problems <= len(new)
