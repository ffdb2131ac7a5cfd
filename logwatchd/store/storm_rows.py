"""Storms and newcomers as rows. All must run inside a transaction."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.policy import Policy
from logwatchd.domain.storm import Newcomer, Storm, ends_at
from logwatchd.store.rows import at_us, us

_COLUMNS: Final = "number, service, target, since_us, problems, events, ended_us"

Scope = tuple[str, str]
"""Service and target."""


def load_storm(db: sqlite3.Connection, number: int) -> Storm | None:
    """Return a storm by its number."""
    row = db.execute(f"SELECT {_COLUMNS} FROM storm WHERE number = ?", (number,)).fetchone()  # noqa: S608 -- constant
    return None if row is None else _storm_from(row)


def live_storms(db: sqlite3.Connection) -> list[Storm]:
    """Return the storms that nobody has noted the end of, the oldest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM storm WHERE ended_us IS NULL ORDER BY number"  # noqa: S608 -- constant
    ).fetchall()
    return [_storm_from(row) for row in rows]


def storm_of(db: sqlite3.Connection, name: str) -> int | None:
    """Return the number of the latest storm that a problem was new in."""
    row = db.execute("SELECT storm FROM storm_problem WHERE fingerprint = ?", (name,)).fetchone()
    return None if row is None else int(row[0])


def next_end(db: sqlite3.Connection, policy: Policy) -> datetime | None:
    """Say when the next storm ends, if no other problem is new."""
    rows = db.execute(
        "SELECT latest FROM storm CROSS JOIN newcomer USING (service, target) WHERE ended_us IS NULL"
    ).fetchall()
    ends = [ends_at(_newcomers_from(text), policy.storm) for (text,) in rows]
    return min((each for each in ends if each is not None), default=None)


def forget_old(
    db: sqlite3.Connection, policy: Policy, *, now: datetime, ended_before: datetime
) -> None:
    """Drop newcomers that are none any more, and storms that ended long ago."""
    db.execute(
        "DELETE FROM newcomer WHERE last_us <= ? AND NOT EXISTS (SELECT 1 FROM storm "
        "WHERE ended_us IS NULL AND storm.service = newcomer.service "
        "AND storm.target = newcomer.target)",
        (us(now - policy.storm.window),),
    )
    for (number,) in db.execute(
        "SELECT number FROM storm WHERE ended_us < ?", (us(ended_before),)
    ).fetchall():
        db.execute("DELETE FROM storm_problem WHERE storm = ?", (number,))
        db.execute("DELETE FROM storm WHERE number = ?", (number,))


def latest_newcomers(db: sqlite3.Connection, scope: Scope) -> tuple[Newcomer, ...]:
    """Return the latest problems of a target that were new, oldest first."""
    row = db.execute(
        "SELECT latest FROM newcomer WHERE service = ? AND target = ?", scope
    ).fetchone()
    return () if row is None else _newcomers_from(row[0])


def save_newcomers(db: sqlite3.Connection, newcomers: Mapping[Scope, Sequence[Newcomer]]) -> None:
    """Write the latest newcomers of targets."""
    db.executemany(
        "INSERT OR REPLACE INTO newcomer VALUES (?, ?, ?, ?)",
        [_newcomer_row(scope, latest) for scope, latest in newcomers.items()],
    )


def save_storms(db: sqlite3.Connection, changed: Iterable[Storm]) -> None:
    """Write storms, new or changed."""
    db.executemany(
        f"INSERT OR REPLACE INTO storm ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 -- constant
        [_storm_row(each) for each in changed],
    )


def _newcomers_from(text: str) -> tuple[Newcomer, ...]:
    return tuple(Newcomer(name, at_us(at)) for name, at in json.loads(text))


def _newcomer_row(scope: Scope, latest: Sequence[Newcomer]) -> tuple[Any, ...]:
    text = json.dumps([(each.fingerprint, us(each.at)) for each in latest])
    return (*scope, us(latest[-1].at), text)


def _storm_row(storm: Storm) -> tuple[Any, ...]:
    ended = None if storm.ended_at is None else us(storm.ended_at)
    return (
        storm.number,
        storm.service,
        storm.target,
        us(storm.since),
        storm.problems,
        storm.events,
        ended,
    )


def _storm_from(row: tuple[Any, ...]) -> Storm:
    return Storm(
        number=row[0],
        service=row[1],
        target=row[2],
        since=at_us(row[3]),
        problems=row[4],
        events=row[5],
        ended_at=None if row[6] is None else at_us(row[6]),
    )
