"""The index of a repository's statements: one SQLite file, written by a child process.

Statements are kept by the blob that holds them, so that a commit costs what it changed. Three rare
words of each statement lead to it; a look-up reads the few statements that share one with the
message, and nothing else.
"""

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from logwatchd.domain.clues import Clues
from logwatchd.domain.sites import Found, raised_symbol
from logwatchd.domain.source_paths import is_test, same_file
from logwatchd.domain.statement import Kind, Statement, Template, phrases_of, words_of
from logwatchd.errors import RepositoryError

FORMAT: Final = 1
"""Changes when the tables or what the readers find change: then the index is built anew."""

_ANCHORS: Final = 3
_PHRASES: Final = 6
_COMMON: Final = 24
"""Statements that share a word from which on the word does not lead to any of them."""

_WORDS_ASKED: Final = 300
_POSTINGS_LIMIT: Final = 64
"""Statements that one word or phrase leads to at most."""

_STATEMENTS_LIMIT: Final = 120
"""Statements that are compared with a message; those that share most with it come first."""

_RAISED_LIMIT: Final = 12
_CACHE_KIB: Final = 512
_BUSY_MS: Final = 2_000

_TABLES: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE file (path TEXT PRIMARY KEY, blob TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX file_blob ON file (blob);
CREATE TABLE blob (id TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;
CREATE TABLE statement (
  id INTEGER PRIMARY KEY, blob TEXT NOT NULL, line INTEGER NOT NULL, symbol TEXT NOT NULL,
  raises INTEGER NOT NULL, value TEXT NOT NULL
) STRICT;
CREATE INDEX statement_place ON statement (blob, line);
CREATE INDEX statement_raised ON statement (symbol) WHERE raises = 1;
CREATE TABLE anchor (
  word TEXT NOT NULL, statement INTEGER NOT NULL, PRIMARY KEY (word, statement)
) STRICT, WITHOUT ROWID;
CREATE INDEX anchor_statement ON anchor (statement);
CREATE TABLE word (word TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE block (
  blob TEXT NOT NULL, start INTEGER NOT NULL, stop INTEGER NOT NULL, name TEXT NOT NULL,
  PRIMARY KEY (blob, start, stop, name)
) STRICT, WITHOUT ROWID;
"""


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


# -- writing: only in the child process -------------------------------------------------------


def open_for_writing(path: Path) -> sqlite3.Connection:
    """Open the index, or make a new one; one of another format is made anew."""
    db = _connected(path)
    if _format_of(db) != FORMAT:
        db.close()
        for each in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
            each.unlink(missing_ok=True)
        db = _connected(path)
        db.executescript(f"BEGIN;{_TABLES}PRAGMA user_version = {FORMAT};COMMIT;")
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
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return db


def _format_of(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])


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
            counts.update(_statement(value, "").template.words())
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
    frequency = _frequency(db, counts)
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
        (blob, each.line, each.symbol, raises, _text(each)),
    )
    return int(cursor.lastrowid or 0)


def _count(db: sqlite3.Connection, counts: Mapping[str, int]) -> None:
    db.executemany(
        "INSERT INTO word VALUES (?, ?) ON CONFLICT (word) DO UPDATE SET count = count + excluded.count",
        list(counts.items()),
    )


def _text(each: Statement) -> str:
    values: dict[str, Any] = {
        "l": each.line, "e": each.end_line, "k": each.kind.value, "t": each.template.literals,
        "n": each.template.names, "v": each.level, "f": each.function, "s": each.start, "z": each.end,
        "m": each.modules, "g": each.target, "d": each.fields, "y": each.symbol, "c": each.codes,
        "w": each.via, "q": each.is_test,
    }  # fmt: skip
    return json.dumps({key: value for key, value in values.items() if value}, ensure_ascii=False)


def _statement(text: str, path: str) -> Statement:
    values = json.loads(text)
    return Statement(
        path=path,
        line=values["l"],
        end_line=values["e"],
        kind=Kind(values["k"]),
        template=Template(tuple(values["t"]), tuple(values.get("n", ()))),
        level=values.get("v", ""),
        function=values.get("f", ""),
        start=values.get("s", 0),
        end=values.get("z", 0),
        modules=tuple(values.get("m", ())),
        target=values.get("g", ""),
        fields=tuple(values.get("d", ())),
        symbol=values.get("y", ""),
        codes=tuple(values.get("c", ())),
        via=values.get("w", ""),
        is_test=bool(values.get("q")) or is_test(path),
    )


def _frequency(db: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    asked = list(words)
    found: dict[str, int] = {}
    for start in range(0, len(asked), _WORDS_ASKED):
        part = asked[start : start + _WORDS_ASKED]
        query = f"SELECT word, count FROM word WHERE word IN ({_places(part)})"  # noqa: S608 -- places
        found |= dict(db.execute(query, part).fetchall())
    return found


def _places(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))


# -- reading: bounded memory ------------------------------------------------------------------


class SourceIndex:
    """A finished index, read in small pieces. Used by one thread at a time."""

    def __init__(self, path: Path) -> None:
        """Open it.

        Raises:
            RepositoryError: There is none, or none that this release can read.
        """
        try:
            # Not read-only: the first reader of a WAL file has to make what belongs to it.
            self._db = sqlite3.connect(
                f"{path.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, check_same_thread=False
            )
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
            usable = _format_of(self._db) == FORMAT
        except sqlite3.Error as error:
            raise RepositoryError(f"the index of the source cannot be read: {error}") from error
        if not usable:
            self._db.close()
            raise RepositoryError("the index of the source was made by another release")

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @property
    def commit(self) -> str:
        """The commit that is indexed."""
        return self._meta("commit")

    @property
    def skipped(self) -> int:
        """Number of source files that were not read."""
        return int(self._meta("skipped") or 0)

    def _meta(self, name: str) -> str:
        row = self._db.execute("SELECT value FROM meta WHERE name = ?", (name,)).fetchone()
        return "" if row is None else str(row[0])

    def counts(self) -> tuple[int, int]:
        """Return the numbers of files and of statements."""
        files = self._db.execute("SELECT COUNT(*) FROM file").fetchone()[0]
        statements = self._db.execute("SELECT COUNT(*) FROM statement WHERE raises = 0").fetchone()[0]
        return int(files), int(statements)

    def find(self, clues: Clues) -> Found:
        """Return what there is for the words and places of an event.

        Raises:
            RepositoryError: The index is damaged.
        """
        try:
            return self._find(clues)
        except sqlite3.Error as error:
            raise RepositoryError(f"the index of the source cannot be read: {error}") from error

    def _find(self, clues: Clues) -> Found:
        runs = [words_of(text)[:_WORDS_ASKED] for text in clues.texts]
        words = list(dict.fromkeys(word for run in runs for word in run))[:_WORDS_ASKED]
        phrases = list(dict.fromkeys(each for run in runs for each in phrases_of(run)))
        frequency = _frequency(self._db, words)
        hits: Counter[int] = Counter()
        for anchor in [*phrases[: 2 * _WORDS_ASKED], *frequency]:
            query = "SELECT statement FROM anchor WHERE word = ? LIMIT ?"
            hits.update(number for (number,) in self._db.execute(query, (anchor, _POSTINGS_LIMIT)))
        best = sorted(hits, key=lambda number: (-hits[number], number))[:_STATEMENTS_LIMIT]
        statements = list(self._statements(best))
        # The words of what was found may not stand in the message: a word in a doubtful template.
        needed = {word for each in statements for word in each.template.words()} - frequency.keys()
        frequency |= _frequency(self._db, sorted(needed))
        symbols = {symbol for each in statements if (symbol := raised_symbol(each))}
        total = self._db.execute("SELECT MAX(id) FROM statement").fetchone()[0] or 1
        return Found(
            statements=[*statements, *self._standing(clues)],
            raised={symbol: list(self._raised(symbol)) for symbol in sorted(symbols)},
            frequency=frequency,
            total=int(total),
        )

    def _statements(self, numbers: list[int]) -> Iterator[Statement]:
        for start in range(0, len(numbers), _WORDS_ASKED):
            part = numbers[start : start + _WORDS_ASKED]
            rows = self._db.execute(
                "SELECT file.path, statement.value FROM statement JOIN file USING (blob) "  # noqa: S608 -- places
                f"WHERE statement.id IN ({_places(part)}) ORDER BY file.path, statement.line",
                part,
            )
            for path, value in rows:
                yield _statement(value, path)

    def _raised(self, symbol: str) -> Iterator[Statement]:
        rows = self._db.execute(
            "SELECT file.path, statement.value FROM statement JOIN file USING (blob) "
            "WHERE statement.symbol = ? AND raises = 1 ORDER BY file.path, statement.line LIMIT ?",
            (symbol, _RAISED_LIMIT),
        )
        for path, value in rows:
            found = _statement(value, path)
            if not found.is_test:
                yield found

    def _standing(self, clues: Clues) -> Iterator[Statement]:
        """Yield the blocks around the places that an event names, as statements without a text."""
        for place in clues.places:
            name = place.path.replace("\\", "/").rpartition("/")[2]
            rows = self._db.execute(
                "SELECT path, blob FROM file WHERE path = ? OR path LIKE ? ESCAPE '\\' LIMIT 50",
                (place.path, "%/" + _escaped(name)),
            ).fetchall()
            rows += self._db.execute("SELECT path, blob FROM file WHERE path = ?", (name,)).fetchall()
            for path, blob in dict(rows).items():
                if same_file(path, place.path):
                    yield from self._around(path, blob, place.line)

    def _around(self, path: str, blob: str, line: int) -> Iterator[Statement]:
        rows = self._db.execute(
            "SELECT start, stop, name FROM block WHERE blob = ? AND start <= ? AND stop >= ?",
            (blob, line, line),
        )
        for start, stop, name in rows:
            yield Statement(
                path=path,
                line=line,
                end_line=line,
                kind=Kind.TEXT,
                template=Template(("",)),
                function=name,
                start=start,
                end=stop,
            )


def _escaped(text: str) -> str:
    return "".join("\\" + sign if sign in "%_\\" else sign for sign in text)


def closing_index(path: Path) -> "closing[SourceIndex]":
    """Open an index for the length of a context; see `SourceIndex`."""
    return closing(SourceIndex(path))
