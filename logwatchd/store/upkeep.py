"""What the state needs from time to time: resolve the quiet, forget the old, stay small."""

import sqlite3
from collections import Counter
from datetime import datetime, timedelta
from typing import Final

from logwatchd.domain import incident as life
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Incident
from logwatchd.domain.policy import DAY, Policy, Why
from logwatchd.ports import Recorded
from logwatchd.store import diagnoses, links, losses, positions, storm_rows
from logwatchd.store.aliases import forget_aliases
from logwatchd.store.counters import add_totals, of_change
from logwatchd.store.incidents import note_decision, save_incidents
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import INCIDENT_COLUMNS, hour_of, incident_from, us
from logwatchd.store.storms import Storms

_STANDS_ALONE: Final = "fingerprint NOT IN (SELECT fingerprint FROM link WHERE undone_us IS NULL)"
"""What is merged has no events any more, so it is neither quiet nor told again."""

_AT_ONCE: Final = 500
"""Rows changed by one sweep: it shares the thread with recording."""

_MOST_FORGOTTEN: Final = 20_000
"""Incidents forgotten by one sweep at most: about a second of the thread."""

_BUCKETS_KEPT: Final = timedelta(days=8)
_POSITIONS_KEPT: Final = timedelta(days=7)
_DECISIONS_LIMIT: Final = 50_000
"""Decisions kept: about 6 MB. Older ones are forgotten first."""


def sweep(
    db: sqlite3.Connection,
    policy: Policy,
    *,
    now: datetime,
    keep: timedelta,
    max_bytes: int,
) -> Recorded:
    """Do a bounded part of what is due by time. Must run inside a transaction.

    Args:
        db: The connection.
        policy: The numbers behind the decisions.
        now: The daemon's present (aware, UTC).
        keep: How long a resolved incident is remembered.
        max_bytes: Size of the database above which the oldest incidents are forgotten.
    """
    whys: Counter[str] = Counter()
    jobs = False
    for incident in _quiet(db, policy, now=now):
        jobs |= _change(db, incident, life.resolved(incident), Why.RESOLVED_QUIET, policy, now=now)
        whys[Why.RESOLVED_QUIET.value] += 1
    for incident in _mutes_over(db, now=now):
        jobs |= _change(db, incident, life.unmuted(incident), Why.MUTE_ENDED, policy, now=now)
        whys[Why.MUTE_ENDED.value] += 1
    weather = Storms(db, policy, now=now)  # notices which storms are over
    whys += weather.save()
    jobs |= weather.changed
    diagnoses.call_for_jumps(db, policy, now=now)
    lost = losses.tell(db, policy.sinks, now=now)
    _forget_old(db, now=now, keep=keep)
    storm_rows.forget_old(db, policy, now=now, ended_before=now - _BUCKETS_KEPT)
    _stay_small(db, now=now, max_bytes=max_bytes)
    return Recorded(reasons=dict(whys), jobs=jobs or bool(lost), lost=lost)


def _change(
    db: sqlite3.Connection,
    before: Incident,
    after: Incident,
    why: Why,
    policy: Policy,
    *,
    now: datetime,
) -> bool:
    save_incidents(db, [after])
    note_decision(db, after.fingerprint, why, after.severity, now=now)
    add_totals(db, of_change(before, after))
    return queue_edits(db, [after.fingerprint], policy, now=now)


def _quiet(db: sqlite3.Connection, policy: Policy, *, now: datetime) -> list[Incident]:
    found = []
    for severity, after in policy.resolve_after.items():  # each with a limit of its own
        rows = db.execute(
            f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE state IN ('open', 'acknowledged') "  # noqa: S608 -- constant
            "AND severity = ? AND active_us <= ? "
            "AND fingerprint NOT IN (SELECT fingerprint FROM silence) "  # its end will be seen
            f"AND {_STANDS_ALONE} "
            "ORDER BY active_us LIMIT ?",
            (severity.value, us(now - after), _AT_ONCE),
        ).fetchall()
        found += [incident_from(row) for row in rows]
    return [
        each
        for each in found
        if life.is_quiet(each, now=now, resolve_after=policy.resolve_after[each.severity])
    ]


def _mutes_over(db: sqlite3.Connection, *, now: datetime) -> list[Incident]:
    rows = db.execute(
        f"SELECT {INCIDENT_COLUMNS} FROM incident WHERE state = 'muted' "  # noqa: S608 -- constant
        f"AND muted_until_us <= ? AND {_STANDS_ALONE} LIMIT ?",
        (us(now), _AT_ONCE),
    ).fetchall()
    return [incident_from(row) for row in rows]


def _forget_old(db: sqlite3.Connection, *, now: datetime, keep: timedelta) -> None:
    old = db.execute(
        f"SELECT fingerprint FROM incident WHERE (state = 'resolved' OR NOT {_STANDS_ALONE}) "  # noqa: S608 -- constant
        "AND active_us < ? LIMIT ?",
        (us(now - keep), _AT_ONCE),
    ).fetchall()
    _forget(db, [name for (name,) in old], now=now)
    db.execute("DELETE FROM bucket WHERE hour < ?", (hour_of(now - _BUCKETS_KEPT),))
    add_totals(db, positions.forget_old(db, before=now - _POSITIONS_KEPT))
    # The ceilings count what was told below critical in the last day: a few rows, by the ceilings.
    telling = [each.value for each in Why if each.tells]
    places = ", ".join("?" * len(telling))
    db.execute(
        "DELETE FROM decision WHERE id <= (SELECT MAX(id) FROM decision) - ? "  # noqa: S608 -- places
        f"AND (at_us < ? OR severity = ? OR why NOT IN ({places}))",
        (_DECISIONS_LIMIT, us(now - DAY), Severity.CRITICAL.value, *telling),
    )


def _stay_small(db: sqlite3.Connection, *, now: datetime, max_bytes: int) -> None:
    excess = used_bytes(db) - max_bytes
    if excess <= 0:
        return
    known = db.execute("SELECT COUNT(*) FROM incident").fetchone()[0]
    share = min(1.0, excess / used_bytes(db) + 0.05)
    # The resolved first, then what nobody was told of, the longest silent first.
    rows = db.execute(
        "SELECT fingerprint FROM incident ORDER BY state <> 'resolved', severity <> ?, active_us "
        "LIMIT ?",
        (Severity.INFO.value, min(_MOST_FORGOTTEN, max(1, int(known * share)))),
    ).fetchall()
    _forget(db, [name for (name,) in rows], now=now)


def used_bytes(db: sqlite3.Connection) -> int:
    """Return how much of the file is in use."""
    pages, free, size = (
        int(db.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("page_count", "freelist_count", "page_size")
    )
    return (pages - free) * size


def _forget(db: sqlite3.Connection, names: list[str], *, now: datetime) -> None:
    # The ceilings count the decisions of the last day, whatever was forgotten since.
    db.executemany(
        "DELETE FROM decision WHERE fingerprint = ? AND at_us < ?",
        [(name, us(now - DAY)) for name in names],
    )
    for table in (
        "incident",
        "bucket",
        "card",
        "outcome",
        "storm_problem",
        "anchor",
        "issue",
        "diagnosis",
        "feedback",
    ):
        db.executemany(
            f"DELETE FROM {table} WHERE fingerprint = ?",  # noqa: S608 -- constant
            [(name,) for name in names],
        )
    forget_aliases(db, links.forget(db, names))
    add_totals(db, Counter({"forgotten": len(names)}))
