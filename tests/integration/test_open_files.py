"""More files than may be open: every line is read all the same, and a socket still opens."""

import errno
import os
import resource
from collections.abc import Callable
from pathlib import Path

import pytest

from logwatchd.sources.descriptors import OUT_OF_DESCRIPTORS
from logwatchd.sources.tracker import StartAt
from tests.fakes.reading import Reading, append, numbered


def open_in(directory: Path) -> int:
    """Return how many files of a directory this process has open."""
    return sum(
        os.path.realpath(fd).startswith(str(directory)) for fd in Path("/proc/self/fd").iterdir()
    )


def parked(tmp_path: Path, *, files: int = 12, most: int = 8) -> Reading:
    """Return a reading of more files than may be open, all read to their ends."""
    for number in range(files):
        append(tmp_path / f"{number:03}.log", f"{number} first")
    reading = Reading(tmp_path / "*.log", max_open_files=most)
    reading.settle()
    assert len(reading.lines) == files
    reading.lines.clear()
    return reading


def test_three_hundred_files_are_read_with_sixty_four_descriptors(tmp_path: Path) -> None:
    """Each line once, in several rounds of writing, and never more descriptors than allowed."""
    reading = Reading(tmp_path / "*.log", max_open_files=64)
    for written in range(4):
        for number in range(300):
            append(tmp_path / f"{number:03}.log", f"{number} {written}")
        while True:
            reading.step()
            assert open_in(tmp_path) <= 64
            if not reading.tracker.wants_look():
                break
        reading.later(seconds=1)

    expected = [f"{number} {written}" for number in range(300) for written in range(4)]
    assert sorted(numbered(reading)) == sorted(expected)
    assert reading.tracker.unreadable == {}


def test_the_files_are_resumed_after_a_restart_too(tmp_path: Path) -> None:
    """Each has to be opened once to be recognised."""
    reading = parked(tmp_path, files=40)
    reading.restart()
    for number in range(40):
        append(tmp_path / f"{number:03}.log", f"{number} second")
    reading.settle()

    assert sorted(numbered(reading)) == sorted(f"{number} second" for number in range(40))


def test_what_is_old_at_the_first_start_stays_old_for_files_that_waited(tmp_path: Path) -> None:
    """And what was written while they waited is new."""
    for number in range(40):
        append(tmp_path / f"{number:03}.log", f"{number} old")
    reading = Reading(tmp_path / "*.log", start_at=StartAt.END, max_open_files=8)
    reading.look_only()
    for number in range(40):
        append(tmp_path / f"{number:03}.log", f"{number} new")
    append(tmp_path / "later.log", "0 later")
    reading.settle()

    assert sorted(numbered(reading)) == sorted(["0 later", *(f"{n} new" for n in range(40))])


def test_a_file_without_a_descriptor_is_no_problem(tmp_path: Path) -> None:
    """It is followed; nobody needs to be told."""
    reading = parked(tmp_path)

    assert reading.tracker.unreadable == {}
    assert len(reading.tracker.watched()) == 12
    assert open_in(tmp_path) <= 8


@pytest.mark.parametrize("new", [b"0 x\n", b"0 other\n", b"much longer than it was before\n" * 9])
def test_a_closed_file_that_was_written_anew_is_read_anew(tmp_path: Path, new: bytes) -> None:
    """Truncated, refilled to the same size, or beyond: the bytes are compared when it is opened."""
    reading = parked(tmp_path)
    (tmp_path / "000.log").write_bytes(new)
    reading.settle()

    assert reading.lines == new.splitlines()


def test_a_closed_file_whose_number_went_to_another_is_read_from_its_beginning(
    tmp_path: Path,
) -> None:
    """Nothing holds the number of a file that is not open."""
    reading = parked(tmp_path)
    for number in range(12):
        path = tmp_path / f"{number:03}.log"
        path.unlink()
        append(path, f"{number} of another file", f"{number} again")
    reading.settle(seconds=40)

    expected = [f"{n} {what}" for n in range(12) for what in ("of another file", "again")]
    assert sorted(numbered(reading)) == sorted(expected)


@pytest.mark.parametrize("name", ["000.log.1", "old/000.log", "inside.log"])
def test_a_closed_file_that_was_renamed_is_read_on(tmp_path: Path, name: str) -> None:
    """Its writer may go on; only its number can lead to it."""
    (tmp_path / "old").mkdir()
    reading = parked(tmp_path)
    with (tmp_path / "000.log").open("ab", buffering=0) as writer:
        writer.write(b"before the rename\n")
        (tmp_path / "000.log").rename(tmp_path / name)
        append(tmp_path / "000.log", "in the new file")
        reading.settle()
        writer.write(b"after the rename\n")
        reading.settle()

    assert sorted(numbered(reading)) == [
        "after the rename",
        "before the rename",
        "in the new file",
    ]


def test_a_closed_file_that_was_deleted_is_forgotten_in_time(tmp_path: Path) -> None:
    """And its position is kept as one of the past."""
    reading = parked(tmp_path)
    for number in range(12):
        (tmp_path / f"{number:03}.log").unlink()
    reading.step()
    reading.later(minutes=11)
    reading.step()

    assert reading.tracker.watched() == []


def test_a_closed_file_that_is_denied_later_is_said_and_read_when_it_may_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody changed the log's permissions while it had no descriptor."""
    reading = parked(tmp_path)
    path = tmp_path / "000.log"
    append(path, "1")
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refusing(os.open, errno.EACCES))
        reading.settle()
        assert "Permission denied" in reading.tracker.unreadable[str(path)]
    reading.settle()

    assert numbered(reading) == ["1"]
    assert reading.tracker.unreadable == {}


def test_a_half_line_survives_that_its_file_is_closed(tmp_path: Path) -> None:
    """What was read of it is in memory, and is not read twice."""
    reading = parked(tmp_path)
    with (tmp_path / "000.log").open("ab") as file:
        file.write(b"first half, ")
    reading.settle()
    for number in range(1, 12):
        append(tmp_path / f"{number:03}.log", "x")
    reading.settle()
    with (tmp_path / "000.log").open("ab") as file:
        file.write(b"second half\n")
    reading.settle()

    assert [each for each in numbered(reading) if each != "x"] == ["first half, second half"]


def test_a_copy_of_a_closed_file_is_recognised(tmp_path: Path) -> None:
    """`copytruncate` with more logs than descriptors: the original is opened for a look."""
    for number in range(12):
        append(tmp_path / f"{number}.log", *(f"line {n} of log {number}" for n in range(3)))
    reading = Reading(tmp_path / "*.log*", max_open_files=8)
    reading.settle()
    for number in range(12):
        log = tmp_path / f"{number}.log"
        append(log, f"unread line of log {number}")
        (tmp_path / f"{number}.log.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
        append(log, f"after the truncation of log {number}")
    reading.settle(seconds=20)

    assert len(reading.lines) == len(set(reading.lines)) == 12 * 5


def test_a_file_that_lost_its_name_stays_open_while_it_is_written_to(tmp_path: Path) -> None:
    """Its writer holds it; its name says nothing any more."""
    reading = parked(tmp_path, files=20)
    with (tmp_path / "000.log").open("ab", buffering=0) as writer:
        writer.write(b"0\n")
        reading.step()
        (tmp_path / "000.log").unlink()
        for number in range(1, 10):
            for other in range(1, 20):
                append(tmp_path / f"{other:03}.log", "x")
            writer.write(f"{number}\n".encode())
            reading.settle(seconds=2)

    assert [each for each in numbered(reading) if each != "x"] == [str(n) for n in range(10)]


def test_rotations_without_end_do_not_use_up_the_descriptors(tmp_path: Path) -> None:
    """Old files keep a descriptor for ten minutes; a log rotated each second would need hundreds."""
    log = tmp_path / "app.log"
    reading = Reading(log, max_open_files=16)
    for number in range(100):
        append(log, str(number))
        reading.settle(seconds=1)
        log.rename(tmp_path / f"app.log.{number}")
    reading.settle()

    assert numbered(reading) == [str(n) for n in range(100)]
    assert reading.tracker.unreadable == {}


def test_a_limit_that_is_lowered_while_running_is_kept(tmp_path: Path) -> None:
    """`prlimit` on a running daemon: descriptors are given back, and room is left for sockets."""
    for number in range(100):
        append(tmp_path / f"{number:03}.log", "1")
    reading = Reading(tmp_path / "*.log")
    reading.settle(seconds=1)
    assert open_in(tmp_path) == 100
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (96, hard))
        reading.step()
        assert open_in(tmp_path) <= 32
        for number in range(100):
            append(tmp_path / f"{number:03}.log", "2")
        reading.settle(seconds=20)
        assert open_in(tmp_path) <= 32
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    reading.step()

    assert sorted(numbered(reading)) == ["1"] * 100 + ["2"] * 100
    assert reading.tracker.unreadable == {}


@pytest.mark.parametrize("code", [errno.EMFILE, errno.ENFILE])
def test_when_the_system_refuses_descriptors_some_are_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    """The whole system is short of them: what is open is read on, it is said, and it passes."""
    for number in range(40):
        append(tmp_path / f"{number:03}.log", "1")
    reading = Reading(tmp_path / "*.log")
    reading.settle(seconds=1)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", refusing(os.open, code))
        append(tmp_path / "new.log", "1")
        reading.settle(seconds=3)
        assert open_in(tmp_path) <= 24
        assert os.strerror(code) in reading.tracker.unreadable[OUT_OF_DESCRIPTORS]
        for number in range(40):
            append(tmp_path / f"{number:03}.log", "2")
        reading.settle(seconds=1)
        assert 41 < len(reading.lines) < 81
    reading.settle(seconds=200)

    assert sorted(numbered(reading)) == ["1"] * 41 + ["2"] * 40
    assert reading.tracker.unreadable == {}


def test_a_directory_that_cannot_be_listed_for_want_of_descriptors_is_not_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The belief that every file is gone would let go of all of them."""
    append(tmp_path / "app.log", "1")
    reading = Reading(tmp_path / "*.log")
    reading.step()
    with monkeypatch.context() as patched:
        patched.setattr(os, "scandir", refusing(os.scandir, errno.EMFILE))
        append(tmp_path / "app.log", "2")
        for _ in range(15):
            reading.step()
            reading.later(minutes=1)
        assert OUT_OF_DESCRIPTORS in reading.tracker.unreadable
    append(tmp_path / "app.log", "3")
    reading.settle(seconds=200)

    assert numbered(reading) == ["1", "2", "3"]
    assert reading.tracker.unreadable == {}


def refusing(real: Callable[..., object], code: int) -> Callable[..., object]:
    """Return a system call that refuses to open a log, or its directory."""

    def refuse(path: object, *rest: object, **named: object) -> object:
        if "pytest" in str(path):
            raise OSError(code, os.strerror(code))
        return real(path, *rest, **named)

    return refuse
