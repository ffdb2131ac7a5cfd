"""`logwatchd tail` as a process: real files, real rotation, real pipes, real signals."""

import asyncio
import fcntl
import json
import os
import random
import signal
import struct
import termios
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.fakes.daemon import error_line, eventually, info_line
from tests.fakes.tailing import Tail, a_tail

SECRET = "hunter2-" + "swordfish"


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of the log, which is not there yet."""
    return tmp_path / "app.log"


def write(path: Path, *lines: str) -> None:
    """Append lines to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(lines))


def numbered(numbers: Iterable[int]) -> list[str]:
    """Return one line for each number."""
    return [error_line(f"number {n}.", n=n) for n in numbers]


def numbers(tail: Tail) -> list[int]:
    """Return the numbers of the lines that were printed, in order."""
    return [int(each["message"].split()[1].strip(".")) for each in tail.values()]


def has(tail: Tail, number: int) -> bool:
    """Say whether a number was printed."""
    return f"number {number}." in tail.output


async def test_lines_of_all_levels_are_printed_as_they_come(tmp_path: Path, log: Path) -> None:
    """What was there before is not wanted; what comes is, down to the last level."""
    write(log, error_line("of yesterday"))
    async with a_tail(tmp_path, str(log)) as tail:
        await tail.start()
        for n in range(1_000):  # nobody says from when on it looks, so knock until it opens
            write(log, info_line(n))
            if tail.output:
                break
            await asyncio.sleep(0.02)
        write(log, error_line("cannot load order 17", code="DB5001", n=7))
        await eventually(lambda: "cannot load order 17" in tail.output)

        assert await tail.stop(signal.SIGINT) == 0
    assert "of yesterday" not in tail.output
    assert "INFO  app::http finished processing request\n" in tail.output
    assert (
        "2026-02-03T04:00:07.000Z ERROR app::jobs cannot load order 17 [DB5001] req=req-000007\n"
        in tail.output
    )
    assert "\x1b" not in tail.output
    assert tail.remarks == ""


async def test_rotation_of_both_kinds_loses_and_repeats_nothing(tmp_path: Path, log: Path) -> None:
    """Renamed with a writer still on the old file, and copied and emptied."""
    write(log, *numbered(range(10)))
    arguments = ("--json", "--from-beginning", str(log) + "*")
    async with a_tail(tmp_path, *arguments, LOGWATCHD_SOURCE__LOOK_EVERY="50ms") as tail:
        await tail.start()
        await eventually(lambda: has(tail, 9))
        first = log.rename(tmp_path / "app.log.1")
        write(first, *numbered(range(10, 15)))
        await eventually(lambda: has(tail, 14))
        write(log, *numbered(range(15, 20)))
        await eventually(lambda: has(tail, 19))
        write(log, *numbered(range(20, 25)))
        (tmp_path / "app.log.0").write_bytes(log.read_bytes())
        os.truncate(log, 0)
        await eventually(lambda: has(tail, 24))
        write(log, *numbered(range(25, 30)))
        await eventually(lambda: has(tail, 29))

        assert await tail.stop() == 0
    assert numbers(tail) == list(range(30))
    assert f"logwatchd: {log}: was emptied with 0 bytes unread" in tail.remarks


async def test_after_a_clean_stop_every_line_comes_once(tmp_path: Path, log: Path) -> None:
    """Also those that were written, and rotated away, while nobody looked."""
    state = tmp_path / "state"
    async with a_tail(tmp_path, "--json", "--from-beginning", "--state", str(state), str(log)) as t:
        for begin in range(0, 50, 10):
            write(log, *numbered(range(begin, begin + 5)))
            if begin == 20:
                log.rename(tmp_path / "app.log.1")
            write(log, *numbered(range(begin + 5, begin + 10)))
            await t.start()
            await eventually(lambda count=begin + 10: len(numbers(t)) >= count)  # type: ignore[misc]
            assert await t.stop() == 0
    assert numbers(t) == list(range(50))


@pytest.mark.fault
async def test_kill_9_may_repeat_lines_and_loses_none(tmp_path: Path, log: Path) -> None:
    """The order that makes it so: written first, recorded then."""
    dice = random.Random(7)  # noqa: S311 -- a repeatable game of chance
    write(log, *numbered([0]))
    last = 1_500

    async def writes() -> None:
        for n in range(1, last):
            write(log, *numbered([n]))
            if n % 300 == 299:
                log.rename(log.with_name(f"app.log.{n}"))
            if n % 10 == 0:
                await asyncio.sleep(0.01)

    arguments = ("--json", "--from-beginning", "--state", str(tmp_path / "state"), str(log))
    async with a_tail(tmp_path, *arguments) as tail, asyncio.TaskGroup() as group:
        await tail.start()
        await eventually(lambda: has(tail, 0))  # what is rotated away before, nobody knows of
        writing = group.create_task(writes())
        for _ in range(4):
            printed = len(tail.output)
            await eventually(lambda seen=printed: len(tail.output) > seen)  # type: ignore[misc]
            await asyncio.sleep(dice.uniform(0.0, 0.1))
            await tail.kill()
            await tail.start()
            if writing.done():
                break
        await writing
        # Not the last line alone: what was rotated away meanwhile may come behind it.
        await eventually(lambda: set(numbers(tail)) == set(range(last)), why="a line is missing")
        assert await tail.stop() == 0


async def test_a_block_that_is_not_finished_is_repeated_whole_or_shown_as_it_is(
    tmp_path: Path, log: Path
) -> None:
    """With a state, the next start shows it in one piece; without one, nobody else would."""
    write(log, *numbered([1]), "thread 'main' panicked at src/main.rs:4:5:\n")
    state = str(tmp_path / "state")
    environ = {"LOGWATCHD_SOURCE__LOOK_EVERY": "50ms"}
    async with a_tail(tmp_path, "--from-beginning", "--state", state, str(log), **environ) as tail:
        await tail.start()
        await eventually(lambda: has(tail, 1))
        assert await tail.stop() == 0
        write(log, "index out of bounds\n", *numbered([2]))
        await tail.start()
        await eventually(lambda: has(tail, 2))
        assert await tail.stop() == 0
    assert tail.output.count("number 1.") == 1
    # On a slow machine its time was over before the signal: then it stands alone, once.
    assert tail.output.count("panicked at src/main.rs:4:5") == 1
    assert tail.output.count("index out of bounds") == 1


async def test_a_reader_that_does_not_read_is_waited_for(tmp_path: Path, log: Path) -> None:
    """A pager that nobody scrolls: nothing is lost when it goes on."""
    lines = numbered(range(3_000))
    write(log, *lines)
    async with a_tail(tmp_path, "--json", "--from-beginning", "--once", str(log)) as tail:
        reads, writes = os.pipe()
        with os.fdopen(reads, "rb") as pipe:
            await tail.start(stdout=writes)
            os.close(writes)
            await eventually(lambda: waiting_in(pipe.fileno()) >= 60_000)
            said = await asyncio.to_thread(pipe.read)
        assert await tail.ended() == 0
    found = [json.loads(line)["message"] for line in said.splitlines()]
    assert found == [f"number {n}." for n in range(3_000)]


def waiting_in(pipe: int) -> int:
    """Return how many bytes wait in a pipe."""
    return int(struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4))[0])


async def test_a_signal_is_heard_while_the_reader_does_not_read(tmp_path: Path, log: Path) -> None:
    """What was not taken is not recorded, and comes again."""
    write(log, *numbered(range(3_000)))
    arguments = ("--json", "--from-beginning", "--state", str(tmp_path / "state"), str(log))
    async with a_tail(tmp_path, *arguments) as tail:
        reads, writes = os.pipe()
        with os.fdopen(reads, "rb") as pipe:
            await tail.start(stdout=writes)
            os.close(writes)
            await eventually(lambda: waiting_in(pipe.fileno()) >= 60_000)
            assert await tail.stop() == 0
        await tail.start()
        await eventually(lambda: has(tail, 2_999))
        assert await tail.stop() == 0
    assert numbers(tail)[0] == 0
    assert set(numbers(tail)) == set(range(3_000))


@pytest.mark.parametrize("more", [True, False], ids=["busy", "idle"])
async def test_a_reader_that_goes_away_ends_it_quietly(
    tmp_path: Path, log: Path, *, more: bool
) -> None:
    """`logwatchd tail app.log | head -1` gives the prompt back, also when nothing else comes."""
    write(log, *numbered(range(3_000 if more else 1)))
    async with a_tail(tmp_path, "--from-beginning", str(log)) as tail:
        reads, writes = os.pipe()
        with os.fdopen(reads, "rb") as pipe:
            await tail.start(stdout=writes)
            os.close(writes)
            assert b"number 0." in await asyncio.to_thread(pipe.readline)
        assert await tail.ended() == 0
    assert tail.remarks == ""


async def test_an_output_that_takes_nothing_is_said_and_not_recorded(
    tmp_path: Path, log: Path
) -> None:
    """A full disk behind `>>`: the lines come again when there is room."""
    write(log, *numbered(range(3)))
    arguments = ("--json", "--from-beginning", "--state", str(tmp_path / "state"), str(log))
    async with a_tail(tmp_path, *arguments) as tail:
        full = os.open("/dev/full", os.O_WRONLY)
        await tail.start(stdout=full)
        os.close(full)
        assert await tail.ended() == 1
        assert tail.remarks == "logwatchd: standard output: No space left on device\n"
        await tail.start()
        await eventually(lambda: has(tail, 2))
        assert await tail.stop() == 0
    assert numbers(tail) == [0, 1, 2]


async def test_a_second_one_on_the_same_state_says_who_holds_it(tmp_path: Path, log: Path) -> None:
    """Both would record places, each behind the other's back."""
    write(log, *numbered([1]))
    arguments = ("--from-beginning", "--state", str(tmp_path / "state"), str(log))
    async with a_tail(tmp_path, *arguments) as first, a_tail(tmp_path, *arguments) as second:
        await first.start()
        await eventually(lambda: has(first, 1))
        await second.start()
        assert await second.ended() == 3
        assert first.process is not None
        assert f"process {first.process.pid}" in second.remarks


async def test_a_missing_file_is_waited_for_and_said_once(tmp_path: Path, log: Path) -> None:
    """It may be named before it is there; its first line counts, and its name cannot paint."""
    path = tmp_path / "later\x1b[31m.log"
    async with a_tail(tmp_path, str(path), LOGWATCHD_SOURCE__LOOK_EVERY="20ms") as tail:
        await tail.start()
        await eventually(lambda: "waiting for it" in tail.remarks)
        write(path, *numbered([1]))
        await eventually(lambda: has(tail, 1))
        assert await tail.stop() == 0
    assert tail.remarks == f"logwatchd: {tmp_path}/later.log: not there yet, waiting for it\n"


async def test_nothing_secret_and_nothing_hostile_reaches_the_terminal(
    tmp_path: Path, log: Path
) -> None:
    """Whatever the line is: a record, half a record, plain text, a block, a key over many lines."""
    write(
        log,
        json.dumps({"level": "INFO", "message": "로그인 실패 \x1b[2J", "password": SECRET}) + "\n",
        json.dumps({"note": "no level", "api_key": SECRET}).replace("api_key", "api\\u005fkey")
        + "\n",
        f'{{"level":"ERROR","message":"unfinished, "password":"{SECRET}"\n',
        f'[{{"pass\\u0077ord":"{SECRET}"}}]\n',
        f"평문 password={SECRET} \x1b]0;title\x07\u202e\n",
        "thread 'main' panicked at src/main.rs:4:5:\n",
        f"cannot log in with password={SECRET}\n",
        "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
        "-----BEGIN RSA PRIVATE KEY-----\n",
        "MIIEowIBAAKCAQEAx4UbaDzY5xjW6hc9jwN0mX33XpTDVW\n",
        "short=\n",
        "-----END RSA PRIVATE KEY-----\n",
        "the end\n",
    )
    async with a_tail(tmp_path, "--json", "--once", "--from-beginning", str(log)) as tail:
        await tail.start()
        assert await tail.ended() == 0
        tail.arguments = tail.arguments[1:]  # and now for people
        await tail.start()
        assert await tail.ended() == 0
    assert SECRET not in tail.output
    assert "MIIE" not in tail.output
    assert "short=" not in tail.output
    assert "\x1b" not in tail.output
    assert "\u202e" not in tail.output
    lines = tail.output.splitlines()
    values = [json.loads(line) for line in lines[:11]]
    assert [each.get("unparsed") for each in values[:5]] == [
        None,
        "no_level",
        "broken_json",
        "not_an_object",
        "not_json",
    ]
    assert values[0]["message"] == "로그인 실패"
    assert [each["offset"] for each in values] == sorted({each["offset"] for each in values})
    assert values[-1] | {"offset": 0} == {
        "text": "the end",
        "unparsed": "not_json",
        "path": str(log),
        "offset": 0,
    }
    assert any(line.endswith(" INFO  로그인 실패") for line in lines[11:])
    assert "평문 password=[REDACTED:password]" in lines
    assert "    cannot log in with password=[REDACTED:password]" in lines
    assert lines[-1] == "the end"


async def test_only_what_a_rule_matches_with_the_file_it_stands_in(tmp_path: Path) -> None:
    """`--errors` is what the daemon would count; two files are told apart by name."""
    for name in ("one", "two"):
        write(tmp_path / f"{name}.log", info_line(1), "plain\n", error_line(f"{name} broke"))
    arguments = ("--errors", "--once", "--from-beginning", str(tmp_path / "*.log"))
    async with a_tail(tmp_path, *arguments) as tail:
        await tail.start()
        assert await tail.ended() == 0
    first, second = tail.output.splitlines()
    assert first.startswith(f"{tmp_path}/one.log: 2026-02-03T")
    assert "ERROR app::jobs one broke" in first
    assert "ERROR app::jobs two broke" in second
