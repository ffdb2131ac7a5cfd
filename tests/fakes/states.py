"""A state in one line each: events in, what people would get out."""

from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from pathlib import Path

from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.fingerprint import fingerprint
from logwatchd.domain.incident import Incident
from logwatchd.domain.notice import Receipt
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.ports import Batch, Job, Recorded
from logwatchd.store import queries
from logwatchd.store.files import opened_beside
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import NOON
from tests.fakes.notices import an_event

POLICY = Policy(sinks=("a",), digest=False)


def opened(path: Path | None, policy: Policy = POLICY) -> AbstractAsyncContextManager[SqliteStore]:
    """Open a state directory, or a state that is forgotten."""
    return open_store(path, policy, limits=Limits(), now=NOON)


def sighting(
    message: str,
    severity: Severity = Severity.WARNING,
    tell: Tell = Tell.AT_ONCE,
    *,
    target: str = "app::a",
    name: str = "",
) -> Sighting:
    """Return an event with its verdict."""
    event = an_event(message=message, target=target)
    verdict = Verdict("r", severity, Category.APPLICATION, tell)
    return Sighting(event, verdict, name or fingerprint(event), message)


def a_batch(sightings: Iterable[Sighting]) -> Batch:
    """Return what came of one chunk."""
    found = tuple(sightings)
    position = Position(key="8-1-0", path="/logs/app.log", device=8, inode=1, offset=1)
    tally = Tally(lines=len(found), events=len(found))
    return Batch(path="/logs/app.log", sightings=found, position=position, tally=tally)


async def seen(store: SqliteStore, *sightings: Sighting, now: datetime = NOON) -> Recorded:
    """Record events."""
    return await store.record([a_batch(sightings)], now=now)


async def delivered(store: SqliteStore, now: datetime = NOON) -> list[Job]:
    """Deliver everything that is due, and return it."""
    jobs = []
    while (job := await store.claim("a", now=now)) is not None:
        receipt = job.receipt or Receipt(f"m{job.id}", now)
        await store.finish(job, receipt=receipt, now=now)
        jobs.append(job)
    return jobs


def changed(path: Path, name: str, change: Callable[[Incident], Incident], now: datetime) -> None:
    """Change an incident by hand, beside the running daemon."""
    with opened_beside(path, write=True) as db:
        assert queries.change_by_hand(db, name, change, POLICY, now=now, detail="by hand")
