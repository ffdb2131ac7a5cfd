"""The sign of life: who is alive, who is degraded, and who only looks alive."""

import json
import time
from pathlib import Path

import pytest

from logwatchd.cli import main
from logwatchd.domain.condition import Condition, Phase, ProblemKind, condition_of
from logwatchd.places import HEARTBEAT_NAME
from logwatchd.store.lock import held
from logwatchd.telemetry.heartbeat import STALE_SECONDS, Heartbeat, last_beat
from tests.fakes.clock import NOON

DEGRADED = Condition(Phase.READY, {ProblemKind.SINK: 1, ProblemKind.FILE: 3})


def test_kinds_are_counted_and_no_path_or_text_is_among_them() -> None:
    """Anyone may read the line."""
    found = condition_of(
        Phase.READY, ["sink:discord", "endpoint", "strange"], ["/secret/a.log", "notifications"]
    )

    assert found.line() == "degraded: sink, file, notifications, endpoint, other"


@pytest.mark.parametrize(
    ("condition", "strict", "code", "said"),
    [
        (Condition(Phase.READY), False, 0, "ready"),
        (Condition(Phase.STARTING), False, 0, "starting"),
        (Condition(Phase.STARTING), True, 1, "starting"),
        (DEGRADED, False, 0, "degraded: sink, file (3)"),
        (DEGRADED, True, 1, "degraded: sink, file (3)"),
        (None, False, 0, "starting: it has not said anything yet"),
    ],
)
def test_the_answer_is_the_last_thing_that_the_daemon_said(
    condition: Condition | None,
    strict: bool,
    code: int,
    said: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Degraded is alive: a restart would mend nothing. Whoever wants more says --strict."""
    with held(tmp_path, now=NOON):
        if condition is not None:
            Heartbeat(tmp_path).beat(condition)
        done = main(["health", "--state", str(tmp_path), *(["--strict"] if strict else [])])

    assert (done, capsys.readouterr().out.strip()) == (code, said)


@pytest.mark.parametrize("ago", [STALE_SECONDS + 1, -1_000.0])
def test_a_daemon_that_hangs_is_dead_and_so_is_one_of_before_the_boot(
    ago: float, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It holds its lock all the same."""
    at = time.clock_gettime(time.CLOCK_BOOTTIME) - ago
    (tmp_path / HEARTBEAT_NAME).write_text(
        json.dumps({"at": at, "condition": "ready", "degraded": False}), "utf-8"
    )
    with held(tmp_path, now=NOON):
        assert main(["health", "--state", str(tmp_path)]) == 1
    assert "for more than a minute" in capsys.readouterr().out


@pytest.mark.parametrize("record", [b"", b"[]", b"{", b'{"at": "x"}', b"\xff"])
def test_a_record_that_is_none_counts_as_not_said(record: bytes, tmp_path: Path) -> None:
    """A file may be read while it is written, or damaged."""
    (tmp_path / HEARTBEAT_NAME).write_bytes(record)

    assert last_beat(tmp_path) is None


def test_a_shorter_record_leaves_nothing_of_a_longer_one(tmp_path: Path) -> None:
    """It is written in place, so that a full disk does not matter."""
    Heartbeat(tmp_path).beat(DEGRADED)
    Heartbeat(tmp_path).beat(Condition(Phase.READY))

    beat = last_beat(tmp_path)
    assert beat is not None
    assert (beat.condition, beat.is_degraded) == ("ready", False)
