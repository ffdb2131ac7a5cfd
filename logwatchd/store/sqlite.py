"""State in one SQLite file, on one thread."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from logwatchd.domain.anchor import Anchor
from logwatchd.domain.budget import Allowed
from logwatchd.domain.diagnosis import Diagnosis
from logwatchd.domain.diagnosis_policy import DiagnosisPolicy
from logwatchd.domain.incident import Incident
from logwatchd.domain.issue import RemoteIssue, TrackedIssue
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.notice import Receipt, TextNotice
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position
from logwatchd.domain.prices import Usage
from logwatchd.domain.silence import Silence
from logwatchd.domain.steady import Reading
from logwatchd.errors import StateDamagedError, StoreError
from logwatchd.ports import Batch, CallQuote, Counted, DiagnosisJob, IssueCase, Job, Recorded
from logwatchd.store import (
    anchors,
    diagnoses,
    issues,
    ledger,
    lock,
    outbox,
    positions,
    queries,
    record,
    silence,
    upkeep,
)
from logwatchd.store.counters import add_totals, of_reasons
from logwatchd.store.files import Opened, is_damage, open_file, open_memory, transaction
from logwatchd.store.incidents import load_incident
from logwatchd.store.private import make_private

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much is kept.

    Attributes:
        keep: How long a resolved incident is remembered.
        max_bytes: Size of the database above which the oldest incidents are forgotten.
    """

    keep: timedelta = timedelta(days=90)
    max_bytes: int = 256 * 1024 * 1024


@asynccontextmanager
async def open_store(
    directory: Path | None, policy: Policy, *, limits: Limits, now: datetime
) -> AsyncGenerator["SqliteStore"]:
    """Open the state and hold its directory while the context lasts.

    Args:
        directory: The state directory, or None for a state that is forgotten at the end.
        policy: The numbers behind the decisions.
        limits: How much is kept.
        now: The present (aware, UTC).

    Raises:
        StateHeldError: Another instance holds the directory.
        StateUnusableError: The directory cannot be written, or a newer release wrote it.
    """
    with ExitStack() as stack:
        if directory is not None:
            _make(directory)
            stack.enter_context(lock.held(directory, now=now))
        thread = stack.enter_context(ThreadPoolExecutor(1, thread_name_prefix="state"))
        store = SqliteStore(thread, policy, limits)
        await store.open(directory, now=now)
        try:
            yield store
        finally:
            await store.close()


class SqliteStore:
    """Implements `ports.Store`, `ports.DiagnosisStore` and `ports.IssueStore`, on one thread.

    Every access is one transaction.
    """

    _opened: Opened

    def __init__(self, thread: ThreadPoolExecutor, policy: Policy, limits: Limits) -> None:
        self._thread = thread
        self._limits = limits
        self.policy = policy
        """The numbers behind the decisions; replaced as a whole when the settings change."""

    @property
    def damaged(self) -> str:
        """Where a damaged file was moved at the start, or ""."""
        return self._opened.damaged

    @property
    def salvaged(self) -> int:
        """Number of positions saved from the damaged file."""
        return self._opened.salvaged

    async def open(self, directory: Path | None, *, now: datetime) -> None:
        """Open the file; the jobs of a process that died become due again."""

        def opened() -> Opened:
            result = open_memory() if directory is None else open_file(directory, now=now)
            with transaction(result.db):
                outbox.give_back_claimed(result.db)
                diagnoses.end_interrupted(result.db, self.policy, now=now)
                worker = () if self.policy.diagnosis is None else (diagnoses.WORKER,)
                outbox.bury_orphans(result.db, (*self.policy.sinks, *worker))
            return result

        try:
            self._opened = await self._on_thread(opened)
        except OSError as error:
            raise lock.as_state_error(error, f"state: {directory}") from None

    async def close(self) -> None:
        """Close the file."""
        await self._on_thread(self._opened.db.close)

    async def positions(self) -> Sequence[Position]:
        """See `ports.Store`."""
        return await self._transact(positions.load)

    async def record(self, batches: Sequence[Batch], *, now: datetime) -> Recorded:
        """See `ports.Store`."""
        return await self._decide(lambda db: record.record(db, batches, self.policy, now=now))

    async def claim(
        self, sink: str, *, now: datetime, due_by: datetime | None = None
    ) -> Job | None:
        """See `ports.Store`."""
        until = due_by or now
        due = await self.next_due(sink)  # reading takes no write lock and wakes no disk
        if due is None or due > until:
            return None
        return await self._transact(lambda db: outbox.claim(db, sink, now=now, due_by=until))

    async def next_due(self, sink: str) -> datetime | None:
        """See `ports.Store`."""
        return await self._on_thread(lambda: outbox.next_due(self._opened.db, sink))

    async def finish(self, job: Job, *, receipt: Receipt, now: datetime) -> None:
        """See `ports.Store`."""
        await self._transact(
            lambda db: outbox.finish(db, job, self.policy, receipt=receipt, now=now)
        )

    async def postpone(
        self, job: Job, *, until: datetime, why: str, maybe_repeat: bool = False
    ) -> None:
        """See `ports.Store`."""
        await self._transact(
            lambda db: outbox.postpone(db, job, until=until, why=why, maybe_repeat=maybe_repeat)
        )

    async def repost(self, job: Job, *, now: datetime) -> None:
        """See `ports.Store`."""
        await self._transact(lambda db: outbox.repost(db, job, now=now))

    async def bury(self, job: Job, *, why: str) -> None:
        """See `ports.Store`."""
        await self._transact(lambda db: outbox.bury(db, job, why=why))

    async def sweep(self, *, now: datetime) -> Recorded:
        """See `ports.Store`."""
        limits = self._limits
        return await self._decide(
            lambda db: upkeep.sweep(
                db, self.policy, now=now, keep=limits.keep, max_bytes=limits.max_bytes
            )
        )

    async def silences(self) -> Mapping[str, datetime]:
        """See `ports.Store`."""
        return await self._transact(silence.silences)

    async def record_silences(
        self, silent: Sequence[Silence], ended: Mapping[str, str], *, now: datetime
    ) -> Recorded:
        """See `ports.Store`."""
        return await self._decide(
            lambda db: silence.record_silences(db, silent, ended, self.policy, now=now)
        )

    async def incident(self, fingerprint: str) -> Incident | None:
        """See `ports.Store`."""
        return await self._transact(lambda db: load_incident(db, fingerprint))

    async def unanchored(self, *, limit: int) -> Sequence[Incident]:
        """See `ports.Store`."""
        return await self._transact(lambda db: anchors.unanchored(db, limit=limit))

    async def anchor(self, incident: Incident, anchor: Anchor, *, now: datetime) -> bool:
        """See `ports.Store`."""

        def anchored(db: sqlite3.Connection) -> bool:
            diagnoses.source_found(db, incident.fingerprint, now=now)
            return anchors.save(db, incident, anchor, self.policy, now=now)

        return await self._transact(anchored)

    async def next_diagnosis(self, *, now: datetime) -> DiagnosisJob | None:
        """See `ports.DiagnosisStore`."""
        due = await self.next_due(diagnoses.WORKER)
        if due is None or due > now:
            return None
        policy = self.policy.diagnosis or DiagnosisPolicy()
        return await self._transact(lambda db: diagnoses.next_job(db, policy, now=now))

    async def reuse_diagnosis(self, job: DiagnosisJob, *, now: datetime) -> Diagnosis | None:
        """See `ports.DiagnosisStore`."""
        return await self._transact(lambda db: diagnoses.reuse(db, job, self.policy, now=now))

    async def begin_diagnosis(
        self, job: DiagnosisJob, quote: CallQuote, *, reading: Reading
    ) -> tuple[Allowed, int]:
        """See `ports.DiagnosisStore`; it is on the disk, not only on its way, when this returns."""
        policy = self.policy.diagnosis or DiagnosisPolicy()

        def begun() -> tuple[Allowed, int]:
            db = self._opened.db
            db.execute("PRAGMA synchronous = FULL")  # or a power cut could give the money back
            try:
                with transaction(db):
                    return diagnoses.begin(db, job, quote, policy, reading=reading)
            finally:
                db.execute("PRAGMA synchronous = NORMAL")

        return await self._on_thread(begun)

    async def settle(self, reservation: int, *, cost: int, usage: Usage) -> None:
        """See `ports.DiagnosisStore`."""
        await self._transact(lambda db: ledger.settle(db, reservation, cost=cost, usage=usage))

    async def cost_of_job(self, job: DiagnosisJob) -> int:
        """See `ports.DiagnosisStore`."""
        return await self._transact(lambda db: ledger.cost_of_job(db, job.id))

    async def postpone_diagnosis(self, job: DiagnosisJob, *, until: datetime, error: str) -> None:
        """See `ports.DiagnosisStore`."""
        await self._transact(lambda db: diagnoses.postpone(db, job, until=until, error=error))

    async def end_diagnosis(
        self, job: DiagnosisJob, diagnosis: Diagnosis, *, detail: str, now: datetime
    ) -> bool:
        """See `ports.DiagnosisStore`."""
        return await self._transact(
            lambda db: diagnoses.end(db, job, diagnosis, self.policy, detail=detail, now=now)
        )

    async def next_issue(self, *, now: datetime) -> IssueCase | None:
        """See `ports.IssueStore`."""
        return await self._on_thread(lambda: issues.next_issue(self._opened.db, now=now))

    async def keep_issue(
        self,
        issue: TrackedIssue,
        *,
        now: datetime,
        why: IssueWhy | None = None,
        detail: str = "",
        until: datetime | None = None,
        error: str = "",
    ) -> None:
        """See `ports.IssueStore`."""
        await self._transact(
            lambda db: issues.keep(
                db, issue, now=now, why=why, detail=detail, until=until, error=error
            )
        )

    async def see_issues(
        self, repository: str, seen: Sequence[RemoteIssue], *, now: datetime
    ) -> Recorded:
        """See `ports.IssueStore`."""
        return await self._decide(lambda db: issues.see(db, repository, seen, self.policy, now=now))

    async def filed_issues(self) -> Sequence[tuple[str, int]]:
        """See `ports.IssueStore`."""
        return await self._transact(issues.filed)

    async def issue_gone(self, repository: str, number: int, *, now: datetime) -> None:
        """See `ports.IssueStore`."""
        await self._transact(lambda db: issues.gone(db, repository, number, now=now))

    async def issue_failed(self, fingerprint: str, *, error: str) -> None:
        """See `ports.IssueStore`."""
        await self._transact(lambda db: issues.failed(db, fingerprint, error=error))

    async def release_issues(self, *, now: datetime) -> None:
        """See `ports.IssueStore`."""
        await self._transact(lambda db: issues.release(db, now=now))

    async def hold_issues(self, *, until: datetime) -> None:
        """See `ports.IssueStore`."""
        await self._transact(lambda db: issues.hold(db, until=until))

    async def say(self, notice: TextNotice, *, about: str = "") -> None:
        """See `ports.Store`."""
        await self._transact(lambda db: outbox.say(db, self.policy.sinks, notice, about=about))

    async def note(self, value: dict[str, Any], *, now: datetime) -> None:
        """See `ports.Store`."""
        await self._transact(lambda db: queries.write_note(db, "status", value, at=now))

    async def counted(self, *, now: datetime, reading: Reading) -> Counted:
        """See `ports.Store`."""
        return await self._on_thread(
            lambda: queries.counted(self._opened.db, self.policy, now=now, reading=reading)
        )

    async def named_since(self, version: str, *, now: datetime) -> datetime | None:
        """Say since when a version of the algorithm names problems; see `queries.named_since`."""
        return await self._transact(lambda db: queries.named_since(db, version, now=now))

    async def own_name(self, fresh: str, *, now: datetime) -> str:
        """Return the name of this state, the same for ever; `fresh` when it has none yet."""
        return await self._transact(lambda db: queries.own_name(db, fresh, now=now))

    async def standing(self) -> queries.Standing:
        """Sum up the state."""
        return await self._transact(queries.standing)

    async def _decide(self, work: Callable[[sqlite3.Connection], Recorded]) -> Recorded:
        """Run a transaction, and count in it what was decided."""

        def decide(db: sqlite3.Connection) -> Recorded:
            recorded = work(db)
            add_totals(db, of_reasons(recorded.reasons))
            return recorded

        return await self._transact(decide)

    async def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        def transact() -> T:
            with transaction(self._opened.db):
                return work(self._opened.db)

        return await self._on_thread(transact)

    async def _on_thread(self, work: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._thread, work)
        except sqlite3.Error as error:
            if is_damage(error):
                raise StateDamagedError(
                    f"state: {error}", hint="It is moved aside at the next start."
                ) from error
            raise StoreError(
                f"state: {error}", hint="Check the disk and the owner of the file."
            ) from error


def _make(directory: Path) -> None:
    try:
        make_private(directory)
    except OSError as error:
        raise lock.as_state_error(error, f"state: {directory}") from None
