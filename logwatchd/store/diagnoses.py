"""Diagnoses: which are wanted, which are under way, and what became of each.

All functions must run inside a transaction. The work waits in the outbox under a name of its own;
no sink has that name. Its money is reserved in the transaction that claims it.
"""

import json
import sqlite3
from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Final

from logwatchd.domain.budget import Allowed
from logwatchd.domain.diagnosis import Diagnosis, DiagnosisWhy
from logwatchd.domain.diagnosis_json import diagnosis_from, diagnosis_values
from logwatchd.domain.diagnosis_policy import DiagnosisPolicy, has_jumped, is_wanted
from logwatchd.domain.incident import Incident
from logwatchd.domain.policy import HOUR, Policy
from logwatchd.domain.sites import Role
from logwatchd.domain.steady import Reading
from logwatchd.ports import CallQuote, DiagnosisJob, JobKind
from logwatchd.store import anchors, ledger
from logwatchd.store.counters import add_totals
from logwatchd.store.incidents import hourly, load_incident, note_decision
from logwatchd.store.queue import enqueue, queue_edits
from logwatchd.store.rows import us

WORKER: Final = "diagnosis"
"""The name under which the work waits in the outbox."""

_ERROR_LIMIT: Final = 300
_LOOKED_AT: Final = 100
"""Diagnoses of a day among which one to be used again is looked for."""


def call_for(db: sqlite3.Connection, fingerprint: str, policy: Policy, *, now: datetime) -> None:
    """Ask for a diagnosis of an incident that people were just told of, if one is wanted."""
    incident = load_incident(db, fingerprint)
    if policy.diagnosis is None or incident is None:
        return
    # A log that has fallen silent is our own finding: there is nothing in it to diagnose.
    silent = db.execute("SELECT 1 FROM silence WHERE fingerprint = ?", (fingerprint,)).fetchone()
    if not silent and _is_wanted(db, incident, policy.diagnosis, now=now):
        due = now + policy.diagnosis.source_wait
        enqueue(db, WORKER, JobKind.DIAGNOSE, fingerprint, "", now=now, due=due)


def source_found(db: sqlite3.Connection, fingerprint: str, *, now: datetime) -> None:
    """Begin a diagnosis that has waited for the problem to be traced to the source."""
    db.execute(
        "UPDATE outbox SET due_us = MIN(due_us, ?) WHERE sink = ? AND subject = ? "
        "AND state = 'pending' AND attempts = 0",
        (us(now), WORKER, fingerprint),
    )


def call_for_jumps(db: sqlite3.Connection, policy: Policy, *, now: datetime) -> None:
    """Ask for another diagnosis of problems that happen far more often than when it was made."""
    if policy.diagnosis is None:
        return
    names = db.execute(
        "SELECT fingerprint FROM diagnosis JOIN incident USING (fingerprint) "
        "WHERE diagnosis.at_us <= ? AND incident.active_us > ? "
        "AND incident.state IN ('open', 'acknowledged') "
        "ORDER BY incident.active_us DESC LIMIT ?",
        (us(now - policy.diagnosis.again_after), us(now - HOUR), _LOOKED_AT),
    ).fetchall()
    for (name,) in names:
        if has_jumped(hourly(db, name, now=now)):
            call_for(db, name, policy, now=now)


def _is_wanted(
    db: sqlite3.Connection, incident: Incident, policy: DiagnosisPolicy, *, now: datetime
) -> bool:
    name = incident.fingerprint
    return is_wanted(incident, load(db, name), policy, hourly=hourly(db, name, now=now), now=now)


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
        if incident is not None and _is_wanted(db, incident, policy, now=now):
            return DiagnosisJob(number, incident, attempts)
        db.execute("DELETE FROM outbox WHERE id = ?", (number,))


def reuse(
    db: sqlite3.Connection, job: DiagnosisJob, policy: Policy, *, now: datetime
) -> Diagnosis | None:
    """End work by the diagnosis of another problem that the same statement wrote, if there is one.

    Only one of this commit and of the last day will do, of the same category: a statement that
    passes on what others wrote stands behind problems of many kinds, so it is none.
    """
    name, limits = job.incident.fingerprint, policy.diagnosis or DiagnosisPolicy()
    known = anchors.load(db, [name]).get(name)
    site = known.shown if known is not None else None
    if known is None or site is None or site.role in (Role.WRAPPED, Role.DOUBTFUL):
        return None
    rows = db.execute(
        "SELECT diagnosis.fingerprint, diagnosis.value FROM diagnosis "
        "JOIN incident USING (fingerprint) WHERE diagnosis.at_us > ? AND incident.category = ? "
        "AND diagnosis.fingerprint <> ? ORDER BY diagnosis.at_us DESC LIMIT ?",
        (us(now - limits.again_after), job.incident.category.value, name, _LOOKED_AT),
    ).fetchall()
    for other, value in rows:
        found, anchor = diagnosis_from(json.loads(value)), anchors.load(db, [other]).get(other)
        there = anchor.shown if anchor is not None else None
        if (
            anchor is not None
            and there is not None
            and (anchor.commit, there.path, there.line) == (known.commit, site.path, site.line)
            and found.why is DiagnosisWhy.DIAGNOSED
            and not found.reused
        ):
            episode = job.incident.episode
            same = replace(found, at=now, episode=episode, cost=0, reused=other)
            end(db, job, same, policy, detail=f"as for {other}", now=now)
            return same
    return None


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
    db.execute("INSERT OR REPLACE INTO diagnosis VALUES (?, ?, ?)", (name, us(now), text))
    add_totals(db, Counter({f"diagnosed:{diagnosis.why.value}": 1}))
    note_decision(db, name, diagnosis.why, incident.severity, now=now, detail=detail[:_ERROR_LIMIT])
    return queue_edits(db, [name], policy, now=now)


def load(db: sqlite3.Connection, fingerprint: str) -> Diagnosis | None:
    """Return what became of the last diagnosis of an incident."""
    row = db.execute("SELECT value FROM diagnosis WHERE fingerprint = ?", (fingerprint,)).fetchone()
    return None if row is None else diagnosis_from(json.loads(row[0]))


def of_episode(db: sqlite3.Connection, incident: Incident) -> Diagnosis | None:
    """Return the diagnosis of the present episode; an earlier one was of something else."""
    known = load(db, incident.fingerprint)
    return known if known is not None and known.episode == incident.episode else None


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
