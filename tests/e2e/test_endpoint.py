"""The daemon's metrics and its health, asked from outside as Prometheus and a container do."""

import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest

from tests.fakes.daemon import REPOSITORY, Daemon, a_daemon, error_line, eventually, info_line
from tests.fakes.discord import FakeDiscord, Step, fake_discord

PROMTOOL = shutil.which("promtool")
CANARY = "tell-nobody-of-17"


@pytest.fixture
async def discord() -> AsyncGenerator[FakeDiscord]:
    """Serve a webhook that keeps Discord's rules."""
    async with fake_discord() as peer:
        yield peer


def free_port() -> int:
    """Return a port of the loopback address that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
async def daemon(tmp_path: Path, discord: FakeDiscord) -> AsyncGenerator[Daemon]:
    """Return a daemon that serves its metrics."""
    (tmp_path / "logs").mkdir()
    environ = {
        "LOGWATCHD_PATHS": str(tmp_path / "logs" / "*.log"),
        "LOGWATCHD_ENDPOINT__LISTEN": str(free_port()),
        "DISCORD_WEBHOOK_URL": discord.webhook_url,
    }
    async with a_daemon(tmp_path, environ) as daemon:
        yield daemon


async def get(daemon: Daemon, path: str, **headers: str) -> httpx.Response:
    """Ask the daemon's endpoint."""
    address = f"http://127.0.0.1:{daemon.environ['LOGWATCHD_ENDPOINT__LISTEN']}{path}"
    async with httpx.AsyncClient(trust_env=False) as client:
        return await client.get(address, headers=headers)


def health(daemon: Daemon, *options: str) -> tuple[int, str]:
    """Run `logwatchd health` as a container would; return its exit code and what it said."""
    command = (sys.executable, "-m", "logwatchd", "health", "--state", str(daemon.state), *options)
    done = subprocess.run(command, capture_output=True, text=True, cwd=REPOSITORY, check=False)
    return done.returncode, done.stdout.strip()


def promtool_says(page: bytes) -> tuple[int, bytes]:
    """Return what Prometheus' own check says of a page of metrics."""
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, "check", "metrics"], input=page, capture_output=True, check=False
    )
    return done.returncode, done.stdout + done.stderr


def values(text: str) -> dict[str, float]:
    """Return the samples of a page of metrics by name and labels."""
    rows = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in rows}


async def test_the_metrics_say_what_was_read_decided_and_told_and_nothing_of_what_it_said(
    daemon: Daemon, discord: FakeDiscord, tmp_path: Path
) -> None:
    """A label that holds text of a log is a leak, and a series for each line."""
    await daemon.start()
    log = tmp_path / "logs" / "app.log"
    lines = info_line(1), *(error_line(f"{CANARY} lost", code="DB_POOL", n=n) for n in range(3))
    log.write_text("".join(lines), "utf-8")
    await eventually(lambda: discord.messages and daemon.told(3))
    page = await get(daemon, "/metrics")
    found = values(page.text)

    kind = 'category="database",severity="critical"'
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert found["logwatchd_lines_total"] == len(lines)
    assert found["logwatchd_read_bytes_total"] == log.stat().st_size
    assert found[f'logwatchd_events_total{{{kind},source="files"}}'] == 3
    assert found[f"logwatchd_incidents_opened_total{{{kind}}}"] == 1
    assert found['logwatchd_decisions_total{why="told_first"}'] == 1
    assert found['logwatchd_notices_total{kind="post",result="delivered",sink="discord"}'] == 1
    assert found['logwatchd_line_to_notice_seconds_count{sink="discord"}'] == 1
    assert found['logwatchd_problems{kind="sink"}'] == 0
    assert found["logwatchd_ready"] == 1
    assert CANARY not in page.text
    assert "v1:" not in page.text
    openmetrics = await get(daemon, "/metrics", Accept="application/openmetrics-text")
    assert openmetrics.text.endswith("# EOF\n")
    if PROMTOOL:
        assert promtool_says(page.content) == (0, b"")


async def test_counters_go_on_over_a_kill(
    daemon: Daemon, discord: FakeDiscord, tmp_path: Path
) -> None:
    """They are part of the state: what was counted once is never counted again."""
    log = tmp_path / "logs" / "app.log"
    await daemon.start()
    log.write_text(error_line("lost", n=1), "utf-8")
    await eventually(lambda: daemon.told(1))
    await daemon.kill()
    with log.open("a", encoding="utf-8") as file:
        file.write(error_line("lost", n=2))
    await daemon.start()
    await eventually(lambda: daemon.told(2) or daemon.waiting())
    found = values((await get(daemon, "/metrics")).text)

    events = sum(n for name, n in found.items() if name.startswith("logwatchd_events_total"))
    assert (events, found["logwatchd_lines_total"]) == (2, 2)


async def test_a_daemon_that_cannot_tell_is_alive_but_not_ready_and_says_why(
    daemon: Daemon, discord: FakeDiscord, tmp_path: Path
) -> None:
    """A restart would mend nothing, so the check that restarts must not fail."""
    discord.play(*[Step(status=404)] * 3)
    await daemon.start()
    assert (await get(daemon, "/readyz")).status_code == 200

    (tmp_path / "logs" / "app.log").write_text(error_line("lost", code="DB_POOL"), "utf-8")
    await eventually(lambda: "sink_closed" in daemon.log or "problem" in daemon.log)
    ready, alive = await get(daemon, "/readyz"), await get(daemon, "/healthz")

    assert (ready.status_code, ready.text) == (503, "degraded: sink\n")
    assert (alive.status_code, alive.text) == (200, "degraded: sink\n")


async def test_health_needs_no_endpoint_and_knows_the_living_from_the_dead(daemon: Daemon) -> None:
    """For Docker, ECS and Kubernetes: 0 alive, 1 not; whatever became of the file before."""
    del daemon.environ["LOGWATCHD_ENDPOINT__LISTEN"]
    code, said = health(daemon)
    assert code == 1
    assert said.startswith("dead: no daemon holds the state directory")

    await daemon.start()
    assert health(daemon) == (0, "ready")
    assert health(daemon, "--strict") == (0, "ready")

    await daemon.kill()
    assert health(daemon)[0] == 1


def test_the_daemon_loads_nothing_of_the_metrics_unless_they_are_asked_for() -> None:
    """They are off by default, and memory is promised."""
    code = "import sys, logwatchd.app; print([n for n in sys.modules if 'prometheus' in n])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=REPOSITORY, check=True
    )

    assert done.stdout.strip() == "[]"


def test_health_loads_the_standard_library_alone() -> None:
    """It runs every few seconds beside the daemon; settings alone take longer than it may."""
    code = (
        "import sys; from logwatchd.cli import main; main(['health', '--state', '/nonexistent']); "
        "mine = {n.partition('.')[0] for n in sys.modules} - sys.stdlib_module_names; "
        "print(sorted(n for n in mine if not n.startswith('_')))"
    )
    done = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(REPOSITORY)!r}); {code}",
        ],
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = done.stdout.splitlines()[-1]
    assert "logwatchd" in loaded
    assert not {"pydantic", "structlog", "httpx", "shtab", "rich"} & set(
        loaded.strip("[]").replace("'", "").split(", ")
    )
