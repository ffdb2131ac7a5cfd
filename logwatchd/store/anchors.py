"""Where in the source each incident comes from.

All functions must run inside a transaction.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from datetime import datetime

from logwatchd.domain.anchor import Anchor, anchor_from, anchor_values
from logwatchd.domain.incident import Incident
from logwatchd.domain.policy import Policy
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import INCIDENT_COLUMNS, incident_from, us


def unanchored(db: sqlite3.Connection, *, limit: int) -> list[Incident]:
    """Return open incidents whose present episode was not traced to the source yet, newest first."""
    columns = ", ".join(f"incident.{each.strip()}" for each in INCIDENT_COLUMNS.split(","))
    rows = db.execute(
        f"SELECT {columns} FROM incident LEFT JOIN anchor USING (fingerprint) "  # noqa: S608 -- constant
        "WHERE incident.state IN ('open', 'acknowledged') "
        "AND (anchor.episode IS NULL OR anchor.episode <> incident.episode) "
        "ORDER BY incident.active_us DESC, incident.fingerprint LIMIT ?",
        (limit,),
    ).fetchall()
    return [incident_from(row) for row in rows]


def save(
    db: sqlite3.Connection, incident: Incident, anchor: Anchor, policy: Policy, *, now: datetime
) -> bool:
    """Keep where an incident comes from; True when there are cards to be brought up to date."""
    before = load(db, [incident.fingerprint]).get(incident.fingerprint)
    text = json.dumps(anchor_values(anchor), ensure_ascii=False, separators=(",", ":"))
    db.execute(
        "INSERT OR REPLACE INTO anchor VALUES (?, ?, ?, ?)",
        (incident.fingerprint, incident.episode, us(now), text),
    )
    changed = anchor.shown is not None and (before is None or before.shown != anchor.shown)
    return changed and queue_edits(db, [incident.fingerprint], policy, now=now)


def load(db: sqlite3.Connection, fingerprints: Iterable[str]) -> Mapping[str, Anchor]:
    """Return where some incidents come from; those that are not known are left out."""
    found = {}
    for name in fingerprints:
        row = db.execute("SELECT value FROM anchor WHERE fingerprint = ?", (name,)).fetchone()
        if row is not None:
            found[name] = anchor_from(json.loads(row[0]))
    return found
