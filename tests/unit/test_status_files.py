"""The files part of `logwatchd status`."""

from datetime import timedelta
from typing import Any

import pytest

from logwatchd.cli.files import file_json, print_files, with_lag
from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import FileState
from logwatchd.pipeline.lag import FILES_NOTED, lag_values
from tests.fakes.clock import NOON


def known(key: str, **changes: Any) -> dict[str, Any]:
    """Return what the state knows of a file."""
    values = {
        "key": key,
        "path": f"/logs/{key}.log",
        "state": "live",
        "size_bytes": 100,
        "offset": 100,
        "lines": 10,
        "bytes": 100,
        "events": 2,
        "unparsed": 0,
        "unparsed_by_reason": {},
        "cut_lines": 0,
        "lost_bytes": 0,
        "last_read_at": NOON,
    }
    return values | changes


def a_file(key: str, *, unread: int, seconds: float) -> WatchedFile:
    """Return a file that is behind."""
    return WatchedFile(
        key=key,
        path=f"/logs/{key}.log",
        first_path=f"/logs/{key}.log",
        size_bytes=100 + unread,
        offset_bytes=90,
        read_bytes=100,
        state=FileState.LIVE,
        caught_up_at=NOON - timedelta(seconds=seconds),
    )


def note(*files: WatchedFile) -> dict[str, Any]:
    """Return what the daemon notes of its files."""
    return {"files": lag_values(files, now=NOON, since=NOON)}


def test_the_running_daemon_knows_the_lag_and_the_worst_comes_first() -> None:
    """A file of which the state does not know yet is shown all the same."""
    said = note(
        a_file("b", unread=7, seconds=3),
        a_file("new", unread=9, seconds=60),
        a_file("a", unread=0, seconds=60),
    )
    files = with_lag(
        [known("a"), known("b"), known("c", state="rotated", lost_bytes=5, size_bytes=900)],
        said,
        running=True,
    )

    assert said["files"]["behind"] == 2
    assert said["files"]["lag_bytes"] == 16
    assert [(each["key"], each["lag_bytes"], each["lag_seconds"]) for each in files] == [
        ("new", 9, 60.0),
        ("b", 7, 3.0),
        ("c", 0, 0.0),
        ("a", 0, 0.0),
    ]
    assert [each["size_bytes"] for each in files] == [109, 107, 900, 100]


def test_without_a_daemon_the_lag_is_what_was_left_unread() -> None:
    """For how long, nobody knows."""
    [file] = with_lag([known("a", size_bytes=150)], note(), running=False)

    assert (file["lag_bytes"], file["lag_seconds"]) == (50, None)
    assert file_json(file)["last_read_at"] == "2026-01-01T12:00:00.000Z"
    assert file_json(known("b", last_read_at=None))["last_read_at"] is None


def test_an_older_daemons_note_is_no_trouble() -> None:
    """An update restarts the daemon a moment after the command."""
    assert with_lag([known("a")], {"pid": 1}, running=True)[0]["lag_bytes"] == 0
    assert with_lag([known("a")], {"files": []}, running=True)[0]["lag_bytes"] == 0


def test_a_note_stays_small_whatever_the_number_of_files() -> None:
    """The worst are named, all are counted."""
    files = [a_file(str(n), unread=n, seconds=n) for n in range(1, FILES_NOTED + 50)]
    values = lag_values(files, now=NOON, since=NOON)

    assert len(values["worst"]) == FILES_NOTED
    assert values["behind"] == FILES_NOTED + 49
    assert values["worst"][0]["lag_bytes"] == FILES_NOTED + 49


def test_people_see_the_worst_twenty_and_how_many_more(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """And no file name can act on a terminal."""
    files = with_lag(
        [
            known(
                "evil\x1b[2J",
                lost_bytes=5,
                unparsed=3,
                unparsed_by_reason={"cut": 1, "not_json": 2},
            ),
            *(known(f"{n:02}") for n in range(24)),
        ],
        note(a_file("evil\x1b[2J", unread=7, seconds=3700)),
        running=True,
    )
    print_files(files, known=30, now=NOON + timedelta(minutes=2))
    lines = capsys.readouterr().out.splitlines()

    assert len(lines) == 21
    assert lines[-1] == "and 10 more files; --json has them"
    assert "\x1b" not in lines[0]
    assert lines[0].split("\t")[1:] == [
        *("live", "107", "100", "7", "1h 1m", "10", "2"),
        *("3 (cut 1, not_json 2)", "0", "5", "2m ago"),
    ]
