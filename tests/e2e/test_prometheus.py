"""A real Prometheus scrapes a real daemon, and everything that is drawn or alerted on has data."""

import asyncio
import json
import shutil
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fakes.daemon import REPOSITORY, Daemon, a_daemon, error_line, info_line
from tests.fakes.discord import Step, fake_discord

PROMETHEUS = shutil.which("prometheus")
DASHBOARDS = REPOSITORY / "deploy" / "grafana" / "dashboards"
RULES = REPOSITORY / "deploy" / "prometheus" / "logwatchd.rules.yaml"

pytestmark = [
    pytest.mark.prometheus,
    pytest.mark.skipif(PROMETHEUS is None, reason="prometheus is not installed"),
]


def free_port() -> int:
    """Return a port of the loopback address that nobody has."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@asynccontextmanager
async def a_prometheus(home: Path, target: int) -> AsyncGenerator[httpx.AsyncClient]:
    """Run Prometheus on loopback with our rules, asking a daemon five times a second."""
    port = free_port()
    config = {
        "global": {"scrape_interval": "200ms", "evaluation_interval": "200ms"},
        "rule_files": [str(RULES)],
        "scrape_configs": [
            {"job_name": "logwatchd", "static_configs": [{"targets": [f"127.0.0.1:{target}"]}]}
        ],
    }
    file = home / "prometheus.yaml"
    file.write_text(json.dumps(config), "utf-8")
    with (home / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(PROMETHEUS),
            f"--config.file={file}",
            f"--storage.tsdb.path={home / 'tsdb'}",
            f"--web.listen-address=127.0.0.1:{port}",
            stdout=log,
            stderr=log,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, trust_env=False) as client:
            yield client
    finally:
        process.terminate()
        await process.wait()


async def asked(client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    """Return what Prometheus answers to a query now; nothing while it starts."""
    for name, value in (("$__rate_interval", "1m"), ("$__range", "5m"), ("$job", ".+")):
        query = query.replace(name, value)
    query = query.replace("$instance", ".+")
    try:
        reply = (await client.get("/api/v1/query", params={"query": query})).json()
    except httpx.TransportError:
        return []
    if reply["status"] != "success":
        assert reply["errorType"] == "unavailable", reply
        return []
    found: list[dict[str, Any]] = reply["data"]["result"]
    return found


async def wait_for(client: httpx.AsyncClient, query: str) -> None:
    """Wait until a query has an answer."""
    async with asyncio.timeout(30):
        while not await asked(client, query):  # noqa: ASYNC110 -- another process
            await asyncio.sleep(0.1)


def queries() -> list[tuple[str, str]]:
    """Return title and query of everything that the dashboards draw."""
    boards = [json.loads(each.read_text("utf-8")) for each in sorted(DASHBOARDS.glob("*.json"))]
    return [
        (panel["title"], target["expr"])
        for board in boards
        for panel in board["panels"]
        for target in panel["targets"]
    ]


async def live(daemon: Daemon, client: httpx.AsyncClient, log: Path) -> None:
    """Let the daemon meet a bit of everything while it is scraped."""
    await daemon.start()
    await wait_for(client, "logwatchd_ready == 1")
    write(log, info_line(1), "no record\n", *(error_line(f"e{n}", code="DB_P") for n in range(3)))
    write(log, *(error_line("login failed", code="AUTH", target=f"app::auth{n}") for n in "ab"))
    write(log, info_line(2)[:-1] + " " * 400_000 + "\n")
    await wait_for(client, "rate(logwatchd_events_total[1m]) > 0")
    await wait_for(client, "logwatchd_last_delivery_timestamp_seconds")
    await wait_for(client, "rate(logwatchd_line_to_notice_seconds_count[1m]) > 0")
    await wait_for(client, "rate(logwatchd_lines_cut_total[1m]) > 0")
    await wait_for(client, "category:logwatchd_events:rate5m > 0")


def write(path: Path, *lines: str) -> None:
    """Append lines to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write("".join(lines))


async def answers(home: Path) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """Return title, query and answer of every panel, from a daemon that met a bit of everything."""
    (home / "logs").mkdir()
    port = free_port()
    async with fake_discord(Step(status=500)) as peer:
        environ = {
            "LOGWATCHD_PATHS": str(home / "logs" / "*.log"),
            "LOGWATCHD_ENDPOINT__LISTEN": str(port),
            "DISCORD_WEBHOOK_URL": peer.webhook_url,
            "ANTHROPIC_API_KEY": "made-" + "up",  # for the limits; nobody is there to be asked
            "ANTHROPIC_BASE_URL": f"http://127.0.0.1:{free_port()}",
        }
        async with a_daemon(home, environ) as daemon, a_prometheus(home, port) as client:
            await live(daemon, client, home / "logs" / "app.log")
            return [(title, query, await asked(client, query)) for title, query in queries()]


async def test_every_query_of_the_dashboards_returns_data_of_a_real_run(tmp_path: Path) -> None:
    """A panel without data looks as if all were well."""
    empty = [(title, query) for title, query, found in await answers(tmp_path) if not found]

    assert empty == []
