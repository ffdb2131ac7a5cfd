"""What people ask, and what they change, beside a running daemon or without one."""

import json
import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.event import Severity
from logwatchd.domain.feedback import Accuracy
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.policy import Policy, Why
from logwatchd.domain.prices import NANODOLLARS
from logwatchd.domain.steady import Reading
from logwatchd.domain.storm import Storm
from logwatchd.ports import Counted, Dollars
from logwatchd.store import feedback, ledger, outbox, positions
from logwatchd.store.counters import add_totals, of_change, of_reasons
from logwatchd.store.incidents import load_incident, note_decision, save_incidents
from logwatchd.store.links import root_of
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import INCIDENT_COLUMNS, at_us, incident_from, us
from logwatchd.store.storm_rows import live_storms
from logwatchd.store.upkeep import used_bytes

_DECISIONS_SHOWN: Final = 20
_FOUND: Final = 5
_FILES_SHOWN: Final = 1_000


@dataclass(frozen=True, slots=True)
class Decided:
    """A decision that was kept.

    Attributes:
        at: When (aware, UTC).
        subject: What it is about: a fingerprint, or the name of a storm.
        why: Its name.
        detail: More about it, or "".
    """

    at: datetime
    subject: str
    why: str
    detail: str


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """What became of the events of an incident, for one reason.

    Attributes:
        why: The name of the decision.
        count: Events with it, exactly.
        first_at: When the first one was recorded (aware, UTC).
        last_at: When the latest one was.
    """

    why: str
    count: int
    first_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """What the state knows, in numbers.

    Attributes:
        incidents: Number of incidents by state and severity.
        merged: Number of problems whose events count on another's incident.
        storms: Storms of new problems that go on.
        outbox: Jobs by sink and state: `pending`, `claimed`, `buried`.
        oldest_pending: When the oldest job that waits was written, or None.
        last_error: The newest error of a job that waits or was buried, or "".
        totals: Counters since the state began; `lost_bytes` only when there are any.
        files: What is known of each file; see `positions.file_values`.
        files_known: Number of all files; `files` holds the first thousand.
        size_bytes: Bytes in use.
        accuracy: Right and wrong diagnoses by category and by prompt, as people said.
        issues: Number of issues by phase: `wanted`, `filed`, `gone`, `refused`.
        note: What the daemon last said of itself, as JSON values; empty when it never ran.
    """

    incidents: dict[str, dict[str, int]]
    merged: int
    storms: list[Storm]
    outbox: dict[str, dict[str, int]]
    oldest_pending: datetime | None
    last_error: str
    totals: dict[str, int]
    files: list[dict[str, Any]]
    files_known: int
    size_bytes: int
    accuracy: dict[str, list[Accuracy]]
    issues: dict[str, int]
    note: dict[str, Any]


def counted(db: sqlite3.Connection, policy: Policy, *, now: datetime, reading: Reading) -> Counted:
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
        dollars=_dollars(db, policy, reading=reading),
    )


def _dollars(db: sqlite3.Connection, policy: Policy, *, reading: Reading) -> dict[str, Dollars]:
    if policy.diagnosis is None:
        return {}
    spent, budget = ledger.spending(db, reading=reading).spent, policy.diagnosis.budget
    return {
        "day": Dollars(spent.day / NANODOLLARS, budget.day / NANODOLLARS),
        "month": Dollars(spent.month / NANODOLLARS, budget.month / NANODOLLARS),
    }


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
        merged=db.execute("SELECT COUNT(*) FROM link WHERE undone_us IS NULL").fetchone()[0],
        storms=live_storms(db),
        outbox=jobs,
        oldest_pending=None if oldest[0] is None else at_us(oldest[0]),
        last_error=error[0] if error else "",
        totals=dict(_totals(db)),
        files=positions.file_values(db, limit=_FILES_SHOWN),
        files_known=positions.files_known(db),
        size_bytes=used_bytes(db),
        accuracy={by.value: feedback.accuracy(db, by) for by in feedback.By},
        issues=dict(db.execute("SELECT phase, COUNT(*) FROM issue GROUP BY phase").fetchall()),
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


def find(db: sqlite3.Connection, name: str) -> list[Incident]:
    """Find incidents by a fingerprint or the beginning of one, with or without its version.

    For a problem that has no incident of its own, the one that its events count on is found.
    """
    found = [load_incident(db, each) for each in find_names(db, name)]
    if not any(found):
        found = [load_incident(db, root_of(db, each)) for each in find_names(db, name)]
    return [each for each in found if each is not None]


def find_names(db: sqlite3.Connection, name: str) -> list[str]:
    """Find the fingerprints of problems, also of those without an incident of their own."""
    digits = name.partition(":")[2] or name
    if not digits or not all(each in "0123456789abcdef" for each in digits.lower()):
        return []
    rows = db.execute(
        "SELECT fingerprint FROM (SELECT fingerprint FROM incident UNION "
        "SELECT fingerprint FROM link WHERE undone_us IS NULL) "
        "WHERE substr(fingerprint, instr(fingerprint, ':') + 1) GLOB ? LIMIT ?",
        (digits.lower() + "*", _FOUND),
    ).fetchall()
    return [found for (found,) in rows]


def decisions(
    db: sqlite3.Connection, *subjects: str, limit: int = _DECISIONS_SHOWN
) -> list[Decided]:
    """Return the latest decisions about incidents or storms, the newest first."""
    places = ", ".join("?" * len(subjects))
    rows = db.execute(
        "SELECT at_us, fingerprint, why, detail FROM decision "  # noqa: S608 -- places
        f"WHERE fingerprint IN ({places}) ORDER BY id DESC LIMIT ?",
        (*subjects, limit),
    ).fetchall()
    return [Decided(at_us(at), subject, why, detail) for at, subject, why, detail in rows]


def outcomes(db: sqlite3.Connection, fingerprint: str) -> list[OutcomeCount]:
    """Return what became of the events of an incident, the earliest reason first."""
    rows = db.execute(
        "SELECT why, count, first_us, last_us FROM outcome WHERE fingerprint = ? "
        "ORDER BY first_us, why",
        (fingerprint,),
    ).fetchall()
    return [OutcomeCount(why, count, at_us(first), at_us(last)) for why, count, first, last in rows]


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
    known = load_incident(db, fingerprint)
    if known is None:
        return None
    changed = change(known)
    save_incidents(db, [changed])
    note_decision(db, fingerprint, Why.BY_HAND, changed.severity, now=now, detail=detail)
    add_totals(db, of_change(known, changed) + of_reasons({Why.BY_HAND.value: 1}))
    queue_edits(db, [fingerprint], policy, now=now)
    return changed


def named_since(db: sqlite3.Connection, version: str, *, now: datetime) -> datetime | None:
    """Say since when a version of the algorithm names the problems of this state.

    The first time that a version is asked about is remembered.

    Returns:
        That time (aware, UTC); None when there was no problem before it.
    """
    if read_note(db, "naming").get("version") != version:
        known = db.execute("SELECT 1 FROM incident LIMIT 1").fetchone()
        note = {"version": version, "since_us": us(now) if known else None}
        write_note(db, "naming", note, at=now)
    return remembered_since(db, version)


def remembered_since(db: sqlite3.Connection, version: str) -> datetime | None:
    """Say what `named_since` remembers; nothing is written."""
    note = read_note(db, "naming")
    since = note.get("since_us") if note.get("version") == version else None
    return None if since is None else at_us(since)


def own_name(db: sqlite3.Connection, fresh: str, *, now: datetime) -> str:
    """Return the name of this state; the first one that is offered is kept."""
    known = read_note(db, "name").get("name")
    if not isinstance(known, str):
        write_note(db, "name", {"name": fresh}, at=now)
        return fresh
    return known


def write_note(db: sqlite3.Connection, name: str, value: dict[str, Any], *, at: datetime) -> None:
    """Leave a note for whoever asks for the status."""
    text = json.dumps({**value, "at_us": us(at)}, ensure_ascii=False)
    db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (name, text))


def read_note(db: sqlite3.Connection, name: str) -> dict[str, Any]:
    """Return a note, or nothing."""
    row = db.execute("SELECT value FROM note WHERE name = ?", (name,)).fetchone()
    return {} if row is None else dict(json.loads(row[0]))
