"""Which patterns got new bytes, and when notes are left of files that are behind."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import FileState
from logwatchd.errors import StoreError
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.upkeep import note_lag
from logwatchd.sources.growth import Growth, names
from tests.fakes.clock import NOON, FakeClock

SECOND = timedelta(seconds=1)


def a_file(path: str, grown_at: datetime | None, first_path: str = "") -> WatchedFile:
    """Return a file that grew at some time."""
    return WatchedFile(
        key=first_path or path,
        path=path,
        first_path=first_path or path,
        size_bytes=1,
        offset_bytes=1,
        read_bytes=1,
        state=FileState.LIVE,
        grown_at=grown_at,
    )


@pytest.mark.parametrize(
    ("pattern", "path", "named"),
    [
        ("/logs/a.log", "/logs/a.log", True),
        ("/logs/a.log", "/logs/a.log.1", False),
        ("/logs", "/logs/a.log", True),
        ("/logs", "/logs/deep/a.log", False),
        ("/logs/*.log", "/logs/a.log", True),
        ("/logs/*.log", "/logs/deep/a.log", False),
        ("/logs/**/*.log", "/logs/a.log", True),
        ("/logs/**/*.log", "/logs/deep/er/a.log", True),
        ("/logs/[ab].log", "/logs/c.log", False),
        ("/logs/**", "/logs/deep/er/a.log", True),
        ("/logs/*/*.log", "/logs/a.log", False),
        ("/logs/*.log", "/logs/.hidden.log", False),
        ("/logs/.*.log", "/logs/.hidden.log", True),
    ],
)
def test_a_pattern_names_a_path_by_its_text(pattern: str, path: str, named: bool) -> None:
    """Also when the file is gone: its last lines were its pattern's."""
    assert names(pattern, path) is named


def test_every_pattern_that_names_a_file_grew_with_it() -> None:
    """Also by the name it had before it was rotated."""
    growth = Growth()
    patterns = ["/logs/*.log", "/logs/a.log", "/other/*.log"]
    rotated = a_file("/logs/a.log.1", NOON, first_path="/logs/a.log")

    assert growth.by_pattern(patterns, [a_file("/logs/b.log", None)]) == {}
    assert growth.by_pattern(patterns, [rotated]) == {
        "/logs/*.log": NOON,
        "/logs/a.log": NOON,
    }


def test_a_file_that_goes_takes_no_growth_with_it() -> None:
    """And a clock set back does not hide that another one grew."""
    growth = Growth()
    young, old = a_file("/logs/a.log", NOON), a_file("/logs/b.log", NOON - SECOND)
    growth.by_pattern(["/logs"], [young, old])
    assert growth.by_pattern(["/logs"], [old]) == {"/logs": NOON}

    earlier = a_file("/logs/b.log", NOON - 3600 * SECOND)
    assert growth.by_pattern(["/logs"], [earlier]) == {"/logs": NOON - 3600 * SECOND}
    assert growth.by_pattern([], [earlier]) == {}


class Notes:
    """The part of a store that is needed here; it fails when told to."""

    def __init__(self) -> None:
        self.behind: list[int] = []
        self.fails = False

    async def note(self, value: dict[str, Any], *, now: datetime) -> None:
        """See `ports.Store`."""
        if self.fails:
            raise StoreError("state: disk is full")
        self.behind.append(value["files"]["behind"])


async def noted(store: Notes, *behind: int) -> Health:
    """Let the worker see these numbers of files, one at each turn."""
    clock = FakeClock()
    health = Health(clock)
    turns = iter(behind)

    def standing() -> dict[str, Any]:
        turn = next(turns, None)
        if turn is None:
            raise asyncio.CancelledError
        return {"files": {"behind": turn}}

    with pytest.raises(asyncio.CancelledError):
        await note_lag(store, clock, health, standing)  # type: ignore[arg-type]
    return health


async def test_lag_is_noted_while_there_is_some_and_once_when_it_is_over() -> None:
    """An idle daemon writes nothing; `status` must not show a lag that is gone."""
    store = Notes()
    await noted(store, 0, 0, 3, 2, 0, 0, 1, 0)

    assert store.behind == [3, 2, 0, 1, 0]


async def test_a_note_that_cannot_be_left_is_a_problem_and_no_end() -> None:
    """The disk is full: that is said, and the daemon goes on."""
    store = Notes()
    store.fails = True
    health = await noted(store, 1, 1)

    assert health.problems() == {"state": "disk is full"}
