"""Tell people, once, of bytes that were lost."""

import sqlite3
from datetime import datetime
from typing import Final

from logwatchd.domain.losses import Loss, to_tell
from logwatchd.domain.notice import TextKind, TextNotice
from logwatchd.store.outbox import say
from logwatchd.store.rows import at_us, us

_PATH_LIMIT: Final = 110
"""Code points of a path that are told; a card shows a few more."""


def tell(db: sqlite3.Connection, sinks: tuple[str, ...], *, now: datetime) -> tuple[Loss, ...]:
    """Queue a notice of what was lost and not told, if it is time; must run in a transaction.

    Returns:
        What people are told, the largest loss first.
    """
    rows = db.execute(
        "SELECT path, SUM(lost), SUM(MAX(0, lost - lost_told)), "
        "MIN(lost_us) FILTER (WHERE lost > lost_told), MAX(lost_told_us) "
        "FROM position WHERE lost > 0 GROUP BY path"
    ).fetchall()
    losses = [
        Loss(
            path=path,
            bytes=in_all,
            untold=untold,
            since=at_us(since or 0),
            told_at=at_us(told) if told else None,
        )
        for path, in_all, untold, since, told in rows
    ]
    last = max((each.told_at for each in losses if each.told_at), default=None)
    chosen = to_tell(losses, last_notice_at=last, now=now)
    if not chosen:
        return ()
    for each in chosen:
        db.execute(
            "UPDATE position SET lost_told = lost, lost_told_us = ? WHERE lost > 0 AND path = ?",
            (us(now), each.path),
        )
    details = tuple((f"{each.untold:,} B", _tail(each.path)) for each in chosen)
    notice = TextNotice(kind=TextKind.BYTES_LOST, at=now, details=details)
    say(db, sinks, notice, about=str(us(now)))  # it must not take the place of an earlier one
    return chosen


def _tail(path: str) -> str:
    """Return the end of a path: that is where its name stands."""
    return path if len(path) <= _PATH_LIMIT else f"…{path[-_PATH_LIMIT:]}"
