"""The real daemon, and a GitHub with state beside it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from logwatchd.wiring import SystemClock
from tests.fakes.daemon import a_daemon, error_line, eventually
from tests.fakes.discord import fake_discord
from tests.fakes.github import REPOSITORY, TOKEN, FakeGithub, fake_github
from tests.fakes.http import Request

PANIC = error_line("pool timed out", code="DB5001")


@pytest.fixture
async def peer() -> AsyncIterator[FakeGithub]:
    """Serve GitHub with the labels there already: making them takes a second each."""
    async with fake_github(SystemClock()) as opened:
        names = (
            "logwatchd",
            "severity:critical",
            "category:database",
            "logwatchd:mute",
            "logwatchd:mute-7d",
        )
        opened.labels = {name: {"name": name} for name in names}
        opened.one_daemon = False  # its clock is another one, to the microsecond
        yield opened
        assert opened.violations == []


def environ(home: Path, peer: FakeGithub, webhook: str) -> dict[str, str]:
    """Return the environment of a daemon with issues."""
    (home / "app.log").write_text("")
    return {
        "LOGWATCHD_PATHS": str(home / "app.log"),
        "DISCORD_WEBHOOK_URL": webhook,
        "GITHUB_TOKEN": TOKEN,
        "GITHUB_REPOSITORY": REPOSITORY,
        "GITHUB_API_URL": peer.url,
    }


@pytest.mark.fault
async def test_a_daemon_killed_while_it_files_has_one_issue_after_the_restart(
    tmp_path: Path, peer: FakeGithub
) -> None:
    """Kill -9 at the moment at which GitHub has taken the issue, and before anyone was told so."""
    async with (
        fake_discord() as discord,
        a_daemon(tmp_path, environ(tmp_path, peer, discord.webhook_url)) as daemon,
    ):

        def kill(request: Request) -> None:
            if request.method == "POST" and request.path.endswith("/issues"):
                assert daemon.process is not None
                daemon.process.kill()

        peer.on_request = kill
        await daemon.start()
        with (tmp_path / "app.log").open("a") as log:
            log.write(PANIC)
        await eventually(peer.ours, why="the issue is taken")
        assert daemon.process is not None
        await daemon.process.wait()
        peer.on_request = lambda _: None
        assert daemon.query("SELECT phase, attempting FROM issue") == [("wanted", "create")]

        await daemon.start()
        await eventually(
            lambda: daemon.query("SELECT phase, number FROM issue") == [("filed", 1)],
            why="the issue is found",
        )
        assert await daemon.stop() == 0
        [issue] = peer.ours()
        assert issue["title"] == "pool timed out"
        assert TOKEN not in daemon.log + json.dumps(peer.issues)


async def test_check_online_says_whether_issues_can_be_filed(
    tmp_path: Path, peer: FakeGithub
) -> None:
    """Nothing is filed; the permission that is missing is named."""
    async with fake_discord() as discord:
        given = environ(tmp_path, peer, discord.webhook_url)
        async with a_daemon(tmp_path, given, "check", "--online", "--json") as good:
            await good.start(ready=False)
            assert await good.ended() == 0
            assert "acme/api, private repository, as logwatchd-bot" in good.output
        peer.keeps_labels = False
        async with a_daemon(tmp_path, given, "check", "--online") as bad:
            await bad.start(ready=False)
            assert await bad.ended() == 1
            assert "issues=write" in bad.output
        assert peer.issues == {}
        assert TOKEN not in bad.output


@pytest.mark.parametrize("flags", [(), ("--json",)], ids=["text", "JSON"])
async def test_a_dry_run_prints_the_issue_it_would_file(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    """Without a token, and without a network."""
    log = tmp_path / "app.log"
    log.write_text(PANIC * 3)
    given = {"GITHUB_REPOSITORY": REPOSITORY, "GITHUB_API_URL": "https://127.0.0.1:1"}
    async with a_daemon(tmp_path, given, "--dry-run", "--once", *flags, str(log)) as daemon:
        await daemon.start(ready=False)
        assert await daemon.ended() == 0, daemon.log
    if flags:
        [issue] = [
            each for each in map(json.loads, daemon.output.splitlines()) if each["kind"] == "issue"
        ]
        assert issue["title"] == "pool timed out"
        assert issue["body"].startswith("<!-- logwatchd:issue v1:")
    else:
        assert "title: pool timed out\nlabels: logwatchd, severity:critical" in daemon.output


async def test_a_repository_without_a_token_is_a_configuration_that_cannot_be_used(
    tmp_path: Path, peer: FakeGithub
) -> None:
    """Said at the start, not at the first problem."""
    given = environ(tmp_path, peer, "https://discord.com/api/webhooks/1/x")
    del given["GITHUB_TOKEN"]
    async with a_daemon(tmp_path, given) as daemon:
        await daemon.start(ready=False)
        assert await daemon.ended() == 78
        assert "github.token" in daemon.log
