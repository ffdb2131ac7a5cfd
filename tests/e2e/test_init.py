"""`logwatchd init`, as somebody runs it who has a log and nothing else."""

import json
import subprocess
import sys
import tomllib
from datetime import timedelta
from pathlib import Path

from logwatchd.settings import load
from tests.e2e.test_replay import environ
from tests.fakes.clock import NOON
from tests.fakes.daemon import REPOSITORY
from tests.integration.test_replay import line

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def init(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command to its end."""
    return subprocess.run(
        [sys.executable, "-m", "logwatchd", "init", *arguments],
        cwd=home,
        env=environ(home),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_file_that_is_written_can_be_used_and_says_what_was_seen(tmp_path: Path) -> None:
    """The demo log stands for a log that nobody has prepared."""
    log = tmp_path / "app.log"
    log.write_bytes((REPOSITORY / "logwatchd" / "demo" / "demo.log").read_bytes())
    done = init(tmp_path, "app.log")
    text = (tmp_path / "logwatchd.toml").read_text("utf-8")
    loaded = load(file=tmp_path / "logwatchd.toml", environ={}, directory=tmp_path, to_run=False)

    assert done.returncode == 0, done.stderr
    assert [str(each) for each in loaded.settings.paths] == [str(log)]
    assert "#   formats: tracing (" in text
    assert "COMMON500 (" in text
    assert "told_first" in done.stdout
    assert "index out of bounds" in done.stdout


def test_only_the_last_day_of_the_log_is_told(tmp_path: Path) -> None:
    """What a daemon started a day ago would have told is believable; a year at once is not."""
    old = line(NOON - 3 * DAY, "the old disk broke")
    new = line(NOON, "the new disk broke")
    (tmp_path / "app.log").write_text(old + new)
    done = init(tmp_path, "app.log")

    assert "the new disk broke" in done.stdout
    assert "the old disk broke" not in done.stdout


def test_a_rule_that_is_suggested_silences_its_problem_once_its_signs_are_away(
    tmp_path: Path,
) -> None:
    """And nothing before: text of a log silences no alert by itself."""
    lines = [line(NOON + n * MINUTE, f"upstream weather {n} did not answer") for n in range(40)]
    (tmp_path / "app.log").write_text("".join(lines))
    assert init(tmp_path, "app.log").returncode == 0
    file = tmp_path / "logwatchd.toml"
    text = file.read_text("utf-8")
    assert "rules" not in tomllib.loads(text)

    begin = text.index("#[[rules]]")
    file.write_text(text[:begin] + text[begin:].replace("\n#", "\n").removeprefix("#"), "utf-8")
    [rule] = load(file=file, environ={}, directory=tmp_path, to_run=False).settings.rules
    replayed = subprocess.run(
        [sys.executable, "-m", "logwatchd", "--config", str(file), "replay", "--json", "app.log"],
        cwd=tmp_path, env=environ(tmp_path), capture_output=True, text=True, check=True,
    )  # fmt: skip

    assert rule.name.startswith("noise-")
    assert json.loads(replayed.stdout)["messages_total"] == 0


def test_a_hostile_log_writes_no_setting_and_no_line_of_its_own(tmp_path: Path) -> None:
    """Whoever can make the application log a string would otherwise configure its watcher."""
    evil = 'x"]\npaths = ["/etc"]\n[[rules]]\nname = "evil"\x1b]0;x\x07\u202e'
    record = {"timestamp": NOON.isoformat(), "level": "ERROR", "target": evil}
    record |= {"fields": {"message": evil, "error_code": "E1]", evil: "1"}}  # type: ignore[dict-item]
    text = json.dumps(record) + "\n"
    (tmp_path / "app.log").write_text(text * 40)
    done = init(tmp_path, "app.log")
    written = (tmp_path / "logwatchd.toml").read_text("utf-8")

    assert done.returncode == 0, done.stderr
    assert tomllib.loads(written) == {"paths": [str(tmp_path / "app.log")], "discord": {}}
    assert "\x1b" not in written + done.stdout
    assert "\u202e" not in written + done.stdout


def test_a_secret_in_the_log_reaches_neither_the_file_nor_the_terminal(tmp_path: Path) -> None:
    """The file is committed somewhere, and what is printed is pasted somewhere."""
    secret = "ghp_" + "1a2B3c4D5e6F" * 3
    (tmp_path / "app.log").write_text(line(NOON, f"login with {secret} failed") * 40)
    done = init(tmp_path, "app.log")

    assert done.returncode == 0
    assert secret not in done.stdout + done.stderr + (tmp_path / "logwatchd.toml").read_text()


def test_a_configuration_that_is_there_is_kept(tmp_path: Path) -> None:
    """Somebody's rules stand in it; with --force it is theirs to lose."""
    (tmp_path / "app.log").write_text(line(NOON))
    file = tmp_path / "logwatchd.toml"
    file.write_text("# mine\n")

    assert init(tmp_path, "app.log").returncode == 2
    assert file.read_text() == "# mine\n"
    assert init(tmp_path, "--force", "app.log").returncode == 0
    assert file.read_text() != "# mine\n"


def test_a_log_without_records_is_said_and_nothing_is_written(tmp_path: Path) -> None:
    """A file that would watch what cannot be read only looks like a success."""
    (tmp_path / "app.log").write_text("plain text\nmore of it\n")
    done = init(tmp_path, "app.log")

    assert done.returncode == 1
    assert "2 not_json" in done.stderr
    assert not (tmp_path / "logwatchd.toml").exists()
    assert init(tmp_path, "nothing.log").returncode == 2


def test_a_file_that_cannot_be_written_is_an_answer(tmp_path: Path) -> None:
    """A traceback is none."""
    (tmp_path / "app.log").write_text(line(NOON))
    done = init(tmp_path, "--output", "nowhere/logwatchd.toml", "app.log")

    assert done.returncode == 1
    assert "cannot be written" in done.stderr
