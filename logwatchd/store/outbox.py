"""The durable table of work to do: claim, finish, postpone, repost, bury.

All functions must run inside a transaction. A claimed row belongs to this process; rows claimed
by one that died are given back at the next start, marked as possible repeats.
"""

import sqlite3
from datetime import datetime, timedelta
from typing import Any, Final

from logwatchd.domain.incident import Incident, Reason, State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.notice import (
    CardNotice,
    DigestLine,
    DigestNotice,
    Notice,
    Receipt,
    StormNotice,
    TextNotice,
)
from logwatchd.domain.policy import Policy, Why
from logwatchd.domain.storm import EXAMPLES_SHOWN, storm_number
from logwatchd.ports import Job, JobKind
from logwatchd.store import anchors, diagnoses
from logwatchd.store.incidents import hourly, load_incident
from logwatchd.store.links import link_of
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import (
    INCIDENT_COLUMNS,
    at_us,
    hour_start,
    incident_from,
    text_notice_from,
    text_notice_text,
    us,
)
from logwatchd.store.storm_rows import load_storm

_DIGEST_LINES: Final = 10
_ERROR_LIMIT: Final = 300
_BURIED_LIMIT: Final = 1_000
"""Buried jobs kept for a person to look at; the oldest are dropped first."""

_COLUMNS: Final = (
    "id, sink, kind, subject, reason, payload, attempts, maybe_repeat, created_us, queued_us"
)


def give_back_claimed(db: sqlite3.Connection) -> int:
    """Make the jobs of a process that died due again; return how many there were.

    Diagnoses are not among them: each costs money, and may have been made.
    """
    found = db.execute(
        "SELECT id FROM outbox WHERE state = 'claimed' AND sink <> ?", (diagnoses.WORKER,)
    ).fetchall()
    for (number,) in found:
        db.execute("UPDATE outbox SET maybe_repeat = 1 WHERE id = ?", (number,))
        _make_pending(db, number)
    return len(found)


def bury_orphans(db: sqlite3.Connection, sinks: tuple[str, ...]) -> None:
    """Put the jobs of sinks that are not configured any more out of the way."""
    places = ", ".join("?" * len(sinks))
    db.execute(
        "UPDATE outbox SET state = 'buried', error = 'its sink is not configured any more' "  # noqa: S608 -- places
        f"WHERE state = 'pending' AND sink NOT IN ({places})",
        sinks,
    )


def claim(db: sqlite3.Connection, sink: str, *, now: datetime, due_by: datetime) -> Job | None:
    """Take the job that has been due for the longest time; see `ports.Store.claim`."""
    while True:
        row = db.execute(
            f"UPDATE outbox SET state = 'claimed' WHERE id = (SELECT id FROM outbox "  # noqa: S608 -- constant
            "WHERE sink = ? AND state = 'pending' AND due_us <= ? ORDER BY due_us, id LIMIT 1) "
            f"RETURNING {_COLUMNS}",
            (sink, us(due_by)),
        ).fetchone()
        if row is None:
            return None
        job = _job(db, row, now=now)
        if job is not None:
            return job
        db.execute("DELETE FROM outbox WHERE id = ?", (row[0],))  # what it was about is gone


def next_due(db: sqlite3.Connection, sink: str) -> datetime | None:
    """Say when the next job of a sink is due."""
    row = db.execute(
        "SELECT MIN(due_us) FROM outbox WHERE sink = ? AND state = 'pending'", (sink,)
    ).fetchone()
    return None if row[0] is None else at_us(row[0])


def overdue_since(db: sqlite3.Connection, *, now: datetime) -> dict[str, datetime]:
    """Say for each sink since when its oldest job waits that should have left already.

    A job that failed counts from its beginning; so does a digest only from its next attempt, as its
    beginning is that of the hour it tells of.
    """
    rows = db.execute(
        "SELECT sink, MIN(CASE WHEN attempts = 0 OR kind = 'digest' THEN due_us "
        "ELSE created_us END) FROM outbox WHERE state <> 'buried' "
        "AND (due_us <= ? OR (attempts > 0 AND kind <> 'digest')) GROUP BY sink",
        (us(now),),
    ).fetchall()
    return {sink: at_us(since) for sink, since in rows}


def finish(
    db: sqlite3.Connection, job: Job, policy: Policy, *, receipt: Receipt, now: datetime
) -> None:
    """Note the message a job became, and forget the job.

    What happened meanwhile to what the message is about is queued as an edit.
    """
    if isinstance(job.notice, CardNotice | StormNotice):
        db.execute(
            "INSERT INTO card VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (sink, fingerprint) "
            "DO UPDATE SET message_id = excluded.message_id, posted_us = excluded.posted_us, "
            "sent_us = excluded.sent_us, reason = excluded.reason",
            (
                job.sink,
                job.subject,
                receipt.message_id,
                us(receipt.posted_at),
                us(now),
                job.notice.reason.value if isinstance(job.notice, CardNotice) else "",
            ),
        )
    db.execute("DELETE FROM outbox WHERE id = ?", (job.id,))
    if job.kind is JobKind.POST and isinstance(job.notice, CardNotice):
        diagnoses.call_for(db, job.subject, policy, now=now)  # the alert is out
    if _is_outdated(db, job):
        queue_edits(db, [job.subject], policy, now=now)


def postpone(
    db: sqlite3.Connection, job: Job, *, until: datetime, why: str, maybe_repeat: bool
) -> None:
    """Give a job back, not to be claimed before `until`."""
    db.execute(
        "UPDATE outbox SET attempts = attempts + 1, due_us = ?, error = ?, "
        "maybe_repeat = MAX(maybe_repeat, ?) WHERE id = ?",
        (us(until), why[:_ERROR_LIMIT], int(maybe_repeat), job.id),
    )
    _make_pending(db, job.id)


def repost(db: sqlite3.Connection, job: Job, *, now: datetime) -> None:
    """Give a job back as a new message; it is no news, so it calls nobody again."""
    db.execute("DELETE FROM card WHERE sink = ? AND fingerprint = ?", (job.sink, job.subject))
    db.execute(
        "UPDATE outbox SET kind = 'post', reason = ?, due_us = ? WHERE id = ?",
        (Reason.RECURRED.value, us(now), job.id),
    )
    _make_pending(db, job.id)


def bury(db: sqlite3.Connection, job: Job, *, why: str) -> None:
    """Keep a job that failed for good, out of the way."""
    db.execute(
        "UPDATE outbox SET state = 'buried', error = ? WHERE id = ?", (why[:_ERROR_LIMIT], job.id)
    )
    db.execute(
        "DELETE FROM outbox WHERE state = 'buried' AND id NOT IN "
        "(SELECT id FROM outbox WHERE state = 'buried' ORDER BY id DESC LIMIT ?)",
        (_BURIED_LIMIT,),
    )


def say(
    db: sqlite3.Connection, sinks: tuple[str, ...], notice: TextNotice, *, about: str = ""
) -> None:
    """Queue something the daemon says about itself; the same waiting already is replaced.

    Args:
        db: The connection.
        sinks: Whom to tell.
        notice: What to tell.
        about: Tells notices of one kind apart that are about different things.
    """
    subject = ":".join(each for each in ("text", notice.kind.value, about) if each)
    for sink in sinks:
        db.execute(
            "INSERT INTO outbox (sink, kind, subject, reason, payload, created_us, queued_us, "
            "due_us) VALUES (?, 'text', ?, '', ?, ?, ?, ?) "
            "ON CONFLICT (sink, subject) WHERE state = 'pending' DO UPDATE SET "
            "payload = excluded.payload",
            (sink, subject, text_notice_text(notice), *(us(notice.at),) * 3),
        )


def _make_pending(db: sqlite3.Connection, number: int) -> None:
    """Make a row pending; another that came to wait for the same message meanwhile gives way."""
    db.execute(
        "DELETE FROM outbox WHERE state = 'pending' AND id <> ? AND (sink, subject) = "
        "(SELECT sink, subject FROM outbox WHERE id = ?) AND kind = 'edit'",
        (number, number),
    )
    # One that waits to be posted anew (a regression) takes this one's place instead.
    taken = db.execute(
        "SELECT 1 FROM outbox AS other, outbox AS mine WHERE mine.id = ? AND other.id <> mine.id "
        "AND other.state = 'pending' AND other.sink = mine.sink AND other.subject = mine.subject",
        (number,),
    ).fetchone()
    if taken:
        db.execute(
            "UPDATE outbox SET maybe_repeat = MAX(maybe_repeat, (SELECT mine.maybe_repeat "
            "FROM outbox AS mine WHERE mine.id = ? AND mine.kind = 'post')) "
            "WHERE id <> ? AND state = 'pending' AND (sink, subject) = "
            "(SELECT sink, subject FROM outbox WHERE id = ?) AND EXISTS "
            "(SELECT 1 FROM outbox WHERE id = ? AND kind = 'post')",
            (number,) * 4,
        )
        db.execute("DELETE FROM outbox WHERE id = ?", (number,))
    else:
        db.execute("UPDATE outbox SET state = 'pending' WHERE id = ?", (number,))


def _job(db: sqlite3.Connection, row: tuple[Any, ...], *, now: datetime) -> Job | None:
    number, sink, kind_name, subject, reason, payload, attempts, repeat, created, queued = row
    kind = JobKind(kind_name)
    maybe_repeat = bool(repeat)
    receipt = None
    notice: Notice
    if kind is JobKind.EDIT:
        receipt, reason = _receipt(db, sink, subject)
        if receipt is None:
            return None
    if kind is JobKind.TEXT:
        notice = text_notice_from(payload, maybe_repeat=maybe_repeat)
    elif kind is JobKind.DIGEST:
        found = _digest(db, int(subject.partition(":")[2]), maybe_repeat=maybe_repeat)
        if found is None:
            return None
        notice = found
    elif (number_of_storm := storm_number(subject)) is not None:
        storm = _storm(db, number_of_storm, maybe_repeat=maybe_repeat)
        if storm is None:
            return None
        notice = storm
    else:
        incident = load_incident(db, subject)
        if incident is None:
            return None
        if kind is JobKind.POST and incident.state is State.MUTED:
            return None  # somebody muted it before it was told
        link = link_of(db, subject)
        notice = CardNotice(
            incident=view_of(incident),
            reason=Reason(reason),
            hourly=hourly(db, subject, now=now),
            merged_into=link.merged_into if link else "",
            maybe_repeat=maybe_repeat,
            anchor=anchors.load(db, [subject]).get(subject),
            diagnosis=diagnoses.of_episode(db, incident),
        )
    return Job(
        id=number,
        sink=sink,
        kind=kind,
        subject=subject,
        fingerprint=subject if isinstance(notice, CardNotice) else "",
        notice=notice,
        receipt=receipt,
        attempts=attempts,
        created_at=at_us(created),
        queued_at=at_us(queued),
    )


def _is_outdated(db: sqlite3.Connection, job: Job) -> bool:
    """Say whether a message that was just sent shows something else than how it stands now."""
    if isinstance(job.notice, StormNotice):
        shown = job.notice.storm
        return load_storm(db, shown.number) not in (None, shown)
    if isinstance(job.notice, CardNotice):
        incident, present = job.notice.incident, load_incident(db, job.subject)
        link = link_of(db, job.subject)
        return present is not None and (
            (present.count, present.state, link.merged_into if link else "")
            != (incident.count, incident.state, job.notice.merged_into)
        )
    return False


def _storm(db: sqlite3.Connection, number: int, *, maybe_repeat: bool) -> StormNotice | None:
    """Return how a storm stands, with the problems that have the most events in it."""
    storm = load_storm(db, number)
    if storm is None:
        return None
    columns = ", ".join(f"i.{each.strip()}" for each in INCIDENT_COLUMNS.split(","))
    rows = db.execute(
        f"SELECT {columns}, p.events FROM storm_problem AS p JOIN incident AS i USING (fingerprint) "  # noqa: S608 -- constant
        "WHERE p.storm = ? ORDER BY p.events DESC, i.fingerprint LIMIT ?",
        (number, EXAMPLES_SHOWN),
    ).fetchall()
    examples = tuple(DigestLine(incident=view_of(_incident_of(row)), count=row[-1]) for row in rows)
    return StormNotice(storm=storm, examples=examples, maybe_repeat=maybe_repeat)


def _receipt(db: sqlite3.Connection, sink: str, fingerprint: str) -> tuple[Receipt | None, str]:
    row = db.execute(
        "SELECT message_id, posted_us, reason FROM card WHERE sink = ? AND fingerprint = ? "
        "AND message_id <> ''",
        (sink, fingerprint),
    ).fetchone()
    if row is None:
        return None, ""
    return Receipt(row[0], at_us(row[1])), row[2]


def _digest(db: sqlite3.Connection, hour: int, *, maybe_repeat: bool) -> DigestNotice | None:
    """Sum up an hour: the problems with events beyond their cards, the largest first."""
    columns = ", ".join(f"i.{each.strip()}" for each in INCIDENT_COLUMNS.split(","))
    rows = db.execute(
        f"SELECT {columns}, b.collected FROM bucket AS b JOIN incident AS i USING (fingerprint) "  # noqa: S608 -- constant
        "WHERE b.hour = ? AND b.collected > 0 AND i.state NOT IN ('muted', 'acknowledged') "
        "ORDER BY b.collected DESC, i.fingerprint LIMIT ?",
        (hour, _DIGEST_LINES),
    ).fetchall()
    problems, events = db.execute(
        "SELECT COUNT(*), COALESCE(SUM(b.collected), 0) FROM bucket AS b "
        "JOIN incident AS i USING (fingerprint) "
        "WHERE b.hour = ? AND b.collected > 0 AND i.state NOT IN ('muted', 'acknowledged')",
        (hour,),
    ).fetchone()
    if not rows:
        return None
    lines = tuple(DigestLine(incident=view_of(_incident_of(row)), count=row[-1]) for row in rows)
    since = hour_start(hour)
    until = since + timedelta(hours=1)
    held = db.execute(
        "SELECT why, COUNT(DISTINCT fingerprint) FROM decision WHERE at_us >= ? AND at_us < ? "
        "AND why IN (?, ?) GROUP BY why UNION ALL SELECT why, COUNT(*) FROM outcome "
        "WHERE why = 'held_storm' AND first_us >= ? AND first_us < ? GROUP BY why",
        (us(since), us(until), Why.HELD_HOUR_CEILING, Why.HELD_DAY_CEILING, us(since), us(until)),
    ).fetchall()
    return DigestNotice(
        since=since,
        until=until,
        lines=lines,
        more_problems=problems - len(lines),
        more_events=events - sum(each.count for each in lines),
        held_back=dict(held),
        maybe_repeat=maybe_repeat,
    )


def _incident_of(row: tuple[Any, ...]) -> Incident:
    return incident_from(row[:-1])
