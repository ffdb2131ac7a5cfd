"""Write the index of a repository's statements; only in the child process."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logwatchd.domain.statement import Statement, Template
from logwatchd.repo.index_tables import (
    BUSY_MS,
    FORMAT,
    TABLES,
    format_of,
    frequency_of,
    statement_from,
    statement_text,
)

_ANCHORS: Final = 3
_PHRASES: Final = 6
_COMMON: Final = 24
"""Statements that share a word from which on the word does not lead to any of them."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What was read of one blob.

    Attributes:
        blob: Its id.
        statements: Its statements.
        makers: The places that make errors of named variants.
        blocks: First line, last line and name of its functions, types and constants.
    """

    blob: str
    statements: Sequence[Statement]
    makers: Sequence[Statement]
    blocks: Sequence[tuple[int, int, str]]


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the index, or make a new one; one of another format is made anew."""
    db = _connected(path)
    if format_of(db) != FORMAT:
        db.close()
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            each.unlink(missing_ok=True)
        db = _connected(path)
        db.executescript(f"BEGIN;{TABLES}PRAGMA user_version = {FORMAT};COMMIT;")
    return db


def _connected(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
    except sqlite3.DatabaseError:
        db.close()
        path.unlink()  # damaged: everything in it can be read again
        db = sqlite3.connect(path, isolation_level=None)
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = OFF")  # as above
    db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
    return db


def known_blobs(db: sqlite3.Connection) -> set[str]:
    """Return the blobs that were read already."""
    return {name for (name,) in db.execute("SELECT id FROM blob")}


def replace(
    db: sqlite3.Connection,
    commit: str,
    files: Iterable[tuple[str, str]],
    read: Sequence[ReadFile],
    *,
    skipped: int,
) -> None:
    """Make the index that of a commit, in one transaction.

    Args:
        db: The index.
        commit: The commit.
        files: Path and blob of all of its source files.
        read: What was read of the blobs that the index did not know.
        skipped: Source files that were not read.
    """
    db.execute("BEGIN IMMEDIATE")
    try:
        listed = dict(files)
        present = dict(db.execute("SELECT path, blob FROM file").fetchall())
        gone = [(path,) for path in present.keys() - listed.keys()]
        changed = [(path, blob) for path, blob in listed.items() if present.get(path) != blob]
        db.executemany("DELETE FROM file WHERE path = ?", gone)
        db.executemany("INSERT OR REPLACE INTO file VALUES (?, ?)", changed)
        _forget(db, known_blobs(db) - set(listed.values()))
        _add(db, read)
        db.executemany(
            "INSERT OR REPLACE INTO meta VALUES (?, ?)",
            [("commit", commit), ("skipped", str(skipped))],
        )
    except BaseException:
        db.execute("ROLLBACK")
        raise
    db.execute("COMMIT")


def _forget(db: sqlite3.Connection, blobs: Iterable[str]) -> None:
    for blob in blobs:
        counts: Counter[str] = Counter()
        rows = db.execute(
            "SELECT id, value FROM statement WHERE blob = ? AND raises = 0", (blob,)
        ).fetchall()
        for number, value in rows:
            counts.update(statement_from(value, "").template.words())
            db.execute("DELETE FROM anchor WHERE statement = ?", (number,))
        _count(db, {word: -number for word, number in counts.items()})
        for table in ("statement", "block"):
            db.execute(f"DELETE FROM {table} WHERE blob = ?", (blob,))  # noqa: S608 -- constant
        db.execute("DELETE FROM blob WHERE id = ?", (blob,))
    db.execute("DELETE FROM word WHERE count <= 0")


def _add(db: sqlite3.Connection, read: Sequence[ReadFile]) -> None:
    counts = Counter(
        word for file in read for each in file.statements for word in each.template.words()
    )
    _count(db, counts)
    frequency = frequency_of(db, counts)
    for file in read:
        db.execute("INSERT OR IGNORE INTO blob VALUES (?)", (file.blob,))
        db.executemany(
            "INSERT OR IGNORE INTO block VALUES (?, ?, ?, ?)",
            [(file.blob, *each) for each in file.blocks],
        )
        for each in file.makers:
            _insert(db, file.blob, each, raises=1)
        for each in file.statements:
            number = _insert(db, file.blob, each, raises=0)
            db.executemany(
                "INSERT OR IGNORE INTO anchor VALUES (?, ?)",
                [(word, number) for word in _anchors(each.template, frequency)],
            )


def _anchors(template: Template, frequency: Mapping[str, int]) -> list[str]:
    """Return what leads to a statement: its rarest words, or phrases where all words are common."""
    words = sorted(template.words(), key=lambda word: (frequency.get(word, 1), -len(word), word))
    if words and frequency.get(words[0], 1) > _COMMON:
        phrases = sorted(template.phrases(), key=lambda phrase: (-phrase.count(" "), phrase))
        return phrases[:_PHRASES] or words[:1]
    return words[:_ANCHORS]


def _insert(db: sqlite3.Connection, blob: str, each: Statement, *, raises: int) -> int:
    cursor = db.execute(
        "INSERT INTO statement (blob, line, symbol, raises, value) VALUES (?, ?, ?, ?, ?)",
        (blob, each.line, each.symbol, raises, statement_text(each)),
    )
    return int(cursor.lastrowid or 0)


def _count(db: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    db.executemany(
        "INSERT INTO word VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET count = count + excluded.count",
        list(counts.items()),
    )
