"""What happened while the daemon was down: read in order, and once."""

import gzip
import os
from pathlib import Path

import pytest

from logwatchd.sources.tracker import StartAt
from tests.fakes.reading import Reading, append, numbered
from tests.integration.test_rotation import shift


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log that is not there yet."""
    return tmp_path / "app.log"


def compress(path: Path) -> None:
    """Do as `gzip` does: write beside, with the time of the original, then remove that."""
    packed, times = path.with_name(path.name + ".gz"), path.stat()
    packed.write_bytes(gzip.compress(path.read_bytes()))
    os.utime(packed, ns=(times.st_atime_ns, times.st_mtime_ns))
    path.unlink()


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
def test_three_rotations_while_down_are_read_in_order(tmp_path: Path, log: Path, glob: str) -> None:
    """The oldest file first, then those that came and went, then the newest."""
    append(log, "read before")
    reading = Reading(tmp_path / glob)
    reading.step()
    reading.restart()
    append(log, "rest of the oldest")
    for number in range(3):
        shift(log)
        append(log, f"after rotation {number}")
        times = log.stat()
        os.utime(log, ns=(times.st_atime_ns, times.st_mtime_ns + number))
    reading.settle()

    expected = ["read before", "rest of the oldest", *(f"after rotation {n}" for n in range(3))]
    assert numbered(reading) == expected


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
@pytest.mark.parametrize("rest", [[], ["rest of the oldest", "and more of it"]])
def test_an_oldest_file_that_was_compressed_while_down_is_read_to_its_end(
    tmp_path: Path, log: Path, glob: str, rest: list[str]
) -> None:
    """Its number is gone, or another file's: its bytes tell which it was, and where to go on."""
    append(log, "read before")
    reading = Reading(tmp_path / glob)
    reading.step()
    reading.restart()
    append(log, *rest)
    for number in range(3):
        shift(log)
        append(log, f"after rotation {number}")
        times = log.stat()
        os.utime(log, ns=(times.st_atime_ns, times.st_mtime_ns + number))
    compress(tmp_path / "app.log.3")
    for _ in range(3):
        reading.settle()
        reading.later(minutes=11)
        reading.restart()

    after = [f"after rotation {n}" for n in range(3)]
    assert sorted(numbered(reading)) == sorted(["read before", *rest, *after])


@pytest.mark.parametrize("pack", [False, True])
@pytest.mark.parametrize("down", [False, True])
def test_copytruncate_outside_the_pattern_is_read_on_in_the_copy(
    log: Path, pack: bool, down: bool
) -> None:
    """What was written and not read before the truncation stands nowhere else."""
    append(log, *(f"line {n} of a log" for n in range(5)))
    reading = Reading(log)
    reading.step()
    if down:
        reading.restart()
    append(log, "line 5 of a log")
    copy = log.with_name("app.log.1")
    copy.write_bytes(log.read_bytes())
    os.truncate(log, 0)
    append(log, "line 6 of a log")
    if pack:
        compress(copy)
    for _ in range(3):
        reading.settle()
        reading.restart()

    assert sorted(numbered(reading)) == [f"line {n} of a log" for n in range(7)]


def test_a_half_line_in_a_file_that_was_compressed_while_down_is_made_whole(log: Path) -> None:
    """Its first half was read and not given out."""
    log.write_bytes(b"whole line\nfirst half, ")
    reading = Reading(log)
    reading.step()
    reading.restart()
    append(log, "second half")
    shift(log)
    compress(log.with_name("app.log.1"))
    append(log, "new")
    reading.settle()

    assert sorted(numbered(reading)) == ["first half, second half", "new", "whole line"]


def test_a_compressed_file_that_was_read_is_not_read_again(tmp_path: Path, log: Path) -> None:
    """A week of rotations, compressed one after the other, with restarts between them."""
    reading = Reading(log)
    for day in range(5):
        for number in range(9, 0, -1):
            old = tmp_path / f"app.log.{number}.gz"
            if old.exists():
                old.rename(tmp_path / f"app.log.{number + 1}.gz")
        if (tmp_path / "app.log.1").exists():
            shift(log)
            compress(tmp_path / "app.log.2")
        elif log.exists():
            shift(log)
        append(log, f"day {day}", "the same every day")
        reading.settle(seconds=2)
        if day % 2:
            reading.restart()
    reading.settle()

    assert [each for each in numbered(reading) if each[:3] == "day"] == [
        f"day {n}" for n in range(5)
    ]
    assert len(reading.lines) == 10


def test_a_compressed_file_that_is_damaged_stops_nothing(tmp_path: Path, log: Path) -> None:
    """Its rest is lost, the newer files are not."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    reading.restart()
    append(log, "2")
    log.unlink()
    (tmp_path / "app.log.1.gz").write_bytes(b"\x1f\x8b\x08\x00 broken")
    (tmp_path / "app.log.2.gz").mkdir()
    append(log, "3")
    reading.settle()

    assert numbered(reading) == ["1", "3"]


@pytest.mark.parametrize("name", ["app.log.1", "elsewhere"])
def test_a_file_renamed_while_down_is_known_by_its_number(
    tmp_path: Path, log: Path, name: str
) -> None:
    """Whether or not the pattern names it now."""
    append(log, "1")
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    reading.restart()
    append(log, "2")
    log.rename(tmp_path / name)
    append(log, "3")
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]


@pytest.mark.parametrize("place", ["logs/old", "logs/archived", "old", "backup-logs"])
def test_a_file_moved_to_where_rotations_keep_files_is_found(tmp_path: Path, place: str) -> None:
    """Logrotate's `olddir`, in the log's directory or beside it, with the daemon down."""
    (tmp_path / "logs").mkdir()
    (tmp_path / place).mkdir()
    log = tmp_path / "logs" / "app.log"
    append(log, "1")
    reading = Reading(log)
    reading.step()
    reading.restart()
    append(log, "2")
    log.rename(tmp_path / place / "app.log.2")
    append(log, "3")
    log.rename(tmp_path / place / "app.log.1")
    append(log, "4")
    reading.step()

    assert numbered(reading) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("glob", ["app.log", "*"])
def test_the_same_number_given_to_another_file_while_down_is_noticed(
    tmp_path: Path, log: Path, glob: str
) -> None:
    """Deleted and made anew: file systems give a number that was freed to the next file."""
    append(log, *(f"old {n}" for n in range(20)))
    reading = Reading(tmp_path / glob)
    reading.step()
    reading.restart()
    number = log.stat().st_ino
    log.unlink()
    append(log, *(f"new {n}" for n in range(40)))
    if log.stat().st_ino != number:
        pytest.skip("this file system does not give a number again at once")
    reading.step()

    assert numbered(reading)[20:] == [f"new {n}" for n in range(40)]


def test_a_number_given_to_a_neighbour_while_down_hides_no_line(tmp_path: Path, log: Path) -> None:
    """The log is gone, and its number belongs to a file with another name and the same head."""
    append(log, "started", "old line")
    reading = Reading(tmp_path / "*.log")
    reading.step()
    reading.restart()
    number = log.stat().st_ino
    log.unlink()
    append(tmp_path / "other.log", "started", "new line")
    if (tmp_path / "other.log").stat().st_ino != number:
        pytest.skip("this file system does not give a number again at once")
    append(log, "started", "newer line")
    reading.settle()

    assert sorted(numbered(reading)[2:]) == ["new line", "newer line", "started", "started"]


@pytest.mark.parametrize("rotate", [False, True])
def test_a_line_split_in_a_letter_is_one_line_after_a_restart(log: Path, rotate: bool) -> None:
    """Half of it was read before, the other half was written while the daemon was down."""
    letter = "한".encode()
    with log.open("ab", buffering=0) as writer:
        writer.write(b"whole\nhalf " + letter[:2])
        reading = Reading(log)
        reading.step()
        reading.restart()
        if rotate:
            shift(log)
        writer.write(letter[2:] + b" done\n")
    reading.step()

    assert numbered(reading) == ["whole", "half 한 done"]


def test_the_last_words_of_a_file_that_was_rotated_while_down_are_read(log: Path) -> None:
    """A writer that died without a newline; the rotation came while the daemon was down."""
    log.write_bytes(b"1\nlast words")
    reading = Reading(log)
    reading.step()
    reading.restart()
    shift(log)
    append(log, "2")
    reading.settle()

    assert sorted(numbered(reading)) == ["1", "2", "last words"]


def test_copytruncate_while_down_is_read_from_the_copy(tmp_path: Path, log: Path) -> None:
    """What was not read before lies behind the place in the copy."""
    append(log, *(f"line {n}" for n in range(5)))
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    reading.restart()
    append(log, "line 5")
    (tmp_path / "app.log.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)
    append(log, *(f"line {n}" for n in range(6, 30)))
    reading.settle()

    assert sorted(numbered(reading)) == sorted(f"line {n}" for n in range(30))


def test_several_restarts_without_a_line_change_nothing(tmp_path: Path, log: Path) -> None:
    """A service manager that restarts the daemon again and again."""
    append(log, "1")
    append(tmp_path / "app.log.1", "0")
    reading = Reading(tmp_path / "app.log*")
    for _ in range(5):
        reading.settle(seconds=2)
        reading.restart()
    append(log, "2")
    reading.settle()

    assert sorted(numbered(reading)) == ["0", "1", "2"]


def test_a_directory_that_is_gone_while_down_and_comes_back_is_resumed(tmp_path: Path) -> None:
    """A mount that is not there yet when the daemon starts."""
    logs = tmp_path / "logs"
    logs.mkdir()
    append(logs / "app.log", "1")
    reading = Reading(logs / "*.log", start_at=StartAt.END)
    reading.step()
    append(logs / "app.log", "2")
    reading.step()
    reading.restart()
    logs.rename(tmp_path / "away")
    reading.step()
    (tmp_path / "away").rename(logs)
    append(logs / "app.log", "3")
    reading.step()

    assert numbered(reading) == ["2", "3"]
