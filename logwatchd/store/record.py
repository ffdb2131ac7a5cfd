"""One transaction: events into incidents, decisions into the outbox, positions onwards."""

import sqlite3
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from logwatchd.domain.aliases import Aliases
from logwatchd.domain.event import Category, Severity, Sighting
from logwatchd.domain.incident import Incident, Reason, observe, told
from logwatchd.domain.policy import Action, Decision, Policy, Told, Why, decide
from logwatchd.ports import Batch, JobKind, Recorded
from logwatchd.store.aliases import Groups, SqliteAliases, Unwritten, known_groups
from logwatchd.store.counters import FILES, add_totals, of_events
from logwatchd.store.incidents import (
    count_outcomes,
    load_incident,
    load_incidents,
    note_decision,
    save_incidents,
    told_lately,
)
from logwatchd.store.issue_wants import call_for_issues
from logwatchd.store.links import Links
from logwatchd.store.positions import save_positions
from logwatchd.store.queue import enqueue, queue_edits
from logwatchd.store.rows import hour_of, hour_start, us
from logwatchd.store.storms import Storms


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one event.

    Attributes:
        known: The incident before it, or None when it opened one.
        incident: The incident with it.
        reason: What it meant for the incident.
        decision: What follows.
    """

    known: Incident | None
    incident: Incident
    reason: Reason
    decision: Decision


def record(
    db: sqlite3.Connection, batches: Sequence[Batch], policy: Policy, *, now: datetime
) -> Recorded:
    """Fold batches into the state. Must run inside a transaction.

    Args:
        db: The connection.
        batches: What was read, in order.
        policy: The numbers behind the decisions.
        now: The daemon's present (aware, UTC).

    Returns:
        What was done.
    """
    sightings = [each for batch in batches for each in batch.sightings]
    read_at = min((each.read_at or now for each in batches if each.sightings), default=now)
    recorded = fold(db, sightings, policy, now=now, read_at=read_at)
    add_totals(db, save_positions(db, batches, now=now))
    return recorded


def fold(
    db: sqlite3.Connection,
    sightings: Sequence[Sighting],
    policy: Policy,
    *,
    now: datetime,
    read_at: datetime | None = None,
    source: str = FILES,
) -> Recorded:
    """Fold events into their incidents and queue what follows. Must run inside a transaction.

    Args:
        db: The connection.
        sightings: The events, in order.
        policy: The numbers behind the decisions.
        now: The daemon's present (aware, UTC).
        read_at: When the first of them was read; `now` by default. New messages count their age
            from it.
        source: What kind of source they came from.
    """
    if not sightings:
        return Recorded()
    folding = _Folding(db, policy, SqliteAliases(db, now=now), now=now)
    folding.load_all(sightings)
    for sighting in sightings:
        folding.fold(sighting)
    add_totals(db, of_events(folding.seen, source=source))
    return folding.save(len(sightings), read_at=read_at or now)


def foresee(
    db: sqlite3.Connection, sighting: Sighting, policy: Policy, *, now: datetime
) -> Outcome:
    """Say what would become of an event; writes nothing, so a read-only connection will do."""
    aliases = Unwritten(SqliteAliases(db, now=now))
    return _Folding(db, policy, aliases, now=now).fold(sighting)


class _Folding:
    """What one transaction changes; but for aliases, nothing is written before `save`."""

    def __init__(
        self, db: sqlite3.Connection, policy: Policy, aliases: Aliases, *, now: datetime
    ) -> None:
        self._db = db
        self._groups = Groups(aliases)
        self._former_groups = Groups(Unwritten(aliases))
        self._policy = policy
        self._now = now
        self._told = told_lately(db, now=now)
        self._links = Links(db, now=now)
        self._storms = Storms(db, policy, now=now)
        self._incidents: dict[str, Incident] = {}
        self._asked: set[str] = set()
        self._buckets: Counter[str] = Counter()
        self._collected: Counter[str] = Counter()
        self._outcomes: Counter[tuple[str, Why]] = Counter()
        self._decisions: dict[tuple[str, Why], list[Severity]] = {}
        self._posts: dict[str, Reason] = {}
        self._edits: set[str] = set()
        self._opened = 0
        self.seen: Counter[tuple[Severity, Category, Reason]] = Counter()
        """Events by what they meant for their incident."""

    def load_all(self, sightings: Sequence[Sighting]) -> None:
        """Ask for the groups and incidents of a batch at once: that takes a third of the time.

        Each will have one of these events for its sample, which takes the old one's place in any
        case. While the former algorithm is asked, too, the events themselves decide what they
        count on, one after the other.
        """
        self._groups.learn(known_groups(self._db, {each.fingerprint for each in sightings}))
        if any(each.former is not None for each in sightings):
            return
        events = {self._links.home(self._group(each)): each.event for each in sightings}
        self._incidents = load_incidents(self._db, events)
        self._asked = events.keys() - self._incidents.keys()

    def fold(self, sighting: Sighting) -> Outcome:
        """Fold one event in."""
        name = self._home(sighting)
        if name != sighting.fingerprint:
            sighting = replace(sighting, fingerprint=name)
        known = self._known(name)
        incident, reason = observe(
            known, sighting, now=self._now, remind_after=self._policy.remind_after
        )
        in_storm = self._storms.includes(incident, new=known is None, known=self._known)
        decision = decide(incident, reason, self._told, self._policy, in_storm=in_storm)
        incident = self._take(incident, reason, decision)
        self.seen[incident.severity, incident.category, reason] += 1
        self._opened += known is None
        return Outcome(known, incident, reason, decision)

    def save(self, events: int, *, read_at: datetime) -> Recorded:
        """Write everything, and queue what follows."""
        db, now = self._db, self._now
        for link in self._links.save():
            severity = self._incidents[self._links.home(link.fingerprint)].severity
            why, detail = Why.MERGED_BY_VERSION, f"into {link.merged_into}"
            note_decision(db, link.fingerprint, why, severity, now=now, detail=detail)
        save_incidents(db, self._incidents.values())
        count_outcomes(db, self._outcomes, now=now)
        self._save_buckets()
        for (name, why), severities in self._decisions.items():
            for severity in severities:
                note_decision(db, name, why, severity, now=now)
        stormy = self._storms.save()
        wanted = call_for_issues(db, self._incidents.values(), policy=self._policy, now=now)
        jobs = self._queue(read_at) or self._storms.changed or bool(wanted)
        reasons = Counter[str]()
        for (_, why), count in self._outcomes.items():
            reasons[why.value] += count
        return Recorded(
            events=events, opened=self._opened, reasons=dict(reasons + stormy + wanted), jobs=jobs
        )

    def _home(self, sighting: Sighting) -> str:
        """Return the problem that an event counts on."""
        group = self._group(sighting)
        if sighting.former is not None:
            former = self._former_groups.name(sighting.former)
            adopted = self._links.adopt(group, former, self._known)
            if adopted is not None:
                goes_on, merged = adopted
                self._incidents[goes_on.fingerprint] = goes_on
                self._edits.add(merged.fingerprint)
        name = self._links.home(group)
        if name != group:
            self._links.came(group)
        return name

    def _group(self, sighting: Sighting) -> str:
        own = sighting.identity
        return sighting.fingerprint if own is None else self._groups.name(own)

    def _known(self, name: str) -> Incident | None:
        known = self._incidents.get(name)
        if known is not None or name in self._asked:
            return known
        return load_incident(self._db, name)

    def _take(self, incident: Incident, reason: Reason, decision: Decision) -> Incident:
        """Note a decision; return the incident as it stands after it."""
        name, why = incident.fingerprint, decision.why
        self._buckets[name] += 1
        self._collected[name] += decision.collect
        self._outcomes[name, why] += 1
        if decision.action is Action.POST:
            incident = told(incident, reason, now=self._now)
            self._posts[name] = reason
            self._decisions.setdefault((name, why), []).append(incident.severity)
            if incident.severity is not Severity.CRITICAL:
                self._told = Told(self._told.last_hour + 1, self._told.last_day + 1)
        elif decision.action is Action.EDIT:
            self._edits.add(name)
        elif why in (Why.HELD_HOUR_CEILING, Why.HELD_DAY_CEILING):
            self._note_first_drop(incident, why)
        self._incidents[name] = incident
        return incident

    def _note_first_drop(self, incident: Incident, why: Why) -> None:
        """Keep that an episode was held back, once for each hour of it."""
        since = max(incident.opened_at, hour_start(hour_of(self._now)))
        row = self._db.execute(
            "SELECT 1 FROM decision WHERE fingerprint = ? AND why = ? AND at_us >= ?",
            (incident.fingerprint, why.value, us(since)),
        ).fetchone()
        if row is None:
            self._decisions.setdefault((incident.fingerprint, why), [incident.severity])

    def _save_buckets(self) -> None:
        hour = hour_of(self._now)
        self._db.executemany(
            "INSERT INTO bucket (fingerprint, hour, count, collected) VALUES (?, ?, ?, ?) "
            "ON CONFLICT (fingerprint, hour) DO UPDATE SET count = count + excluded.count, "
            "collected = collected + excluded.collected",
            [(name, hour, n, self._collected[name]) for name, n in self._buckets.items()],
        )

    def _queue(self, read_at: datetime) -> bool:
        policy, now = self._policy, self._now
        for name, reason in self._posts.items():
            for sink in policy.sinks:
                enqueue(
                    self._db,
                    sink,
                    JobKind.POST,
                    name,
                    reason.value,
                    now=now,
                    due=now,
                    read_at=read_at,
                )
        edited = queue_edits(self._db, self._edits - self._posts.keys(), policy, now=now)
        if policy.digest and any(self._collected.values()):
            hour = hour_of(now)
            due = hour_start(hour + 1) + timedelta(seconds=1)
            for sink in policy.sinks:
                enqueue(self._db, sink, JobKind.DIGEST, f"digest:{hour}", "", now=now, due=due)
        return edited or bool(self._posts)
