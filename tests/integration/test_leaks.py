"""No secret of ours shows, whatever goes wrong: a canary in every secret setting, every path.

`tests/e2e/test_leaks.py` looks at whole processes in the same way.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
import structlog
from pydantic import BaseModel, SecretStr

from logwatchd.cli import main
from logwatchd.domain.texts import Language
from logwatchd.errors import ConfigError, DeliveryError
from logwatchd.settings import Loaded, Settings, load
from logwatchd.sinks.discord import DiscordSink
from logwatchd.sinks.discord_address import HOSTS
from logwatchd.store.files import open_file
from logwatchd.transport import REPLY_LIMIT, http_client
from tests.fakes import canaries
from tests.fakes.clock import FakeClock
from tests.fakes.discord import FakeDiscord, Step
from tests.fakes.http import Act, http_server
from tests.fakes.notices import NOON, a_card

PATH = f"/api/webhooks/123456789012345678/{canaries.WEBHOOK}"
ECHO = {"message": f"no webhook {PATH}", "code": 0, "errors": {canaries.WEBHOOK: PATH}}
FAULTS = {
    "400": Step(status=400, body=ECHO | {"code": 50035}),
    "400 unknown": Step(status=400, body=ECHO),
    "401": Step(status=401, body=ECHO | {"code": 50027}),
    "403": Step(status=403, body=ECHO),
    "404": Step(status=404, body=ECHO | {"code": 10015}),
    "429": Step(status=429, body=ECHO | {"retry_after": 1.0, "global": True}),
    "500": Step(status=500, body=ECHO),
    "302": Step(status=302, headers={"Location": f"http://169.254.169.254{PATH}"}, body=ECHO),
    "reset before": Step(act=Act.HANG_UP_BEFORE),
    "reset after": Step(act=Act.HANG_UP_AFTER),
    "half": Step(act=Act.HALF),
    "malformed": Step(status=200, raw='{"id": "' + PATH),
    "deep": Step(status=200, raw="[" * 100_000),
    "oversized": Step(status=200, raw=PATH * (REPLY_LIMIT // 40)),
    "id": Step(status=200, body={"id": PATH}),
    "name": Step(status=200, body={"id": "1", "name": PATH, "channel_id": PATH}),
    "header": Step(status=500, headers={"Retry-After": PATH, "X-Echo": PATH}, body=ECHO),
}
Say = Callable[..., str]


@pytest.fixture
async def peer() -> AsyncIterator[FakeDiscord]:
    """Serve a webhook whose URL holds a canary."""
    fake = FakeDiscord()
    async with http_server(fake.handle, peek=fake.peek) as port:
        fake.webhook_url = f"http://127.0.0.1:{port}{PATH}"
        yield fake


@pytest.fixture
def say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Iterator[Say]:
    """Return a way to run a command and get everything it said."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("LOGWATCHD_PATHS", str(tmp_path / "*.log"))
    monkeypatch.setenv("ANTHROPIC_API_KEY", canaries.ANTHROPIC)
    monkeypatch.setenv("GITHUB_TOKEN", canaries.GITHUB)

    def say(*arguments: str, **environ: str) -> str:
        for name, text in environ.items():
            monkeypatch.setenv(name, text)
        main(list(arguments))
        said = capfd.readouterr()
        return said.out + said.err

    yield say
    structlog.reset_defaults()
    logging.basicConfig(force=True)


@pytest.mark.parametrize("fault", FAULTS)
async def test_no_command_shows_the_webhook_when_discord_misbehaves(
    fault: str, say: Say, peer: FakeDiscord, tmp_path: Path
) -> None:
    """The answer may even repeat the address: the URL is the password."""
    for command in (("test-alert",), ("check", "--online", "--json")):
        peer.play(FAULTS[fault], FAULTS[fault])
        said = await asyncio.to_thread(say, *command, DISCORD_WEBHOOK_URL=peer.webhook_url)
        peer._script.clear()

        assert "discord" in said
        assert canaries.heard(said) == []
    assert canaries.heard_in_all(each.body for each in peer.requests) == []


@pytest.mark.parametrize(
    ("webhook", "proxy"),
    [
        ("http://127.0.0.1:1" + PATH, ""),
        ("https://127.0.0.1:{no_tls}" + PATH, ""),
        ("https://discord.com" + PATH, "http://me:{password}@nowhere.invalid:3128"),
        ("https://discord.com" + PATH, "http://me:{password}@127.0.0.1:{port}"),
    ],
    ids=["refused", "tls", "dns", "proxy"],
)
async def test_no_command_shows_a_secret_when_nobody_can_be_reached(
    webhook: str, proxy: str, say: Say, peer: FakeDiscord
) -> None:
    """Errors of the network and of TLS name addresses where they can."""

    async def hang_up(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"this is no TLS\r\n")
        writer.close()

    async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
        ports = {
            "no_tls": server.sockets[0].getsockname()[1],
            "port": peer.webhook_url.split(":")[2].partition("/")[0],
        }
        environ = {"DISCORD_WEBHOOK_URL": webhook.format(**ports)}
        if proxy:
            password = quote(canaries.PROXY, safe="")
            environ["LOGWATCHD_DISCORD__PROXY"] = proxy.format(password=password, **ports)

        for command in (("test-alert",), ("check", "--online")):
            said = await asyncio.to_thread(say, *command, **environ)
            assert "failed" in said
            assert canaries.heard(said) == []


async def test_a_time_out_shows_nothing(peer: FakeDiscord) -> None:
    """Neither in the error, nor in its hint, nor in its context."""
    peer.play(Step(gate=asyncio.Event()))
    async with http_client(user_agent="x", hosts=HOSTS, request_seconds=0.2) as client:
        sink = DiscordSink(
            client,
            SecretStr(peer.webhook_url),
            clock=FakeClock(NOON),
            language=Language.EN,
            mention_role=None,
            username="logwatchd",
            thread_id=None,
            redact=str,
        )
        with pytest.raises(DeliveryError) as caught:
            await sink.post(a_card())
    error = caught.value
    shown = (
        f"{error!r} {error} {error.hint} {vars(error)} {error.__cause__!r} {sink!r} {vars(sink)!r}"
    )
    assert canaries.heard(shown) == []


def _settings(model: type[BaseModel], *path: str) -> list[tuple[str, ...]]:
    """Return the place of every setting that takes one value."""
    found: list[tuple[str, ...]] = []
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            found += _settings(inner, *path, name)
        else:
            found.append((*path, name))
    return found


MISPLACED = [
    *_settings(Settings),
    ("colour",),
    ("discord", "webhok_url"),
    ("rules",),
    ("discord",),
]


@pytest.mark.parametrize("place", MISPLACED, ids=".".join)
@pytest.mark.parametrize("known", [True, False], ids=["known", "unknown"])
def test_a_secret_in_the_wrong_setting_is_not_shown(
    place: tuple[str, ...], known: bool, say: Say, tmp_path: Path
) -> None:
    """A slip of paste: the address of the webhook stands where a path or a name belongs."""
    url = f"https://discord.com{PATH}"
    environ = {"LOGWATCHD_" + "__".join(place).upper(): url}
    if known:
        environ = {"DISCORD_WEBHOOK_URL": url} | environ
    said = say("check", **environ) + say("check", "--json", **environ)

    assert said
    assert canaries.heard(said) == []


def test_a_secret_in_a_path_is_not_shown_by_an_error_or_by_status(say: Say, tmp_path: Path) -> None:
    """Errors name the path that they are about."""
    state = tmp_path / canaries.GITHUB
    said = say("status", STATE_DIRECTORY=str(state)) + say(
        "replay", f"{tmp_path}/{canaries.GITHUB}"
    )
    assert "nothing in" in said
    assert "no such file" in said.lower()

    state.mkdir()
    open_file(state, now=NOON).db.close()
    said += say("status", STATE_DIRECTORY=str(state))

    assert "KiB" in said
    assert canaries.heard(said) == []


@pytest.mark.parametrize(
    "toml",
    [
        f'[discord]\nwebhook_url = "{PATH}"\n',
        f'[discord]\nwebhook_url = ["https://discord.com{PATH}"]\n',
        f'[discord]\nwebhook_url = {{ a = "https://discord.com{PATH}" }}\n',
        f'[discord]\n"https://discord.com{PATH}" = 1\n',
        f'"https://discord.com{PATH}" = 1\n',
        f'webhook_url = "https://discord.com{PATH}\n',
        f"webhook_url = https://discord.com{PATH}\n",
        f'[[rules]]\nname = "https://discord.com{PATH}"\nseverity = "bad"\n',
        f'[[rules]]\nname = "https://discord.com{PATH}"\nseverity = "info"\nmessage_regex = "("\n',
        f'[redaction]\npatterns = ["(https://discord.com{PATH}"]\n',
        f'[source.silent_after_for]\n"https://discord.com{PATH}" = "1s"\n',
    ],
)
def test_a_file_of_settings_that_is_wrong_does_not_show_its_secrets(
    toml: str, say: Say, tmp_path: Path
) -> None:
    """Parsers like to quote what they could not read, and to name keys."""
    (tmp_path / "logwatchd.toml").write_text(toml)

    said = say("check") + say("run") + say("status", "--json")

    assert "cannot be used" in said
    assert canaries.heard(said) == []


PROXY_URL = f"http://me:{quote(canaries.PROXY, safe='')}@127.0.0.1:3128"
VALUES = {
    "DISCORD_WEBHOOK_URL": f"https://discord.com{PATH}",
    "LOGWATCHD_DISCORD__PROXY": PROXY_URL,
    "ANTHROPIC_API_KEY": canaries.ANTHROPIC,
    "GITHUB_TOKEN": canaries.GITHUB,
}


def _loaded(form: str, directory: Path) -> Loaded:
    environ = {"LOGWATCHD_PATHS": "/nowhere.log", "CREDENTIALS_DIRECTORY": str(directory / "none")}
    match form:
        case "environment":
            environ |= VALUES
        case "files":
            for name, text in VALUES.items():
                (directory / name).write_text(text + "\n")
                environ[f"{name}_FILE"] = str(directory / name)
        case "credentials":
            environ["CREDENTIALS_DIRECTORY"] = str(directory)
            for name, text in VALUES.items():
                (directory / name.lower()).write_text(text)
        case "dotenv":
            (directory / ".env").write_text("".join(f"{k}='{v}'\n" for k, v in VALUES.items()))
        case _:
            (directory / "logwatchd.toml").write_text(
                f'[discord]\nwebhook_url = "https://discord.com{PATH}"\nproxy = "{PROXY_URL}"\n'
            )
            environ |= {name: VALUES[name] for name in ("ANTHROPIC_API_KEY", "GITHUB_TOKEN")}
    return load(environ=environ, directory=directory)


@pytest.mark.parametrize("form", ["environment", "files", "credentials", "dotenv", "toml"])
def test_every_secret_is_known_wherever_it_was_set(form: str, tmp_path: Path) -> None:
    """Raw and in every dress, it goes from any text, also without the URL around it."""
    loaded = _loaded(form, tmp_path)

    for name, secret in canaries.ALL.items():
        for dress in canaries.dresses(secret):
            text = f"it said: <{dress}> and stopped"
            assert canaries.heard(loaded.redactor.text(text)) == [], (name, dress)
    assert canaries.heard(repr(loaded)) == []
    assert canaries.heard(str(loaded.settings) + repr(loaded.settings.model_dump())) == []
    assert canaries.heard(loaded.settings.model_dump_json()) == []


def test_a_refused_configuration_says_nothing_in_any_part(tmp_path: Path) -> None:
    """The error is logged at a reload, and shown at a start."""
    environ = VALUES | {"LOGWATCHD_LANGUAGE": canaries.ANTHROPIC, "LOGWATCHD_PATHS": "/a.log"}
    with pytest.raises(ConfigError) as caught:
        load(environ=environ, directory=tmp_path)
    error = caught.value
    assert canaries.heard(f"{error!r} {error.problems} {error.hint} {error.__context__!r}") == []


def test_a_defect_of_a_command_shows_where_it_was_and_not_what_it_said(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The command may have failed before it knew which texts are secret."""

    def broken(_options: object) -> int:
        try:
            return int(canaries.WEBHOOK)
        except ValueError as error:
            raise RuntimeError(f"at {PATH}") from error

    monkeypatch.setattr("logwatchd.cli.ask.status", broken)
    said = say("status")

    assert "builtins.RuntimeError (text withheld)" in said
    assert "builtins.ValueError (text withheld)" in said
    assert "in broken" in said
    assert canaries.heard(said) == []
