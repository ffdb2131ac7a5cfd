"""Rotation in every way that people set it up, on real files, driven by hand."""

import gzip
import os
import shutil
from pathlib import Path

import pytest

from tests.fakes.reading import Reading, append, numbered


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log that is not there yet."""
    return tmp_path / "app.log"


def shift(log: Path, kept: int = 9) -> None:
    """Rotate as logrotate does: `.1` becomes `.2`, the log becomes `.1`."""
    for number in range(kept, 0, -1):
        old = log.with_name(f"{log.name}.{number}")
        if old.exists():
            old.rename(log.with_name(f"{log.name}.{number + 1}"))
    log.rename(log.with_name(f"{log.name}.1"))


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
def test_a_writer_may_stay_on_the_old_file_for_minutes(
    tmp_path: Path, log: Path, glob: str
) -> None:
    """A service that is told to reopen its log only at the end of a long request."""
    append(log, "0")
    reading = Reading(tmp_path / glob)
    reading.step()
    with log.open("ab", buffering=0) as writer:
        log.rename(tmp_path / "app.log.1")
        append(log, "new 0")
        for minute in range(1, 30):
            writer.write(f"{minute}\n".encode())
            append(log, f"new {minute}")
            reading.later(minutes=1)
            reading.step()

    old = [each for each in numbered(reading) if not each.startswith("new")]
    assert old == [str(n) for n in range(30)]
    assert [each for each in numbered(reading) if each not in old] == [
        f"new {n}" for n in range(30)
    ]


def test_an_old_file_is_closed_when_it_was_silent_for_long_enough(
    tmp_path: Path, log: Path
) -> None:
    """Or a week of rotations would be a week of descriptors."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    shift(log)
    append(log, "2")
    reading.step()
    reading.later(minutes=11)
    reading.step()

    assert [each.path for each in reading.tracker.watched()] == [str(log)]


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
def test_a_chain_of_renames_is_followed_with_lines_in_every_file(
    tmp_path: Path, log: Path, glob: str
) -> None:
    """`.1` to `.2` to `.3`: the number in the name moves, the file is the same."""
    reading = Reading(tmp_path / glob)
    expected = []
    for number in range(6):
        append(log, f"{number} first")
        reading.step()
        append(log, f"{number} unread when it was renamed")
        shift(log)
        append(tmp_path / "app.log.1", f"{number} after the rename")
        expected += [f"{number} {what}" for what in ("first", "unread when it was renamed")]
        expected.append(f"{number} after the rename")
        reading.step()
        reading.later(seconds=1)

    assert numbered(reading) == expected


@pytest.mark.parametrize("restart", [False, True])
def test_five_rotations_between_two_looks_lose_nothing(log: Path, restart: bool) -> None:
    """The pattern names the newest file only; those between were never seen under it."""
    reading = Reading(log)
    append(log, "0")
    reading.step()
    if restart:
        reading.restart()
    for number in range(1, 6):
        shift(log)
        append(log, str(number))
        os.utime(log, ns=(log.stat().st_atime_ns, log.stat().st_mtime_ns + number))
    reading.settle()

    assert sorted(numbered(reading)) == [str(n) for n in range(6)]


def test_a_new_file_each_day_is_read_beside_the_last_words_of_yesterday(tmp_path: Path) -> None:
    """Daily names: nothing is renamed, the writer moves on."""
    reading = Reading(tmp_path / "app.*.log")
    yesterday, today = tmp_path / "app.2026-02-02.log", tmp_path / "app.2026-02-03.log"
    append(yesterday, "started")
    reading.step()
    append(today, "started")
    append(yesterday, "last request of the day")
    reading.step()
    append(today, "first request")
    reading.step()

    assert sorted(numbered(reading)) == [
        "first request",
        "last request of the day",
        "started",
        "started",
    ]


def test_a_link_of_the_day_beside_the_daily_files_tells_no_line_twice(tmp_path: Path) -> None:
    """`current.log` points at today's file, and the pattern names both."""
    reading = Reading(tmp_path / "*.log")
    for day in ("02", "03", "04"):
        append(tmp_path / f"app.2026-02-{day}.log", f"day {day}")
        link = tmp_path / "new-link"
        link.symlink_to(f"app.2026-02-{day}.log")
        link.rename(tmp_path / "current.log")
        reading.step()
        append(tmp_path / "current.log", f"through the link {day}")
        reading.step()

    expected = [
        f"{what} {day}" for day in ("02", "03", "04") for what in ("day", "through the link")
    ]
    assert numbered(reading) == expected


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
def test_copytruncate_under_load_counts_every_line_once(
    tmp_path: Path, log: Path, glob: str
) -> None:
    """The writer never pauses; the copy holds what was not read before the truncation."""
    reading = Reading(tmp_path / glob)
    written = 0
    with log.open("ab", buffering=0) as writer:
        for rotation in range(8):
            for _ in range(25):
                writer.write(f"line {written} of a log that is rotated by copying\n".encode())
                written += 1
                if written % 10 == 0:
                    reading.step()
            for number in range(rotation, 0, -1):
                (tmp_path / f"app.log.{number}").rename(tmp_path / f"app.log.{number + 1}")
            shutil.copyfile(log, tmp_path / "app.log.1")
            os.truncate(log, 0)
            reading.later(seconds=1)
    reading.settle()

    expected = [f"line {n} of a log that is rotated by copying" for n in range(written)]
    assert sorted(numbered(reading)) == sorted(expected)


@pytest.mark.parametrize("down", [False, True])
@pytest.mark.parametrize(
    "after",
    [b"short\n", b"B" * 29 + b"\n", b"B" * 80 + b"\n" + b"C" * 80 + b"\n"],
    ids=["smaller", "same size", "larger"],
)
def test_a_file_written_anew_is_read_anew(log: Path, down: bool, after: bytes) -> None:
    """Its size says nothing: only the bytes before the place tell."""
    log.write_bytes(b"A" * 29 + b"\n")
    reading = Reading(log)
    reading.step()
    if down:
        reading.restart()
    log.write_bytes(after)
    reading.step()

    assert reading.lines == [b"A" * 29, *after.splitlines()]


def test_lines_of_one_length_that_end_alike_hide_no_rewriting(log: Path) -> None:
    """The bytes before the place are the same in both; the first bytes are not."""
    ending = " of a log whose lines are all of one length and end alike" * 2
    append(log, *(f"line {n}{ending}" for n in range(10, 20)))
    reading = Reading(log)
    reading.step()
    log.write_text("".join(f"line {n}{ending}\n" for n in range(20, 35)))
    reading.step()

    assert numbered(reading) == [f"line {n}{ending}" for n in range(10, 35)]


def test_a_shrunken_file_that_keeps_its_end_is_read_again(log: Path) -> None:
    """A job that keeps the last lines of a log: what stands there cannot be told from new lines.

    Telling a line twice is better than not at all.
    """
    append(log, *(f"line {n}" for n in range(10)))
    reading = Reading(log)
    reading.step()
    log.write_text("line 9\nline 10\n")
    reading.step()

    assert numbered(reading)[-2:] == ["line 9", "line 10"]


@pytest.mark.parametrize("place", ["old", "archive/2026"])
def test_a_file_moved_to_another_directory_is_read_to_its_end(
    tmp_path: Path, log: Path, place: str
) -> None:
    """Logrotate's `olddir`: no pattern names it any more, but its descriptor is open."""
    (tmp_path / place).mkdir(parents=True)
    append(log, "1")
    reading = Reading(log)
    reading.step()
    with log.open("ab", buffering=0) as writer:
        log.rename(tmp_path / place / "app.log.1")
        writer.write(b"2\n")
        append(log, "4")
        reading.step()
        reading.later(minutes=2)
        writer.write(b"3\n")
        reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3", "4"]


def test_two_quick_rotations_into_another_directory_lose_nothing(tmp_path: Path, log: Path) -> None:
    """The file between them was never seen under the log's name."""
    old = tmp_path / "old"
    old.mkdir()
    append(log, "1")
    reading = Reading(log)
    reading.step()
    log.rename(old / "app.log.2")
    append(log, "2")
    log.rename(old / "app.log.1")
    append(log, "3")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3"]


def test_a_line_is_completed_by_its_writer_after_the_rotation(tmp_path: Path, log: Path) -> None:
    """Half a line, a rename, the other half to the same descriptor: one line, split in a letter."""
    letter = "한".encode()
    with log.open("ab", buffering=0) as writer:
        writer.write(b"whole\nhalf " + letter[:1])
        reading = Reading(log)
        reading.step()
        shift(log)
        append(log, "new")
        reading.step()
        reading.later(seconds=2)
        writer.write(letter[1:] + b"\n")
        reading.step()

    assert sorted(numbered(reading)) == ["half 한", "new", "whole"]


def test_compressed_files_are_never_read_as_text(tmp_path: Path, log: Path) -> None:
    """Neither finished ones nor one that is being written, beside a plain file still unread."""
    append(log, "1")
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    append(log, "2")
    shift(log)
    append(log, "3")
    packed = gzip.compress((tmp_path / "app.log.1").read_bytes())
    (tmp_path / "app.log.1.gz").write_bytes(packed[:9])
    reading.step()
    (tmp_path / "app.log.1.gz").write_bytes(packed)
    (tmp_path / "app.log.1").unlink()
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]


def test_a_plain_file_compressed_before_it_was_read_to_its_end_loses_nothing(
    tmp_path: Path, log: Path
) -> None:
    """`gzip` removes the file; the descriptor still leads to its bytes."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    append(log, "2")
    shift(log)
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress((tmp_path / "app.log.1").read_bytes()))
    (tmp_path / "app.log.1").unlink()
    append(log, "3")
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]


def test_a_burst_that_is_renamed_at_once_is_read_whole(log: Path) -> None:
    """More than is read in one go lies in the file when its name is taken away."""
    append(log, "first")
    reading = Reading(log)
    reading.step()
    with log.open("ab") as writer:
        writer.writelines(b"line %d of a burst of lines\n" % n for n in range(50_000))
    shift(log)
    append(log, "last")
    reading.step()

    assert len(set(reading.lines)) == len(reading.lines) == 50_002


def test_a_file_deleted_before_its_end_was_read_is_read_to_its_end(log: Path) -> None:
    """And the one that takes its name is another one."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    for number in range(2, 8, 2):
        append(log, str(number))
        log.unlink()
        append(log, str(number + 1))
        reading.step()

    assert numbered(reading) == [str(n) for n in range(1, 8)]


@pytest.mark.parametrize("refilled", [False, True])
def test_a_copy_that_lacks_the_last_line_read_is_not_read_again(
    tmp_path: Path, refilled: bool
) -> None:
    """A line written, and read, between the copying and the emptying stands in no copy."""
    log = tmp_path / "app.log"
    lines = [f"line number {n} of a log that is long enough" for n in range(40)]
    append(log, *lines)
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    (tmp_path / "app.log.1").write_bytes(log.read_bytes())
    reading.step()
    append(log, "between")
    reading.step()
    os.truncate(log, 0)
    if refilled:
        append(log, "after")
    reading.settle()

    assert numbered(reading) == [*lines, "between", *(["after"] if refilled else [])]
