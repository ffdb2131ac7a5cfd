"""Call for issues, in the transaction of the events that earn them: the intent comes first.

All functions must run inside a transaction.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.incident import Incident
from logwatchd.domain.issue import IssuePolicy
from logwatchd.domain.issue_policy import Filed, IssueWhy, decide_issue, sliding_hour
from logwatchd.domain.notice import TextKind, TextNotice
from logwatchd.domain.policy import DAY, HOUR, Policy
from logwatchd.store.incidents import note_decision
from logwatchd.store.outbox import say
from logwatchd.store.rows import LISTED, hour_of, hour_start, us


def call_for_issues(
    db: sqlite3.Connection, incidents: Iterable[Incident], *, policy: Policy, now: datetime
) -> Counter[str]:
    """Decide, for each problem that has no issue, whether it gets one, and write the intent down.

    Returns:
        The issues called for, by the name of the decision.
    """
    issues = policy.issues
    candidates = [each for each in incidents if _may_get_one(each)] if issues is not None else []
    if issues is None or not candidates:
        return Counter()
    names = json.dumps([each.fingerprint for each in candidates])
    rows = db.execute(f"SELECT fingerprint FROM issue WHERE fingerprint IN {LISTED}", (names,))  # noqa: S608 -- constant
    known = {name for (name,) in rows}
    called: Counter[str] = Counter()
    filed = filed_lately(db, now=now) if len(known) < len(candidates) else Filed()
    for incident in candidates:
        if incident.fingerprint in known:
            continue
        lately = events_lately(db, incident, often=issues.often, now=now)
        why = decide_issue(incident, lately=lately, filed=filed, policy=issues, now=now)
        if why.files:
            _want(db, incident, issues, why, now=now)
            filed = Filed(filed.last_hour + 1, filed.last_day + 1)
            called[why.value] += 1
        elif why.holds:
            _note_held(db, incident, why, policy, now=now)
    return called


def filed_lately(db: sqlite3.Connection, *, now: datetime) -> Filed:
    """Count the issues that the ceilings look at."""
    hour, day = db.execute(
        "SELECT COUNT(*) FILTER (WHERE wanted_us > ?), COUNT(*) FROM issue WHERE wanted_us > ?",
        (us(now - HOUR), us(now - DAY)),
    ).fetchone()
    return Filed(hour, day)


def events_lately(
    db: sqlite3.Connection, incident: Incident, *, often: int, now: datetime
) -> float:
    """Return about how many events the last sixty minutes had; see `sliding_hour`."""
    if incident.count < often:
        return incident.count  # it can only be fewer, and is too few already
    running = hour_of(now)
    counts = dict(
        db.execute(
            "SELECT hour, count FROM bucket WHERE fingerprint = ? AND hour >= ?",
            (incident.fingerprint, running - 1),
        ).fetchall()
    )
    past = now - hour_start(running)
    return sliding_hour(counts.get(running - 1, 0), counts.get(running, 0), past=past)


def _may_get_one(incident: Incident) -> bool:
    """Say, at no cost, what no issue is ever called for."""
    return incident.severity is not Severity.INFO and incident.tell is Tell.AT_ONCE


def _want(
    db: sqlite3.Connection, incident: Incident, issues: IssuePolicy, why: IssueWhy, *, now: datetime
) -> None:
    repository = issues.route(incident.rule).repository
    db.execute(
        "INSERT INTO issue (fingerprint, repository, why, phase, wanted_us, due_us) "
        "VALUES (?, ?, ?, 'wanted', ?, ?)",
        (incident.fingerprint, repository, why.value, us(now), us(now)),
    )
    note_decision(
        db, incident.fingerprint, why, incident.severity, now=now, detail=f"in {repository}"
    )


def _note_held(
    db: sqlite3.Connection, incident: Incident, why: IssueWhy, policy: Policy, *, now: datetime
) -> None:
    """Keep that an issue was held back, once an hour for each problem; the first one is told."""
    since = max(incident.opened_at, hour_start(hour_of(now)))
    row = db.execute(
        "SELECT 1 FROM decision WHERE fingerprint = ? AND why = ? AND at_us >= ?",
        (incident.fingerprint, why.value, us(since)),
    ).fetchone()
    if row is not None:
        return
    window = HOUR if why is IssueWhy.HELD_HOUR_CEILING else DAY
    if not _held_since(db, why, now - window):
        details = (("problem", incident.template), ("reason", why.value))
        notice = TextNotice(kind=TextKind.ISSUES_HELD, at=now, details=details)
        say(db, policy.sinks, notice, about=why.value)
    note_decision(db, incident.fingerprint, why, incident.severity, now=now)


def _held_since(db: sqlite3.Connection, why: IssueWhy, since: datetime) -> bool:
    row = db.execute(
        "SELECT 1 FROM decision WHERE at_us > ? AND why = ? LIMIT 1", (us(since), why.value)
    ).fetchone()
    return row is not None
