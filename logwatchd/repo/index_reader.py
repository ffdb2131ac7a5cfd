"""Read the index of a repository's statements in small pieces, with bounded memory."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from logwatchd.domain.clues import Clues
from logwatchd.domain.site_evidence import Found
from logwatchd.domain.sites import raised_symbol
from logwatchd.domain.source_paths import same_file
from logwatchd.domain.statement import Kind, Statement, Template, phrases_of, words_of
from logwatchd.errors import RepositoryError
from logwatchd.repo.index_tables import (
    BUSY_MS,
    FORMAT,
    format_of,
    frequency_of,
    places,
    statement_from,
)

_WORDS_ASKED: Final = 300
_POSTINGS_LIMIT: Final = 64
"""Statements that one word or phrase leads to at most."""

_STATEMENTS_LIMIT: Final = 60
"""Statements that are compared with a message; those that share most with it come first."""

_RAISED_LIMIT: Final = 12
_CACHE_KIB: Final = 512


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
                f"{path.absolute().as_uri()}?mode=rw",
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            self._db.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
            self._db.execute(f"PRAGMA busy_timeout = {BUSY_MS}")
            usable = format_of(self._db) == FORMAT
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
        frequency = frequency_of(self._db, words)
        hits: Counter[int] = Counter()
        for anchor in [*phrases[: 2 * _WORDS_ASKED], *frequency]:
            query = "SELECT statement FROM anchor WHERE word = ? LIMIT ?"
            hits.update(number for (number,) in self._db.execute(query, (anchor, _POSTINGS_LIMIT)))
        best = sorted(hits, key=lambda number: (-hits[number], number))[:_STATEMENTS_LIMIT]
        statements = list(self._statements(best))
        symbols = {symbol for each in statements if (symbol := raised_symbol(each))}
        total = self._db.execute("SELECT MAX(id) FROM statement").fetchone()[0] or 1
        return Found(
            statements=[*statements, *self._standing(clues)],
            raised={symbol: list(self._raised(symbol)) for symbol in sorted(symbols)},
            frequency=frequency,
            total=int(total),
        )

    def _statements(self, numbers: list[int]) -> Iterator[Statement]:
        rows = self._db.execute(
            "SELECT file.path, statement.value FROM statement JOIN file USING (blob) "  # noqa: S608 -- places
            f"WHERE statement.id IN ({places(numbers)}) ORDER BY file.path, statement.line",
            numbers,
        )
        for path, value in rows:
            yield statement_from(value, path)

    def _raised(self, symbol: str) -> Iterator[Statement]:
        rows = self._db.execute(
            "SELECT file.path, statement.value FROM statement JOIN file USING (blob) "
            "WHERE statement.symbol = ? AND raises = 1 ORDER BY file.path, statement.line LIMIT ?",
            (symbol, _RAISED_LIMIT),
        )
        for path, value in rows:
            found = statement_from(value, path)
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
            rows += self._db.execute(
                "SELECT path, blob FROM file WHERE path = ?", (name,)
            ).fetchall()
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
