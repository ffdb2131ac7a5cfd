"""What is known of issues, and which of them is not as it should be.

All functions must run inside a transaction.
"""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from logwatchd.domain import incident as life
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Incident, State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.issue import (
    IssueNotice,
    MuteLabel,
    Phase,
    RemoteIssue,
    Shown,
    TrackedIssue,
)
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.issue_steps import EDIT_EVERY, next_milestone
from logwatchd.domain.policy import Policy
from logwatchd.ports import IssueCase, Recorded
from logwatchd.store import anchors, diagnoses
from logwatchd.store.counters import add_totals, of_change, of_reasons
from logwatchd.store.incidents import (
    hourly,
    load_incident,
    note_decision,
    save_incidents,
)
from logwatchd.store.links import link_of
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import at_us, us

_ERROR_LIMIT: Final = 300
_MERGED_SHOWN: Final = 20
_A_WEEK: Final = timedelta(days=7)

_COLUMNS: Final = (
    "fingerprint, repository, phase, number, closed, close_reason, assigned, mute_label, "
    "attempting, attempted_us, creates, said, shown_count, shown_state, shown_episode, "
    "shown_severity, shown_us"
)
_NOT_AS_IT_SHOULD_BE: Final = (
    "SELECT issue.fingerprint, issue.why FROM issue JOIN incident USING (fingerprint) "
    "LEFT JOIN anchor USING (fingerprint) LEFT JOIN diagnosis USING (fingerprint) WHERE issue.due_us <= :now "
    "AND issue.fingerprint NOT IN (SELECT fingerprint FROM link WHERE undone_us IS NULL) "
    "AND (issue.phase = 'wanted' AND incident.state <> 'muted' OR issue.phase = 'filed' "
    "AND NOT (incident.state = 'muted' AND issue.shown_state = 'muted') AND ("
    "issue.shown_us IS NULL OR incident.state <> issue.shown_state "
    "OR incident.episode <> issue.shown_episode OR incident.severity <> issue.shown_severity "
    "OR incident.count >= issue.edit_at_count OR anchor.at_us > issue.shown_us "
    "OR diagnosis.at_us > issue.shown_us "
    "OR incident.count > issue.shown_count AND issue.shown_us <= :a_day_ago "
    "OR issue.mute_label <> '' AND incident.state <> 'muted')) "
    "ORDER BY issue.due_us, issue.wanted_us, issue.fingerprint LIMIT 1"
)
"""The same as `issue_steps.next_step` says; that decides, this only finds what to ask it about."""


def next_issue(db: sqlite3.Connection, *, now: datetime) -> IssueCase | None:
    """Return the issue that has waited for the longest time; see `ports.IssueStore`."""
    row = db.execute(
        _NOT_AS_IT_SHOULD_BE, {"now": us(now), "a_day_ago": us(now - EDIT_EVERY)}
    ).fetchone()
    if row is None:
        return None
    name, why = row
    issue, incident = load_issue(db, name), load_incident(db, name)
    if issue is None or incident is None:
        return None
    anchor, traced = anchors.load(db, [name]).get(name), None
    if anchor is not None:
        [traced] = db.execute("SELECT at_us FROM anchor WHERE fingerprint = ?", (name,)).fetchone()
    merged = db.execute(
        "SELECT number FROM issue JOIN link USING (fingerprint) WHERE link.merged_into = ? "
        "AND link.undone_us IS NULL AND issue.phase = 'filed' AND issue.repository = ? "
        "ORDER BY number LIMIT ?",
        (name, issue.repository, _MERGED_SHOWN),
    ).fetchall()
    notice = IssueNotice(
        incident=view_of(incident),
        why=why,
        hourly=hourly(db, name, now=now),
        at=now,
        anchor=anchor,
        anchored_at=None if traced is None else at_us(traced),
        diagnosis=diagnoses.of_episode(db, incident),
        merged=tuple(number for (number,) in merged),
    )
    return IssueCase(issue=issue, notice=notice)


def load_issue(db: sqlite3.Connection, fingerprint: str) -> TrackedIssue | None:
    """Return what is known of a problem's issue."""
    query = f"SELECT {_COLUMNS} FROM issue WHERE fingerprint = ?"  # noqa: S608 -- constant
    row = db.execute(query, (fingerprint,)).fetchone()
    return None if row is None else _issue_from(row)


def keep(
    db: sqlite3.Connection,
    issue: TrackedIssue,
    *,
    now: datetime,
    why: IssueWhy | None,
    detail: str,
    until: datetime | None,
    error: str,
) -> None:
    """Keep what is known of an issue; see `ports.IssueStore`."""
    shown = issue.shown
    values: dict[str, Any] = {
        "phase": issue.phase.value,
        "number": issue.number,
        "closed": int(issue.closed),
        "close_reason": issue.close_reason,
        "assigned": int(issue.assigned),
        "mute_label": issue.mute_label,
        "attempting": issue.attempting,
        "attempted_us": None if issue.attempted_at is None else us(issue.attempted_at),
        "creates": issue.creates,
        "said": issue.said,
        "shown_count": shown.count,
        "shown_state": shown.state.value if shown.state else "",
        "shown_episode": shown.episode,
        "shown_severity": shown.severity.value if shown.severity else "",
        "shown_us": None if shown.at is None else us(shown.at),
        "edit_at_count": next_milestone(shown.count),
        "due_us": us(until or now),
        "error": error[:_ERROR_LIMIT],
    }
    places = ", ".join(f"{name} = ?" for name in values)
    db.execute(
        f"UPDATE issue SET {places} WHERE fingerprint = ?",  # noqa: S608 -- names of ours
        (*values.values(), issue.fingerprint),
    )
    if why is not None:
        add_totals(db, of_reasons({why.value: 1}))
        note_decision(
            db, issue.fingerprint, why, _severity(db, issue.fingerprint), now=now, detail=detail
        )


def see(
    db: sqlite3.Connection,
    repository: str,
    seen: Sequence[RemoteIssue],
    policy: Policy,
    *,
    now: datetime,
) -> Recorded:
    """Let what people did to issues act on their problems; see `ports.IssueStore`."""
    whys: Counter[str] = Counter()
    jobs = False
    for remote in seen:
        row = db.execute(
            f"SELECT {_COLUMNS} FROM issue WHERE repository = ? AND number = ?",  # noqa: S608 -- constant
            (repository, remote.number),
        ).fetchone()
        if row is None:
            continue  # somebody else's
        before = _issue_from(row)
        label = next((each.value for each in MuteLabel if each.value in remote.labels), "")
        db.execute(
            "UPDATE issue SET closed = ?, close_reason = ?, assigned = ?, mute_label = ? "
            "WHERE fingerprint = ?",
            (
                int(remote.closed),
                remote.close_reason,
                int(remote.assigned),
                label,
                before.fingerprint,
            ),
        )
        incident = load_incident(db, before.fingerprint)
        if incident is None or link_of(db, before.fingerprint) is not None:
            continue  # its events count elsewhere
        after, done = _after(incident, before, remote, label, now=now)
        for why in done:
            note_decision(
                db,
                incident.fingerprint,
                why,
                incident.severity,
                now=now,
                detail=f"#{remote.number}",
            )
            whys[why.value] += 1
        if after != incident:
            save_incidents(db, [after])
            add_totals(db, of_change(incident, after))
            jobs |= queue_edits(db, [after.fingerprint], policy, now=now)
    return Recorded(reasons=dict(whys), jobs=jobs)


def gone(db: sqlite3.Connection, repository: str, number: int, *, now: datetime) -> None:
    """Note that an issue is not there any more; see `ports.IssueStore`."""
    rows = db.execute(
        "UPDATE issue SET phase = ? WHERE repository = ? AND number = ? AND phase <> ? "
        "RETURNING fingerprint",
        (Phase.GONE.value, repository, number, Phase.GONE.value),
    ).fetchall()
    for (name,) in rows:
        detail = f"#{number}"
        note_decision(db, name, IssueWhy.GONE, _severity(db, name), now=now, detail=detail)


def filed(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return the repository and number of each issue that is there, as far as is known."""
    return db.execute(
        "SELECT repository, number FROM issue WHERE phase = 'filed' ORDER BY repository, number"
    ).fetchall()


def failed(db: sqlite3.Connection, fingerprint: str, *, error: str) -> None:
    """Keep what went wrong with an issue."""
    query = "UPDATE issue SET error = ? WHERE fingerprint = ?"
    db.execute(query, (error[:_ERROR_LIMIT], fingerprint))


def hold(db: sqlite3.Connection, *, until: datetime) -> None:
    """Look at no issue before then."""
    db.execute("UPDATE issue SET due_us = MAX(due_us, ?)", (us(until),))


def release(db: sqlite3.Connection, *, now: datetime) -> None:
    """Look at every issue at once."""
    db.execute("UPDATE issue SET due_us = MIN(due_us, ?)", (us(now),))


def _after(
    incident: Incident, before: TrackedIssue, remote: RemoteIssue, label: str, *, now: datetime
) -> tuple[Incident, list[IssueWhy]]:
    """Return a problem as it stands after what people did to its issue, and what that was."""
    done = []
    if remote.closed and not before.closed and incident.state is not State.RESOLVED:
        incident = life.resolved(incident)
        done.append(IssueWhy.CLOSED_BY_PERSON)
    elif before.closed and not remote.closed and incident.state is State.RESOLVED:
        incident = life.opened_again(incident, now=now)
        done.append(IssueWhy.REOPENED_BY_PERSON)
    if label and label != before.mute_label:
        until = now + _A_WEEK if label == MuteLabel.A_WEEK else None
        incident = life.muted(incident, until=until, until_count=None)
        done.append(IssueWhy.MUTED_BY_LABEL)
    elif before.mute_label and not label and incident.state is State.MUTED:
        incident = life.unmuted(incident)
        done.append(IssueWhy.UNMUTED_BY_LABEL)
    return incident, done


def _severity(db: sqlite3.Connection, fingerprint: str) -> Severity:
    incident = load_incident(db, fingerprint)
    return Severity.INFO if incident is None else incident.severity


def _issue_from(row: tuple[Any, ...]) -> TrackedIssue:
    return TrackedIssue(
        fingerprint=row[0],
        repository=row[1],
        phase=Phase(row[2]),
        number=row[3],
        closed=bool(row[4]),
        close_reason=row[5],
        assigned=bool(row[6]),
        mute_label=row[7],
        attempting=row[8],
        attempted_at=None if row[9] is None else at_us(row[9]),
        creates=row[10],
        said=row[11],
        shown=Shown(
            count=row[12],
            state=State(row[13]) if row[13] else None,
            episode=row[14],
            severity=Severity(row[15]) if row[15] else None,
            at=None if row[16] is None else at_us(row[16]),
        ),
    )
