"""Open the database file: private, whole, of our schema."""

import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from logwatchd.domain.position import Position
from logwatchd.errors import StateUnusableError, StoreError
from logwatchd.store.rows import (
    FIRST_POSITION_COLUMNS,
    POSITION_COLUMNS,
    position_from,
    position_row,
    us,
)
from logwatchd.store.schema import LATEST, migrate

FILE_NAME: Final = "logwatchd.db"
_BUSY_MS: Final = 5_000
_DAMAGED: Final = frozenset({"SQLITE_CORRUPT", "SQLITE_NOTADB"})


@dataclass(frozen=True, slots=True)
class Opened:
    """A database ready for use.

    Attributes:
        db: The connection.
        damaged: Where a damaged file was moved, or "" when the file was whole.
        salvaged: Positions saved from the damaged file.
    """

    db: sqlite3.Connection
    damaged: str = ""
    salvaged: int = 0


def open_memory() -> Opened:
    """Open a state that is forgotten at the end."""
    db = _connect(":memory:")
    migrate(db)
    return Opened(db)


def open_file(directory: Path, *, now: datetime) -> Opened:
    """Open the state of a directory, making it if need be.

    A file that SQLite calls damaged is moved aside, never repaired or deleted; what can be read
    of its positions is taken over, so that no line is lost or told twice for it.

    Raises:
        StateUnusableError: The file was written by a newer release, or cannot be opened.
    """
    path = directory / FILE_NAME
    _make_private_file(path)
    try:
        return Opened(_checked(path))
    except sqlite3.DatabaseError as error:
        if not is_damage(error):
            raise
    saved = _positions_of(path)
    aside = _move_aside(path, now=now)
    db = _checked(path)
    places = ", ".join("?" * (len(POSITION_COLUMNS.split(",")) + 1))
    with db:
        db.executemany(
            f"INSERT OR REPLACE INTO position ({POSITION_COLUMNS}, updated_us) VALUES ({places})",  # noqa: S608 -- constant
            [(*position_row(each), us(now)) for each in saved],
        )
    return Opened(db, damaged=str(aside), salvaged=len(saved))


def _make_private_file(path: Path) -> None:
    """SQLite gives its other files the mode of this one."""
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(fd, 0o600)
    finally:
        os.close(fd)


@contextmanager
def opened_beside(directory: Path, *, write: bool = False) -> Generator[sqlite3.Connection]:
    """Open an existing state beside a running daemon, for one transaction.

    Reading takes no lock that a daemon would have to wait for, and works on a full disk.

    Raises:
        StoreError: There is no state, or it cannot be opened.
        StateUnusableError: It has another schema than this release.
    """
    path = directory / FILE_NAME
    if not path.exists():
        raise StoreError(
            f"state: nothing in {directory} yet",
            hint="Run the daemon first, or name its state directory by --state or STATE_DIRECTORY.",
        )
    try:
        with closing(_connect_beside(path, write=write)) as db:
            found = int(db.execute("PRAGMA user_version").fetchone()[0])
            if found != LATEST:
                raise StateUnusableError(
                    f"state: schema {found}, this release has {LATEST}",
                    hint="Use the release that the daemon runs.",
                )
            with transaction(db, begin="BEGIN IMMEDIATE" if write else "BEGIN"):
                yield db
    except sqlite3.Error as error:
        raise StoreError(f"state: {error}", hint="Check the owner of the file.") from error


@contextmanager
def transaction(db: sqlite3.Connection, *, begin: str = "BEGIN IMMEDIATE") -> Generator[None]:
    """All or nothing; takes the write lock at once, so that nothing fails half-way."""
    db.execute(begin)
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise


def is_damage(error: sqlite3.Error) -> bool:
    """Say whether an error means that the file itself is damaged."""
    return getattr(error, "sqlite_errorname", "") in _DAMAGED


def _checked(path: Path) -> sqlite3.Connection:
    db = _connect(str(path))
    try:
        _check_whole(db)
        migrate(db)
    except BaseException:
        db.close()
        raise
    return db


def _check_whole(db: sqlite3.Connection) -> None:
    [(verdict,), *_] = db.execute("PRAGMA quick_check(1)").fetchall()
    if verdict != "ok":
        error = sqlite3.DatabaseError(f"quick_check: {verdict}")
        error.sqlite_errorname = "SQLITE_CORRUPT"
        raise error


def _connect(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        db.execute("PRAGMA journal_mode = WAL")
        # A power cut may cost the last transactions, never the file: events and positions go
        # back together, so the lines are simply read again.
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("PRAGMA temp_store = MEMORY")
        db.execute("PRAGMA cache_size = -1024")
    except BaseException:
        db.close()
        raise
    return db


def _connect_beside(path: Path, *, write: bool) -> sqlite3.Connection:
    mode = "rw" if write else "ro"
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    db = sqlite3.connect(uri, uri=True, isolation_level=None)
    db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
    return db


def _positions_of(path: Path) -> Sequence[Position]:
    for columns in (POSITION_COLUMNS, FIRST_POSITION_COLUMNS):
        try:
            with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
                rows = db.execute(f"SELECT {columns} FROM position").fetchall()  # noqa: S608 -- constant
                return [position_from(row) for row in rows]
        except (sqlite3.Error, ValueError, TypeError):
            continue
    return []


def _move_aside(path: Path, *, now: datetime) -> Path:
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%dT%H%M%SZ}")
    for suffix in ("-wal", "-shm", ""):
        part = path.with_name(path.name + suffix)
        if part.exists():
            part.rename(aside.with_name(aside.name + suffix))
    return aside
