"""The daemon as a process: real files, real inotify, a real peer, real signals."""

import asyncio
import contextlib
import json
import os
import resource
import signal
import socket
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.daemon import REPOSITORY, Daemon, a_daemon, error_line, eventually, info_line
from tests.fakes.discord import FakeDiscord, Step, fake_discord
from tests.fakes.http import Act

SECRET = "made-up-" + "token"


@pytest.fixture
async def discord() -> AsyncGenerator[FakeDiscord]:
    """Serve a webhook that keeps Discord's rules."""
    async with fake_discord() as peer:
        yield peer
        assert peer.violations == []


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of the log."""
    return tmp_path / "logs" / "app.log"


@pytest.fixture
async def daemon(tmp_path: Path, log: Path, discord: FakeDiscord) -> AsyncGenerator[Daemon]:
    """Return a daemon that watches the log and knows the webhook."""
    log.parent.mkdir()
    environ = {
        "LOGWATCHD_PATHS": str(log.parent / "*.log"),
        "DISCORD_WEBHOOK_URL": discord.webhook_url,
        "LOGWATCHD_ALERTS__EDIT_EVERY": "200ms",
    }
    async with a_daemon(tmp_path, environ) as daemon:
        yield daemon
        assert SECRET not in daemon.log + daemon.output


def write(path: Path, *lines: str) -> None:
    """Append lines to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(lines))


def posts(peer: FakeDiscord) -> list[str]:
    """Return the titles of the messages posted, in order."""
    return [each.json["embeds"][0]["title"] for each in peer.requests if each.method == "POST"]


def card(peer: FakeDiscord, title: str) -> str:
    """Return the present text of the one card whose title holds a text."""
    [found] = [m for m in peer.messages.values() if title in m["embeds"][0]["title"]]
    return json.dumps(found, ensure_ascii=False)


async def test_a_line_becomes_one_card_which_is_edited_as_it_recurs(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """The main job, end to end."""
    await daemon.start()
    write(log, info_line(1), error_line("cannot load order 17", n=1), info_line(2))
    await eventually(lambda: len(posts(discord)) == 1)
    write(log, *(error_line(f"cannot load order {n}", n=n) for n in range(2, 12)))

    await eventually(lambda: any(each.method == "PATCH" for each in discord.requests))
    await eventually(lambda: "11" in card(discord, "cannot load order"))
    assert len(posts(discord)) == 1
    assert await daemon.stop() == 0
    assert daemon.counted() == 11


async def test_a_signal_lets_it_finish_what_was_read(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """SIGTERM right behind the lines: they are recorded and told, or read at the next start."""
    await daemon.start()
    write(log, error_line("the last words"))
    await eventually(lambda: daemon.counted() == 1)

    assert await daemon.stop() == 0
    assert len(posts(discord)) == 1


async def test_a_second_signal_ends_it_at_once(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """An operator who is in a hurry is obeyed; the work stands in the state."""
    discord.play(Step(gate=asyncio.Event()))
    await daemon.start()
    write(log, error_line("never answered"))
    await eventually(lambda: len(discord.requests) == 1)
    daemon.signal(signal.SIGTERM)
    await eventually(lambda: '"signal"' in daemon.log)

    assert await daemon.stop() == -signal.SIGTERM
    assert daemon.waiting() == 1


async def test_what_was_not_told_when_it_died_is_told_and_marked(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """Killed while the peer had the request: a repeat is possible, and says so."""
    discord.play(Step(gate=asyncio.Event()))
    await daemon.start()
    write(log, error_line("killed in the middle"))
    await eventually(lambda: len(discord.requests) == 1)
    await daemon.kill()
    await daemon.start()

    await eventually(lambda: len(discord.requests) >= 2)
    await eventually(lambda: daemon.waiting() == 0)
    assert "repeat" in json.dumps(discord.requests[1].json)


async def test_an_unreachable_peer_is_no_reason_to_end(
    tmp_path: Path, log: Path, discord: FakeDiscord
) -> None:
    """Discord is down at the start, comes back, and hears everything."""
    log.parent.mkdir()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    environ = {
        "LOGWATCHD_PATHS": str(log),
        "DISCORD_WEBHOOK_URL": f"http://127.0.0.1:{port}/api/webhooks/1/{SECRET}",
    }
    async with a_daemon(tmp_path, environ) as daemon:
        await daemon.start()
        write(log, error_line("while it was down"))
        await eventually(lambda: '"sink:discord"' in daemon.log)
        assert daemon.waiting() == 1

        async with contextlib.AsyncExitStack() as stack:
            peer = FakeDiscord()
            await stack.enter_async_context(_serving(peer, port))
            await eventually(lambda: len(peer.requests) == 1)
            await eventually(lambda: daemon.waiting() == 0)
        assert await daemon.stop() == 0
        assert SECRET not in daemon.log


@contextlib.asynccontextmanager
async def _serving(peer: FakeDiscord, port: int) -> AsyncGenerator[None]:
    from tests.fakes.http import http_server  # noqa: PLC0415 -- beside its use

    async with http_server(peer.handle, peek=peer.peek, port=port):
        yield


async def test_a_webhook_that_is_gone_is_left_alone(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """Discord bans who goes on asking; the outbox is kept for a new webhook."""
    discord.play(Step(status=404, body={"message": "Unknown Webhook", "code": 10015}))
    await daemon.start()
    write(log, error_line("first"), error_line("second problem entirely"))
    await eventually(lambda: "sink_closed" in daemon.log)
    write(log, error_line("a third and quite different one"))
    await eventually(lambda: daemon.counted() == 3)

    assert await daemon.stop() == 0
    assert len(discord.requests) == 1
    assert daemon.waiting() == 3


async def test_rate_limits_are_obeyed(daemon: Daemon, log: Path, discord: FakeDiscord) -> None:
    """429 with a pause: the next request comes after it, and nothing is lost."""
    discord.play(
        Step(status=429, headers={"Retry-After": "1"}, body={"retry_after": 0.5, "global": True}),
        Step(act=Act.HANG_UP_BEFORE),
    )
    await daemon.start()
    write(log, error_line("told in the end"))

    await eventually(lambda: daemon.told(1))
    assert len(discord.requests) == 3


async def test_a_second_instance_says_who_holds_the_state(daemon: Daemon) -> None:
    """Two daemons on one state would tell everything twice."""
    await daemon.start()
    async with a_daemon(daemon.home, daemon.environ) as second:
        await second.start(ready=False)
        assert await second.ended() == 3
        assert daemon.process is not None
        assert f"process {daemon.process.pid}" in second.log


async def test_systemd_hears_that_it_is_ready_alive_and_stopping(
    daemon: Daemon, tmp_path: Path
) -> None:
    """Type=notify with a watchdog."""
    address = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as sock:
        sock.bind(str(address))
        heard: list[str] = []

        def listen() -> str:
            with contextlib.suppress(BlockingIOError):
                while True:
                    heard.append(sock.recv(4096).decode())
            return "\n".join(heard)

        daemon.environ |= {"NOTIFY_SOCKET": str(address), "WATCHDOG_USEC": "200000"}
        await daemon.start()
        await eventually(lambda: listen().count("WATCHDOG=1") >= 2)
        assert "READY=1" in heard
        assert any(each.startswith("STATUS=") for each in heard)

        assert await daemon.stop() == 0
        assert "STOPPING=1" in listen()


async def test_a_reload_takes_the_new_configuration_and_refuses_a_bad_one(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """SIGHUP: a mistake in the file must not end a daemon that works."""
    file = daemon.home / "logwatchd.toml"
    file.write_text("[alerts]\nceiling_hour = 5\n")
    await daemon.start()
    file.write_text("[alerts]\nceiling_hour = 'many'\n")
    daemon.signal(signal.SIGHUP)
    await eventually(lambda: "reload_refused" in daemon.log)
    write(log, error_line("still told"))
    await eventually(lambda: len(posts(discord)) == 1)

    file.write_text(
        "language = 'ko'\n[[rules]]\nname='mine'\nseverity='critical'\nmessage='quite new'\n"
        "level='warn'\n"
    )
    daemon.signal(signal.SIGHUP)
    await eventually(lambda: '"reloaded"' in daemon.log)
    write(log, error_line("something quite new").replace("ERROR", "WARN"))
    await eventually(lambda: len(posts(discord)) == 2)
    assert daemon.query("SELECT rule FROM incident WHERE severity = 'critical'") == [("mine",)]


async def test_a_reload_that_names_another_sink_keeps_the_running_ones(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """A sink needs a restart, and that is said; until then people are told where they were."""
    file = daemon.home / "logwatchd.toml"
    await daemon.start()
    file.write_text("sinks = ['console']\n")
    for number in (1, 2):
        daemon.signal(signal.SIGHUP)
        await eventually(lambda n=number: daemon.log.count('"reloaded"') == n)  # type: ignore[misc]
    write(log, error_line("told all the same"))

    await eventually(lambda: len(posts(discord)) == 1)
    assert "restart_needed" in daemon.log
    assert await daemon.stop() == 0


@pytest.mark.fault
async def test_too_few_descriptors_leave_room_for_telling(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """More logs than may be open: each line is counted once, and a socket is always to be had."""
    many = [log.parent / f"many{number:03}.log" for number in range(300)]
    for each in many:
        each.touch()
    await daemon.start(limits={resource.RLIMIT_NOFILE: (128, 128)})
    for written in range(1, 3):
        for each in many:
            write(each, error_line("one problem in many files"))
        await eventually(lambda n=written: daemon.counted() == 300 * n)  # type: ignore[misc]

    await eventually(lambda: len(posts(discord)) == 1)
    assert '"problem"' not in daemon.log  # a file that is closed for a while is none
    assert await daemon.stop() == 0


@pytest.mark.fault
async def test_a_limit_lowered_on_the_running_daemon_is_survived(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """`prlimit` by an operator: logs give their descriptors back, Discord is reached all the same."""
    many = [log.parent / f"many{number:03}.log" for number in range(200)]
    for each in many:
        each.touch()
    await daemon.start()
    assert daemon.process is not None
    _, hard = resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (100, hard))
    for each in many:
        write(each, error_line("one problem in many files"))
    await eventually(lambda: daemon.counted() == 200)
    await eventually(lambda: len(posts(discord)) == 1)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_NOFILE, (hard, hard))
    for each in many:
        write(each, error_line("another problem there"))

    await eventually(lambda: daemon.counted() == 400)
    await eventually(lambda: len(posts(discord)) == 2)
    assert await daemon.stop() == 0


@pytest.mark.fault
async def test_a_full_disk_is_survived_and_said(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """Nothing can be written: reading waits, and goes on where it stood when there is room.

    A limit on the size of files stands in for the disk: it needs no mount.
    """
    await daemon.start()
    write(log, error_line("before"))
    await eventually(lambda: daemon.told(1))
    assert daemon.process is not None
    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    write(log, *(error_line("while the disk is full", n=n) for n in range(50)))
    await eventually(lambda: '"problem"' in daemon.log)
    assert daemon.counted() == 1
    resource.prlimit(daemon.process.pid, resource.RLIMIT_FSIZE, unlimited)

    await eventually(lambda: daemon.counted() == 51)
    await eventually(lambda: len(posts(discord)) == 2)
    assert '"recovered"' in daemon.log
    assert await daemon.stop() == 0


async def test_a_missing_log_is_waited_for_and_said_once(
    tmp_path: Path, discord: FakeDiscord
) -> None:
    """The application may start after us; its first line counts."""
    directory = tmp_path / "later"
    environ = {
        "LOGWATCHD_PATHS": str(directory / "app.log"),
        "DISCORD_WEBHOOK_URL": discord.webhook_url,
        "LOGWATCHD_SOURCE__LOOK_EVERY": "50ms",
    }
    async with a_daemon(tmp_path, environ) as daemon:
        await daemon.start()
        await eventually(lambda: "log_missing" in daemon.log)
        directory.mkdir()
        write(directory / "app.log", error_line("first words"))

        await eventually(lambda: len(posts(discord)) == 1)
        assert daemon.log.count("log_missing") == 1


async def test_a_log_that_falls_silent_is_told_and_resolved_when_it_speaks(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """One card for one silence, whatever restarts in between."""
    daemon.environ |= {
        "LOGWATCHD_SOURCE__SILENT_AFTER": "1s",
        "LOGWATCHD_SOURCE__LOOK_EVERY": "100ms",
    }
    await daemon.start()
    await eventually(lambda: len(posts(discord)) == 1)
    assert "no log from" in posts(discord)[0]
    assert await daemon.stop() == 0
    await daemon.start()

    def speaks() -> bool:
        """Go on writing: on a loaded machine a single line is soon followed by silence again."""
        write(log, info_line(1))
        return any("resolved" in json.dumps(each) for each in discord.messages.values())

    await eventually(speaks)
    assert await daemon.stop() == 0
    assert "log_heard" in daemon.log
    # A silence that was known at the start was not told again: each post is an episode.
    assert daemon.query("SELECT episode FROM incident") == [(len(posts(discord)),)]


async def test_status_tells_of_each_file_while_the_daemon_runs(
    daemon: Daemon, log: Path, discord: FakeDiscord
) -> None:
    """Read beside it, without stopping it: what was counted, and that nothing waits."""
    await daemon.start()
    text = info_line(1) + "no json\n" + error_line("it broke")
    write(log, text)
    await eventually(lambda: daemon.told(1))
    status = await status_of(daemon)

    assert status["running"] is True
    assert status["degraded"] is False
    assert status["daemon"]["files"]["followed"] in (0, 1)  # as it stood some seconds ago
    [file] = status["files"]
    assert (file["path"], file["state"]) == (str(log), "live")
    assert file["size_bytes"] == file["offset"] == file["bytes"] == len(text)
    assert (file["lag_bytes"], file["lag_seconds"], file["lost_bytes"]) == (0, 0.0, 0)
    assert (file["lines"], file["events"], file["cut_lines"]) == (3, 1, 0)
    assert file["unparsed_by_reason"] == {"not_json": 1}
    assert file["last_read_at"]


async def status_of(daemon: Daemon) -> dict[str, Any]:
    """Ask beside the daemon, as an operator does."""
    asked = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "logwatchd", "status", "--json", "--state", str(daemon.state)),
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await asked.communicate()
    assert asked.returncode == 0
    return dict(json.loads(out))
