"""No secret of ours shows in anything that the daemon's process writes, sends or leaves behind."""

import asyncio
import json
import os
import re
import signal
import stat
import sys
from collections.abc import AsyncGenerator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fakes import canaries
from tests.fakes.daemon import REPOSITORY, Daemon, a_daemon, error_line, eventually
from tests.fakes.discord import FakeDiscord, Step
from tests.fakes.http import http_server

PATH = f"/api/webhooks/123456789012345678/{canaries.WEBHOOK}"
PASSWORD = quote(canaries.PROXY, safe="")


@pytest.fixture
async def peer() -> AsyncGenerator[FakeDiscord]:
    """Serve a webhook whose URL holds a canary; nothing else of a request may."""
    fake = FakeDiscord()
    async with http_server(fake.handle, peek=fake.peek) as port:
        fake.webhook_url = f"http://127.0.0.1:{port}{PATH}"
        yield fake
    assert fake.violations == []
    for request in fake.requests:
        assert canaries.heard(request.body) == []
        headers = {
            name: text for name, text in request.headers.items() if "authorization" not in name
        }
        assert canaries.heard(str(headers)) == []


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of the log."""
    path = tmp_path / "logs" / "app.log"
    path.parent.mkdir()
    return path


@pytest.fixture
def environ(peer: FakeDiscord, log: Path) -> dict[str, str]:
    """Return an environment with a canary in every secret; the webhook is its own proxy."""
    port = peer.webhook_url.split(":")[2].partition("/")[0]
    return {
        "LOGWATCHD_PATHS": str(log),
        "DISCORD_WEBHOOK_URL": peer.webhook_url,
        "LOGWATCHD_DISCORD__PROXY": f"http://me:{PASSWORD}@127.0.0.1:{port}",
        "ANTHROPIC_API_KEY": canaries.ANTHROPIC,
        "GITHUB_TOKEN": canaries.GITHUB,
        "LOGWATCHD_ALERTS__EDIT_EVERY": "100ms",
        "PYTHONFAULTHANDLER": "1",
    }


def singing(place: str) -> list[str]:
    """Return lines with every canary in every dress, in one place of the record or in all."""
    lines = []
    for name, secret in canaries.ALL.items():
        for number, dress in enumerate(canaries.dresses(secret)):
            text = f"{place} {name} {number} said {dress} in the end"
            record = {
                "timestamp": "2026-02-03T04:05:06.000000Z",
                "level": "ERROR",
                "fields": {"message": text, "error_code": text, "note": text, dress: dress},
                "target": f"app::{dress}",
                "span": {"name": text, "request_id": dress},
                "threadName": text,
            }
            lines.append(json.dumps(record, ensure_ascii=False) + "\n")
    return lines


async def program(home: Path, environ: dict[str, str], *arguments: str) -> str:
    """Run the program and return everything it said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        cwd=home,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(REPOSITORY),
            "STATE_DIRECTORY": str(home / "state"),
            **environ,
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        stdin=asyncio.subprocess.DEVNULL,
    )
    said, _ = await process.communicate()
    return said.decode()


def all_said(daemon: Daemon) -> list[str]:
    """Return the canaries in what a daemon wrote, and in the files it left."""
    found = canaries.heard_in_all([daemon.log, daemon.output])
    return [*found, *canaries.heard_in(daemon.state)]


async def test_a_daemon_that_reads_its_own_secrets_and_dies_shows_none(
    tmp_path: Path, environ: dict[str, str], peer: FakeDiscord, log: Path
) -> None:
    """In cards, its log, its state and its dying words; and no command shows one later."""
    log.write_text("")
    peer.play(Step(status=500, body={"message": PATH}))
    async with a_daemon(tmp_path, environ) as daemon:
        await daemon.start()
        lines = singing("line")
        log.write_text("".join(lines))
        await eventually(lambda: daemon.counted() == len(lines))
        await eventually(lambda: len(peer.requests) > 2)
        assert _core_limit(daemon) == ("0", "0")
        daemon.signal(signal.SIGABRT)
        assert await daemon.ended() == -signal.SIGABRT
        assert "Current thread" in daemon.log  # the stack that faulthandler prints
        assert all_said(daemon) == []
        assert list(tmp_path.glob("core*")) == []

        peer.play(Step(status=401, body={"message": PATH, "code": 50027}))
        await daemon.start()
        await eventually(lambda: "sink_closed" in daemon.log)
        bad = tmp_path / "logwatchd.toml"
        bad.write_text(f'language = "https://discord.com{PATH}"\n')
        daemon.signal(signal.SIGHUP)
        await eventually(lambda: "reload_refused" in daemon.log)
        bad.unlink()
        assert await daemon.stop() == 0
        assert all_said(daemon) == []

    [(fingerprint,), *_] = daemon.query("SELECT fingerprint FROM incident")
    for command in (
        ("status", "--json"),
        ("incidents", "--json"),
        ("show", fingerprint),
        ("show", fingerprint, "--json"),
        ("--dry-run", "--once", str(log)),
        ("--dry-run", "--once", "--json", str(log)),
        ("tail", "--once", "--from-beginning", str(log)),
    ):
        said = await program(tmp_path, environ, "-m", "logwatchd", *command)
        assert canaries.heard(said) == [], command
        assert len(said) > 100


def _core_limit(daemon: Daemon) -> tuple[str, str]:
    """Return the limits of a core dump's size, soft and hard."""
    assert daemon.process is not None
    limits = Path(f"/proc/{daemon.process.pid}/limits").read_text()
    found = re.search(r"^Max core file size\s+(\S+)\s+(\S+)", limits, re.MULTILINE)
    assert found is not None
    return found[1], found[2]


_CRASH = """
import sys, threading
import logwatchd.{module} as module
def crash(*arguments, **named):
    import os
    def stray():
        raise OSError("thread " + os.environ["GITHUB_TOKEN"])
    thread = threading.Thread(target=stray)
    thread.start(); thread.join()
    raise RuntimeError("worker " + os.environ["DISCORD_WEBHOOK_URL"])
module.{function} = crash
from logwatchd.cli import entry
sys.argv = ["logwatchd"]
entry()
"""


@pytest.mark.parametrize(
    ("module", "function"),
    [("pipeline.dispatch", "Dispatch.run"), ("app", "_Daemon.__init__")],
)
async def test_a_crash_of_a_worker_shows_its_stack_and_no_secret(
    module: str, function: str, tmp_path: Path, environ: dict[str, str], log: Path
) -> None:
    """Tracebacks are for bug reports, which are public."""
    log.write_text(error_line("x"))
    said = await program(tmp_path, environ, "-c", _CRASH.format(module=module, function=function))

    assert "RuntimeError" in said
    assert "thread [REDACTED:own_secret]" in said
    assert canaries.heard(said) == []
    assert canaries.heard_in(tmp_path / "state") == {}


_LOOK = """
import ctypes, sys
import logwatchd.app as app
def look(*arguments, **named):
    print("dumpable:", ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))  # PR_GET_DUMPABLE
    raise KeyboardInterrupt
app._Daemon.__init__ = look
from logwatchd.cli import entry
sys.argv = ["logwatchd"]
entry()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="prctl(2)")
async def test_no_process_of_the_same_user_can_read_its_memory(
    tmp_path: Path, environ: dict[str, str], log: Path
) -> None:
    """Nor its environment in `/proc`, nor a dump that the kernel pipes to a program."""
    log.write_text("")
    assert "dumpable: 0" in await program(tmp_path, environ, "-c", _LOOK)


async def test_the_state_is_private_whatever_the_umask_and_whatever_was_there(
    tmp_path: Path, environ: dict[str, str], log: Path
) -> None:
    """Another user of the host must not read what the logs of the application say."""
    log.write_text("")
    state = tmp_path / "state"
    async with a_daemon(tmp_path, environ) as daemon:
        before = os.umask(0)
        try:
            await daemon.start()
        finally:
            os.umask(before)
        assert await daemon.stop() == 0
        for path in (state, *state.iterdir()):
            path.chmod(path.stat().st_mode | 0o077)
        await daemon.start()
        log.write_text(error_line("x"))
        await eventually(lambda: daemon.counted() == 1)

        modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each in state.iterdir()}
        assert stat.S_IMODE(state.stat().st_mode) == 0o700
        assert set(modes.values()) == {0o600}
        assert {"logwatchd.db", "logwatchd.db-wal", "logwatchd.db-shm", "lock"} <= modes.keys()
        assert await daemon.stop() == 0
