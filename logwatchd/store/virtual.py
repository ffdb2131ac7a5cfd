"""The state on a virtual clock: the same transactions as the daemon's, in memory, for `replay`.

Synchronous: a run over a month of logs makes millions of steps, and each change of threads would
cost more than the step.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.event import Severity, Sighting
from logwatchd.domain.incident import Incident
from logwatchd.domain.notice import Receipt
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.ports import Batch, Job, Recorded
from logwatchd.store import outbox, record, storm_rows, upkeep
from logwatchd.store.files import open_memory, transaction
from logwatchd.store.rows import INCIDENT_COLUMNS, at_us, incident_from
from logwatchd.store.sqlite import Limits

_HOUSEKEEPING: Final = timedelta(hours=1)
_HOUSEKEEPING_EVENTS: Final = 20_000
"""Events after which the state is made small again, however little time they took."""

_NOWHERE: Final = Position(key="replay", path="", device=0, inode=0)


class VirtualState:
    """What the daemon would remember, had it read along.

    Args:
        policy: The numbers behind the decisions, with one sink.
        limits: How much is kept.
        start: Where the clock begins (aware, UTC).
        deliver: Called with each job at the virtual moment at which it would have been sent.
        decided: Called with what each transaction decided.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        limits: Limits,
        start: datetime,
        deliver: Callable[[Job, datetime], None],
        decided: Callable[[Recorded], None],
    ) -> None:
        self._policy = policy
        [self._sink] = policy.sinks
        self._limits = limits
        self._deliver = deliver
        self._decided = decided
        self._db = open_memory().db
        self._soonest_resolve = min(policy.resolve_after.values())
        self._quiet_at: datetime | None = None
        self._tidied_at = start
        self._untidied_events = 0
        self._sent = 0
        self.now = start
        """The virtual present; it is never set back."""

    def close(self) -> None:
        """Forget everything."""
        self._db.close()

    def record(self, sightings: Sequence[Sighting], *, now: datetime) -> None:
        """Do what fell due before `now`, fold the events in, and send what is to be sent at once.

        Args:
            sightings: Events, of one virtual second at most: decisions know no finer time.
            now: The moment of the last of them.
        """
        batch = Batch(path="", sightings=tuple(sightings), position=_NOWHERE, tally=Tally())
        with transaction(self._db):
            self._advance(now)
            self._decided(record.record(self._db, [batch], self._policy, now=self.now))
            quiet_at = self.now + self._soonest_resolve
            storm_ends = storm_rows.next_end(self._db, self._policy)
            known = (self._quiet_at, quiet_at, storm_ends)
            self._quiet_at = min(each for each in known if each is not None)
            self._send_due(self.now)
            self._untidied_events += len(sightings)
            if self._untidied_events >= _HOUSEKEEPING_EVENTS:
                self._sweep(self.now)

    def finish(self, *, until: datetime) -> None:
        """Send what would still have been sent until then, had nothing more been written."""
        with transaction(self._db):
            self._send_due(until)

    def incidents(self, *, limit: int) -> list[Incident]:
        """Return the worst incidents first: by severity, then by count."""
        order = " ".join(f"WHEN '{each.value}' THEN {rank}" for rank, each in enumerate(Severity))
        rows = self._db.execute(
            f"SELECT {INCIDENT_COLUMNS} FROM incident "  # noqa: S608 -- constant
            f"ORDER BY CASE severity {order} END, count DESC, fingerprint LIMIT ?",
            (limit,),
        ).fetchall()
        return [incident_from(row) for row in rows]

    def counts(self) -> dict[str, int]:
        """Return the number of incidents of each severity."""
        return dict(
            self._db.execute("SELECT severity, COUNT(*) FROM incident GROUP BY severity").fetchall()
        )

    def never_told(self) -> int:
        """Return how many incidents that are told at once were never told: ceilings held them."""
        row = self._db.execute(
            "SELECT COUNT(*) FROM incident WHERE told_us IS NULL AND tell = 'at_once'"
        ).fetchone()
        return int(row[0])

    def forgotten(self) -> int:
        """Return how many incidents were dropped to stay small."""
        row = self._db.execute("SELECT value FROM total WHERE name = 'forgotten'").fetchone()
        return 0 if row is None else int(row[0])

    def _advance(self, to: datetime) -> None:
        """Move the clock on, and do on the way what is due by time alone."""
        while self._quiet_at is not None and self._quiet_at <= to:
            at = self._quiet_at
            self._send_due(at)
            self._sweep(max(self.now, at))
            self._quiet_at = self._next_quiet(after=at)
        self._send_due(to - timedelta.resolution)  # what is due at that very moment takes it in
        self.now = max(self.now, to)
        if self.now - self._tidied_at >= _HOUSEKEEPING:
            self._sweep(self.now)

    def _send_due(self, until: datetime) -> None:
        """Send everything due until then, each at its time."""
        while (due := outbox.next_due(self._db, self._sink)) is not None and due <= until:
            self.now = max(self.now, due)
            job = outbox.claim(self._db, self._sink, now=self.now, due_by=due)
            if job is None:
                continue
            self._deliver(job, self.now)
            receipt = job.receipt
            if receipt is None:
                self._sent += 1
                receipt = Receipt(str(self._sent), self.now)
            outbox.finish(self._db, job, self._policy, receipt=receipt, now=self.now)

    def _sweep(self, now: datetime) -> None:
        self.now = max(self.now, now)
        while True:
            swept = upkeep.sweep(
                self._db,
                self._policy,
                now=self.now,
                keep=self._limits.keep,
                max_bytes=self._limits.max_bytes,
            )
            self._decided(swept)
            if not swept.reasons:
                break
        self._tidied_at = self.now
        self._untidied_events = 0

    def _next_quiet(self, *, after: datetime) -> datetime | None:
        """Say when the next incident would count as resolved, or a storm end, with nothing more."""
        storm_ends = storm_rows.next_end(self._db, self._policy)
        found = [] if storm_ends is None else [storm_ends]
        for severity, wait in self._policy.resolve_after.items():
            silent_since = self._longest_silent(severity)
            if silent_since is not None and silent_since + wait > after:
                found.append(silent_since + wait)
        return min(found, default=None)

    def _longest_silent(self, severity: Severity) -> datetime | None:
        row = self._db.execute(
            "SELECT MIN(active_us) FROM incident WHERE state IN ('open', 'acknowledged') "
            "AND severity = ?",
            (severity.value,),
        ).fetchone()
        return None if row[0] is None else at_us(row[0])
