"""Rotation every 200 ms under 2,000 lines a second, with kill -9s: every line counted once."""

import random
from pathlib import Path

import pytest

from tests.fakes.daemon import Daemon, a_daemon, eventually
from tests.fakes.discord import fake_discord
from tests.fakes.rotating import LINES_PER_SECOND, PROBLEMS, Rotation, a_rotating_log

_CATCHING_UP_SECONDS = 120.0
_SEED = 2


def lines_counted(daemon: Daemon) -> int:
    """Return how many lines of all kinds the daemon has read, as its state knows."""
    rows = daemon.query("SELECT COALESCE(SUM(lines), 0) FROM position")
    return int(rows[0][0]) if rows else 0


def bytes_lost(daemon: Daemon) -> int:
    """Return how many bytes the daemon believes to be lost."""
    return int(daemon.query("SELECT SUM(lost) FROM position")[0][0])


def events_counted(daemon: Daemon) -> dict[str, int]:
    """Return how many events the daemon has counted for each problem."""
    rows = daemon.query("SELECT template, count FROM incident")
    return {problem: count for text, count in rows for problem in PROBLEMS if problem in text}


@pytest.mark.fault
@pytest.mark.parametrize(
    ("rotation", "pattern", "seconds"),
    [
        pytest.param(Rotation.CHAIN, "app.log", 3.0, id="small"),
        *(
            pytest.param(
                rotation, pattern, 60.0, id=f"full-{rotation}-{pattern}", marks=pytest.mark.full
            )
            for rotation, pattern in (
                (Rotation.CHAIN, "app.log"),
                (Rotation.CHAIN, "app.log*"),
                (Rotation.DATED, "app.log"),
                (Rotation.DAILY, "app.*.log"),
                (Rotation.COPIED, "app.log*"),
                (Rotation.COPIED, "app.log"),
            )
        ),
    ],
)
async def test_every_line_is_counted_once(
    tmp_path: Path, rotation: Rotation, pattern: str, seconds: float
) -> None:
    """Under everything at once, for as long as patience lasts.

    Of `copytruncate`, lines written between copying and emptying may be read in time or lost: no
    more than those, and none twice.
    """
    dice = random.Random(_SEED)  # noqa: S311 -- a repeatable game of chance
    logs = tmp_path / "logs"
    logs.mkdir()
    async with fake_discord() as discord:
        environ = {
            "LOGWATCHD_PATHS": str(logs / pattern),
            "DISCORD_WEBHOOK_URL": discord.webhook_url,
            "LOGWATCHD_ALERTS__DIGEST": "false",
        }
        async with a_daemon(tmp_path, environ) as daemon:
            await daemon.start()
            async with a_rotating_log(
                logs / "app.log", rotation, seconds=seconds, seed=_SEED
            ) as told:
                kills = 0
                while not told()[1]:
                    after = told()[0].lines + dice.randrange(2 * LINES_PER_SECOND)
                    before = lines_counted(daemon)
                    await eventually(
                        lambda after=after, before=before: (
                            told()[1]  # type: ignore[misc]
                            or (told()[0].lines >= after and lines_counted(daemon) > before)
                        ),
                        why="lines are written, and counted in spite of it all",
                    )
                    await daemon.kill()
                    kills += 1
                    await daemon.start(ready=dice.random() < 0.5)
                written, _ = told()
            sure = written.lines - written.between
            await eventually(
                lambda: lines_counted(daemon) >= sure,
                seconds=_CATCHING_UP_SECONDS,
                why=f"{sure} lines are counted",
            )
            await daemon.stop()

    counted, events = lines_counted(daemon), events_counted(daemon)
    print(f"{written.lines} lines, {written.rotations} rotations, {kills} kills, {counted} counted")
    assert sure <= counted <= written.lines
    if not written.between:
        assert events == written.problems
        assert bytes_lost(daemon) == 0
    for problem, number in written.problems.items():
        assert number - written.between <= events[problem] <= number
