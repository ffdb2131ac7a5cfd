"""What can happen to a log file, each on real files, driven by hand: nothing waits."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from logwatchd.domain.position import FileState
from logwatchd.sources.tracker import StartAt
from tests.fakes.reading import Reading, append, numbered


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log that is not there yet."""
    return tmp_path / "app.log"


def test_lines_are_given_once_and_in_order(log: Path) -> None:
    """The plain case: a file that grows."""
    append(log, "one", "two")
    reading = Reading(log)
    reading.step()
    append(log, "three")
    reading.step()

    assert numbered(reading) == ["one", "two", "three"]


def test_a_line_is_given_when_its_newline_is_there(log: Path) -> None:
    """A writer's half line must not become an event, whatever lies between its halves."""
    log.write_bytes(b"whole\nha")
    reading = Reading(log)
    reading.step()
    with log.open("ab") as file:
        file.write("lf 한".encode()[:-1])
    reading.step()
    assert numbered(reading) == ["whole"]

    with log.open("ab") as file:
        file.write("한".encode()[-1:] + b"\n")
    reading.step()

    assert numbered(reading) == ["whole", "half 한"]


def test_the_first_start_begins_at_the_end_behind_the_last_whole_line(log: Path) -> None:
    """A new installation must not tell last month's errors, nor lose the line being written."""
    log.write_bytes(b"old\nbeing wri")
    reading = Reading(log, start_at=StartAt.END)
    reading.step()
    with log.open("ab") as file:
        file.write(b"tten\n")
    reading.step()

    assert numbered(reading) == ["being written"]


def test_a_file_that_appears_later_is_read_from_its_beginning(log: Path) -> None:
    """Nobody has seen its lines yet."""
    reading = Reading(log, start_at=StartAt.END)
    reading.step()
    append(log, "first")
    reading.step()

    assert numbered(reading) == ["first"]


def test_a_file_that_appeared_while_down_is_read_from_its_beginning(
    tmp_path: Path, log: Path
) -> None:
    """The daily file of midnight, with the daemon being restarted at midnight."""
    append(log, "yesterday")
    reading = Reading(tmp_path / "*.log", start_at=StartAt.END)
    reading.step()
    reading.restart()
    append(tmp_path / "next.log", "today")
    reading.step()

    assert numbered(reading) == ["today"]


def test_an_empty_directory_counts_as_watched_across_a_restart(tmp_path: Path, log: Path) -> None:
    """The first file of all is written while the daemon is down."""
    reading = Reading(tmp_path / "*.log", start_at=StartAt.END)
    reading.step()
    reading.restart()
    append(log, "first")
    reading.step()

    assert numbered(reading) == ["first"]


def test_a_pattern_that_is_new_begins_at_the_end(tmp_path: Path, log: Path) -> None:
    """Adding a directory of old logs to the settings must not tell them all."""
    append(log, "a")
    other = tmp_path / "other"
    other.mkdir()
    append(other / "old.txt", "months of old lines")
    reading = Reading(log, start_at=StartAt.END)
    reading.step()
    reading.patterns = (str(log), str(other))
    reading.restart()
    append(log, "b")
    reading.step()
    append(other / "old.txt", "new")
    reading.step()

    assert numbered(reading) == ["b", "new"]


def test_a_restart_goes_on_where_reading_stood(log: Path) -> None:
    """Lines written while the daemon was down are read, none twice."""
    append(log, "one", "two")
    reading = Reading(log)
    reading.step()
    reading.restart()
    append(log, "three")
    reading.step()

    assert numbered(reading) == ["one", "two", "three"]


def test_a_partial_line_across_a_restart_is_completed_once(log: Path) -> None:
    """What was held in memory is read again."""
    log.write_bytes(b"one\ntw")
    reading = Reading(log)
    reading.step()
    reading.restart()
    with log.open("ab") as file:
        file.write(b"o\n")
    reading.step()

    assert numbered(reading) == ["one", "two"]


@pytest.mark.parametrize("glob", ["app.log", "app.log*"])
@pytest.mark.parametrize("restart", [False, True])
def test_rename_rotation_loses_and_repeats_nothing(
    tmp_path: Path, log: Path, glob: str, restart: bool
) -> None:
    """The writer goes on writing to the old file for a while, inside and outside the pattern."""
    append(log, "1", "2")
    reading = Reading(tmp_path / glob)
    reading.step()
    if restart:
        reading.restart()
    rotated = tmp_path / "app.log.1"
    with log.open("ab") as writer:
        writer.write(b"3\n")
        log.rename(rotated)
        append(log, "5")
        writer.write(b"4\n")
    reading.step()
    append(rotated, "4b")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3", "4", "4b", "5"]


def test_a_chain_of_rotations_within_one_look_is_read_whole(tmp_path: Path, log: Path) -> None:
    """`.1` becomes `.2`, five times between two looks, inside the pattern."""
    reading = Reading(tmp_path / "app.log*")
    append(log, "0")
    reading.step()
    for number in range(1, 6):
        for old in range(number - 1, 0, -1):
            (tmp_path / f"app.log.{old}").rename(tmp_path / f"app.log.{old + 1}")
        log.rename(tmp_path / "app.log.1")
        append(log, str(number))
    reading.step()

    assert sorted(numbered(reading)) == [str(n) for n in range(6)]


def test_files_rotated_away_while_down_are_finished_first(tmp_path: Path, log: Path) -> None:
    """The rest of the old file is found by its number, outside the pattern."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    reading.restart()
    append(log, "2")
    log.rename(tmp_path / "app.log.1")
    append(log, "3")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3"]


def test_the_last_line_of_a_rotated_file_is_taken_without_its_newline(
    tmp_path: Path, log: Path
) -> None:
    """A writer that died in the middle of its last words."""
    append(log, "1")
    with log.open("ab") as file:
        file.write(b"last words")
    reading = Reading(log)
    reading.step()
    log.rename(tmp_path / "app.log.1")
    append(log, "2")
    reading.step()
    reading.later(seconds=6)
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "last words"]


def test_copytruncate_outside_the_pattern_starts_over(log: Path) -> None:
    """The emptied file is read from its first byte."""
    append(log, "1", "2")
    reading = Reading(log)
    reading.step()
    os.truncate(log, 0)
    append(log, "3")
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]
    assert reading.tracker.truncations == 1


@pytest.mark.parametrize("new", ["x" * 7, "much longer than what was there before"])
def test_a_file_emptied_and_refilled_between_two_looks_is_noticed(log: Path, new: str) -> None:
    """To the same size or beyond: only the bytes before the place can tell."""
    append(log, "a" * 7)
    reading = Reading(log)
    reading.step()
    os.truncate(log, 0)
    append(log, new)
    reading.step()

    assert numbered(reading) == ["a" * 7, new]


@pytest.mark.parametrize("down", [False, True])
def test_a_copy_inside_the_pattern_is_not_read_twice(tmp_path: Path, log: Path, down: bool) -> None:
    """`copytruncate`: the copy also holds lines that were not read before the truncation."""
    append(log, "line number one", "line number two")
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    if down:
        reading.restart()
    append(log, "unread when it was emptied")
    (tmp_path / "app.log.1").write_bytes(log.read_bytes())
    os.truncate(log, 0)
    append(log, "after")
    reading.step()
    reading.later(seconds=1)
    reading.step()

    assert sorted(numbered(reading)) == [
        "after",
        "line number one",
        "line number two",
        "unread when it was emptied",
    ]


def test_a_copy_seen_before_the_original_is_emptied_is_waited_for(
    tmp_path: Path, log: Path
) -> None:
    """Copying takes time, and the look may fall in between."""
    append(log, "line number one", "line number two")
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    (tmp_path / "app.log.1").write_bytes(log.read_bytes()[:9])
    reading.step()
    (tmp_path / "app.log.1").write_bytes(log.read_bytes())
    reading.step()
    os.truncate(log, 0)
    append(log, "after")
    reading.step()
    reading.step()

    assert numbered(reading) == ["line number one", "line number two", "after"]


def test_a_backup_of_a_living_log_is_not_told_again(tmp_path: Path, log: Path) -> None:
    """`cp app.log app.log.bak`: the log itself tells its lines, as far as they were compared."""
    lines = [f"line number {n} of a log that is long enough" for n in range(40)]
    append(log, *lines)
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    (tmp_path / "app.log.bak").write_bytes(log.read_bytes())
    for _ in range(8):
        reading.later(seconds=1)
        reading.step()
    append(tmp_path / "app.log.bak", "only in the backup")
    reading.step()

    assert numbered(reading) == [*lines, "only in the backup"]


@pytest.mark.parametrize("down", [False, True])
def test_files_that_came_and_went_unseen_are_read(tmp_path: Path, log: Path, down: bool) -> None:
    """Rotated twice: the pattern names only the newest, and the one between was never seen."""
    append(log, "1")
    (tmp_path / "app.log.9").write_text("older than what is known\n")
    os.utime(tmp_path / "app.log.9", (1, 1))
    (tmp_path / "app.log.bak").write_text("not a rotation\n")
    reading = Reading(log)
    reading.step()
    if down:
        reading.restart()
    reading.later(seconds=1)
    append(log, "2")
    log.rename(tmp_path / "app.log.2")
    (tmp_path / "app.log.1").write_text("3\n")
    append(log, "4")
    (tmp_path / "app.log.bak").write_text("still not a rotation\n")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3", "4"]


def test_a_copy_is_recognised_though_its_original_was_renamed_since(
    tmp_path: Path, log: Path
) -> None:
    """Two rotations between two looks, one of each kind."""
    append(log, "line number one", "line number two")
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    append(log, "unread")
    (tmp_path / "app.log.2").write_bytes(log.read_bytes())
    os.truncate(log, 0)
    append(log, "after")
    log.rename(tmp_path / "app.log.1")
    append(log, "newest")
    for _ in range(8):
        reading.later(seconds=1)
        reading.step()

    assert sorted(numbered(reading)) == [
        "after",
        "line number one",
        "line number two",
        "newest",
        "unread",
    ]


def test_two_logs_that_begin_alike_are_both_read(tmp_path: Path) -> None:
    """Equal lines of two services are two events."""
    reading = Reading(tmp_path / "*.log")
    append(tmp_path / "a.log", "same line")
    reading.step()
    append(tmp_path / "b.log", "same line")
    reading.step()

    assert numbered(reading) == ["same line", "same line"]


def test_daily_files_that_begin_alike_are_both_read(tmp_path: Path) -> None:
    """The names of two days are not derived from each other."""
    reading = Reading(tmp_path / "server.*.log")
    append(tmp_path / "server.2026-02-02.log", "started")
    reading.step()
    append(tmp_path / "server.2026-02-03.log", "started")
    reading.step()

    assert numbered(reading) == ["started", "started"]


def test_a_file_deleted_and_made_again_is_read_from_its_beginning(log: Path) -> None:
    """The same name, another file."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    with log.open("ab") as writer:
        writer.write(b"2\n")
        log.unlink()
    append(log, "3")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3"]


def test_a_deleted_file_is_let_go_so_that_its_space_is_freed(log: Path) -> None:
    """A shipper that keeps deleted files open fills the disk it watches."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    log.unlink()
    reading.step()
    assert len(reading.tracker.watched()) == 1

    reading.later(seconds=31)
    reading.step()

    assert reading.tracker.watched() == []


def test_a_file_replaced_by_another_is_read_whole(tmp_path: Path, log: Path) -> None:
    """An editor or a deployment writes beside and renames over."""
    append(log, "1", "2")
    reading = Reading(log)
    reading.step()
    other = tmp_path / "new"
    append(other, "3")
    other.rename(log)
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]


def test_a_number_given_to_another_file_while_down_is_noticed(log: Path) -> None:
    """Inode reuse: the head and the marker are of another file."""
    append(log, "first life, first line", "first life, second line")
    reading = Reading(log)
    reading.step()
    reading.restart()
    log.write_bytes(b"second life, first line\nsecond life, second line\nand a third line\n")
    reading.step()

    assert numbered(reading)[2:] == [
        "second life, first line",
        "second life, second line",
        "and a third line",
    ]


def test_hard_links_and_inner_symlinks_are_one_file(tmp_path: Path, log: Path) -> None:
    """Two names for one file are one log."""
    append(log, "1")
    os.link(log, tmp_path / "hard.log")
    (tmp_path / "current.log").symlink_to(log)
    reading = Reading(tmp_path / "*.log")
    reading.step()

    assert numbered(reading) == ["1"]


def test_what_is_no_log_is_not_opened(tmp_path: Path, log: Path) -> None:
    """A FIFO would block, a link may lead to a secret, a compressed file is no text."""
    append(log, "1")
    os.mkfifo(tmp_path / "pipe.log")
    (tmp_path / "dir.log").mkdir()
    (tmp_path / "zero.log").symlink_to("/dev/zero")
    (tmp_path / "passwd.log").symlink_to("/etc/passwd")
    (tmp_path / "dangling.log").symlink_to(tmp_path / "nowhere")
    (tmp_path / "app.log.gz").write_bytes(b"\x1f\x8b junk\n")
    reading = Reading(tmp_path / "*")
    reading.step()

    assert numbered(reading) == ["1"]


def test_a_link_may_lead_elsewhere_when_that_is_allowed(tmp_path: Path) -> None:
    """Containers' logs are links into another directory."""
    target = tmp_path / "elsewhere" / "real.log"
    target.parent.mkdir()
    append(target, "1")
    links = tmp_path / "links"
    links.mkdir()
    (links / "app.log").symlink_to(target)
    reading = Reading(links / "*.log")
    reading.tracker.follow_symlinks = True
    reading.step()

    assert numbered(reading) == ["1"]


def test_a_switched_symlink_leads_to_the_new_file(tmp_path: Path) -> None:
    """`current.log` of the day, or a Kubernetes `..data` directory."""
    first, second, link = tmp_path / "1.txt", tmp_path / "2.txt", tmp_path / "current.log"
    append(first, "one")
    append(second, "two")
    link.symlink_to(first)
    reading = Reading(tmp_path / "*.log")
    reading.step()
    link.unlink()
    link.symlink_to(second)
    reading.step()

    assert numbered(reading) == ["one", "two"]


def test_files_in_new_subdirectories_are_found(tmp_path: Path) -> None:
    """`**` goes down, also into what is made later."""
    reading = Reading(tmp_path / "**" / "*.log")
    reading.step()
    (tmp_path / "a" / "b").mkdir(parents=True)
    append(tmp_path / "a" / "b" / "app.log", "deep")
    reading.step()

    assert numbered(reading) == ["deep"]


def test_a_directory_stands_for_the_files_in_it(tmp_path: Path, log: Path) -> None:
    """A directory in the settings needs no glob."""
    append(log, "1")
    reading = Reading(tmp_path)
    reading.step()

    assert numbered(reading) == ["1"]


def test_a_directory_moved_away_and_back_loses_nothing(tmp_path: Path) -> None:
    """The descriptor stays good; the name comes back to the same file."""
    directory = tmp_path / "logs"
    directory.mkdir()
    append(directory / "app.log", "1")
    reading = Reading(directory / "*.log")
    reading.step()
    directory.rename(tmp_path / "away")
    append(tmp_path / "away" / "app.log", "2")
    reading.step()
    (tmp_path / "away").rename(directory)
    append(directory / "app.log", "3")
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]


def test_a_file_without_permission_is_read_when_it_is_granted(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As root no file is closed to us, so the system call is made to refuse."""
    append(log, "1")
    reading = Reading(log)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", _refusing(os.open))
        reading.step()
        assert "Permission denied" in reading.tracker.unreadable[str(log)]

    reading.step()

    assert numbered(reading) == ["1"]
    assert reading.tracker.unreadable == {}


def _refusing(real: Callable[..., int]) -> Callable[..., int]:
    def refuse(path: str, flags: int, *rest: int, **named: int) -> int:
        if str(path).endswith(".log"):
            raise PermissionError(13, "Permission denied")
        return real(path, flags, *rest, **named)

    return refuse


def test_an_overlong_line_is_cut_and_the_next_one_is_whole(log: Path) -> None:
    """One line without end must not blind the monitor nor fill its memory."""
    reading = Reading(log)
    reading.tracker.max_line_bytes = 1000
    with log.open("ab") as file:
        file.write(b"before\n" + b"x" * 700_000)
    reading.step()
    with log.open("ab") as file:
        file.write(b"y" * 700_000 + b"\nafter\n")
    reading.step()

    assert numbered(reading) == ["before", "after"]
    assert [len(each) for each in reading.cut] == [1000]


def test_a_restart_inside_an_overlong_line_reads_it_as_one(log: Path) -> None:
    """Its position stays before it until its newline is there."""
    reading = Reading(log)
    reading.tracker.max_line_bytes = 1000
    with log.open("ab") as file:
        file.write(b"before\n" + b"x" * 700_000)
    reading.step()
    reading.restart()
    reading.tracker.max_line_bytes = 1000
    with log.open("ab") as file:
        file.write(b"\nafter\n")
    reading.step()

    assert numbered(reading) == ["before", "after"]
    assert len(reading.cut) == 1


def test_a_name_that_is_not_utf8_is_followed_all_the_same(tmp_path: Path) -> None:
    """Its position must still go into a database of text."""
    path = os.fsencode(tmp_path) + b"/\xff\xfe.log"
    with open(path, "wb") as file:  # noqa: PTH123 -- a path of bytes
        file.write(b"1\n")
    reading = Reading(tmp_path / "*.log")
    reading.step()

    assert numbered(reading) == ["1"]
    assert all(each.path.encode("utf-8") for each in reading.kept.values())


def test_past_lives_are_remembered_as_rotated(log: Path) -> None:
    """So that a copy of them can be recognised later."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    os.truncate(log, 0)
    append(log, "2")
    reading.step()

    states = sorted(each.state for each in reading.kept.values())
    assert states == [FileState.LIVE, FileState.PATTERN, FileState.ROTATED]


@pytest.mark.parametrize("restarts", [1, 2, 3])
def test_a_file_that_left_the_pattern_is_read_on_after_restarts(
    tmp_path: Path, log: Path, restarts: int
) -> None:
    """Renamed, noticed, and killed before its rest was read: not once, but at each restart."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    log.rename(tmp_path / "app.log.1")
    reading.step()
    for number in range(restarts):
        append(tmp_path / "app.log.1", f"rest {number}")
        reading.restart()
        reading.look_only()
        reading.restart()
    append(log, "new")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "new", *(f"rest {n}" for n in range(restarts))]


def test_a_neighbour_that_begins_alike_is_read(tmp_path: Path, log: Path) -> None:
    """`app-worker.log` says `service started` too; that makes it no copy of `app.log`."""
    append(log, "service started")
    reading = Reading(tmp_path / "app*.log*")
    reading.step()
    worker = tmp_path / "app-worker.log"
    append(worker, "service started")
    reading.step()
    append(worker, "error of the worker")
    for _ in range(8):
        reading.later(seconds=1)
        reading.step()

    assert numbered(reading) == ["service started", "service started", "error of the worker"]


def test_a_neighbour_that_keeps_growing_is_not_held(tmp_path: Path, log: Path) -> None:
    """Its first line of its own says that it is no copy."""
    append(log, "service started", "a line of the service")
    reading = Reading(tmp_path / "app*.log*")
    reading.step()
    for number in range(20):
        append(tmp_path / "app-2026.log", f"line {number}")
        reading.later(seconds=3)
        reading.step()

    assert len(reading.lines) == 22


def test_the_first_start_at_the_end_holds_for_small_rotated_files_too(
    tmp_path: Path, log: Path
) -> None:
    """A new installation must not tell last week's errors, in whatever file they stand."""
    append(log, *("x" * 50 for _ in range(50)))
    append(tmp_path / "app.log.1", "old error")
    append(tmp_path / "app_error.log", "another old error")
    reading = Reading(tmp_path / "app*.log*", start_at=StartAt.END)
    for _ in range(8):
        reading.step()
        reading.later(seconds=1)
    append(log, "new")
    reading.step()

    assert numbered(reading) == ["new"]


def test_a_file_that_was_held_and_left_is_read(tmp_path: Path, log: Path) -> None:
    """Two quick rotations: what waited to be recognised must not be dropped unread."""
    append(log, "one")
    reading = Reading(tmp_path / "app.log*")
    reading.step()
    held = tmp_path / "app.log.1"
    held.touch()
    reading.step()
    append(held, "two")
    held.rename(tmp_path / "elsewhere")
    reading.step()

    assert numbered(reading) == ["one", "two"]


def test_a_name_that_goes_and_comes_back_is_not_rotated_for_good(tmp_path: Path, log: Path) -> None:
    """A mount that blinks: a line written in two halves is one line all the same."""
    append(log, "1")
    reading = Reading(log)
    reading.step()
    log.rename(tmp_path / "away")
    reading.step()
    (tmp_path / "away").rename(log)
    reading.step()
    with log.open("ab") as file:
        file.write(b"first half, ")
    reading.step()
    reading.later(seconds=6)
    reading.step()
    with log.open("ab") as file:
        file.write(b"second half\n")
    reading.step()

    assert numbered(reading) == ["1", "first half, second half"]


def test_a_device_that_has_another_number_after_a_reboot_is_the_same(log: Path) -> None:
    """Network and overlay file systems are numbered anew at each mount."""
    append(log, "1", "2")
    reading = Reading(log)
    reading.step()
    reading.kept = {
        key: replace(each, device=each.device + 1, key=f"moved-{key}")
        if each.state is FileState.LIVE
        else each
        for key, each in reading.kept.items()
    }
    reading.restart()
    append(log, "3")
    reading.step()

    assert numbered(reading) == ["1", "2", "3"]


@pytest.mark.parametrize("restart", [False, True])
def test_a_path_taken_out_of_the_settings_is_followed_no_more(
    tmp_path: Path, log: Path, restart: bool
) -> None:
    """It still has its name: it was not rotated, nobody wants it."""
    other = tmp_path / "other.log"
    append(log, "1")
    append(other, "a")
    reading = Reading(log, other)
    reading.step()
    reading.patterns = (str(log),)
    if restart:
        reading.restart()
    else:
        reading.tracker.reconfigure(reading.patterns)
    reading.step()
    append(log, "2")
    append(other, "b")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "a"]


def test_what_is_gone_is_no_problem_any_more(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that could not be read and was deleted must not degrade the daemon for ever."""
    append(log, "1")
    reading = Reading(log)
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", _refusing(os.open))
        reading.step()
    log.unlink()
    reading.step()

    assert reading.tracker.unreadable == {}


def test_one_file_that_fails_does_not_end_the_others(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stale handle of a network file system, a bad sector."""
    append(log, "1")
    append(tmp_path / "bad.log", "2")
    number = (tmp_path / "bad.log").stat().st_ino
    reading = Reading(tmp_path / "*.log")
    reading.step()
    reading.restart()
    append(log, "3")
    real = os.pread

    def failing(fd: int, count: int, offset: int) -> bytes:
        if os.fstat(fd).st_ino == number:
            raise OSError(5, "Input/output error")
        return real(fd, count, offset)

    with monkeypatch.context() as patched:
        patched.setattr(os, "pread", failing)
        reading.step()
        assert "Input/output error" in str(reading.tracker.unreadable)
    append(tmp_path / "bad.log", "4")
    reading.step()

    assert sorted(numbered(reading)) == ["1", "2", "3", "4"]
    assert reading.tracker.unreadable == {}


def test_links_in_circles_end(tmp_path: Path, log: Path) -> None:
    """`**` does not follow links to directories."""
    append(log, "1")
    for name in ("one", "two", "three"):
        (tmp_path / name).symlink_to(tmp_path)
    reading = Reading(tmp_path / "**" / "*.log")
    reading.step()

    assert numbered(reading) == ["1"]


def test_a_pattern_that_is_not_utf8_is_known_after_a_restart(tmp_path: Path) -> None:
    """Its mark is kept as text; it must be found again by it."""
    directory = os.fsencode(tmp_path) + b"/\xff"
    os.mkdir(directory)  # noqa: PTH102 -- a path of bytes
    reading = Reading(os.fsdecode(directory) + "/*.log", start_at=StartAt.END)
    reading.step()
    reading.restart()
    with open(directory + b"/a.log", "wb") as file:  # noqa: PTH123
        file.write(b"while down\n")
    reading.step()

    assert numbered(reading) == ["while down"]


_EVENTS = st.lists(
    st.sampled_from(["write", "partial", "rename", "copytruncate", "look", "restart", "daily"]),
    max_size=25,
)


@settings(
    deadline=None,
    max_examples=100,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(_EVENTS)
def test_whatever_the_order_every_line_is_read_once(
    tmp_path_factory: pytest.TempPathFactory, events: list[str]
) -> None:
    """Any mixture of writing, rotating and restarting, as long as each rotation is looked at."""
    directory = tmp_path_factory.mktemp("any")
    log = directory / "app.log"
    append(log, "line 0 of the log")
    reading = Reading(directory / "app*.log*")
    reading.step()
    written, rotations, half = 1, 0, b""
    for event in events:
        match event:
            case "write" | "partial":
                text = f"line {written} of the log\n".encode()
                cut = 5 if event == "partial" else len(text)
                with log.open("ab") as file:
                    file.write(half + text[:cut])
                half = text[cut:]
                written += 1
            case "rename" | "copytruncate" if not half:
                rotations += 1
                for number in range(rotations - 1, 0, -1):
                    (directory / f"app.log.{number}").rename(directory / f"app.log.{number + 1}")
                if event == "rename":
                    log.rename(directory / "app.log.1")
                    log.touch()
                else:
                    (directory / "app.log.1").write_bytes(log.read_bytes())
                    os.truncate(log, 0)
                reading.step()
            case "restart":
                reading.restart()
            case "daily":
                append(directory / f"app-{written}.log", f"line {written} of the log")
                written += 1
            case _:
                reading.step()
        reading.later(seconds=1)
    with log.open("ab") as file:
        file.write(half)
    for _ in range(8):
        reading.later(seconds=1)
        reading.step()
    reading.tracker.close()

    assert sorted(numbered(reading)) == sorted(f"line {n} of the log" for n in range(written))
