"""Which logs are silent: remembered, so that a restart neither repeats nor forgets it."""

import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from logwatchd.domain import incident as life
from logwatchd.domain.incident import State
from logwatchd.domain.policy import Policy, Why
from logwatchd.domain.silence import Silence, is_to_be_repeated
from logwatchd.ports import Recorded
from logwatchd.store.counters import SILENCE, add_totals, of_change
from logwatchd.store.incidents import load_incident, note_decision, save_incidents
from logwatchd.store.links import root_of
from logwatchd.store.queue import queue_edits
from logwatchd.store.record import fold
from logwatchd.store.rows import at_us, us


def silences(db: sqlite3.Connection) -> Mapping[str, datetime]:
    """Return the patterns that are silent, each with the time since when."""
    rows = db.execute("SELECT pattern, since_us FROM silence").fetchall()
    return {pattern: at_us(since) for pattern, since in rows}


def record_silences(
    db: sqlite3.Connection,
    silent: Sequence[Silence],
    ended: Mapping[str, str],
    policy: Policy,
    *,
    now: datetime,
) -> Recorded:
    """Raise, repeat and resolve the incidents of silent logs; must run inside a transaction.

    Args:
        db: The connection.
        silent: Patterns that are silent now; one that was known is raised again only when a
            reminder is due.
        ended: Patterns that are silent no more, with the reason.
        policy: The numbers behind the decisions.
        now: The daemon's present (aware, UTC).
    """
    raised = fold(
        db,
        [each.sighting for each in silent if _is_news(db, each, policy, now=now)],
        policy,
        now=now,
        source=SILENCE,
    )
    resolved = Counter[str]()
    edited = False
    for pattern, detail in ended.items():
        row = db.execute(
            "DELETE FROM silence WHERE pattern = ? RETURNING fingerprint", (pattern,)
        ).fetchone()
        if row is None:
            continue
        known = load_incident(db, root_of(db, row[0]))
        # A person who muted it would be told of a regression at the next silence.
        if known is None or known.state not in (State.OPEN, State.ACKNOWLEDGED):
            continue
        done = life.resolved(known)
        save_incidents(db, [done])
        name, why = done.fingerprint, Why.RESOLVED_HEARD
        note_decision(db, name, why, done.severity, now=now, detail=detail)
        add_totals(db, of_change(known, done))
        edited |= queue_edits(db, [name], policy, now=now)
        resolved[Why.RESOLVED_HEARD.value] += 1
    return Recorded(
        events=raised.events,
        opened=raised.opened,
        reasons={**raised.reasons, **resolved},
        jobs=raised.jobs or edited,
    )


def _is_news(db: sqlite3.Connection, each: Silence, policy: Policy, *, now: datetime) -> bool:
    """Remember a silence, and say whether it is an event: the first time, or again."""
    began = db.execute(
        "INSERT INTO silence VALUES (?, ?, ?) ON CONFLICT (pattern) DO NOTHING",
        (each.pattern, each.sighting.fingerprint, us(each.since)),
    ).rowcount
    if began:
        return True
    known = load_incident(db, root_of(db, each.sighting.fingerprint))
    return known is not None and is_to_be_repeated(known, now=now, remind_after=policy.remind_after)
