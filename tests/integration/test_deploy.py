"""The files of the deployment agree with the program and with each other."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from logwatchd.cli import CONFIGURATION, DONE, FAILED, HELD, USAGE
from logwatchd.cli.arguments import COMMANDS
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


PINNED = re.compile(r"v?\d+\.\d+(\.\d+)?(-slim)?")
"""A tag that names one release, or one line of Python."""

HOST_MIB = 2048
TASKS = sorted((REPOSITORY / "deploy" / "ecs").glob("*.json"))


def containers_of(task: Path) -> dict[str, Any]:
    """Return the containers of a task definition by their names."""
    return {each["name"]: each for each in json.loads(task.read_text())["containerDefinitions"]}


def test_every_image_is_named_with_its_release() -> None:
    """`latest` is another program tomorrow, and nobody has tried it."""
    images = re.findall(r"^    image: (\S+)$", COMPOSE, re.MULTILINE)
    images += re.findall(r"^ARG PYTHON_IMAGE=(\S+)$", DOCKERFILE, re.MULTILINE)

    assert len(images) > 4
    for image in images:
        name, _, tag = image.partition(":")
        assert name == "logwatchd" or PINNED.fullmatch(tag), image


def test_the_daemon_and_the_stack_leave_room_on_a_small_host() -> None:
    """Each has a limit, and together they leave a quarter of 2 GiB to everything else."""
    services = re.split(
        r"^  (?=[\w-]+:$)", COMPOSE.partition("\nservices:\n")[2], flags=re.MULTILINE
    )
    limits = [re.findall(r"mem_limit: (\d+)m", each) for each in services if "image:" in each]
    always = [
        int(limit)
        for each in services
        if "image:" in each and "profiles: [demo]" not in each
        for limit in re.findall(r"mem_limit: (\d+)m", each)
    ]

    assert all(len(each) == 1 for each in limits)
    assert len(always) == 5
    assert sum(always) <= HOST_MIB * 3 // 4


def test_the_build_takes_no_package_without_its_hash_and_runs_no_shell() -> None:
    """The rules of hadolint that matter here; its whole run is by hand."""
    steps = re.sub(r"\\\n\s*", "", DOCKERFILE)
    installs = re.findall(r"pip.*? install .*", steps)
    final = steps.rpartition("FROM ")[2]

    assert installs
    for each in installs:
        assert "--require-hashes" in each or "--no-deps /tmp/wheel" in each
    assert not re.search(r"^(ADD|SHELL|MAINTAINER) ", steps, re.MULTILINE)
    assert not re.search(r"\b(apt-get|curl|wget|sudo)\b", steps)
    for name in ("ENTRYPOINT", "HEALTHCHECK", "CMD"):
        for exec_form in re.findall(rf"^{name} (.*)$", final, re.MULTILINE):
            assert "[" in exec_form
    assert re.search(r"^USER \d+:\d+$", final, re.MULTILINE)
    labels = set(re.findall(r"org\.opencontainers\.image\.(\w+)=", final))
    assert {"title", "description", "licenses", "source", "version", "revision"} <= labels


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_in_ecs_the_watcher_stops_last_and_takes_nothing_with_it(task: Path) -> None:
    """What the application says while it goes down is often why it goes down."""
    containers = containers_of(task)
    daemon = containers["logwatchd"]
    before = {
        name: {each["containerName"] for each in container.get("dependsOn", ())}
        for name, container in containers.items()
    }

    assert daemon["essential"] is False
    assert not before["logwatchd"]
    assert all(before[name] for name in containers if name != "logwatchd")
    assert "logwatchd" in set().union(*before.values())
    assert daemon["stopTimeout"] > PipelineSettings().grace.total_seconds()
    assert set(daemon["restartPolicy"]["ignoredExitCodes"]) == {USAGE, HELD, CONFIGURATION}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_in_ecs_the_watcher_has_the_rights_it_has_elsewhere(task: Path, tmp_path: Path) -> None:
    """And the settings that the definition gives are settings."""
    daemon = containers_of(task)["logwatchd"]
    mounts = {each["containerPath"]: each for each in daemon["mountPoints"]}
    environ = {each["name"]: each["value"] for each in daemon["environment"]}
    environ |= {each["name"]: WEBHOOK for each in daemon["secrets"]}
    loaded = load(environ=environ, directory=tmp_path)

    assert daemon["user"] == "65532:65532"
    assert daemon["readonlyRootFilesystem"] is True
    assert daemon["linuxParameters"]["capabilities"] == {"drop": ["ALL"]}
    assert mounts["/logs"]["readOnly"] is True
    assert "/var/lib/logwatchd" in mounts
    assert loaded.settings.source.start_at == "beginning"
    assert [str(each) for each in loaded.settings.paths] == ["/logs/*.log"]


def test_both_task_definitions_run_the_same_watcher() -> None:
    """They differ in how lines come to it, and in nothing else."""
    first, second = (containers_of(task)["logwatchd"] for task in TASKS)

    assert first == second


def test_the_page_on_ecs_explains_every_member_of_the_watcher() -> None:
    """A line that nobody can explain is copied for ever."""
    page = (REPOSITORY / "docs" / "ecs.md").read_text("utf-8")
    obvious = {"name", "image", "environment"}

    for task in TASKS:
        for member in set(containers_of(task)["logwatchd"]) - obvious:
            words = {"linuxParameters": "capabilities drop ALL", "mountPoints": "readOnly"}
            assert words.get(member, member) in page, member


def test_every_health_check_asks_a_command_that_there_is() -> None:
    """An unknown command would be taken for a path to watch, and every container for a sick one."""
    [in_image] = re.findall(r"^HEALTHCHECK .*CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    asked = {tuple(json.loads(in_image))}
    for task in TASKS:
        kind, *command = containers_of(task)["logwatchd"]["healthCheck"]["command"]
        asked.add(tuple(command))
        assert kind == "CMD"

    assert asked == {("logwatchd", "health")}
    assert "health" in COMMANDS
