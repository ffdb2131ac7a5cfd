"""Which problems are merged, and on whose incident an event counts. Ids never change."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.incident import Incident, State, short_id
from logwatchd.domain.merging import Link, LinkKind, joined, parted
from logwatchd.domain.policy import Policy, Why
from logwatchd.errors import MergeRefusedError
from logwatchd.store.incidents import load_incident, note_decision, save_incidents
from logwatchd.store.queue import queue_edits
from logwatchd.store.rows import at_us, us

_COLUMNS: Final = "fingerprint, merged_into, kind, at_us, state_then, events, last_us, undone_us"
_SHOWN: Final = 100
_ROOT: Final = (
    "WITH RECURSIVE way (name, hops) AS (VALUES (?, 0) UNION SELECT link.merged_into, hops + 1 "
    "FROM way JOIN link ON link.fingerprint = way.name AND link.undone_us IS NULL "
    "WHERE hops < 1000) SELECT name FROM way ORDER BY hops DESC LIMIT 1"
)


class Links:
    """What one transaction sees and changes of the links; nothing is written before `save`."""

    def __init__(self, db: sqlite3.Connection, *, now: datetime) -> None:
        self._db = db
        self._now = now
        self._roots: dict[str, str] = {}
        self._made: dict[str, Link] = {}
        self._asked: set[tuple[str, str]] = set()
        self._any = db.execute("SELECT 1 FROM link LIMIT 1").fetchone() is not None
        self._came: Counter[str] = Counter()

    def home(self, name: str) -> str:
        """Return the problem on whose incident an event of this one counts."""
        if name not in self._roots:
            self._roots[name] = root_of(self._db, name) if self._any else name
        return self._roots[name]

    def came(self, name: str) -> None:
        """Note an event of a problem that counts on another's incident."""
        self._came[name] += 1

    def adopt(
        self, name: str, former: str, known: Callable[[str], Incident | None]
    ) -> tuple[Incident, Incident] | None:
        """Link two names that two versions of the algorithm gave to one event, if need be.

        A new name goes to the incident of the former one. Where both have an incident (the new
        algorithm sees one problem where the former saw two), the former's is merged into the
        other. What a person has split is left alone.

        Args:
            name: By the present algorithm.
            former: By the one before.
            known: Gives the incident of a name, as this transaction has it.

        Returns:
            The incident that goes on as it stands now and the one that was merged, where there
            were two; None when nothing changes for any incident.
        """
        if (name, former) in self._asked:
            return None
        self._asked.add((name, former))
        home, former_home = self.home(name), self.home(former)
        into = known(former_home)
        if (
            into is None
            or home == former_home
            or self._were_split((name, home), (former, former_home))
        ):
            return None
        present = known(home)
        if present is None:
            self._link(name, former, into)
            return None
        self._link(former_home, home, present)
        return joined(present, into), into

    def save(self) -> list[Link]:
        """Write what changed; must run in the transaction that the links were read in.

        Returns:
            The links that were made.
        """
        _write(self._db, self._made.values())
        self._db.executemany(
            "UPDATE link SET events = events + ?, last_us = ? WHERE fingerprint = ?",
            [(count, us(self._now), name) for name, count in self._came.items()],
        )
        return list(self._made.values())

    def _link(self, name: str, to: str, into: Incident) -> None:
        kind = LinkKind.BY_VERSION
        link = Link(
            fingerprint=name, merged_into=to, kind=kind, at=self._now, state_then=into.state
        )
        self._made[name] = link
        target = self.home(to)
        for each, root in list(self._roots.items()):
            if root == name:
                self._roots[each] = target
        self._roots[name] = target

    def _were_split(self, one: tuple[str, str], other: tuple[str, str]) -> bool:
        query = (
            "SELECT 1 FROM link WHERE undone_us IS NOT NULL "
            "AND fingerprint IN (?, ?) AND merged_into IN (?, ?)"
        )
        pairs = ((*one, *other), (*other, *one))
        return any(self._db.execute(query, pair).fetchone() for pair in pairs)


@dataclass(frozen=True, slots=True)
class Changed:
    """What a person's merge or split led to.

    Attributes:
        merged: The problem that was merged or split off, as it stands now.
        into: The one whose incident its events count on, or counted on, as it stands now.
    """

    merged: Incident
    into: Incident


def root_of(db: sqlite3.Connection, name: str) -> str:
    """Return the problem at the end of a chain of links; the name itself where there is none."""
    row = db.execute(_ROOT, (name,)).fetchone()
    return str(row[0])


def merge(
    db: sqlite3.Connection, into: Incident, merged: Incident, policy: Policy, *, now: datetime
) -> Changed:
    """Let the events of one problem count on another's incident from now on; tells nobody.

    Must run inside a transaction. The merged problem's card is edited to say so.

    Raises:
        MergeRefusedError: They are one already, or the one to merge is merged into another.
    """
    name = merged.fingerprint
    if root_of(db, into.fingerprint) == name:
        raise MergeRefusedError(
            f"{short_id(name)} and {short_id(into.fingerprint)} are one problem already",
            hint="`logwatchd split ID` undoes a merge.",
        )
    present = link_of(db, name)
    if present is not None:
        raise MergeRefusedError(
            f"{short_id(name)} is merged into {short_id(present.merged_into)} already",
            hint=f"Undo that first: logwatchd split {short_id(name)}",
        )
    home = load_incident(db, root_of(db, into.fingerprint)) or into
    link = Link(
        fingerprint=name,
        merged_into=into.fingerprint,
        kind=LinkKind.BY_HAND,
        at=now,
        state_then=home.state,
    )
    _write(db, [link])
    goes_on = joined(home, merged)
    save_incidents(db, [goes_on])
    detail = f"into {into.fingerprint}"
    note_decision(db, name, Why.MERGED_BY_HAND, merged.severity, now=now, detail=detail)
    queue_edits(db, [name, goes_on.fingerprint], policy, now=now)
    return Changed(merged, goes_on)


def split(
    db: sqlite3.Connection, name: str, policy: Policy, *, now: datetime
) -> tuple[Changed, ...]:
    """Undo the link of a problem, or else every merge by hand into it; tells nobody.

    Must run inside a transaction. What counted on the other incident stays there.

    Raises:
        MergeRefusedError: It is not merged, and nothing is merged into it.
    """
    own = link_of(db, name)
    merged = (each for each in links_into(db, name) if each.kind is LinkKind.BY_HAND)
    links = [own] if own is not None else list(merged)
    if not links:
        raise MergeRefusedError(
            f"{short_id(name)} is not merged with anything",
            hint="`logwatchd incidents` shows what is merged.",
        )
    return tuple(_part(db, each, policy, now=now) for each in links)


def link_of(db: sqlite3.Connection, name: str) -> Link | None:
    """Return the link that holds for a problem, or None where it stands on its own."""
    return links_of(db, [name]).get(name)


def links_of(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, Link]:
    """Return the links that hold, by the problem that was merged."""
    query = f"SELECT {_COLUMNS} FROM link WHERE fingerprint = ? AND undone_us IS NULL"  # noqa: S608 -- constant
    rows = (db.execute(query, (name,)).fetchone() for name in names)
    return {row[0]: _link_from(row) for row in rows if row is not None}


def links_into(db: sqlite3.Connection, name: str) -> list[Link]:
    """Return the links that hold and lead straight to a problem, the latest first."""
    rows = db.execute(
        f"SELECT {_COLUMNS} FROM link WHERE merged_into = ? AND undone_us IS NULL "  # noqa: S608 -- constant
        "ORDER BY at_us DESC, fingerprint LIMIT ?",
        (name, _SHOWN),
    ).fetchall()
    return [_link_from(row) for row in rows]


def forget(db: sqlite3.Connection, names: Iterable[str]) -> None:
    """Drop the links that lead nowhere, now that these incidents are forgotten."""
    if db.execute("SELECT 1 FROM link LIMIT 1").fetchone() is None:
        return
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if load_incident(db, root_of(db, name)) is not None:
            continue
        gone = db.execute("DELETE FROM link WHERE merged_into = ? RETURNING fingerprint", (name,))
        waiting += [below for (below,) in gone.fetchall()]


def _part(db: sqlite3.Connection, link: Link, policy: Policy, *, now: datetime) -> Changed:
    db.execute("UPDATE link SET undone_us = ? WHERE fingerprint = ?", (us(now), link.fingerprint))
    into = load_incident(db, root_of(db, link.merged_into))
    merged = load_incident(db, link.fingerprint)
    if into is None:
        raise MergeRefusedError(
            f"{short_id(link.merged_into)} is not known any more",
            hint="The next event opens a problem of its own.",
        )
    alone = parted(merged, into, link, now=now)
    save_incidents(db, [alone])
    detail = f"from {link.merged_into}; {link.events} events of it stay there"
    note_decision(db, link.fingerprint, Why.SPLIT_BY_HAND, alone.severity, now=now, detail=detail)
    queue_edits(db, [link.fingerprint], policy, now=now)
    return Changed(alone, into)


def _write(db: sqlite3.Connection, links: Iterable[Link]) -> None:
    places = ", ".join("?" * len(_COLUMNS.split(",")))
    db.executemany(
        f"INSERT OR REPLACE INTO link ({_COLUMNS}) VALUES ({places})",  # noqa: S608 -- constant
        [_row(each) for each in links],
    )


def _row(link: Link) -> tuple[Any, ...]:
    return (
        link.fingerprint,
        link.merged_into,
        link.kind.value,
        us(link.at),
        link.state_then.value,
        link.events,
        None if link.last_at is None else us(link.last_at),
        None if link.undone_at is None else us(link.undone_at),
    )


def _link_from(row: tuple[Any, ...]) -> Link:
    return Link(
        fingerprint=row[0],
        merged_into=row[1],
        kind=LinkKind(row[2]),
        at=at_us(row[3]),
        state_then=State(row[4]),
        events=row[5],
        last_at=None if row[6] is None else at_us(row[6]),
        undone_at=None if row[7] is None else at_us(row[7]),
    )
