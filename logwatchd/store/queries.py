"""What people ask, and what they change, beside a running daemon or without one."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.policy import Policy, Why
from logwatchd.ports import Counted
from logwatchd.store import outbox, positions
from logwatchd.store.counters import of_change
from logwatchd.store.record import add_totals, note_decision, queue_edits, save_incidents
from logwatchd.store.rows import INCIDENT_COLUMNS, at_us, incident_from, us
from logwatchd.store.upkeep import used_bytes

_DECISIONS_SHOWN: Final = 20
_FILES_SHOWN: Final = 1_000


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was kept."""

    at: datetime
    why: str
    detail: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the state knows, in numbers.

    Attributes:
        incidents: Number of incidents by state and severity.
        outbox: Jobs by sink and state: `pending`, `claimed`, `buried`.
        oldest_pending: When the oldest job that waits was written, or None.
        last_error: The newest error of a job that waits or was buried, or "".
        totals: Counters since the state began; `lost_bytes` only when there are any.
        files: What is known of each file; see `positions.file_values`.
        files_known: Number of all files; `files` holds the first thousand.
        size_bytes: Bytes in use.
        note: What the daemon last said of itself, as JSON values; empty when it never ran.
    """

    incidents: dict[str, dict[str, int]]
    outbox: dict[str, dict[str, int]]
    oldest_pending: datetime | None
    last_error: str
    totals: dict[str, int]
    files: list[dict[str, Any]]
    files_known: int
    size_bytes: int
    note: dict[str, Any]


def counted(db: sqlite3.Connection, *, now: datetime) -> Counted:
    """Return what the metrics need: a few bounded questions, however much is known."""
    return Counted(
        totals=dict(_totals(db)),
        incidents=dict(
            db.execute("SELECT state, COUNT(*) FROM incident GROUP BY state").fetchall()
        ),
        outbox={
            (sink, state): count
            for sink, state, count in db.execute(
                "SELECT sink, state, COUNT(*) FROM outbox GROUP BY sink, state"
            )
        },
        overdue_since=outbox.overdue_since(db, now=now),
        size_bytes=used_bytes(db),
    )


def standing(db: sqlite3.Connection) -> Standing:
    """Sum up the state."""
    incidents: dict[str, dict[str, int]] = {}
    for state, severity, count in db.execute(
        "SELECT state, severity, COUNT(*) FROM incident GROUP BY state, severity"
    ):
        incidents.setdefault(state, {})[severity] = count
    jobs: dict[str, dict[str, int]] = {}
    for sink, state, count in db.execute(
        "SELECT sink, state, COUNT(*) FROM outbox GROUP BY sink, state"
    ):
        jobs.setdefault(sink, {})[state] = count
    oldest = db.execute("SELECT MIN(created_us) FROM outbox WHERE state = 'pending'").fetchone()
    error = db.execute(
        "SELECT error FROM outbox WHERE error <> '' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    return Standing(
        incidents=incidents,
        outbox=jobs,
        oldest_pending=None if oldest[0] is None else at_us(oldest[0]),
        last_error=error[0] if error else "",
        totals=dict(_totals(db)),
        files=positions.file_values(db, limit=_FILES_SHOWN),
        files_known=positions.files_known(db),
        size_bytes=used_bytes(db),
        note=read_note(db, "status"),
    )


def _totals(db: sqlite3.Connection) -> Counter[str]:
    totals = Counter(dict(db.execute("SELECT name, value FROM total").fetchall()))
    return totals + Counter({"lost_bytes": positions.lost_bytes(db)})


def incidents(
    db: sqlite3.Connection,
    *,
    states: tuple[State, ...] = (),
    severities: tuple[Severity, ...] = (),
    limit: int = 50,
) -> list[Incident]:
    """List incidents, the latest active first; no state or severity given means all."""
    wanted_states = [each.value for each in states or tuple(State)]
    wanted_severities = [each.value for each in severities or tuple(Severity)]
    rows = db.execute(
        f"SELECT {INCIDENT_COLUMNS} FROM incident "  # noqa: S608 -- constant and places
        f"WHERE state IN ({', '.join('?' * len(wanted_states))}) "
        f"AND severity IN ({', '.join('?' * len(wanted_severities))}) "
        "ORDER BY active_us DESC, fingerprint LIMIT ?",
        (*wanted_states, *wanted_severities, limit),
    ).fetchall()
    return [incident_from(row) for row in rows]


def find(db: sqlite3.Connection, name: str, *, limit: int = 5) -> list[Incident]:
    """Find incidents by a fingerprint or the beginning of one, with or without its version."""
    digits = name.partition(":")[2] or name
    if not digits or not all(each in "0123456789abcdef" for each in digits.lower()):
        return []
    rows = db.execute(
        f"SELECT {INCIDENT_COLUMNS} FROM incident "  # noqa: S608 -- constant
        "WHERE substr(fingerprint, instr(fingerprint, ':') + 1) GLOB ? LIMIT ?",
        (digits.lower() + "*", limit),
    ).fetchall()
    return [incident_from(row) for row in rows]


def decisions(db: sqlite3.Connection, fingerprint: str) -> list[Decided]:
    """Return the latest decisions about an incident, the newest first."""
    rows = db.execute(
        "SELECT at_us, why, detail FROM decision WHERE fingerprint = ? ORDER BY id DESC LIMIT ?",
        (fingerprint, _DECISIONS_SHOWN),
    ).fetchall()
    return [Decided(at_us(at), why, detail) for at, why, detail in rows]


def change_by_hand(
    db: sqlite3.Connection,
    fingerprint: str,
    change: Callable[[Incident], Incident],
    policy: Policy,
    *,
    now: datetime,
    detail: str,
) -> Incident | None:
    """Apply what a person decided, and bring the cards up to date.

    Returns:
        The incident as it is now, or None when there is none.
    """
    rows = db.execute(
        f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE fingerprint = ?",  # noqa: S608 -- constant
        (fingerprint,),
    ).fetchall()
    if not rows:
        return None
    known = incident_from(rows[0])
    changed = change(known)
    save_incidents(db, [changed])
    note_decision(db, changed, Why.BY_HAND, now=now, detail=detail)
    resolves = changed.state is State.RESOLVED and known.state is not State.RESOLVED
    add_totals(db, of_change(changed, Why.BY_HAND, resolves=resolves))
    queue_edits(db, [fingerprint], policy, now=now)
    return changed


def write_note(db: sqlite3.Connection, name: str, value: dict[str, Any], *, at: datetime) -> None:
    """Leave a note for whoever asks for the status."""
    text = json.dumps({**value, "at_us": us(at)}, ensure_ascii=False)
    db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, text))


def read_note(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return a note, or nothing."""
    row = db.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
    return {} if row is None else dict(json.loads(row[0]))
