"""Storms of new problems: kept in the transactions of the events that make them."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.incident import Incident
from logwatchd.domain.policy import HOUR, Policy, Why
from logwatchd.domain.storm import (
    CARDS_AN_HOUR,
    Newcomer,
    Storm,
    ends_at,
    is_storm,
    storm_name,
    with_newcomer,
)
from logwatchd.ports import JobKind
from logwatchd.store.incidents import note_decision
from logwatchd.store.queue import enqueue, queue_edits
from logwatchd.store.rows import us
from logwatchd.store.storm_rows import (
    Scope,
    latest_newcomers,
    live_storms,
    save_newcomers,
    save_storms,
)


@dataclass(slots=True)
class _Changes:
    """What is not written yet."""

    newcomers: dict[Scope, tuple[Newcomer, ...]] = field(default_factory=dict)
    began: list[int] = field(default_factory=list)
    joined: dict[str, int] = field(default_factory=dict)
    events: Counter[str] = field(default_factory=Counter)
    ended: list[Storm] = field(default_factory=list)


class Storms:
    """What one transaction sees and changes of the storms; nothing is written before `save`.

    A storm whose time has come is over from the beginning, also when no sweep has noticed yet.
    """

    def __init__(self, db: sqlite3.Connection, policy: Policy, *, now: datetime) -> None:
        self._db = db
        self._policy = policy
        self._now = now
        self._changes = _Changes()
        self._live: dict[Scope, int] = {}
        self._storms: dict[int, Storm] = {}
        self._problems: dict[str, int | None] = {}
        self._newcomers: dict[Scope, tuple[Newcomer, ...]] = {}
        for storm in live_storms(db):
            self._take_up(storm)

    def includes(
        self, incident: Incident, *, new: bool, known: Callable[[str], Incident | None]
    ) -> bool:
        """Fold one event of an incident in, and say whether it is one of a storm that goes on.

        Args:
            incident: The incident, the event folded in.
            new: Whether this is its first event.
            known: Gives the incident of a name, as this transaction has it.
        """
        if new and incident.tell is Tell.AT_ONCE:
            self._arrived(incident, known)
        number = self._storm_of(incident.fingerprint)
        if number is None:
            return False
        self._changes.events[incident.fingerprint] += 1
        return True

    def save(self) -> Counter[str]:
        """Write what changed, and queue what follows; in the transaction it was read in.

        Returns:
            The storms that began and that ended, by the name of the decision.
        """
        changes, grown = self._changes, self._grown()
        for storm in changes.ended:
            self._db.execute(
                "DELETE FROM newcomer WHERE service = ? AND target = ?",
                (storm.service, storm.target),
            )
        save_newcomers(self._db, changes.newcomers)
        save_storms(self._db, (*changes.ended, *grown))
        self._db.executemany(
            "INSERT OR REPLACE INTO storm_problem VALUES (?, ?, 0)", changes.joined.items()
        )
        self._db.executemany(
            "UPDATE storm_problem SET events = events + ? WHERE fingerprint = ?",
            [(count, name) for name, count in changes.events.items()],
        )
        return self._tell(grown)

    def _tell(self, grown: list[Storm]) -> Counter[str]:
        changes, now = self._changes, self._now
        edited = []
        for storm in grown:
            if storm.number not in changes.began:
                edited.append(storm_name(storm.number))
                continue
            self._note(storm, Why.TOLD_STORM)
            for sink in self._policy.sinks:
                enqueue(
                    self._db, sink, JobKind.POST, storm_name(storm.number), "", now=now, due=now
                )
        for storm in changes.ended:
            self._note(storm, Why.STORM_ENDED)
            edited.append(storm_name(storm.number))
        queue_edits(self._db, edited, self._policy, now=now)
        told = Counter({Why.TOLD_STORM.value: len(changes.began)})
        return +(told + Counter({Why.STORM_ENDED.value: len(changes.ended)}))

    @property
    def changed(self) -> bool:
        """Whether a message begins or changes."""
        return bool(self._changes.ended or self._changes.events)

    def _grown(self) -> list[Storm]:
        """Return the storms that more came to, with their new numbers."""
        problems = Counter(self._changes.joined.values())
        events = Counter[int]()
        for name, count in self._changes.events.items():
            events[self._problems[name] or 0] += count
        return [
            replace(
                storm,
                problems=storm.problems + problems[number],
                events=storm.events + events[number],
            )
            for number, storm in self._storms.items()
            if problems[number] or events[number]
        ]

    def _take_up(self, storm: Storm) -> None:
        scope = (storm.service, storm.target)
        end = ends_at(self._latest(scope), self._policy.storm)
        if end is not None and self._now < end:
            self._live[scope] = storm.number
            self._storms[storm.number] = storm
            return
        over = replace(storm, ended_at=min(end or self._now, self._now))
        self._changes.ended.append(over)
        self._newcomers[scope] = ()

    def _arrived(self, incident: Incident, known: Callable[[str], Incident | None]) -> None:
        scope = (incident.sample.service, incident.sample.target)
        latest = self._latest(scope)
        latest = with_newcomer(
            latest, Newcomer(incident.fingerprint, self._now), self._policy.storm
        )
        self._newcomers[scope] = self._changes.newcomers[scope] = latest
        number = self._live.get(scope)
        if number is not None:
            self._join(incident.fingerprint, number, events=0)
        elif is_storm(latest, self._policy.storm, now=self._now) and self._may_begin():
            self._begin(scope, latest, incident.fingerprint, known)

    def _begin(
        self,
        scope: Scope,
        latest: tuple[Newcomer, ...],
        newest: str,
        known: Callable[[str], Incident | None],
    ) -> None:
        row = self._db.execute(
            "SELECT MAX(seq) FROM sqlite_sequence WHERE name = 'storm'"
        ).fetchone()
        number = max((row[0] or 0, *self._changes.began)) + 1
        service, target = scope
        storm = Storm(
            number=number,
            service=service,
            target=target,
            since=latest[0].at,
            problems=0,
            events=0,
        )
        self._live[scope] = number
        self._storms[number] = storm
        self._changes.began.append(number)
        for each in latest:
            incident = None if each.fingerprint == newest else known(each.fingerprint)
            self._join(each.fingerprint, number, events=incident.count if incident else 0)

    def _join(self, name: str, number: int, *, events: int) -> None:
        self._problems[name] = self._changes.joined[name] = number
        self._changes.events[name] += events

    def _storm_of(self, name: str) -> int | None:
        if not self._storms:
            return None
        if name not in self._problems:
            row = self._db.execute(
                "SELECT storm FROM storm_problem WHERE fingerprint = ?", (name,)
            ).fetchone()
            self._problems[name] = row[0] if row is not None else None
        number = self._problems[name]
        return number if number in self._storms else None

    def _latest(self, scope: Scope) -> tuple[Newcomer, ...]:
        if scope not in self._newcomers:
            self._newcomers[scope] = latest_newcomers(self._db, scope)
        return self._newcomers[scope]

    def _may_begin(self) -> bool:
        row = self._db.execute(
            "SELECT COUNT(*) FROM decision WHERE why = ? AND at_us > ?",
            (Why.TOLD_STORM.value, us(self._now - HOUR)),
        ).fetchone()
        return int(row[0]) + len(self._changes.began) < CARDS_AN_HOUR

    def _note(self, storm: Storm, why: Why) -> None:
        detail = f"{storm.problems} new problems, {storm.events} events"
        name = storm_name(storm.number)
        note_decision(self._db, name, why, Severity.WARNING, now=self._now, detail=detail)
