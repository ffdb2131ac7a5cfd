"""Incidents and what was decided about them, row by row. All must run inside a transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from logwatchd.domain.diagnosis import DiagnosisWhy
from logwatchd.domain.event import Event, Severity
from logwatchd.domain.incident import Incident
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.policy import CARDS, DAY, HOUR, Told, Why
from logwatchd.store.rows import (
    INCIDENT_COLUMNS,
    LISTED,
    hour_of,
    incident_from,
    incident_row,
    us,
)

HOURS_SHOWN: Final = 24

_PLACES: Final = ", ".join("?" * len(INCIDENT_COLUMNS.split(",")))


def load_incident(db: sqlite3.Connection, name: str) -> Incident | None:
    """Return an incident by its whole fingerprint."""
    query = f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE fingerprint = ?"  # noqa: S608 -- constant
    row = db.execute(query, (name,)).fetchone()
    return None if row is None else incident_from(row)


def load_incidents(db: sqlite3.Connection, samples: Mapping[str, Event]) -> dict[str, Incident]:
    """Return the incidents that are known of these, each with the sample given for it."""
    query = f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE fingerprint IN {LISTED}"  # noqa: S608 -- constant
    rows = db.execute(query, (json.dumps(list(samples)),))
    return {row[0]: incident_from(row, sample=samples[row[0]]) for row in rows}


def save_incidents(db: sqlite3.Connection, incidents: Iterable[Incident]) -> None:
    """Write incidents, new or changed."""
    db.executemany(
        f"INSERT OR REPLACE INTO incident ({INCIDENT_COLUMNS}) VALUES ({_PLACES})",  # noqa: S608 -- constant
        [incident_row(each) for each in incidents],
    )


def note_decision(
    db: sqlite3.Connection,
    subject: str,
    why: Why | DiagnosisWhy | IssueWhy,
    severity: Severity,
    *,
    now: datetime,
    detail: str = "",
) -> None:
    """Keep a decision about an incident or a storm, to be asked for later."""
    db.execute(
        "INSERT INTO decision (at_us, fingerprint, why, severity, detail) VALUES (?, ?, ?, ?, ?)",
        (us(now), subject, why.value, severity.value, detail),
    )


def count_outcomes(
    db: sqlite3.Connection, outcomes: Mapping[tuple[str, Why], int], *, now: datetime
) -> None:
    """Count what became of events: one row for each incident and reason, however many there are.

    Args:
        db: The connection.
        outcomes: Events by fingerprint and decision.
        now: The daemon's present (aware, UTC).
    """
    db.executemany(
        "INSERT INTO outcome VALUES (?, ?, ?, ?, ?) ON CONFLICT (fingerprint, why) DO UPDATE SET "
        "last_us = excluded.last_us, count = count + excluded.count",
        [(name, why.value, us(now), us(now), count) for (name, why), count in outcomes.items()],
    )


def told_lately(db: sqlite3.Connection, *, now: datetime) -> Told:
    """Count the new messages that the ceilings look at."""
    places = ", ".join("?" * len(CARDS))
    query = (
        "SELECT COUNT(*) FILTER (WHERE at_us > ?), COUNT(*) FROM decision "  # noqa: S608 -- places
        f"WHERE at_us > ? AND severity <> ? AND why IN ({places})"
    )
    hour, day = db.execute(
        query, (us(now - HOUR), us(now - DAY), Severity.CRITICAL.value, *CARDS)
    ).fetchone()
    return Told(hour, day)


def hourly(db: sqlite3.Connection, fingerprint: str, *, now: datetime) -> tuple[int, ...]:
    """Return the events of each of the last hours, oldest first, the running one last."""
    last = hour_of(now)
    found = dict(
        db.execute(
            "SELECT hour, count FROM bucket WHERE fingerprint = ? AND hour > ?",
            (fingerprint, last - HOURS_SHOWN),
        ).fetchall()
    )
    return tuple(found.get(hour, 0) for hour in range(last - HOURS_SHOWN + 1, last + 1))
