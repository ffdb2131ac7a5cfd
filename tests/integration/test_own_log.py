"""The daemon's own log: redacted, and never a reason to fail."""

import io
import json
import logging
import os
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from logwatchd.domain.cleaning import visible
from logwatchd.domain.tainted import Tainted
from logwatchd.telemetry import logs
from logwatchd.telemetry.systemd import Notifier

SECRET = "made-up-" + "secret"


@pytest.fixture
def out() -> Iterator[io.StringIO]:
    """Return what the log writes, with one secret known."""
    stream = io.StringIO()
    logs.configure(
        level="info",
        json_lines=True,
        redact=lambda text: text.replace(SECRET, "[REDACTED]"),
        stream=stream,
    )
    yield stream
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_a_secret_is_redacted_wherever_it_stands(out: io.StringIO) -> None:
    """In a value, nested, in an exception's text and its stack, and in a library's line."""
    log = structlog.stdlib.get_logger()
    log.info("event", url=f"https://x/{SECRET}", nested={"a": [SECRET]}, error=OSError(SECRET))
    try:
        int(SECRET)
    except ValueError:
        log.exception("failed")
    logging.getLogger("some.library").warning("connecting to %s", SECRET)

    assert SECRET not in out.getvalue()
    assert out.getvalue().count("[REDACTED]") >= 5
    assert json.loads(out.getvalue().splitlines()[0])["event"] == "event"


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_terminal_acts_on_nothing_in_the_log(json_lines: bool) -> None:
    """A file may be named by whoever uploads it, and an error may quote its name."""
    stream = io.StringIO()
    logs.configure(level="info", json_lines=json_lines, redact=str, stream=stream)
    hostile = "a\x1b[2J\x9b3J\x1b]0;owned\x07\u202eb"
    log = structlog.stdlib.get_logger()
    log.info("log_unreadable", path=hostile, nested={hostile: [hostile]})
    log.error("failed", exc_info=OSError(hostile))
    logging.getLogger("some.library").warning("cannot read %s", hostile)
    sys.excepthook(OSError, OSError(hostile), None)
    structlog.reset_defaults()
    logging.basicConfig(force=True)

    said = stream.getvalue()
    assert said.count("ab") >= 5
    assert visible(said) == said
    assert "\\u001b" not in said


def test_a_full_disk_behind_the_log_is_no_reason_to_fail() -> None:
    """Standard error may be a file on the disk that is full."""

    class Full(io.StringIO):
        def write(self, _text: str) -> int:
            raise OSError(28, "No space left on device")

    logs.configure(level="info", json_lines=True, redact=str, stream=Full())
    structlog.stdlib.get_logger().info("not written")
    structlog.reset_defaults()
    logging.basicConfig(force=True)


def test_systemd_that_is_gone_is_no_reason_to_fail() -> None:
    """Nor is one that never asked."""
    for address in ("", "/nowhere/notify", "@nobody-listens-here"):
        notifier = Notifier(address, 6_000_000)
        notifier.ready()
        notifier.alive()
        assert notifier.watchdog_seconds == 3.0


def test_tainted_text_in_a_log_line_shows_nothing_and_breaks_nothing(out: io.StringIO) -> None:
    """A log line about log text must neither repeat it nor end the daemon."""
    structlog.stdlib.get_logger().info("event", text=Tainted("rm -rf"), many=[Tainted("x")])

    line = json.loads(out.getvalue())
    assert (line["text"], line["many"]) == ("<Tainted>", ["<Tainted>"])


def test_what_nobody_catches_is_redacted_too(out: io.StringIO) -> None:
    """The interpreter itself prints such errors: of a thread, of a destructor, of the program."""

    def stray() -> None:
        raise OSError(f"in a thread: {SECRET}")

    class Broken:
        def __del__(self) -> None:
            raise OSError(f"in a destructor: {SECRET}")

    thread = threading.Thread(target=stray)
    thread.start()
    thread.join()
    Broken()
    error = OSError(f"in the program: {SECRET}")
    sys.excepthook(OSError, error, None)

    said = out.getvalue()
    for place in ("thread", "destructor", "program"):
        assert re.search(rf"OSError: in (a|the) {place}: \[REDACTED\]", said)
    assert SECRET not in said


def test_in_the_journal_every_line_has_its_priority(tmp_path: Path) -> None:
    """`journalctl -p warning` shows what needs a person, lines of libraries included."""
    path = tmp_path / "journal"
    with path.open("w+", encoding="utf-8") as stream:
        there = os.fstat(stream.fileno())
        journal = f"{there.st_dev}:{there.st_ino}"
        logs.configure(
            level="info", json_lines=True, redact=str, stream=stream, journal_stream=journal
        )
        structlog.get_logger().info("fine")
        structlog.get_logger().error("bad")
        logging.getLogger("library").warning("one\ntwo")
        stream.flush()
        assert not logs.is_journal(stream, "1:2")

    starts = [line[:4] for line in path.read_text("utf-8").splitlines()]
    assert [each[:3] for each in starts] == ["<6>", "<3>", "<4>", "<4>"]
