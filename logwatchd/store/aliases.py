"""Which skeletons are known, and to which group each belongs. Append-only; see `domain.aliases`."""

import sqlite3
from collections.abc import Sequence
from datetime import datetime

from logwatchd.domain.aliases import NEAR_LIMIT, Alias, Aliases, How, Join, Known, settled
from logwatchd.domain.identity import Identity
from logwatchd.domain.skeleton import WILDCARD
from logwatchd.store.rows import us


class Groups:
    """The groups that events of one transaction belong to.

    Nothing is remembered beside the tables, so that a transaction that fails leaves nothing behind
    and memory does not grow with the number of problems.
    """

    def __init__(self, aliases: Aliases) -> None:
        self._aliases = aliases
        self._known: dict[str, str] = {}

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


class SqliteAliases:
    """Implements `aliases.Aliases` inside one transaction."""

    __slots__ = ("_db", "_now_us")

    def __init__(self, db: sqlite3.Connection, *, now: datetime) -> None:
        self._db = db
        self._now_us = us(now)

    def group_of(self, fingerprint: str) -> str | None:
        """See `aliases.Aliases`."""
        query = "SELECT grp FROM alias WHERE fingerprint = ?"
        row = self._db.execute(query, (fingerprint,)).fetchone()
        return None if row is None else str(row[0])

    def near(self, keys: Sequence[int]) -> Sequence[Known]:
        """See `aliases.Aliases`."""
        found: dict[int, Known] = {}
        for piece, key in enumerate(keys):
            rows = self._db.execute(
                f"SELECT id, grp, words FROM alias WHERE key{piece} = ? ORDER BY id LIMIT ?",  # noqa: S608 -- a number
                (key, NEAR_LIMIT),
            )
            found |= {number: Known(group, _words(text)) for number, group, text in rows}
        return [known for _, known in sorted(found.items(), key=lambda item: item[0])]

    def size_of(self, group: str) -> int:
        """See `aliases.Aliases`."""
        row = self._db.execute("SELECT COUNT(*) FROM alias WHERE grp = ?", (group,)).fetchone()
        return int(row[0])

    def add(self, alias: Alias) -> None:
        """See `aliases.Aliases`."""
        self._db.execute(
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
