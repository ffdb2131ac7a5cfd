"""The commands, called as a shell would, in one process."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from logwatchd.cli import main
from logwatchd.domain.event import Category, Severity, Sighting, Tell, Verdict
from logwatchd.domain.policy import Policy
from logwatchd.domain.position import Position, Tally
from logwatchd.ports import Batch
from logwatchd.store.sqlite import Limits, open_store
from tests.fakes.clock import NOON
from tests.fakes.daemon import REPOSITORY, error_line, info_line
from tests.fakes.discord import Step, fake_discord
from tests.fakes.notices import an_event

Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Return a way to run a command that sees only what a test gives it."""
    for name in ("DISCORD_WEBHOOK_URL", "LOGWATCHD_PATHS", "STATE_DIRECTORY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))

    def run(*arguments: str, stdin: bytes = b"", **environ: str) -> int:
        for name, text in environ.items():
            monkeypatch.setenv(name, text)
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        return main(list(arguments))

    yield run
    structlog.reset_defaults()


@pytest.fixture
async def known(tmp_path: Path) -> None:
    """Make a state with one problem, seen three times."""
    verdict = Verdict("pool", Severity.CRITICAL, Category.DATABASE, Tell.AT_ONCE)
    event = an_event(message="pool timed out \x1b[31m", causes=("refused",), code="DB_1")
    sighting = Sighting(event, verdict, "v1:5d41402abc4b2a76", "pool timed out")
    batch = Batch(
        path="/logs/app.log",
        sightings=(sighting,) * 3,
        position=Position(key="1", path="/logs/app.log", device=1, inode=1, offset=9),
        tally=Tally(lines=5, events=3),
    )
    async with open_store(tmp_path / "state", Policy(), limits=Limits(), now=NOON) as store:
        await store.record([batch], now=NOON)


def test_the_demo_ends_by_itself_and_shows_every_kind_of_trouble(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """The first thing a stranger sees."""
    assert run("--dry-run", "--once") == 0

    out, err = capsys.readouterr()
    for word in ("critical · database", "warning · authentication", "LLM", "panic", "Digest"):
        assert word in out
    assert "hunter2" not in out
    assert "\x1b" not in out
    assert "nothing was sent" in err


def test_a_dry_run_reads_whole_files_and_prints_json(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """For programs: one object for each message that would be sent."""
    log = tmp_path / "some.log"
    log.write_text(info_line(1) + error_line("it broke 1") + error_line("it broke 2"))
    assert run("--dry-run", "--once", "--json", str(log)) == 0

    posts = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert posts[0]["action"] == "post"
    assert posts[0]["incident"]["count"] == 2
    assert not (tmp_path / "state").exists()


def test_a_configuration_that_cannot_be_used_ends_with_78(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every problem on a line of its own; a service manager knows not to try again."""
    assert run("run", LOGWATCHD_LANGUAGE="fr", LOGWATCHD_COLOR="x") == 78

    err = capsys.readouterr().err
    assert "language: " in err
    assert "color: unknown setting" in err
    assert "paths: " in err


@pytest.mark.parametrize(
    "arguments",
    [
        ["--no-such-option"],
        ["run", "--once"],
        ["run", "--json"],
        ["mute"],
        ["mute", "5d41", "--until-count", "0"],
        ["mute", "5d41", "--until-count", "9" * 30],
        ["incidents", "--limit", "9" * 30],
    ],
)
def test_wrong_usage_ends_with_2(run: Run, arguments: list[str]) -> None:
    """As every program does."""
    assert run(*arguments) == 2


def test_a_panic_at_the_end_of_a_file_is_part_of_a_single_pass(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The last thing that a crashed program said is what one looks for."""
    log = tmp_path / "some.log"
    log.write_text(info_line(1) + "thread 'main' panicked at src/a.rs:4:5:\nthe last words\n")
    assert run("--dry-run", "--once", "--json", str(log)) == 0

    assert "the last words" in capsys.readouterr().out


@pytest.mark.parametrize(
    "environ",
    [
        {"LOGWATCHD_PATHS": "~nobody-of-that-name/x.log"},
        {"LOGWATCHD_PIPELINE__GRACE": "999999999d 999999999d"},
        {"LOGWATCHD_RULES": "[" * 20_000},
    ],
)
def test_strange_values_are_refused_and_not_a_traceback(
    run: Run, environ: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    """78 and a sentence, whatever stands in the environment."""
    assert run("check", **environ) == 78
    assert "failed" in capsys.readouterr().out


def test_a_dotenv_that_is_no_text_is_refused(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the name of the file."""
    (tmp_path / ".env").write_bytes(b"A=\xff")
    assert run("check") == 78
    assert "is not UTF-8" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--dry-run", "--once"], ["completion", "bash"]])
def test_a_reader_that_has_seen_enough_is_no_failure(arguments: list[str], tmp_path: Path) -> None:
    """`| head -1`, on the demo log and on something short."""
    program = f"{shlex.quote(sys.executable)} -m logwatchd {' '.join(arguments)}"
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {program} | true"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["mute", "--help"]])
def test_help_is_there(run: Run, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Without a configuration, without a state."""
    assert run(*arguments) == 0
    assert "logwatchd" in capsys.readouterr().out


@pytest.mark.parametrize("shell", ["bash", "zsh"])
def test_completion_knows_the_commands(
    run: Run, shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Made from the parser itself."""
    assert run("completion", shell) == 0
    assert "test-alert" in capsys.readouterr().out


@pytest.mark.parametrize("command", [["status"], ["incidents"], ["show", "5d"], ["ack", "5d"]])
def test_without_a_state_a_command_says_what_to_do(
    run: Run, command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """It failed, and it does not make an empty state."""
    assert run(*command) == 1
    assert "Run the daemon first" in capsys.readouterr().err


@pytest.mark.usefixtures("known")
def test_status_says_how_things_stand(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """For people and for programs."""
    assert run("status") == 0
    out = capsys.readouterr().out
    assert "daemon\tnot running" in out
    assert "/logs/app.log\tlive\t9\t9\t0\tunknown\t5\t3\t0\t0\t0\tnever" in out

    assert run("status", "--json") == 0
    values = json.loads(capsys.readouterr().out)
    assert (values["running"], values["totals"]["events"]) == (False, 3)
    assert values["outbox"] == {"discord": {"pending": 1}}


@pytest.mark.usefixtures("known")
def test_incidents_are_listed_and_shown(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """An id may be shortened; a terminal acts on nothing that a log said."""
    assert run("incidents") == 0
    assert capsys.readouterr().out.startswith("5d41402a\tcritical\topen\tdatabase\t3\t")
    assert run("incidents", "--severity", "info") == 0
    assert capsys.readouterr().out == ""

    assert run("show", "5d41") == 0
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "told_first" in out
    assert run("show", "v1:5d41402a", "--json") == 0
    assert json.loads(capsys.readouterr().out)["decisions"][0]["why"] == "told_first"
    assert run("show", "nothing") == 1


@pytest.mark.usefixtures("known")
def test_people_act_on_a_problem(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Each action is kept as a decision."""
    for command, state in (
        (["ack", "5d41"], "acknowledged"),
        (["mute", "5d41", "--for", "2h", "--until-count", "9"], "muted"),
        (["unmute", "5d41"], "open"),
        (["resolve", "5d41"], "resolved"),
    ):
        assert run(*command, "--json") == 0
        assert json.loads(capsys.readouterr().out)["state"] == state
    assert run("mute", "5d41", "--for", "soon") == 2
    assert run("mute", "5d41", "--for", "99999999d") == 2
    assert run("ack", "ffff") == 1

    run("show", "5d41", "--json")
    details = [each["detail"] for each in json.loads(capsys.readouterr().out)["decisions"]]
    assert any("until its event number 9" in each for each in details)


async def test_check_tries_everything_and_tells_nobody(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Online it asks the webhook about itself."""
    (tmp_path / "app.log").write_text(info_line(1))
    async with fake_discord() as peer:
        environ = {
            "LOGWATCHD_PATHS": f"{tmp_path}/app.log,{tmp_path}/later.log",
            "DISCORD_WEBHOOK_URL": peer.webhook_url,
        }
        code = await _in_thread(run, "check", "--online", **environ)
        assert code == 0
        assert [each.method for each in peer.requests] == ["GET"]

        peer.play(Step(status=401, body={"code": 50027}))
        assert await _in_thread(run, "check", "--online", "--json", **environ) == 1
    out = capsys.readouterr().out
    assert "there yet" in out
    assert '"failed"' in out


async def test_a_test_alert_is_one_marked_message(run: Run, tmp_path: Path) -> None:
    """Through the real sink, so that what works here works at night."""
    async with fake_discord() as peer:
        environ = {"LOGWATCHD_PATHS": "/x.log", "DISCORD_WEBHOOK_URL": peer.webhook_url}
        assert await _in_thread(run, "test-alert", **environ) == 0
        assert [each.method for each in peer.requests] == ["POST"]
        assert peer.violations == []


async def _in_thread(run: Run, *arguments: str, **environ: str) -> int:
    """Run a command that has an event loop of its own."""
    import asyncio  # noqa: PLC0415 -- beside its use

    return await asyncio.to_thread(run, *arguments, **environ)


def test_check_fails_where_the_configuration_does(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same code as the daemon's."""
    assert run("check") == 78
    assert "DISCORD_WEBHOOK_URL" in capsys.readouterr().out


def test_parse_prints_the_event_of_each_line(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """With the rule that it matches; what is no record is said on standard error."""
    lines = error_line("[DB_7] connection refused", target="app::db") + info_line(1) + "junk\n"
    assert run("parse", stdin=lines.encode()) == 0

    out, err = capsys.readouterr()
    first, second = (json.loads(line) for line in out.splitlines())
    assert (first["code"], first["category"]) == ("DB_7", "database")
    assert second["level"] == "info"
    assert "rule" not in second
    assert "1 line(s) not_json" in err


def test_fingerprint_gives_one_id_to_one_problem(
    run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    """`id<TAB>template`, from events or from plain messages, whatever kind of value is first."""
    assert run("fingerprint", "--text", stdin=b"user 17 not found\nuser 0x1f not found\n") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert run("fingerprint", "--text", stdin=b"user 0x1f not found\n") == 0
    assert first == second == capsys.readouterr().out.rstrip("\n")
    assert first.startswith("v1:")
    assert first.endswith("\tuser <*> not found")

    assert run("fingerprint", "--id-only", stdin=error_line("user 17 not found").encode()) == 0
    assert "\t" not in capsys.readouterr().out
    assert run("fingerprint", "--json", stdin=error_line("x").encode()) == 0
    assert "fingerprint" in json.loads(capsys.readouterr().out)


def test_redact_replaces_secrets(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    """Before a log is shown to anyone."""
    secret = "hunter2" + "-made-up"
    assert run("redact", stdin=f"postgres://app:{secret}@db/x\nplain\n".encode()) == 0

    out = capsys.readouterr().out
    assert secret not in out
    assert out.endswith("\nplain\n")


def test_redact_keeps_the_lines_and_what_is_no_text(
    run: Run, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """Broken UTF-8, missing and foreign line ends, and a key on several lines."""
    dashes, body = "-" * 5, "Zq7Rk2Lw9Xv4Tn8Bd3Hs6Jm1Pf5Gc0Ya2We"
    lines = [
        b"caf\xe9 ok\r\n",
        b"\n",
        f"{dashes}BEGIN PRIVATE ".encode() + f"KEY{dashes}\n{body}\n".encode(),
        "비밀번호=hunter2".encode(),
    ]
    assert run("redact", stdin=b"".join(lines)) == 0

    assert capfdbinary.readouterr().out.decode().splitlines(keepends=True) == [
        "caf\ufffd ok\r\n",
        "\n",
        "[REDACTED:private_key]\n",
        "[REDACTED:private_key]\n",
        "비밀번호=[REDACTED:password]",
    ]


def test_redact_takes_a_line_of_any_length_piece_by_piece(
    run: Run, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    """A secret that stands where a piece ends goes whole; nothing else is lost."""
    secret = "hunter2" + "-made-up"
    pair = f'{{"n":1,"password":"{secret}"}},'
    count = 80_000
    assert run("redact", stdin=(pair * count + "\nnext\n").encode()) == 0

    first, second = capfdbinary.readouterr().out.decode().splitlines()
    assert first == '{"n":1,"password":"[REDACTED:password]"},' * count
    assert second == "next"


def test_the_time_of_a_problem_is_told_in_one_unit() -> None:
    """Short enough for a column."""
    from logwatchd.cli.output import ago  # noqa: PLC0415 -- beside its use

    lengths = [timedelta(seconds=5), timedelta(minutes=3), timedelta(hours=5), timedelta(days=2)]
    assert [ago(NOON - each, now=NOON) for each in lengths] == [
        "5s ago",
        "3m ago",
        "5h ago",
        "2d ago",
    ]
