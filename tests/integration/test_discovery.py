"""Which files patterns name, and how little is asked when little changes."""

import glob
import os
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from logwatchd.sources.discovery import Finder, find
from tests.fakes.reading import Reading, append, numbered

LATER = datetime.fromtimestamp(2**33, UTC)
"""So late that every directory has been quiet for long."""


@contextmanager
def counted(monkeypatch: pytest.MonkeyPatch, *names: str) -> Iterator[dict[str, int]]:
    """Count how often some system calls are made."""
    counts = dict.fromkeys(names, 0)

    def counting(name: str, real: Callable[..., object]) -> Callable[..., object]:
        def count(*args: object, **named: object) -> object:
            counts[name] += 1
            return real(*args, **named)

        return count

    with monkeypatch.context() as patched:
        for name in names:
            patched.setattr(os, name, counting(name, getattr(os, name)))
        yield counts


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make a tree with a bit of everything."""
    for name in (
        "a.log",
        "b.txt",
        ".hidden.log",
        "app[1].log",
        "one/a.log",
        "one/two/b.log",
        "one/two/c.txt",
        "other/a.log",
        ".dot/a.log",
        "one/.dot/b.log",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        append(tmp_path / name, name)
    (tmp_path / "link.log").symlink_to("b.txt")
    (tmp_path / "linked").symlink_to("one")
    return tmp_path


@pytest.mark.parametrize(
    "pattern",
    [
        "*.log",
        "a.log",
        "?.log",
        "[ab].*",
        "app[[]1].log",
        "*/a.log",
        "o*/*.log",
        "one/*/*",
        "linked/*.log",
        "**/*.log",
        "**/two/*",
        "one/**/*.log",
        "*/two/b.log",
        ".*.log",
        ".dot/*",
        "nothing/*.log",
    ],
)
def test_patterns_name_what_the_shell_would_name(tree: Path, pattern: str) -> None:
    """Compared with the standard library: each file once, hidden ones left out."""
    expected = {
        Path(path).stat().st_ino
        for path in glob.glob(str(tree / pattern), recursive=True)  # noqa: PTH207 -- the oracle
        if os.path.isfile(path)  # noqa: PTH113
    }

    found = find([str(tree / pattern)], follow_symlinks=False)

    assert {each.inode for each in found} == expected
    assert [each.path for each in found] == sorted(each.path for each in found)
    again = Finder()
    for _ in range(3):
        assert again.find([str(tree / pattern)], follow_symlinks=False, now=LATER) == found


def test_a_link_to_a_directory_elsewhere_is_not_entered(tmp_path: Path) -> None:
    """`logs/*/app.log` must not read where someone with a right to make links points."""
    elsewhere = tmp_path / "elsewhere"
    logs = tmp_path / "logs"
    elsewhere.mkdir()
    logs.mkdir()
    append(elsewhere / "app.log", "secret")
    (logs / "service").symlink_to(elsewhere)

    pattern = [str(logs / "*" / "app.log")]

    assert find(pattern, follow_symlinks=False) == []
    assert len(find(pattern, follow_symlinks=True)) == 1


def test_a_configuration_map_that_switches_its_data_is_followed(tmp_path: Path) -> None:
    """Kubernetes: `app.log` leads to `..data/app.log`, and `..data` is replaced as a whole."""
    append_in(tmp_path / "..2026_01", "first")
    append_in(tmp_path / "..2026_02", "second")
    (tmp_path / "..data").symlink_to("..2026_01")
    (tmp_path / "app.log").symlink_to("..data/app.log")
    reading = Reading(tmp_path / "*.log")
    reading.step()
    (tmp_path / "..data_tmp").symlink_to("..2026_02")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    reading.step()
    append(tmp_path / "..2026_01" / "app.log", "last words of the first")
    append(tmp_path / "..2026_02" / "app.log", "more of the second")
    reading.step()

    assert sorted(numbered(reading)) == [
        "first",
        "last words of the first",
        "more of the second",
        "second",
    ]


def append_in(directory: Path, line: str) -> None:
    """Make a directory with a log in it."""
    directory.mkdir()
    append(directory / "app.log", line)


def test_sockets_and_devices_are_left_alone(tmp_path: Path) -> None:
    """They take a log's name, and then a link to them does."""
    append(tmp_path / "app.log", "1")
    with socket.socket(socket.AF_UNIX) as server:
        here = Path.cwd()
        os.chdir(tmp_path)  # the path of a socket is short
        try:
            server.bind("socket.log")
        finally:
            os.chdir(here)
        (tmp_path / "null.log").symlink_to("/dev/null")
        reading = Reading(tmp_path / "*.log", follow_symlinks=True)
        reading.step()

    assert numbered(reading) == ["1"]
    assert reading.tracker.unreadable == {}


def test_an_unchanged_directory_is_not_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look each second at a thousand files must cost next to nothing."""
    for number in range(1_000):
        append(tmp_path / f"{number}.log", "1")
    reading = Reading(tmp_path / "*.log")
    reading.now = LATER
    reading.step()
    with counted(monkeypatch, "scandir", "stat", "lstat") as counts:
        reading.step()
    assert counts["scandir"] == 0
    assert counts["stat"] + counts["lstat"] < 10

    append(tmp_path / "new.log", "2")
    append(tmp_path / "7.log", "3")
    reading.step()
    assert numbered(reading)[1_000:] == ["3", "2"]


def test_a_directory_that_changed_just_now_is_listed_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another change within the same tick of the clock would leave its times as they are."""
    append(tmp_path / "app.log", "1")
    now = datetime.fromtimestamp(tmp_path.stat().st_mtime, UTC)
    finder = Finder()
    for seconds, listed in ((0, 1), (1, 1), (10, 1), (11, 0), (60, 0), (71, 1), (72, 0)):
        with counted(monkeypatch, "scandir") as counts:
            finder.find(
                [str(tmp_path / "*")], follow_symlinks=False, now=now + timedelta(seconds=seconds)
            )
        assert counts["scandir"] == listed, seconds


def test_a_file_that_took_a_name_is_found_though_nothing_else_changed(tmp_path: Path) -> None:
    """Renamed over: the list of names is the same, the file is another one."""
    append(tmp_path / "app.log", "1")
    reading = Reading(tmp_path / "*.log")
    reading.now = LATER
    reading.step()
    for number in range(2, 6):
        append(tmp_path / "new", str(number))
        (tmp_path / "new").rename(tmp_path / "app.log")
        reading.step()

    assert numbered(reading) == ["1", "2", "3", "4", "5"]


def test_a_clock_set_back_makes_it_look_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was listed in the future says nothing."""
    append(tmp_path / "app.log", "1")
    finder = Finder()
    finder.find([str(tmp_path / "*")], follow_symlinks=False, now=LATER)
    with counted(monkeypatch, "scandir") as counts:
        finder.find([str(tmp_path / "*")], follow_symlinks=False, now=LATER - timedelta(days=1))

    assert counts["scandir"] == 1


def test_a_directory_that_may_not_be_listed_is_said_until_it_may(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root nothing is closed to us, so the system call is made to refuse."""
    append(tmp_path / "app.log", "1")
    reading = Reading(tmp_path / "*.log")

    def refuse(path: str) -> object:
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refuse)
        reading.step()
        assert "Permission denied" in reading.tracker.unreadable[str(tmp_path)]
    reading.step()

    assert numbered(reading) == ["1"]
    assert reading.tracker.unreadable == {}


def test_a_directory_made_anew_is_another_one(tmp_path: Path) -> None:
    """Removed with its files and made again, perhaps under the same number."""
    logs = tmp_path / "logs"
    reading = Reading(logs / "*.log")
    for number in range(4):
        logs.mkdir()
        append(logs / "app.log", str(number))
        reading.step()
        (logs / "app.log").unlink()
        logs.rmdir()
        reading.step()

    assert numbered(reading) == ["0", "1", "2", "3"]


def test_directories_to_watch_are_those_in_which_something_can_happen(tree: Path) -> None:
    """Also those that hold no log yet, and those to which links lead."""
    finder = Finder()
    finder.find([str(tree / "one" / "**" / "*.log")], follow_symlinks=False)
    assert finder.directories() == {str(tree / "one"), str(tree / "one" / "two")}

    finder.find([str(tree / "*" / "later.log")], follow_symlinks=False)
    assert finder.directories() == {str(tree), str(tree / "one"), str(tree / "other")}

    (tree / "gone.log").symlink_to("one/a.log")
    finder.find([str(tree / "gone.log")], follow_symlinks=False)
    assert finder.directories() == {str(tree), str(tree / "one")}


def test_a_mount_that_vanishes_and_comes_back_is_read_on(tmp_path: Path) -> None:
    """A volume that is detached and attached: the names go, the files are the same after it."""
    volume, logs = tmp_path / "volume", tmp_path / "logs"
    volume.mkdir()
    logs.mkdir()
    append(volume / "app.log", "1")
    with mounted(volume, logs):
        reading = Reading(logs / "*.log")
        reading.step()
    append(volume / "app.log", "2")
    reading.settle(seconds=3)
    with mounted(volume, logs):
        append(logs / "app.log", "3")
        reading.settle(seconds=3)
        reading.restart()
        append(logs / "app.log", "4")
        reading.settle(seconds=3)
    reading.restart()
    reading.settle(seconds=3)
    with mounted(volume, logs):
        append(logs / "app.log", "5")
        reading.settle(seconds=3)
        reading.tracker.close()

    assert numbered(reading) == ["1", "2", "3", "4", "5"]


@contextmanager
def mounted(volume: Path, place: Path) -> Iterator[None]:
    """Mount a directory at another place; skip where that is not allowed."""
    command = ["mount", "--bind", str(volume), str(place)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def test_a_file_system_in_memory_that_is_mounted_anew_is_another_one(tmp_path: Path) -> None:
    """Its numbers begin anew, and may be those of before: the bytes are compared."""
    logs = tmp_path / "logs"
    logs.mkdir()
    reading = Reading(logs / "*.log")
    for number in range(3):
        command = ["mount", "-t", "tmpfs", "tmpfs", str(logs)]
        if subprocess.run(command, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not allowed here")
        try:
            append(logs / "app.log", f"{number} first", f"{number} second")
            reading.step()
            reading.restart()
        finally:
            subprocess.run(["umount", "--lazy", str(logs)], check=True)

    expected = [f"{number} {what}" for number in range(3) for what in ("first", "second")]
    assert numbered(reading) == expected
