"""The tables of the index of a repository's statements, and how a statement stands in them.

Statements are kept by the blob that holds them, so that a commit costs what it changed. A few rare
words of each statement lead to it, or phrases where all of its words are common.
"""

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, Final

from logwatchd.domain.source_paths import is_test
from logwatchd.domain.statement import Kind, Statement, Template

FORMAT: Final = 1
"""Changes when the tables or what the readers find change: then the index is built anew."""

BUSY_MS: Final = 2_000
_ASKED_AT_ONCE: Final = 400

TABLES: Final = """
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


def format_of(db: sqlite3.Connection) -> int:
    """Return the format of an index, 0 of a new file."""
    return int(db.execute("PRAGMA user_version").fetchone()[0])


def statement_text(each: Statement) -> str:
    """Return a statement as JSON text; the path is its file's, and is not in it."""
    values: dict[str, Any] = {
        "l": each.line, "e": each.end_line, "k": each.kind.value, "t": each.template.literals,
        "n": each.template.names, "v": each.level, "f": each.function, "s": each.start, "z": each.end,
        "m": each.modules, "g": each.target, "d": each.fields, "y": each.symbol, "c": each.codes,
        "w": each.via, "q": each.is_test,
    }  # fmt: skip
    return json.dumps({key: value for key, value in values.items() if value}, ensure_ascii=False)


def statement_from(text: str, path: str) -> Statement:
    """Return the statement of a text made by `statement_text`."""
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


def frequency_of(db: sqlite3.Connection, words: Iterable[str]) -> dict[str, int]:
    """Return in how many statements each of some words stands; those in none are left out."""
    asked = list(words)
    found: dict[str, int] = {}
    for start in range(0, len(asked), _ASKED_AT_ONCE):
        part = asked[start : start + _ASKED_AT_ONCE]
        query = f"SELECT word, count FROM word WHERE word IN ({places(part)})"  # noqa: S608 -- places
        found |= dict(db.execute(query, part).fetchall())
    return found


def places(values: Sequence[object]) -> str:
    """Return as many placeholders as there are values."""
    return ", ".join("?" * len(values))
