"""Which skeletons are known, and to which group each belongs. Append-only; see `domain.aliases`."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

from logwatchd.domain.aliases import NEAR_LIMIT, Alias, Aliases, How, Join, Known, settled
from logwatchd.domain.identity import Identity
from logwatchd.domain.skeleton import WILDCARD
from logwatchd.store.rows import LISTED, us

_by_number: Final = itemgetter(0)


class Groups:
    """The groups that events of one transaction belong to.

    Nothing is remembered beside the tables, so that a transaction that fails leaves nothing behind
    and memory does not grow with the number of problems.
    """

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases
        self._known: dict[str, str] = {}

    def learn(self, known: Mapping[str, str]) -> None:
        """Take in what was asked for many at once: groups by the fingerprints of their skeletons."""
        self._known |= known

    def name(self, identity: Identity) -> str:
        """Return the fingerprint of an event's group."""
        own = identity.fingerprint
        group = self._known.get(own)
        if group is None:
            group = self._known[own] = settled(identity, self._aliases)
        return group


class Unwritten:
    """Implements `aliases.Aliases` over others, without changing them."""

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases

    def group_of(self, fingerprint: str) -> str | None:
        """See `aliases.Aliases`."""
        return self._aliases.group_of(fingerprint)

    def near(self, keys: Sequence[int]) -> Sequence[Known]:
        """See `aliases.Aliases`."""
        return self._aliases.near(keys)

    def size_of(self, group: str) -> int:
        """See `aliases.Aliases`."""
        return self._aliases.size_of(group)

    def add(self, alias: Alias) -> None:
        """Forget it: nothing is to be remembered."""


def known_groups(db: sqlite3.Connection, names: Iterable[str]) -> dict[str, str]:
    """Return the groups of skeletons that were seen before, by their fingerprints."""
    query = f"SELECT fingerprint, grp FROM alias WHERE fingerprint IN {LISTED}"  # noqa: S608 -- constant
    return dict(db.execute(query, (json.dumps(list(names)),)).fetchall())


class SqliteAliases:
    """Implements `aliases.Aliases` inside one transaction."""

    __slots__ = ("_db", "_near", "_now_us")

    def __init__(self, db: sqlite3.Connection, *, now: datetime) -> None:
        self._db = db
        self._now_us = us(now)
        self._near: dict[int, list[tuple[int, Known]]] = {}

    def group_of(self, fingerprint: str) -> str | None:
        """See `aliases.Aliases`."""
        query = "SELECT grp FROM alias WHERE fingerprint = ?"
        row = self._db.execute(query, (fingerprint,)).fetchone()
        return None if row is None else str(row[0])

    def near(self, keys: Sequence[int]) -> Sequence[Known]:
        """See `aliases.Aliases`."""
        found = {
            number: known for at, key in enumerate(keys) for number, known in self._of(at, key)
        }
        return [known for _, known in sorted(found.items(), key=_by_number)]

    def _of(self, piece: int, key: int) -> list[tuple[int, Known]]:
        """Return what has a key; in a batch of new problems it is the same one again and again."""
        known = self._near.get(key)
        if known is None:
            rows = self._db.execute(
                f"SELECT id, grp, words FROM alias WHERE key{piece} = ? ORDER BY id LIMIT ?",  # noqa: S608 -- a number
                (key, NEAR_LIMIT),
            )
            known = [(number, Known(group, _words(text))) for number, group, text in rows]
            self._near[key] = known
        return known

    def size_of(self, group: str) -> int:
        """See `aliases.Aliases`."""
        row = self._db.execute("SELECT COUNT(*) FROM alias WHERE grp = ?", (group,)).fetchone()
        return int(row[0])

    def add(self, alias: Alias) -> None:
        """See `aliases.Aliases`."""
        inserted = self._db.execute(
            "INSERT OR IGNORE INTO alias "
            "(fingerprint, grp, how, words, alike, key0, key1, key2, at_us) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                alias.fingerprint,
                alias.group,
                alias.how.value,
                _text(alias.words),
                _text(alias.like),
                *(alias.keys or (None, None, None)),
                self._now_us,
            ),
        )
        for key in alias.keys if inserted.rowcount else ():
            others = self._near.get(key)
            if others is not None and len(others) < NEAR_LIMIT:
                others.append((inserted.lastrowid or 0, Known(alias.group, alias.words)))


def join_of(db: sqlite3.Connection, fingerprint: str) -> Join | None:
    """Return why a skeleton belongs to an older group, None when it does not or is not known.

    Args:
        db: The connection.
        fingerprint: The skeleton's own fingerprint, which follows from its content.
    """
    query = "SELECT grp, how, words, alike FROM alias WHERE fingerprint = ? AND grp <> fingerprint"
    row = db.execute(query, (fingerprint,)).fetchone()
    if row is None:
        return None
    group, how, words, like = str(row[0]), How(row[1]), _words(row[2]), _words(row[3])
    places = tuple(
        at for at, (one, other) in enumerate(zip(words, like, strict=False)) if one != other
    )
    pattern = tuple(WILDCARD if at in places else word for at, word in enumerate(words))
    return Join(group, how, like, places, pattern)


def forget_aliases(db: sqlite3.Connection, groups: Sequence[str]) -> None:
    """Forget the skeletons of groups that are forgotten; their names follow from their content."""
    db.executemany("DELETE FROM alias WHERE grp = ?", [(each,) for each in groups])


def _text(words: Sequence[str]) -> str:
    return "\n".join(words)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split("\n")) if text else ()
