"""The files of the deployment agree with the program and with each other."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel

from logwatchd.cli import CONFIGURATION, DONE, FAILED, HELD, USAGE
from logwatchd.domain.event import Severity
from logwatchd.settings import load
from logwatchd.settings.model import PipelineSettings, Settings
from tests.fakes.daemon import REPOSITORY

EXAMPLE = (REPOSITORY / "deploy" / "logwatchd.example.toml").read_text("utf-8")
DOTENV = (REPOSITORY / ".env.example").read_text("utf-8")
UNIT = (REPOSITORY / "deploy" / "systemd" / "logwatchd.service").read_text("utf-8")
DOCKERFILE = (REPOSITORY / "docker" / "Dockerfile").read_text("utf-8")
COMPOSE = (REPOSITORY / "docker" / "compose.yaml").read_text("utf-8")
ALLOWED = (REPOSITORY / ".dockerignore").read_text("utf-8")
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")

WEBHOOK = "https://discord.com/api/webhooks/1/" + "made-up"
"""A webhook that nobody is asked about."""


def without_comments(text: str) -> str:
    """Return the example with every setting in force; sentences stay comments."""
    return re.sub(r"^#(?=[\w\[])", "", text, flags=re.MULTILINE).replace("…", "1/made-up")


def set_in(values: Mapping[str, Any], model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of the settings that a TOML file gives."""
    for name, value in values.items():
        field = model.model_fields.get(name)
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from set_in(value, inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def known(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Yield the dotted names of the settings that there are."""
    for name, field in model.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from known(inner, f"{prefix}{name}.")
        else:
            yield prefix + name


def of_unit(name: str) -> list[str]:
    """Return the values of a directive of the unit, in order."""
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def test_the_example_gives_every_setting_in_its_section_and_no_other() -> None:
    """A setting under the wrong heading would be refused by whoever takes its sign away."""
    values = tomllib.loads(without_comments(EXAMPLE))

    assert sorted(set_in(values, Settings)) == sorted(known(Settings))


def test_the_example_loads_with_all_its_comments_removed(tmp_path: Path) -> None:
    """People start from it."""
    file = tmp_path / "logwatchd.toml"
    file.write_text(without_comments(EXAMPLE), "utf-8")

    settings = load(file=file, environ={}, directory=tmp_path).settings

    rules = {each.name: each for each in settings.rules}
    assert rules["slow-call"].duration_over is not None
    assert rules["refund-failed"].severity is Severity.CRITICAL


def test_the_example_as_it_is_changes_nothing(tmp_path: Path) -> None:
    """Copied and not edited it says only that no log is named."""
    assert tomllib.loads(EXAMPLE) == {}


@pytest.mark.parametrize(
    "name", re.findall(r"^#?((?:LOGWATCHD|DISCORD)_\w+)=", DOTENV, re.MULTILINE)
)
def test_every_name_of_the_env_example_is_a_setting(name: str) -> None:
    """A name that is none is refused at the start."""
    place = name.removeprefix("LOGWATCHD_").lower().replace("__", ".")

    assert place.replace("discord_webhook_url", "discord.webhook_url") in set(known(Settings))


def test_the_unit_is_not_restarted_where_a_restart_mends_nothing() -> None:
    """And is restarted for ever where it may: nobody watches the watcher."""
    [codes] = of_unit("RestartPreventExitStatus")

    assert sorted(map(int, codes.split())) == sorted((USAGE, HELD, CONFIGURATION))
    assert of_unit("Restart") == ["always"]
    assert of_unit("StartLimitIntervalSec") == ["0"]


def test_both_service_managers_wait_longer_than_the_daemon_needs_to_finish() -> None:
    """A kill in the last second would be one crash for each stop."""
    grace = PipelineSettings().grace.total_seconds()
    [compose] = re.findall(r"stop_grace_period: (\d+)s$", COMPOSE, re.MULTILINE)

    assert float(of_unit("TimeoutStopSec")[0]) > grace
    assert float(compose) > grace


@pytest.mark.parametrize(
    "name",
    [
        of_unit("LoadCredential")[0].partition(":")[0],
        *re.findall(r"^    secrets:\n      - (\w+)$", COMPOSE, re.MULTILINE),
    ],
)
def test_a_secret_that_is_handed_over_is_taken(name: str, tmp_path: Path) -> None:
    """Under another name the daemon would not start."""
    (tmp_path / name).write_text(WEBHOOK + "\n", "utf-8")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path), "LOGWATCHD_PATHS": "/var/log/app/*.log"}

    secret = load(environ=environ, directory=tmp_path).settings.discord.webhook_url

    assert secret is not None
    assert secret.get_secret_value() == WEBHOOK


def test_the_configuration_inside_the_image_loads_and_names_the_mounted_logs(
    tmp_path: Path,
) -> None:
    """The image runs with a webhook and a mount alone."""
    [text] = re.findall(r"RUN printf '(.*)\\n' > /tmp/logwatchd\.toml", DOCKERFILE)
    file = tmp_path / "logwatchd.toml"
    file.write_text(text, "utf-8")
    loaded = load(file=file, environ={"DISCORD_WEBHOOK_URL": WEBHOOK}, directory=tmp_path)

    assert [str(each) for each in loaded.settings.paths] == ["/logs/*.log"]
    assert re.search(r":/logs:ro$", COMPOSE, re.MULTILINE)


def test_everything_the_image_is_built_from_passes_the_allow_list() -> None:
    """The build would fail on the first file left out, and only where there is an engine."""
    copies = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    sources = [each for line in copies for each in line.split()[:-1]]
    allowed = {line[1:] for line in ALLOWED.splitlines() if line.startswith("!")}

    assert ALLOWED.splitlines()[1] == "*"
    for source in sources:
        assert (REPOSITORY / source).exists()
        assert source.split("/")[0] in allowed


def test_names_of_variables_in_compose_are_settings() -> None:
    """A misspelt one is refused by the daemon; better here."""
    names = re.findall(r"^      (LOGWATCHD_\w+):", COMPOSE, re.MULTILINE)

    assert names
    for name in names:
        place = name.removeprefix("LOGWATCHD_").lower().replace("__", ".")
        assert place in set(known(Settings))


@pytest.mark.parametrize("wanted", ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"])
def test_the_container_gets_no_rights_it_has_no_use_for(wanted: str) -> None:
    """Hardening goes away by accident."""
    assert wanted in COMPOSE


def test_the_page_explains_every_exit_code() -> None:
    """The first thing asked about a service that does not run."""
    explained = set(map(int, re.findall(r"^\| (\d+) \| ", OPERATIONS, re.MULTILINE)))

    assert {DONE, FAILED, USAGE, HELD, CONFIGURATION} <= explained
