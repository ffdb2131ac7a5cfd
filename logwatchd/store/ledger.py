"""The ledger of what was reserved and spent for diagnoses. All must run inside a transaction.

A row is written before its call is made, with the most that the call can cost; a call whose outcome
nobody knows has cost that. Nothing is ever given back for being old, only for being known.
"""

import json
import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from logwatchd.domain.budget import DAY, HOUR, MONTH, Allowed, Budget, Spent, allowed
from logwatchd.domain.prices import Usage
from logwatchd.domain.steady import Reading, Steady, steady
from logwatchd.ports import CallQuote
from logwatchd.store.counters import add_totals, of_call
from logwatchd.store.rows import at_us, us

_KEPT: Final = 2 * MONTH
_CLOCK: Final = "steady"


@dataclass(frozen=True, slots=True)
class Share:
    """Part of what was spent in a window: how many calls, and nanodollars."""

    name: str
    calls: int
    spent: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """What was spent.

    Attributes:
        spent: By the windows of the limits.
        reserved: Nanodollars of the month that are reserved: their calls go on, or ended unknown.
        began: When the first call of the month was made, by the steady clock, or None.
        now: The present moment of the steady clock.
        by_model: Shares of the month, the largest first.
        by_category: The same by category of the problem.
    """

    spent: Spent
    reserved: int
    began: datetime | None
    now: datetime
    by_model: tuple[Share, ...]
    by_category: tuple[Share, ...]


def reserve(
    db: sqlite3.Connection,
    quote: CallQuote,
    budget: Budget,
    *,
    reading: Reading,
    job: int | None = None,
) -> tuple[Allowed, int]:
    """Reserve the money of a call, if the limits allow it.

    Args:
        db: The connection.
        quote: What is to be called, and what it can cost.
        budget: The limits.
        reading: What the machine's clocks say.
        job: The row of the outbox that it is for.

    Returns:
        Whether it may be made, and the number of the reservation, 0 when it may not.
    """
    now = _present(db, reading)
    verdict = allowed(budget, _spent(db, now, quote.fingerprint), quote.most, quote.severity)
    if verdict is not Allowed.YES:
        return verdict, 0
    db.execute("DELETE FROM ledger WHERE at_us < ?", (us(now - _KEPT),))
    cursor = db.execute(
        "INSERT INTO ledger (at_us, wall_us, fingerprint, category, model, reserved, job) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            us(now),
            us(reading.wall),
            quote.fingerprint,
            quote.category.value,
            quote.model,
            quote.most,
            job,
        ),
    )
    return verdict, int(cursor.lastrowid or 0)


def settle(db: sqlite3.Connection, number: int, *, cost: int, usage: Usage) -> None:
    """Book what a call did cost, in nanodollars; a second time changes nothing."""
    tokens = (usage.prompt, usage.output)
    rows = db.execute(
        "UPDATE ledger SET spent = ?, input = ?, output = ? WHERE id = ? AND spent IS NULL "
        "RETURNING model",
        (cost, *tokens, number),
    ).fetchall()
    for (model,) in rows:
        add_totals(db, of_call(model, cost=cost, prompt_tokens=tokens[0], output_tokens=tokens[1]))


def cost_of_job(db: sqlite3.Connection, job: int) -> int:
    """Return what a job has cost so far, in nanodollars, unknown outcomes in full."""
    query = "SELECT COALESCE(SUM(COALESCE(spent, reserved)), 0) FROM ledger WHERE job = ?"
    return int(db.execute(query, (job,)).fetchone()[0])


def spending(db: sqlite3.Connection, *, reading: Reading) -> Spending:
    """Sum up what was spent; writes nothing, so a read-only connection will do."""
    now = steady(_last(db), reading).at
    since = us(now - MONTH)
    reserved, began = db.execute(
        "SELECT COALESCE(SUM(reserved) FILTER (WHERE spent IS NULL), 0), MIN(at_us) FROM ledger "
        "WHERE at_us > ?",
        (since,),
    ).fetchone()
    return Spending(
        spent=_spent(db, now, ""),
        reserved=reserved,
        began=None if began is None else at_us(began),
        now=now,
        by_model=_shares(db, "model", since),
        by_category=_shares(db, "category", since),
    )


def forecast(spending: Spending) -> int | None:
    """Return the nanodollars of a whole month at the present rate; None before a day has passed."""
    passed = spending.now - spending.began if spending.began is not None else timedelta(0)
    return spending.spent.month * MONTH // passed if passed >= DAY else None


def _shares(db: sqlite3.Connection, column: str, since: int) -> tuple[Share, ...]:
    rows = db.execute(
        f"SELECT {column}, COUNT(*), SUM(COALESCE(spent, reserved)) AS cost FROM ledger "  # noqa: S608 -- constant
        f"WHERE at_us > ? GROUP BY {column} ORDER BY cost DESC, {column}",
        (since,),
    ).fetchall()
    return tuple(Share(*row) for row in rows)


def _spent(db: sqlite3.Connection, now: datetime, fingerprint: str) -> Spent:
    hour, day, month = (us(now - each) for each in (HOUR, DAY, MONTH))
    row = db.execute(
        "SELECT COUNT(*) FILTER (WHERE at_us > :hour), "
        "COALESCE(SUM(COALESCE(spent, reserved)) FILTER (WHERE at_us > :day), 0), "
        "COALESCE(SUM(COALESCE(spent, reserved)), 0), "
        "COUNT(*) FILTER (WHERE at_us > :day AND fingerprint = :problem) "
        "FROM ledger WHERE at_us > :month",
        {"hour": hour, "day": day, "month": month, "problem": fingerprint},
    ).fetchone()
    return Spent(calls_hour=row[0], day=row[1], month=row[2], problem_calls_day=row[3])


def _present(db: sqlite3.Connection, reading: Reading) -> datetime:
    """Return the present moment of the steady clock, and keep it."""
    moment = steady(_last(db), reading)
    value = {
        "at_us": us(moment.at),
        "wall_us": us(reading.wall),
        "boot": reading.boot,
        "up_us": reading.up // timedelta(microseconds=1),
    }
    db.execute("INSERT OR REPLACE INTO note VALUES (?, ?)", (_CLOCK, json.dumps(value)))
    return moment.at


def _last(db: sqlite3.Connection) -> Steady | None:
    row = db.execute("SELECT value FROM note WHERE name = ?", (_CLOCK,)).fetchone()
    if row is None:
        return None
    value: dict[str, Any] = json.loads(row[0])
    up = timedelta(microseconds=value["up_us"])
    return Steady(at_us(value["at_us"]), Reading(at_us(value["wall_us"]), value["boot"], up))
