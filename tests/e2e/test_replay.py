"""`logwatchd replay`, as a shell would run it."""

import gzip
import json
import os
import pty
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.clock import NOON
from tests.fakes.daemon import REPOSITORY
from tests.integration.test_archives import zstd_of
from tests.integration.test_replay import line

MINUTE = timedelta(minutes=1)


def environ(home: Path) -> dict[str, str]:
    """Return an environment that holds nothing of the machine's."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY), os.environ.get("PYTHONPATH", "")]),
        "HOME": str(home),
        "STATE_DIRECTORY": str(home / "state"),
        **{name: text for name, text in os.environ.items() if name.startswith("COVERAGE_")},
    }


def run(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "logwatchd", "replay", *arguments],
        cwd=home,
        env=environ(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def lines(first: int, last: int, message: str = "the disk broke") -> bytes:
    """Return a line for each minute from the first to before the last."""
    return "".join(line(NOON + n * MINUTE, message) for n in range(first, last)).encode()


def test_rotated_and_compressed_logs_become_one_report(tmp_path: Path) -> None:
    """The whole command, with every name of the JSON form that the page on it promises."""
    (tmp_path / "app.log").write_bytes(lines(240, 300))
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(lines(120, 240)))
    (tmp_path / "app.log.2.zst").write_bytes(zstd_of(lines(0, 120)))
    done = run(tmp_path, "--json", "app.log*")

    assert done.returncode == 0, done.stderr
    values: dict[str, Any] = json.loads(done.stdout)
    page = (REPOSITORY / "docs" / "replay.md").read_text("utf-8")
    for name in values:
        assert f"`{name}`" in page
    assert values["format"] == 1
    assert values["total"]["events"] == 300
    assert [each["packing"] for each in values["files"]] == ["plain", "gzip", "zstd"]
    assert values["messages_by_why"] == {"digest": 5, "told_first": 1, "told_reminder": 1}
    assert values["incidents"][0]["told"] == 2
    assert values["first_at"] == "2026-01-01T12:00:00.000Z"
    assert "300 events in" in done.stderr
    assert not (tmp_path / "state").exists()


def test_people_get_tables_on_which_a_terminal_does_nothing(tmp_path: Path) -> None:
    """Neither the log nor the name of a file may move the cursor."""
    name = "a\x1b[2J.log"
    (tmp_path / name).write_bytes(lines(0, 3, "bad \x1b]0;owned\x07 \u202e text"))
    done = run(tmp_path, name)

    assert done.returncode == 0, done.stderr
    assert "told_first" in done.stdout
    assert not {"\x1b", "\x07", "\u202e"} & {*done.stdout, *done.stderr}


def test_damage_ends_with_1_and_what_was_read_is_reported(tmp_path: Path) -> None:
    """A script must not take half of a log for the whole."""
    (tmp_path / "app.log.1.gz").write_bytes(gzip.compress(lines(0, 90))[:-9])
    done = run(tmp_path, "--json", "app.log.1.gz")

    assert done.returncode == 1
    assert "app.log.1.gz: ends too early; what came before it counts" in done.stderr
    values = json.loads(done.stdout)
    assert values["total"]["events"] == 90
    assert values["total"]["damaged_files"] == 1


def test_a_name_that_is_not_there_ends_with_2_before_anything_is_read(tmp_path: Path) -> None:
    """As wrong usage does; every name at once."""
    (tmp_path / "app.log").write_bytes(lines(0, 3))
    done = run(tmp_path, "app.log", "none.log", "\x1b[2Jnone*.gz")

    assert (done.returncode, done.stdout) == (2, "")
    assert "none.log: No such file or directory" in done.stderr
    assert "none*.gz: no such file" in done.stderr
    assert "\x1b" not in done.stderr
    assert run(tmp_path).returncode == 2


def test_zstandard_without_its_package_ends_with_78_and_a_hint(tmp_path: Path) -> None:
    """Something is to be installed; trying again does not help."""
    (tmp_path / "app.log.zst").write_bytes(b"\x28\xb5\x2f\xfd")
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nsys.modules['backports'] = sys.modules['compression'] = None\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "logwatchd", "replay", "app.log.zst"],
        env=environ(tmp_path) | {"PYTHONPATH": f"{tmp_path}:{REPOSITORY}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 78
    assert "logwatchd[zstd]" in done.stderr


def test_another_configuration_is_compared_by_problem(tmp_path: Path) -> None:
    """Before it is put in use."""
    (tmp_path / "app.log").write_bytes(lines(0, 60) + lines(60, 120, "the pool broke"))
    (tmp_path / "other.toml").write_text(
        '[[rules]]\nname = "pool"\nmessage = "pool broke"\nseverity = "info"\ntell = "count"\n'
    )
    done = run(tmp_path, "--json", "--diff", "other.toml", "app.log")
    assert done.returncode == 0, done.stderr
    diff = json.loads(done.stdout)["diff"]
    assert (diff["told_more_total"], diff["told_less_total"]) == (0, 1)
    [change] = diff["changes"]
    assert change["template"] == "the pool broke"
    assert change["told"] == [1, 0]
    assert change["severity"][1] == "info"

    assert "the pool broke" in run(tmp_path, "--diff", "other.toml", "app.log").stdout
    (tmp_path / "other.toml").write_text("nonsense = 1\n")
    assert run(tmp_path, "--diff", "other.toml", "app.log").returncode == 78


def test_the_settings_of_the_team_are_used(tmp_path: Path) -> None:
    """No key and no path is asked for."""
    (tmp_path / "logwatchd.toml").write_text("[alerts]\nceiling_hour = 1\ndigest = false\n")
    (tmp_path / "app.log").write_bytes(lines(0, 2) + lines(2, 4, "the pool broke"))
    values = json.loads(run(tmp_path, "--json", "app.log").stdout)

    assert values["messages_by_why"] == {"told_first": 1}
    assert values["held_back"] == {"held_hour_ceiling": 2}
    assert values["incidents_never_told"] == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_reports_what_was_read(tmp_path: Path, number: signal.Signals) -> None:
    """An hour of reading is not thrown away; the progress bar is on a terminal only."""
    text = b"".join(line(NOON, "x" * 40, "DEBUG").encode() for _ in range(1_000))
    with gzip.open(tmp_path / "huge.gz", "wb", compresslevel=1) as log:
        log.write(lines(0, 3))
        for _ in range(4_000):  # minutes of reading
            log.write(text)
    reader, terminal = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "logwatchd", "replay", "--json", "huge.gz"],
        cwd=tmp_path,
        env=environ(tmp_path) | {"TERM": "xterm", "COLUMNS": "120"},
        stdout=subprocess.PIPE,
        stderr=terminal,
        text=True,
    )
    os.close(terminal)
    said = b""
    while b"events" not in said:
        said += os.read(reader, 4_096)
    process.send_signal(number)
    out, _ = process.communicate(timeout=60)
    os.close(reader)

    assert process.returncode == 0
    values = json.loads(out)
    assert values["interrupted"] is True
    assert values["total"]["lines"] < 4_000_000
    assert b"MB" in said
