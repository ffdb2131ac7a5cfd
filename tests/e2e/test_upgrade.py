"""A new release on the state that an earlier one left behind, and the other way round."""

import sqlite3
from contextlib import closing
from pathlib import Path

from logwatchd.store.schema import LATEST
from tests.fakes.daemon import REPOSITORY, Daemon, a_daemon, error_line, eventually

LEFT = (REPOSITORY / "tests" / "data" / "earlier_state.sql").read_text("utf-8")


def left_behind(home: Path) -> Path:
    """Put the state of an earlier release where the daemon will look; return the database."""
    (home / "logs").mkdir()
    (home / "state").mkdir(mode=0o700)
    file = home / "state" / "logwatchd.db"
    with closing(sqlite3.connect(file)) as db:
        db.executescript(LEFT)
    return file


def environ(home: Path) -> dict[str, str]:
    """Return the environment of a daemon that prints."""
    return {"LOGWATCHD_PATHS": str(home / "logs" / "*.log"), "LOGWATCHD_SINKS": "console"}


def counts(daemon: Daemon) -> list[tuple[str, int]]:
    """Return message and count of each problem."""
    rows = daemon.query("SELECT template, count FROM incident ORDER BY template")
    return [(str(template), int(count)) for template, count in rows]


async def test_a_new_release_goes_on_with_the_problems_of_the_earlier_one(tmp_path: Path) -> None:
    """An upgrade that tells every known problem again is one that nobody does twice."""
    file = left_behind(tmp_path)
    async with a_daemon(tmp_path, environ(tmp_path)) as daemon:
        await daemon.start()
        (tmp_path / "logs" / "app.log").write_text(
            error_line("pool timed out", code="DB_POOL"), "utf-8"
        )
        await eventually(lambda: sum(count for _, count in counts(daemon)) == 5)

        assert [count for _, count in counts(daemon)] == [1, 4]
        assert daemon.query("SELECT COUNT(*) FROM decision WHERE why LIKE 'told%'") == [(2,)]
    with closing(sqlite3.connect(file)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (LATEST,)


async def test_an_earlier_release_leaves_a_newer_state_alone_and_says_why(tmp_path: Path) -> None:
    """A roll-back needs the copy that was made before; half-read state would be worse."""
    file = left_behind(tmp_path)
    with closing(sqlite3.connect(file)) as db:
        db.execute(f"PRAGMA user_version = {LATEST + 1}")
    before = file.read_bytes()
    async with a_daemon(tmp_path, environ(tmp_path)) as daemon:
        await daemon.start(ready=False)
        assert await daemon.ended() == 78
    assert f"schema {LATEST + 1} is newer than the {LATEST}" in daemon.log
    assert file.read_bytes() == before
