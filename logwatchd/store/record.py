"""One transaction: events into incidents, decisions into the outbox, positions onwards."""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain.event import Severity, Sighting
from logwatchd.domain.incident import Incident, Reason, observe, told
from logwatchd.domain.policy import DAY, HOUR, Action, Decision, Policy, Told, Why, decide, edit_due
from logwatchd.ports import Batch, JobKind, Recorded
from logwatchd.store.counters import FILES, Outcomes
from logwatchd.store.positions import save_positions
from logwatchd.store.rows import (
    INCIDENT_COLUMNS,
    at_us,
    hour_of,
    hour_start,
    incident_from,
    incident_row,
    us,
)

_LISTED: Final = "(SELECT value FROM json_each(?))"
"""Any of the texts of a JSON list: one question for all of a batch."""

_PLACES: Final = ", ".join("?" * len(INCIDENT_COLUMNS.split(",")))


@dataclass(slots=True)
class _Touched:
    """What one transaction changed so far."""

    incidents: dict[str, Incident] = field(default_factory=dict)
    buckets: Counter[str] = field(default_factory=Counter)
    collected: Counter[str] = field(default_factory=Counter)
    posts: dict[str, Reason] = field(default_factory=dict)
    edits: set[str] = field(default_factory=set)
    whys: Counter[str] = field(default_factory=Counter)
    outcomes: Outcomes = field(default_factory=Outcomes)
    opened: int = 0


def record(
    db: sqlite3.Connection, batches: Sequence[Batch], policy: Policy, *, now: datetime
) -> Recorded:
    """Fold batches into the state. Must run inside a transaction.

    Args:
        db: The connection.
        batches: What was read, in order.
        policy: The numbers behind the decisions.
        now: The daemon's present (aware, UTC).

    Returns:
        What was done.
    """
    sightings = [each for batch in batches for each in batch.sightings]
    read_at = min((each.read_at or now for each in batches if each.sightings), default=now)
    recorded = fold(db, sightings, policy, now=now, read_at=read_at)
    add_totals(db, save_positions(db, batches, now=now))
    return recorded


def fold(
    db: sqlite3.Connection,
    sightings: Sequence[Sighting],
    policy: Policy,
    *,
    now: datetime,
    read_at: datetime | None = None,
    source: str = FILES,
) -> Recorded:
    """Fold events into their incidents and queue what follows. Must run inside a transaction.

    Args:
        db: The connection.
        sightings: The events, in order.
        policy: The numbers behind the decisions.
        now: The daemon's present (aware, UTC).
        read_at: When the first of them was read; `now` by default. New messages count their age
            from it.
        source: What kind of source they came from.
    """
    touched = _Touched(incidents=_known(db, sightings))
    told_so_far = told_lately(db, now=now)
    for sighting in sightings:
        told_so_far = _fold(db, sighting, touched, policy, told_so_far, now=now)
    save_incidents(db, touched.incidents.values())
    _save_buckets(db, touched, now=now)
    add_totals(db, touched.outcomes.totals(source))
    jobs = _queue(db, touched, policy, now=now, read_at=read_at or now)
    return Recorded(
        events=len(sightings),
        opened=touched.opened,
        reasons=dict(touched.whys),
        jobs=jobs,
    )


def told_lately(db: sqlite3.Connection, *, now: datetime) -> Told:
    """Count the new messages that the ceilings look at."""
    telling = [each.value for each in Why if each.tells]
    places = ", ".join("?" * len(telling))
    query = (
        "SELECT COUNT(*) FILTER (WHERE at_us > ?), COUNT(*) FROM decision "  # noqa: S608 -- places
        f"WHERE at_us > ? AND severity <> ? AND why IN ({places})"
    )
    hour, day = db.execute(
        query, (us(now - HOUR), us(now - DAY), Severity.CRITICAL.value, *telling)
    ).fetchone()
    return Told(hour, day)


def load_incident(db: sqlite3.Connection, name: str) -> Incident | None:
    """Return an incident by its whole fingerprint."""
    query = f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE fingerprint = ?"  # noqa: S608 -- constant
    row = db.execute(query, (name,)).fetchone()
    return None if row is None else incident_from(row)


def _known(db: sqlite3.Connection, sightings: Iterable[Sighting]) -> dict[str, Incident]:
    """Return the incidents that events belong to, as far as there are any.

    Each has one of the events for its sample, which takes the old one's place in any case.
    """
    events = {each.fingerprint: each.event for each in sightings}
    query = f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE fingerprint IN {_LISTED}"  # noqa: S608 -- constant
    rows = db.execute(query, (json.dumps(list(events)),))
    return {row[0]: incident_from(row, sample=events[row[0]]) for row in rows}


def save_incidents(db: sqlite3.Connection, incidents: Iterable[Incident]) -> None:
    """Write incidents, new or changed."""
    db.executemany(
        f"INSERT OR REPLACE INTO incident ({INCIDENT_COLUMNS}) VALUES ({_PLACES})",  # noqa: S608 -- constant
        [incident_row(each) for each in incidents],
    )


def note_decision(
    db: sqlite3.Connection, incident: Incident, why: Why, *, now: datetime, detail: str = ""
) -> None:
    """Keep a decision, to be asked for later."""
    db.execute(
        "INSERT INTO decision (at_us, fingerprint, why, severity, detail) VALUES (?, ?, ?, ?, ?)",
        (us(now), incident.fingerprint, why.value, incident.severity.value, detail),
    )


def queue_edits(
    db: sqlite3.Connection, names: Iterable[str], policy: Policy, *, now: datetime
) -> bool:
    """Queue an edit of every message that shows one of these incidents; True if there is one."""
    queued = False
    rows = db.execute(
        "SELECT fingerprint, sink, posted_us, sent_us FROM card "  # noqa: S608 -- constant
        f"WHERE message_id <> '' AND fingerprint IN {_LISTED}",
        (json.dumps(sorted(names)),),
    ).fetchall()
    for name, sink, posted_us, sent_us in rows:
        if sink not in policy.sinks:
            continue  # nobody would carry it
        due = edit_due(policy, now=now, posted_at=at_us(posted_us), sent_at=at_us(sent_us))
        _enqueue(db, sink, JobKind.EDIT, name, Reason.RECURRED.value, now=now, due=due)
        queued = True
    return queued


def _fold(
    db: sqlite3.Connection,
    sighting: Sighting,
    touched: _Touched,
    policy: Policy,
    told_so_far: Told,
    *,
    now: datetime,
) -> Told:
    name = sighting.fingerprint
    known = touched.incidents.get(name)
    incident, reason = observe(known, sighting, now=now, remind_after=policy.remind_after)
    touched.opened += known is None
    decision = decide(incident, reason, told_so_far, policy)
    touched.buckets[name] += 1
    touched.collected[name] += decision.collect
    touched.whys[decision.why.value] += 1
    touched.outcomes.add(incident, reason, decision.why)
    if decision.action is Action.POST:
        incident = told(incident, reason, now=now)
        touched.posts[name] = reason
        note_decision(db, incident, decision.why, now=now)
        if incident.severity is not Severity.CRITICAL:
            told_so_far = Told(told_so_far.last_hour + 1, told_so_far.last_day + 1)
    elif decision.action is Action.EDIT:
        touched.edits.add(name)
    elif decision.why in (Why.HELD_HOUR_CEILING, Why.HELD_DAY_CEILING):
        _note_first_drop(db, incident, decision, now=now)
    touched.incidents[name] = incident
    return told_so_far


def _note_first_drop(
    db: sqlite3.Connection, incident: Incident, decision: Decision, *, now: datetime
) -> None:
    """Keep that an episode was held back, once for each hour of it."""
    since = max(incident.opened_at, hour_start(hour_of(now)))
    row = db.execute(
        "SELECT 1 FROM decision WHERE fingerprint = ? AND why = ? AND at_us >= ?",
        (incident.fingerprint, decision.why.value, us(since)),
    ).fetchone()
    if row is None:
        note_decision(db, incident, decision.why, now=now)


def _save_buckets(db: sqlite3.Connection, touched: _Touched, *, now: datetime) -> None:
    hour = hour_of(now)
    db.executemany(
        "INSERT INTO bucket (fingerprint, hour, count, collected) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (fingerprint, hour) DO UPDATE SET count = count + excluded.count, "
        "collected = collected + excluded.collected",
        [(name, hour, n, touched.collected[name]) for name, n in touched.buckets.items()],
    )


def _queue(
    db: sqlite3.Connection,
    touched: _Touched,
    policy: Policy,
    *,
    now: datetime,
    read_at: datetime,
) -> bool:
    for name, reason in touched.posts.items():
        for sink in policy.sinks:
            _enqueue(db, sink, JobKind.POST, name, reason.value, now=read_at, due=now)
    edited = queue_edits(db, touched.edits - touched.posts.keys(), policy, now=now)
    if policy.digest and any(touched.collected.values()):
        hour = hour_of(now)
        due = hour_start(hour + 1) + timedelta(seconds=1)
        for sink in policy.sinks:
            _enqueue(db, sink, JobKind.DIGEST, f"digest:{hour}", "", now=now, due=due)
    return edited or bool(touched.posts)


def _enqueue(
    db: sqlite3.Connection,
    sink: str,
    kind: JobKind,
    subject: str,
    reason: str,
    *,
    now: datetime,
    due: datetime,
) -> None:
    """Queue a job; one that waits for the same message takes the new one in.

    A job renders the incident as it stands when it is claimed, so one row is enough however
    often the problem recurs.
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
        (sink, kind.value, subject, reason, us(now), us(now), us(due)),
    )


def add_totals(db: sqlite3.Connection, totals: Counter[str]) -> None:
    """Add to the counters that outlive the process."""
    db.executemany(
        "INSERT INTO total VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + ?",
        [(name, value, value) for name, value in totals.items() if value],
    )
