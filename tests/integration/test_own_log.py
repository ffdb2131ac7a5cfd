"""The daemon's own log: redacted, and never a reason to fail."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

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
