"""An event can name its cause: then no commit is suspected first."""

import pytest

from logwatchd.domain.event import Event, Level
from logwatchd.domain.outside import names_outside_cause
from tests.fakes.clock import NOON


def event(message: str, **fields: str) -> Event:
    """Return an event with a message."""
    return Event(at=NOON, level=Level.ERROR, message=message, fields=fields)


@pytest.mark.parametrize(
    "message",
    [
        "cannot write segment: No space left on device (os error 28)",
        "upstream answered 503 Service Unavailable",
        "dial tcp: Connection refused",
        "provider said: rate_limit_error",
        "handshake failed: certificate has expired",
    ],
)
def test_a_cause_outside_the_code_is_seen(message: str) -> None:
    """A full disk is nobody's commit."""
    assert names_outside_cause(event(message))


@pytest.mark.parametrize(
    "message",
    [
        "index out of bounds: the len is 3 but the index is 5",
        "user 503 not found",
        "session of user 31 has expired",
        "No such file or directory (os error 2)",
    ],
)
def test_an_ordinary_error_names_none(message: str) -> None:
    """Else "none" would stand before every defect."""
    assert not names_outside_cause(event(message))


def test_it_is_seen_in_a_field_too() -> None:
    """`tracing` writes the error as a field beside the message."""
    assert names_outside_cause(event("write failed", error="Connection reset by peer"))
