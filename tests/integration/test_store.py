"""The store's promises, on real SQLite."""

import os
import sqlite3
import stat
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from logwatchd.domain import incident as life
from logwatchd.domain.event import Category, Severity, Sighting, Tell, Unparsed, Verdict
from logwatchd.domain.fingerprint import fingerprint
from logwatchd.domain.incident import Reason, State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.notice import CardNotice, DigestNotice, Receipt, TextKind, TextNotice
from logwatchd.domain.policy import Policy, Why
from logwatchd.domain.position import Position, Tally
from logwatchd.errors import StateHeldError, StateUnusableError, StoreError
from logwatchd.ports import Batch, Job, JobKind
from logwatchd.store import queries
from logwatchd.store.files import FILE_NAME, opened_beside
from logwatchd.store.lock import holder_of
from logwatchd.store.schema import LATEST
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import NOON
from tests.fakes.notices import an_event

HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)
POLICY = Policy(sinks=("a",))


def opened(
    path: Path | None, policy: Policy = POLICY, limits: Limits | None = None
) -> AbstractAsyncContextManager[SqliteStore]:
    """Open a state directory, or a state that is forgotten."""
    return open_store(path, policy, limits=limits or Limits(), now=NOON)


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    """Return an empty store of each kind: they keep the same promises."""
    async with opened(tmp_path / "state" if request.param == "file" else None) as store:
        yield store


def sighting(
    message: str = "it broke", severity: Severity = Severity.WARNING, tell: Tell = Tell.AT_ONCE
) -> Sighting:
    """Return an event with its verdict."""
    event = an_event(message=message)
    verdict = Verdict("r", severity, Category.APPLICATION, tell)
    return Sighting(event, verdict, fingerprint(event), message)


def at(offset: int, key: str = "8-1-0") -> Position:
    """Return a position in a file."""
    return Position(key=key, path="/logs/app.log", device=8, inode=1, offset=offset)


def a_batch(*sightings: Sighting, offset: int = 1, tally: Tally | None = None) -> Batch:
    """Return what came of one chunk."""
    return Batch(
        path="/logs/app.log",
        sightings=sightings,
        position=at(offset),
        tally=tally or Tally(lines=len(sightings), events=len(sightings)),
    )


async def claimed(store: SqliteStore, when: datetime = NOON) -> Job:
    """Take the one job that must be due."""
    job = await store.claim("a", now=when)
    assert job is not None
    return job


async def told(store: SqliteStore, message_id: str = "m1", when: datetime = NOON) -> Job:
    """Take the one job that must be due, and deliver it."""
    job = await claimed(store, when)
    await store.finish(job, receipt=Receipt(message_id, when), now=when)
    return job


async def test_event_job_and_position_are_one_transaction(store: SqliteStore) -> None:
    """The promise that everything else hangs on."""
    recorded = await store.record([a_batch(sighting(), offset=42)], now=NOON)

    assert (recorded.events, recorded.opened, recorded.jobs) == (1, 1, True)
    assert await store.positions() == [at(42)]
    job = await claimed(store)
    assert isinstance(job.notice, CardNotice)
    assert (job.kind, job.notice.reason, job.notice.incident.count) == (
        JobKind.POST,
        Reason.FIRST,
        1,
    )


async def test_a_batch_that_fails_leaves_nothing_behind(store: SqliteStore) -> None:
    """Not even the events before the one that failed."""
    bad = replace(at(7), key=None)  # type: ignore[arg-type]
    batch = replace(a_batch(sighting()), position=bad)
    with pytest.raises(StoreError):
        await store.record([a_batch(sighting("other")), batch], now=NOON)

    assert await store.positions() == []
    assert await store.claim("a", now=NOON) is None


async def test_repeats_in_and_across_batches_are_counted_exactly(store: SqliteStore) -> None:
    """One incident, one post, however the events come."""
    await store.record([a_batch(sighting(), sighting()), a_batch(sighting())], now=NOON)
    await store.record([a_batch(sighting())], now=NOON)
    job = await claimed(store)

    assert isinstance(job.notice, CardNotice)
    assert job.notice.incident.count == 4
    assert job.notice.hourly[-1] == 4
    assert await store.claim("a", now=NOON + 30 * SECOND) is None


async def test_a_recurrence_is_one_edit_after_the_pause(store: SqliteStore) -> None:
    """Whatever comes within thirty seconds is one edit, and it shows the latest count."""
    await store.record([a_batch(sighting())], now=NOON)
    await told(store)
    for second in (1, 2, 3):
        await store.record([a_batch(sighting())], now=NOON + second * SECOND)

    assert await store.claim("a", now=NOON + 29 * SECOND) is None
    job = await claimed(store, NOON + 30 * SECOND)
    assert isinstance(job.notice, CardNotice)
    assert (job.kind, job.notice.incident.count) == (JobKind.EDIT, 4)
    assert job.receipt == Receipt("m1", NOON)


async def test_what_happens_while_a_message_is_on_its_way_is_shown_later(
    store: SqliteStore,
) -> None:
    """Without it the card would stay at one for ever when the storm ends as fast as it came."""
    await store.record([a_batch(sighting())], now=NOON)
    job = await claimed(store)
    await store.record([a_batch(sighting(), sighting())], now=NOON)
    await store.finish(job, receipt=Receipt("m1", NOON), now=NOON)

    later = await claimed(store, NOON + 30 * SECOND)
    assert isinstance(later.notice, CardNotice)
    assert (later.kind, later.notice.incident.count) == (JobKind.EDIT, 3)


async def test_a_regression_is_a_new_message(store: SqliteStore) -> None:
    """Even while an edit of the old one waits."""
    await store.record([a_batch(sighting())], now=NOON)
    await told(store)
    await store.sweep(now=NOON + 25 * HOUR)
    await store.record([a_batch(sighting())], now=NOON + 26 * HOUR)

    job = await claimed(store, NOON + 26 * HOUR)
    assert isinstance(job.notice, CardNotice)
    assert (job.kind, job.notice.reason) == (JobKind.POST, Reason.REGRESSED)
    assert job.receipt is None
    assert job.notice.incident.episode == 2


async def test_a_postponed_job_comes_back_when_it_is_due(store: SqliteStore) -> None:
    """Not before, with the attempt counted and the doubt kept."""
    await store.record([a_batch(sighting())], now=NOON)
    job = await claimed(store)
    await store.postpone(job, until=NOON + HOUR, why="down", maybe_repeat=True)

    assert await store.next_due("a") == NOON + HOUR
    assert await store.claim("a", now=NOON + HOUR - SECOND) is None
    again = await claimed(store, NOON + HOUR)
    assert (again.id, again.attempts, again.notice.maybe_repeat) == (job.id, 1, True)


async def test_an_edit_that_came_meanwhile_gives_way_to_the_postponed_job(
    store: SqliteStore,
) -> None:
    """One row for one message: it shows everything when it goes out."""
    critical = sighting(severity=Severity.CRITICAL)  # one that stays out of the digest
    await store.record([a_batch(critical)], now=NOON)
    await told(store)
    await store.record([a_batch(critical)], now=NOON + SECOND)
    job = await claimed(store, NOON + 30 * SECOND)
    await store.record([a_batch(critical)], now=NOON + 31 * SECOND)
    await store.postpone(job, until=NOON + HOUR, why="down")

    again = await claimed(store, NOON + HOUR)
    assert isinstance(again.notice, CardNotice)
    assert again.notice.incident.count == 3
    assert await store.claim("a", now=NOON + 2 * HOUR) is None


async def test_a_message_that_is_gone_is_posted_anew(store: SqliteStore) -> None:
    """Somebody deleted it, or Discord takes no more edits; it calls nobody a second time."""
    await store.record([a_batch(sighting())], now=NOON)
    await told(store)
    await store.record([a_batch(sighting())], now=NOON + SECOND)
    await store.repost(await claimed(store, NOON + 30 * SECOND), now=NOON + 30 * SECOND)

    job = await claimed(store, NOON + 30 * SECOND)
    assert isinstance(job.notice, CardNotice)
    assert (job.kind, job.receipt, job.notice.reason) == (JobKind.POST, None, Reason.RECURRED)


async def test_a_buried_job_never_comes_back_and_stays_to_be_seen(store: SqliteStore) -> None:
    """Refused for good: a person should know."""
    await store.record([a_batch(sighting())], now=NOON)
    await store.bury(await claimed(store), why="refused")

    assert await store.claim("a", now=NOON + 99 * HOUR) is None
    standing = await store.standing()
    assert standing.outbox == {"a": {"buried": 1}}
    assert standing.last_error == "refused"


async def test_a_message_without_a_name_is_not_edited(store: SqliteStore) -> None:
    """A proxy may answer without a body; the card stays as it is rather than being repeated."""
    await store.record([a_batch(sighting())], now=NOON)
    await told(store, message_id="")
    await store.record([a_batch(sighting())], now=NOON + HOUR)

    assert await store.claim("a", now=NOON + HOUR + SECOND) is None


async def test_warnings_beyond_the_ceiling_are_in_the_digest(tmp_path: Path) -> None:
    """Held back, counted exactly, told in one message at the end of the hour."""
    async with opened(None, replace(POLICY, ceiling_hour=2)) as store:
        words = ["red", "green", "blue", "black"]
        recorded = await store.record([a_batch(*(sighting(word) for word in words))], now=NOON)
        assert recorded.reasons == {"told_first": 2, "held_hour_ceiling": 2}
        for number in range(2):
            await told(store, f"m{number}")
        assert await store.claim("a", now=NOON + 59 * 60 * SECOND) is None

        digest = (await claimed(store, NOON + HOUR + 2 * SECOND)).notice
        assert isinstance(digest, DigestNotice)
        assert sorted(each.incident.template.untainted() for each in digest.lines) == [
            "black",
            "blue",
        ]
        assert digest.held_back == {"held_hour_ceiling": 2}


async def test_what_was_held_back_is_told_when_there_is_room(tmp_path: Path) -> None:
    """A ceiling delays; it does not silence."""
    async with opened(None, replace(POLICY, ceiling_hour=1)) as store:
        await store.record([a_batch(sighting("red"), sighting("blue"))], now=NOON)
        await told(store)
        recorded = await store.record([a_batch(sighting("blue"))], now=NOON + HOUR)

        assert recorded.reasons == {Why.TOLD_LATE.value: 1}


async def test_the_digest_names_the_largest_and_counts_the_rest(store: SqliteStore) -> None:
    """Ten lines, and how many more."""
    words = ["ash", "elm", "fir", "oak", "yew", "fig", "bay", "box", "gum", "tea", "sal", "koa"]
    events = [sighting(w, tell=Tell.DIGEST) for n, w in enumerate(words, 1) for _ in range(n)]
    await store.record([a_batch(*events)], now=NOON)
    digest = (await claimed(store, NOON + HOUR + SECOND)).notice

    assert isinstance(digest, DigestNotice)
    assert [each.count for each in digest.lines] == [12, 11, 10, 9, 8, 7, 6, 5, 4, 3]
    assert (digest.more_problems, digest.more_events) == (2, 3)


async def test_info_makes_no_job(store: SqliteStore) -> None:
    """Counted, shown in `incidents`, not told."""
    quiet = sighting(severity=Severity.INFO, tell=Tell.COUNT)
    await store.record([a_batch(quiet)], now=NOON)

    assert await store.next_due("a") is None


async def test_silence_resolves_and_the_card_says_so(store: SqliteStore) -> None:
    """After a day without an event."""
    await store.record([a_batch(sighting())], now=NOON)
    await told(store)
    assert (await store.sweep(now=NOON + 23 * HOUR)).reasons == {}
    swept = await store.sweep(now=NOON + 24 * HOUR)

    assert swept.reasons == {Why.RESOLVED_QUIET.value: 1}
    job = await claimed(store, NOON + 24 * HOUR)
    assert isinstance(job.notice, CardNotice)
    assert (job.kind, job.notice.incident.state) == (JobKind.EDIT, State.RESOLVED)


async def test_what_the_daemon_says_of_itself_is_queued_once(store: SqliteStore) -> None:
    """The same kind waiting already is replaced, so it can never pile up."""
    for text in ("first", "second"):
        await store.say(
            TextNotice(kind=TextKind.STATE_DAMAGED, at=NOON, details=(("moved to", text),))
        )
    job = await claimed(store)

    assert isinstance(job.notice, TextNotice)
    assert job.notice.details == (("moved to", "second"),)
    assert await store.claim("a", now=NOON) is None


async def test_counters_add_up(store: SqliteStore) -> None:
    """Lines, bytes, events, and what could not be read, by reason."""
    tally = Tally(lines=3, bytes=90, events=1, cut=1, unparsed={Unparsed.NOT_JSON: 2})
    await store.record([a_batch(tally=tally), a_batch(tally=tally, offset=2)], now=NOON)
    standing = await store.standing()

    assert standing.totals == {
        "lines": 6,
        "bytes": 180,
        "events": 2,
        "cut": 2,
        "unparsed:not_json": 4,
    }
    assert standing.files == [
        {
            "key": "8-1-0",
            "path": "/logs/app.log",
            "state": "live",
            "size_bytes": 0,
            "offset": 2,
            "lines": 6,
            "bytes": 180,
            "events": 2,
            "unparsed": 4,
            "unparsed_by_reason": {"not_json": 4},
            "cut_lines": 2,
            "lost_bytes": 0,
            "last_read_at": NOON,
        }
    ]
    assert standing.files_known == 1


async def test_jobs_of_a_process_that_died_are_due_again_and_marked(tmp_path: Path) -> None:
    """The peer may have taken it; nobody knows."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting())], now=NOON)
        await claimed(store)

    async with opened(tmp_path) as store:
        assert (await claimed(store)).notice.maybe_repeat


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    """Event, card and position, to the microsecond."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting("끊어졌다"), offset=9)], now=NOON)
        job = await told(store)
    async with opened(tmp_path) as store:
        assert await store.positions() == [at(9)]
        assert isinstance(job.notice, CardNotice)
        incident = await store.incident(job.fingerprint)
        assert incident is not None
        assert view_of(incident) == job.notice.incident


async def test_a_second_instance_is_refused_and_told_who_is_there(tmp_path: Path) -> None:
    """The lock is the kernel's: it ends with its process."""
    async with opened(tmp_path):
        with pytest.raises(StateHeldError, match=f"process {os.getpid()} on"):
            async with opened(tmp_path):
                pass
        assert str(os.getpid()) in holder_of(tmp_path)
    assert holder_of(tmp_path) == ""


async def test_the_state_is_private(tmp_path: Path) -> None:
    """It holds what the logs held."""
    async with opened(tmp_path / "state"):
        modes = {
            path.name: stat.S_IMODE(path.stat().st_mode)
            for path in (tmp_path / "state", *(tmp_path / "state").iterdir())
        }
    assert modes.pop("state") == 0o700
    assert all(mode == 0o600 for mode in modes.values()), modes


async def test_a_damaged_file_is_moved_aside_and_its_positions_are_saved(tmp_path: Path) -> None:
    """Neither a crash loop nor a silent loss: nothing is read twice, and people are told."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting(str(n)), offset=n) for n in range(50)], now=NOON)
    path = tmp_path / FILE_NAME
    _damage_table(path, "incident")

    async with opened(tmp_path) as store:
        assert Path(store.damaged).exists()
        assert store.salvaged == 1
        assert await store.positions() == [at(49)]
        assert (await store.standing()).incidents == {}


async def test_a_file_that_is_no_database_is_moved_aside(tmp_path: Path) -> None:
    """A disk full of zeros, a file restored from the wrong place."""
    (tmp_path / FILE_NAME).write_bytes(b"this is not a database, " * 100)
    async with opened(tmp_path) as store:
        assert store.damaged
        assert await store.positions() == []


async def test_a_newer_schema_is_refused_and_left_alone(tmp_path: Path) -> None:
    """A roll-back must not eat what the newer release wrote."""
    path = tmp_path / FILE_NAME
    with closing(sqlite3.connect(path)) as db:
        db.execute(f"PRAGMA user_version = {LATEST + 1}")
    before = path.read_bytes()
    with pytest.raises(StateUnusableError, match="newer"):
        async with opened(tmp_path):
            pass

    assert path.read_bytes()[96:] == before[96:]
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (LATEST + 1,)


async def test_a_directory_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    """At the start, with a hint: not at the first error."""
    (tmp_path / "file").touch()
    with pytest.raises(StateUnusableError) as caught:
        async with opened(tmp_path / "file"):
            pass
    assert caught.value.hint


async def test_a_state_that_cannot_be_written_raises_and_recovers(tmp_path: Path) -> None:
    """A full or read-only disk: an error that says try again, and nothing half done."""
    async with opened(tmp_path) as store:
        db = store._opened.db
        db.execute("PRAGMA query_only = ON")
        with pytest.raises(StoreError) as caught:
            await store.record([a_batch(sighting())], now=NOON)
        assert not isinstance(caught.value, StateUnusableError)
        db.execute("PRAGMA query_only = OFF")
        await store.record([a_batch(sighting())], now=NOON)

        assert (await store.standing()).totals["events"] == 1


async def test_people_act_beside_a_running_daemon(tmp_path: Path) -> None:
    """The daemon sees it at once, and the card follows."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting())], now=NOON)
        job = await told(store)
        with opened_beside(tmp_path, write=True) as db:
            [found] = queries.find(db, job.fingerprint[3:9])
            changed = queries.change_by_hand(
                db, found.fingerprint, life.resolved, POLICY, now=NOON, detail="by hand"
            )
        assert changed is not None
        recorded = await store.record([a_batch(sighting())], now=NOON + SECOND)

        assert recorded.reasons == {Why.TOLD_REGRESSED.value: 1}


async def test_a_mute_ends_by_itself(tmp_path: Path) -> None:
    """By the sweep, also when no event comes."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting())], now=NOON)
        name = (await told(store)).fingerprint
        with opened_beside(tmp_path, write=True) as db:
            queries.change_by_hand(
                db,
                name,
                lambda each: life.muted(each, until=NOON + HOUR, until_count=None),
                POLICY,
                now=NOON,
                detail="muted",
            )
        assert (await store.record([a_batch(sighting())], now=NOON)).reasons == {"held_muted": 1}
        swept = await store.sweep(now=NOON + HOUR)

        assert swept.reasons == {Why.MUTE_ENDED.value: 1}


async def test_a_card_that_waits_is_not_told_after_a_mute(tmp_path: Path) -> None:
    """Somebody muted it while the sink was down."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting())], now=NOON)
        with opened_beside(tmp_path, write=True) as db:
            [found] = queries.incidents(db)
            queries.change_by_hand(
                db,
                found.fingerprint,
                lambda each: life.muted(each, until=None, until_count=None),
                POLICY,
                now=NOON,
                detail="muted",
            )

        assert await store.claim("a", now=NOON) is None


async def test_a_repeat_that_is_possible_stays_marked_when_a_regression_takes_over(
    tmp_path: Path,
) -> None:
    """The peer may have the first message; the second one has to say so."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting())], now=NOON)
        job = await claimed(store)
        with opened_beside(tmp_path, write=True) as db:
            queries.change_by_hand(
                db, job.fingerprint, life.resolved, POLICY, now=NOON, detail="by hand"
            )
        await store.record([a_batch(sighting())], now=NOON)
        await store.postpone(job, until=NOON, why="half a reply", maybe_repeat=True)

        assert (await claimed(store)).notice.maybe_repeat
        assert await store.claim("a", now=NOON) is None


async def test_forgetting_does_not_lift_the_ceilings(tmp_path: Path) -> None:
    """A flood that fills the disk must not tell more messages for it."""
    policy = replace(POLICY, ceiling_hour=2)
    async with opened(tmp_path, policy, Limits(max_bytes=1)) as store:
        for number in range(6):
            await store.record([a_batch(sighting(f"problem {'x' * number}"))], now=NOON)
            await store.sweep(now=NOON)
        reasons = (await store.record([a_batch(sighting("another"))], now=NOON)).reasons

    assert reasons == {Why.HELD_HOUR_CEILING.value: 1}


async def test_one_severity_does_not_keep_another_from_being_resolved(tmp_path: Path) -> None:
    """Five hundred criticals that stay open for a month, and a warning of an hour."""
    after = {
        Severity.CRITICAL: timedelta(days=30),
        Severity.WARNING: HOUR,
        Severity.INFO: HOUR,
    }
    async with opened(None, replace(POLICY, resolve_after=after)) as store:
        many = [sighting(f"critical {'y' * n}", Severity.CRITICAL) for n in range(500)]
        await store.record([a_batch(*many)], now=NOON)
        await store.record([a_batch(sighting("warning"))], now=NOON + SECOND)
        swept = await store.sweep(now=NOON + 2 * HOUR)

        assert swept.reasons[Why.RESOLVED_QUIET.value] == 1


async def test_jobs_of_a_sink_that_is_gone_from_the_settings_do_not_wait_for_ever(
    tmp_path: Path,
) -> None:
    """They are kept to be seen, and do not degrade the daemon."""
    async with opened(tmp_path) as store:
        await store.record([a_batch(sighting())], now=NOON)
    async with opened(tmp_path, replace(POLICY, sinks=("b",))) as store:
        assert (await store.standing()).outbox == {"a": {"buried": 1}}


async def test_the_oldest_are_forgotten_when_there_is_too_much(tmp_path: Path) -> None:
    """A hundred thousand distinct problems must not fill the disk; what was forgotten is counted."""
    async with opened(tmp_path, limits=Limits(max_bytes=1)) as store:
        old = [sighting(f"problem {'x' * n}", Severity.INFO, Tell.COUNT) for n in range(20)]
        await store.record([a_batch(*old)], now=NOON)
        await store.sweep(now=NOON)
        standing = await store.standing()

        assert standing.incidents == {}
        assert standing.totals["forgotten"] == 20


async def test_what_was_resolved_long_ago_is_forgotten(tmp_path: Path) -> None:
    """After the time that the settings say."""
    async with opened(tmp_path, limits=Limits(keep=timedelta(days=10))) as store:
        await store.record([a_batch(sighting())], now=NOON)
        await store.sweep(now=NOON + 25 * HOUR)
        await store.sweep(now=NOON + timedelta(days=9))
        assert (await store.standing()).incidents == {"resolved": {"warning": 1}}
        await store.sweep(now=NOON + timedelta(days=11))

        assert (await store.standing()).incidents == {}


def _damage_table(path: Path, table: str) -> None:
    """Overwrite the root page of a table."""
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        [(page,)] = db.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)
        ).fetchall()
        [(size,)] = db.execute("PRAGMA page_size").fetchall()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xde\xad\xbe\xef" * (size // 4))
