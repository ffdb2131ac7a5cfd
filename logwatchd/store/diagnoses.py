"""Diagnoses: which are wanted, which are under way, and what became of each.

All functions must run inside a transaction. The work waits in the outbox under a name of its own;
no sink has that name. Its money is reserved in the transaction that claims it.
"""

import json
import sqlite3
from datetime import datetime
from typing import Final

from logwatchd.domain.budget import Allowed
from logwatchd.domain.diagnosis import Diagnosis, DiagnosisWhy
from logwatchd.domain.diagnosis_json import diagnosis_from, diagnosis_values
from logwatchd.domain.diagnosis_policy import DiagnosisPolicy, is_wanted
from logwatchd.domain.incident import Incident
from logwatchd.domain.policy import Policy
from logwatchd.domain.steady import Reading
from logwatchd.ports import CallQuote, DiagnosisJob, JobKind
from logwatchd.store import ledger
from logwatchd.store.incidents import load_incident, note_decision
from logwatchd.store.queue import enqueue, queue_edits
from logwatchd.store.rows import us

WORKER: Final = "diagnosis"
"""The name under which the work waits in the outbox."""

_ERROR_LIMIT: Final = 300


def call_for(db: sqlite3.Connection, fingerprint: str, policy: Policy, *, now: datetime) -> None:
    """Ask for a diagnosis of an incident that people were just told of, if one is wanted."""
    incident = load_incident(db, fingerprint)
    if policy.diagnosis is None or incident is None:
        return
    # A log that has fallen silent is our own finding: there is nothing in it to diagnose.
    silent = db.execute("SELECT 1 FROM silence WHERE fingerprint = ?", (fingerprint,)).fetchone()
    if not silent and is_wanted(incident, load(db, fingerprint), policy.diagnosis, now=now):
        enqueue(db, WORKER, JobKind.DIAGNOSE, fingerprint, "", now=now, due=now)


def next_job(
    db: sqlite3.Connection, policy: DiagnosisPolicy, *, now: datetime
) -> DiagnosisJob | None:
    """Return the work that has been due for the longest time; it is not claimed yet.

    What is not wanted any more is dropped: it was ended, forgotten or diagnosed meanwhile.
    """
    while True:
        row = db.execute(
            "SELECT id, subject, attempts FROM outbox WHERE sink = ? AND state = 'pending' "
            "AND due_us <= ? ORDER BY due_us, id LIMIT 1",
            (WORKER, us(now)),
        ).fetchone()
        if row is None:
            return None
        number, name, attempts = row
        incident = load_incident(db, name)
        if incident is not None and is_wanted(incident, load(db, name), policy, now=now):
            return DiagnosisJob(number, incident, attempts)
        db.execute("DELETE FROM outbox WHERE id = ?", (number,))


def begin(
    db: sqlite3.Connection,
    job: DiagnosisJob,
    quote: CallQuote,
    policy: DiagnosisPolicy,
    *,
    reading: Reading,
) -> tuple[Allowed, int]:
    """Reserve the money of an attempt and claim its work; or neither."""
    verdict, number = ledger.reserve(db, quote, policy.budget, reading=reading, job=job.id)
    if verdict is Allowed.YES:
        db.execute("UPDATE outbox SET state = 'claimed' WHERE id = ?", (job.id,))
    return verdict, number


def postpone(db: sqlite3.Connection, job: DiagnosisJob, *, until: datetime, error: str) -> None:
    """Give work back, not to be done before then, with the attempt counted."""
    db.execute(
        "UPDATE outbox SET attempts = attempts + 1, due_us = ?, error = ?, state = 'pending' "
        "WHERE id = ? AND NOT EXISTS (SELECT 1 FROM outbox AS other WHERE other.id <> outbox.id "
        "AND other.sink = outbox.sink AND other.subject = outbox.subject "
        "AND other.state = 'pending')",
        (us(until), error[:_ERROR_LIMIT], job.id),
    )
    db.execute("DELETE FROM outbox WHERE id = ? AND state = 'claimed'", (job.id,))


def end(
    db: sqlite3.Connection,
    job: DiagnosisJob,
    diagnosis: Diagnosis,
    policy: Policy,
    *,
    detail: str,
    now: datetime,
) -> bool:
    """Keep what became of a diagnosis; True when there are cards to be brought up to date."""
    db.execute("DELETE FROM outbox WHERE id = ?", (job.id,))
    return save(db, job.incident, diagnosis, policy, detail=detail, now=now)


def save(
    db: sqlite3.Connection,
    incident: Incident,
    diagnosis: Diagnosis,
    policy: Policy,
    *,
    detail: str,
    now: datetime,
) -> bool:
    """Keep a diagnosis; True when there are cards to be brought up to date."""
    name = incident.fingerprint
    text = json.dumps(diagnosis_values(diagnosis), separators=(",", ":"))
    db.execute("INSERT OR REPLACE INTO diagnosis VALUES (?, ?)", (name, text))
    note_decision(db, name, diagnosis.why, incident.severity, now=now, detail=detail[:_ERROR_LIMIT])
    return queue_edits(db, [name], policy, now=now)


def load(db: sqlite3.Connection, fingerprint: str) -> Diagnosis | None:
    """Return what became of the last diagnosis of an incident."""
    row = db.execute("SELECT value FROM diagnosis WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return None if row is None else diagnosis_from(json.loads(row[0]))


def end_interrupted(db: sqlite3.Connection, policy: Policy, *, now: datetime) -> int:
    """End what a process that died had begun: nobody knows its outcome, and it is not repeated.

    Returns:
        How many there were.
    """
    rows = db.execute(
        "SELECT id, subject, attempts FROM outbox WHERE sink = ? AND state = 'claimed'", (WORKER,)
    ).fetchall()
    for number, name, attempts in rows:
        incident = load_incident(db, name)
        if incident is None:
            db.execute("DELETE FROM outbox WHERE id = ?", (number,))
            continue
        diagnosis = Diagnosis(
            why=DiagnosisWhy.INTERRUPTED,
            at=now,
            episode=incident.episode,
            cost=ledger.cost_of_job(db, number),
        )
        job = DiagnosisJob(number, incident, attempts)
        end(db, job, diagnosis, policy, detail="", now=now)
    return len(rows)
