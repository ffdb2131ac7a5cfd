"""Put work into the outbox. All must run inside a transaction."""

import json
import sqlite3
from collections.abc import Iterable
from datetime import datetime

from logwatchd.domain.incident import Reason
from logwatchd.domain.policy import Policy, edit_due
from logwatchd.ports import JobKind
from logwatchd.store.rows import LISTED, at_us, us


def queue_edits(
    db: sqlite3.Connection, subjects: Iterable[str], policy: Policy, *, now: datetime
) -> bool:
    """Queue an edit of every message about one of these incidents or storms.

    Returns:
        Whether there is one.
    """
    queued = False
    rows = db.execute(
        "SELECT fingerprint, sink, posted_us, sent_us FROM card "  # noqa: S608 -- constant
        f"WHERE message_id <> '' AND fingerprint IN {LISTED}",
        (json.dumps(sorted(subjects)),),
    ).fetchall()
    for subject, sink, posted_us, sent_us in rows:
        if sink not in policy.sinks:
            continue  # nobody would carry it
        due = edit_due(policy, now=now, posted_at=at_us(posted_us), sent_at=at_us(sent_us))
        enqueue(db, sink, JobKind.EDIT, subject, Reason.RECURRED.value, now=now, due=due)
        queued = True
    return queued


def enqueue(
    db: sqlite3.Connection,
    sink: str,
    kind: JobKind,
    subject: str,
    reason: str,
    *,
    now: datetime,
    due: datetime,
    read_at: datetime | None = None,
) -> None:
    """Queue a job; one that waits for the same message takes the new one in.

    A job renders the incident as it stands when it is claimed, so one row is enough however
    often the problem recurs.

    Args:
        db: The connection.
        sink: The sink's name.
        kind: What is asked for.
        subject: The incident or storm.
        reason: What led to it.
        now: The present (aware, UTC).
        due: When it may leave (aware, UTC).
        read_at: When the line was read that led to it; `now` by default.
    """
    db.execute(
        "INSERT INTO outbox (sink, kind, subject, reason, created_us, queued_us, due_us) "
        "VALUES (?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (sink, subject) WHERE state = 'pending' DO UPDATE SET "
        "queued_us = excluded.queued_us, "
        "created_us = CASE WHEN excluded.kind = 'post' AND kind = 'edit' THEN excluded.created_us "
        "ELSE created_us END, "
        "reason = CASE WHEN excluded.kind = 'post' AND kind = 'edit' THEN excluded.reason "
        "ELSE reason END, "
        "due_us = CASE WHEN excluded.kind = 'post' AND kind = 'edit' THEN excluded.due_us "
        "ELSE due_us END, "
        "maybe_repeat = CASE WHEN excluded.kind = 'post' AND kind = 'edit' THEN 0 "
        "ELSE maybe_repeat END, "
        "kind = CASE WHEN excluded.kind = 'post' THEN 'post' ELSE kind END",
        (sink, kind.value, subject, reason, us(read_at or now), us(now), us(due)),
    )
