"""Logs that were made and rotated away between two looks, on real files, driven by hand."""

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.old_files import pack, shift
from tests.fakes.reading import Reading, append, numbered


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log that is not there yet."""
    return tmp_path / "app.log"


def rotate(log: Path, *, packed: bool = False, place: str = "") -> None:
    """Rotate as logrotate does: `.1` becomes `.2`, the log becomes `.1`."""
    shift(log, kept=20, place=place)
    first = log.parent / place / "app.log.1"
    log.rename(first)
    if packed:
        pack(first)


def left(log: Path) -> Reading:
    """Return a reading that saw a log leave and no other take its place."""
    append(log, "0")
    reading = Reading(log)
    reading.step()
    rotate(log)
    reading.step()
    return reading


@pytest.mark.parametrize("generations", [1, 2, 5, 11])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("killed", [False, True])
def test_logs_that_came_and_went_between_two_looks_are_read_in_order(
    log: Path, generations: int, packed: bool, killed: bool
) -> None:
    """Their predecessor had been seen to leave before: only the directory tells of them."""
    reading = left(log)
    for number in range(1, generations + 1):
        append(log, str(number))
        rotate(log, packed=packed)
    append(log, "last")
    if killed:
        reading.look_only()
        reading.restart()
    reading.settle()

    assert numbered(reading) == [*map(str, range(generations + 1)), "last"]


@pytest.mark.parametrize("place", ["old", "archive"])
def test_they_are_found_where_rotations_keep_old_files(log: Path, place: str) -> None:
    """`olddir`, also when it is made by the first rotation."""
    reading = left(log)
    (log.parent / place).mkdir()
    for number in range(1, 4):
        append(log, str(number))
        rotate(log, place=place)
    reading.settle()

    assert numbered(reading) == [str(n) for n in range(4)]


def test_a_log_with_a_date_is_found(log: Path) -> None:
    """`dateext`: the date stands behind the name or before its ending."""
    reading = left(log)
    for name in ("app.log-20260203", "app-2026-02-04.log", "app.log.2026-02-05_10"):
        append(log, name)
        log.rename(log.with_name(name))
    reading.settle()

    assert numbered(reading)[1:] == [
        "app.log-20260203",
        "app-2026-02-04.log",
        "app.log.2026-02-05_10",
    ]


def test_the_last_words_of_its_predecessor_hide_it_not(log: Path) -> None:
    """A writer that stays on the old file gives it a later time than that of the new one."""
    reading = left(log)
    append(log, "1")
    rotate(log)
    append(log.with_name("app.log.2"), "last words")
    append(log, "2")
    reading.settle()

    assert sorted(numbered(reading)) == ["0", "1", "2", "last words"]


def test_one_that_got_the_number_of_a_deleted_file_is_found(log: Path) -> None:
    """The oldest file is deleted, and the next one made gets its number: file systems do that."""
    old = log.with_name("app.log.27")
    append(old, "long ago")
    reading = left(log)
    number = old.stat().st_ino
    old.unlink()
    append(log, "1")
    if log.stat().st_ino != number:
        pytest.skip("this file system gives numbers anew later")
    rotate(log)
    reading.settle()

    assert numbered(reading) == ["0", "1"]


def test_a_log_that_is_still_empty_is_read_when_its_writer_writes(log: Path) -> None:
    """Nothing tells it from a copy before."""
    reading = left(log)
    with log.open("ab", buffering=0) as writer:
        rotate(log)
        append(log, "2")
        reading.step()
        reading.later(seconds=20)
        writer.write(b"1\n")
        reading.step()

    assert sorted(numbered(reading)) == ["0", "1", "2"]


def test_two_copies_between_two_looks_are_read_once_each(log: Path) -> None:
    """`copytruncate` twice: of the second life only the copy is left."""
    append(log, *(f"first {n} of a log that is rotated by copying" for n in range(30)))
    reading = Reading(log)
    reading.step()
    append(log, "first, unread")
    for life in ("first", "second", "third"):
        if life != "first":
            append(log, *(f"{life} {n} of a log that is rotated by copying" for n in range(30)))
        shift(log, kept=9)
        shutil.copyfile(log, log.with_name("app.log.1"))
        os.truncate(log, 0)
    append(log, "fourth")
    reading.settle()

    expected = [
        f"{life} {n} of a log that is rotated by copying"
        for life in ("first", "second", "third")
        for n in range(30)
    ]
    assert sorted(numbered(reading)) == sorted([*expected, "first, unread", "fourth"])


def a_backup(log: Path) -> None:
    """Copy the log."""
    shutil.copyfile(log, log.with_name("app.log.20260203"))


def a_neighbour(log: Path) -> None:
    """Start a second process, which has a log of its own."""
    append(log.with_name("app-2.log"), "of another process")


def an_old_log_unpacked(log: Path) -> None:
    """Unpack an old log to look into it: the time is the old one."""
    packed = log.with_name("app.log.27.gz")
    with gzip.open(packed) as file:
        log.with_name("app.log.27").write_bytes(file.read())
    os.utime(log.with_name("app.log.27"), ns=(0, packed.stat().st_mtime_ns))
    packed.unlink()


def an_old_log_packed(log: Path) -> None:
    """Pack what is old, a day late, as `delaycompress` does."""
    pack(log.with_name("app.log.28"))


@pytest.mark.parametrize("what", [a_backup, a_neighbour, an_old_log_unpacked, an_old_log_packed])
def test_what_comes_beside_a_log_and_was_none_is_not_read(
    log: Path, what: Callable[[Path], None]
) -> None:
    """Nobody asked for it: no pattern ever named it, or it was there before the daemon."""
    append(log.with_name("app.log.27"), "very old")
    append(log.with_name("app.log.28"), "older still")
    pack(log.with_name("app.log.27"))
    append(log, "0")
    reading = Reading(log)
    reading.settle()
    what(log)
    reading.settle()
    rotate(log)
    append(log, "1")
    reading.settle(seconds=20)

    assert numbered(reading) == ["0", "1"]


@pytest.mark.parametrize("what", [an_old_log_unpacked, an_old_log_packed])
def test_what_is_packed_or_unpacked_in_a_rotation_is_not_read(
    log: Path, what: Callable[[Path], None]
) -> None:
    """At the same moment a log could have come and gone; the bytes and the times tell."""
    append(log.with_name("app.log.27"), "very old")
    append(log.with_name("app.log.28"), "older still")
    os.utime(log.with_name("app.log.27"), ns=(0, 10**18))
    pack(log.with_name("app.log.27"))
    reading = left(log)
    what(log)
    reading.settle()

    assert numbered(reading) == ["0"]


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
@pytest.mark.parametrize("restart", [False, True])
def test_what_was_read_is_not_read_again_when_it_is_packed_at_last(
    tmp_path: Path, log: Path, glob: str, restart: bool
) -> None:
    """Weeks of rotations with `delaycompress`, and a restart now and then."""
    reading = Reading(tmp_path / glob)
    expected = []
    for number in range(6):
        append(log, *(f"{number} {n} a line of a log that is packed later" for n in range(40)))
        expected += [f"{number} {n} a line of a log that is packed later" for n in range(40)]
        reading.settle()
        if restart:
            reading.restart()
        if log.with_name("app.log.1").exists():
            pack(log.with_name("app.log.1"))
        rotate(log)
        reading.later(days=1)
        reading.settle()

    assert numbered(reading) == expected


def test_a_copy_that_got_the_number_of_a_deleted_file_is_known(tmp_path: Path, log: Path) -> None:
    """The oldest is deleted, and its number given to the next copy of what was read."""
    reading = Reading(tmp_path / "app.log*")
    line = "line {} of a log that is rotated by copying, and keeps no old file"
    expected = []
    for rotation in range(6):
        lines = [line.format(f"{rotation} {n}") for n in range(30)]
        append(log, *lines)
        expected += lines
        reading.settle()
        log.with_name("app.log.1").unlink(missing_ok=True)
        reading.later(minutes=11)
        reading.settle()
        shutil.copyfile(log, log.with_name("app.log.1"))
        os.truncate(log, 0)
        reading.settle()

    assert numbered(reading) == expected


def test_the_rest_in_a_copy_with_the_number_of_a_deleted_file_is_read(log: Path) -> None:
    """The same, with the copy in no pattern and lines in it that were not read before."""
    reading = Reading(log)
    line = "line {} of a log that is rotated by copying, and keeps no old file"
    expected = []
    for rotation in range(6):
        lines = [line.format(f"{rotation} {n}") for n in range(30)]
        append(log, *lines[:20])
        expected += lines
        reading.settle()
        append(log, *lines[20:])
        log.with_name("app.log.1").unlink(missing_ok=True)
        shutil.copyfile(log, log.with_name("app.log.1"))
        os.truncate(log, 0)
        reading.settle()
        reading.later(minutes=11)
        reading.settle()

    assert numbered(reading) == expected


@pytest.mark.parametrize("is_there", [False, True])
@pytest.mark.parametrize("numbers", [(299, 599, 899), (3, 2, 1), (2, 3, 4)])
def test_what_was_rotated_away_while_down_is_read_whichever_way_its_numbers_run(
    log: Path, numbers: tuple[int, ...], is_there: bool
) -> None:
    """Logrotate's numbers grow with age, those of other rotations fall with it."""
    append(log, "0")
    reading = Reading(log)
    reading.step()
    for at, number in enumerate(numbers):
        if at:
            append(log, str(at))
        rotated = log.with_name(f"app.log.{number}")
        log.rename(rotated)
        os.utime(rotated, (at + 1_000, at + 1_000))
    if is_there:
        append(log, "last")
    reading.restart()
    reading.settle()

    assert numbered(reading) == ["0", "1", "2", *(["last"] if is_there else [])]
