"""Up to where each file was read, and what was counted in it."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.position import Position
from logwatchd.ports import Batch
from logwatchd.store.rows import POSITION_COLUMNS, at_us, position_from, position_row, us

_COUNTERS: Final = "lines, bytes, events, unparsed, cut"

_SHOWN: Final = {
    "key": "key",
    "path": "path",
    "state": "state",
    "size_bytes": "size",
    "offset": "offset",
    "lines": "lines",
    "bytes": "bytes",
    "events": "events",
    "unparsed": "unparsed",
    "cut_lines": "cut",
    "lost_bytes": "lost",
    "last_read_at": "read_us",
}
"""Columns of what `status` shows, by the names it gives them."""

_PLACES: Final = ", ".join("?" * len(f"{POSITION_COLUMNS}, updated_us, {_COUNTERS}".split(",")))

_SAVE: Final = (
    f"INSERT INTO position ({POSITION_COLUMNS}, updated_us, {_COUNTERS}, read_us, lost_us) "  # noqa: S608 -- constant
    f"VALUES ({_PLACES}, ?, ?) ON CONFLICT (key) DO UPDATE SET "
    "path = excluded.path, head_bytes = excluded.head_bytes, "
    "head_digest = excluded.head_digest, offset = excluded.offset, "
    "marker_bytes = excluded.marker_bytes, marker_digest = excluded.marker_digest, "
    "state = excluded.state, size = excluded.size, updated_us = excluded.updated_us, "
    "lines = lines + excluded.lines, bytes = bytes + excluded.bytes, "
    "events = events + excluded.events, unparsed = unparsed + excluded.unparsed, "
    "cut = cut + excluded.cut, read_us = MAX(read_us, excluded.read_us), "
    # Known since when it was lost first, also when a copy brings some of it back.
    "lost_us = CASE WHEN lost = 0 OR excluded.lost = 0 THEN excluded.lost_us ELSE lost_us END, "
    "lost = excluded.lost"
)


def load(db: sqlite3.Connection) -> list[Position]:
    """Return every position kept, the one saved last at the end."""
    rows = db.execute(f"SELECT {POSITION_COLUMNS} FROM position ORDER BY updated_us")  # noqa: S608 -- constant
    return [position_from(row) for row in rows]


def save_positions(
    db: sqlite3.Connection, batches: Sequence[Batch], *, now: datetime
) -> Counter[str]:
    """Move positions on, with what was counted; must run inside a transaction.

    Returns:
        What is to be added to the totals.
    """
    totals: Counter[str] = Counter()
    for batch in batches:
        position, tally = batch.position, batch.tally
        db.execute(
            _SAVE,
            (
                *position_row(position),
                us(now),
                tally.lines,
                tally.bytes,
                tally.events,
                sum(tally.unparsed.values()),
                tally.cut,
                us(now) if tally.bytes else 0,
                us(now) if position.lost else 0,
            ),
        )
        db.executemany(
            "INSERT INTO unparsed VALUES (?, ?, ?) "
            "ON CONFLICT (key, reason) DO UPDATE SET count = count + excluded.count",
            [(position.key, reason.value, n) for reason, n in tally.unparsed.items()],
        )
        totals.update(
            {"lines": tally.lines, "bytes": tally.bytes, "events": tally.events, "cut": tally.cut}
        )
        totals.update({f"unparsed:{reason.value}": n for reason, n in tally.unparsed.items()})
    return totals


def forget_old(db: sqlite3.Connection, *, before: datetime) -> Counter[str]:
    """Forget the past lives of files that ended before a time.

    Returns:
        What is to be added to the totals: the bytes that were lost in them stay counted.
    """
    gone = db.execute(
        "DELETE FROM position WHERE state = 'rotated' AND updated_us < ? RETURNING key, lost",
        (us(before),),
    ).fetchall()
    db.executemany("DELETE FROM unparsed WHERE key = ?", [(key,) for key, _ in gone])
    return Counter({"lost_bytes": sum(lost for _, lost in gone)})


def lost_bytes(db: sqlite3.Connection) -> int:
    """Return the bytes lost in the lives that are remembered."""
    row = db.execute("SELECT COALESCE(SUM(lost), 0) FROM position WHERE lost > 0").fetchone()
    return int(row[0])


def file_values(db: sqlite3.Connection, *, limit: int) -> list[dict[str, Any]]:
    """Return what is known of each file, for `status`: those being followed first, then the latest.

    `last_read_at` is when lines of it were last recorded (aware, UTC), or None;
    `unparsed_by_reason` counts since a release that does, `unparsed` always.
    """
    columns = ", ".join(_SHOWN.values())
    rows = db.execute(
        f"SELECT {columns} FROM position WHERE state <> 'pattern' "  # noqa: S608 -- constant
        "ORDER BY state <> 'live', updated_us DESC, key LIMIT ?",
        (limit,),
    ).fetchall()
    found: list[dict[str, Any]] = [dict(zip(_SHOWN, row, strict=True)) for row in rows]
    for each in found:
        read_us = each["last_read_at"]
        each["last_read_at"] = at_us(read_us) if read_us else None
        each["unparsed_by_reason"] = dict(
            db.execute(
                "SELECT reason, count FROM unparsed WHERE key = ? ORDER BY reason", (each["key"],)
            ).fetchall()
        )
    return found


def files_known(db: sqlite3.Connection) -> int:
    """Return how many files are known."""
    row = db.execute("SELECT COUNT(*) FROM position WHERE state <> 'pattern'").fetchone()
    return int(row[0])
