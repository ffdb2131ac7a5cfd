"""The files of the deployment agree with the program and with each other."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from logwatchd.cli import CONFIGURATION, DONE, FAILED, HELD, USAGE
from logwatchd.settings import load
from logwatchd.settings.model import PipelineSettings
from tests.fakes.daemon import REPOSITORY

TEMPLATE = (REPOSITORY / "deploy" / "systemd" / "logwatchd@.service").read_text("utf-8")
UNIT = (REPOSITORY / "deploy" / "systemd" / "logwatchd.service").read_text("utf-8")
DOCKERFILE = (REPOSITORY / "docker" / "Dockerfile").read_text("utf-8")
COMPOSE = (REPOSITORY / "docker" / "compose.yaml").read_text("utf-8")
ALLOWED = (REPOSITORY / ".dockerignore").read_text("utf-8")
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")

WEBHOOK = "https://discord.com/api/webhooks/1/" + "made-up"
"""A webhook that nobody is asked about."""


def of_unit(name: str) -> list[str]:
    """Return the values of a directive of the unit, in order."""
    return re.findall(rf"^{name}=(.*)$", UNIT, re.MULTILINE)


def test_the_unit_is_not_restarted_where_a_restart_mends_nothing() -> None:
    """And is restarted for ever where it may: nobody watches the watcher."""
    [codes] = of_unit("RestartPreventExitStatus")

    assert sorted(map(int, codes.split())) == sorted((USAGE, HELD, CONFIGURATION))
    assert of_unit("Restart") == ["always"]
    assert of_unit("StartLimitIntervalSec") == ["0"]


def test_the_unit_for_several_services_is_the_same_but_for_their_names() -> None:
    """What protects one protects all; each has its own settings, secret and state."""
    plain = re.sub(r"-%i$|( for)? %i|%i\.", "", TEMPLATE, flags=re.MULTILINE)
    plain = plain.replace("/etc/logwatchd/toml", "/etc/logwatchd/logwatchd.toml")

    assert plain.splitlines()[2:] == UNIT.splitlines()[1:]
    assert TEMPLATE.count("%i") == 5


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
@pytest.mark.parametrize("name", ["logwatchd.service", "logwatchd@.service"])
def test_the_units_are_as_closed_as_the_page_says(name: str) -> None:
    """1.3 is the promise, by systemd's own measure of exposure (lower is better)."""
    command = ("systemd-analyze", "security", "--offline=true", "--threshold=13")
    file = REPOSITORY / "deploy" / "systemd" / name
    done = subprocess.run([*command, file], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


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


def test_the_image_has_a_place_for_temporary_files_though_its_root_is_read_only() -> None:
    """Without one the rest of a log that was compressed unread is lost; the volume is writable."""
    [volume] = re.findall(r"^VOLUME (\S+)$", DOCKERFILE, re.MULTILINE)

    assert re.search(rf"^    TMPDIR={volume}$", DOCKERFILE, re.MULTILINE)


def test_everything_the_image_is_built_from_passes_the_allow_list() -> None:
    """The build would fail on the first file left out, and only where there is an engine."""
    copies = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    sources = [each for line in copies for each in line.split()[:-1]]
    allowed = {line[1:] for line in ALLOWED.splitlines() if line.startswith("!")}

    assert ALLOWED.splitlines()[1] == "*"
    for source in sources:
        assert (REPOSITORY / source).exists()
        assert source.split("/")[0] in allowed


@pytest.mark.parametrize("wanted", ["read_only: true", "cap_drop: [ALL]", "no-new-privileges:true"])
def test_the_container_gets_no_rights_it_has_no_use_for(wanted: str) -> None:
    """Hardening goes away by accident."""
    assert wanted in COMPOSE


def test_the_page_explains_every_exit_code() -> None:
    """The first thing asked about a service that does not run."""
    explained = set(map(int, re.findall(r"^\| (\d+) \| ", OPERATIONS, re.MULTILINE)))

    assert {DONE, FAILED, USAGE, HELD, CONFIGURATION} <= explained
