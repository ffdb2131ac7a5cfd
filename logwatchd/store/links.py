"""Which problems are merged, and on whose incident an event counts. Ids never change."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.incident import Incident, State
from logwatchd.domain.merging import Link, LinkKind, joined
from logwatchd.store.incidents import load_incident
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
        write_links(self._db, self._made.values())
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


def root_of(db: sqlite3.Connection, name: str) -> str:
    """Return the problem at the end of a chain of links; the name itself where there is none."""
    row = db.execute(_ROOT, (name,)).fetchone()
    return str(row[0])


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


def forget(db: sqlite3.Connection, names: Sequence[str]) -> Sequence[str]:
    """Drop the links that lead nowhere, now that these incidents are forgotten.

    Returns:
        The names on which no event can count any more: not those that a link leads on from.
    """
    if db.execute("SELECT 1 FROM link LIMIT 1").fetchone() is None:
        return names
    waiting, gone = list(names), []
    while waiting:
        name = waiting.pop()
        if load_incident(db, root_of(db, name)) is not None:
            continue
        gone.append(name)
        freed = db.execute("DELETE FROM link WHERE merged_into = ? RETURNING fingerprint", (name,))
        waiting += [below for (below,) in freed.fetchall()]
    return gone


def write_links(db: sqlite3.Connection, links: Iterable[Link]) -> None:
    """Write links, new ones or in the place of those that were undone."""
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
