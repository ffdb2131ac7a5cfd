"""Docker and CRI envelopes are taken off; everything else is left alone."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logwatchd.domain.envelope import Unwrapped, unwrap

AT = datetime(2026, 2, 3, 4, 5, 6, 789012, tzinfo=UTC)
INNER = b'{"level":"ERROR","message":"x"}'


def docker(
    log: str, *, stream: str = "stderr", time: str = "2026-02-03T04:05:06.789012345Z"
) -> bytes:
    """Return a line as Docker's json-file driver writes it."""
    members = {"log": log, "stream": stream, "time": time}
    return json.dumps(members, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"


def test_a_docker_line_gives_what_the_application_wrote() -> None:
    """The level and the message stand inside, twice encoded."""
    found = unwrap(docker(INNER.decode() + "\n"))
    assert found == Unwrapped(INNER, AT, "stderr", partial=False)


def test_a_docker_line_without_a_newline_inside_is_a_piece() -> None:
    """Docker splits at 16 KiB; a piece alone would be broken JSON."""
    assert unwrap(docker('{"level":"ERR', stream="stdout")) == Unwrapped(
        b'{"level":"ERR', AT, "stdout", partial=True
    )


def test_a_docker_line_with_attributes_is_known() -> None:
    """Labels are written beside the line when Docker is asked to."""
    line = b'{"log":"x\\n","stream":"stdout","attrs":{"tag":"web"},"time":"2026-02-03T04:05:06Z"}'
    assert unwrap(line).payload == b"x"


@pytest.mark.parametrize(
    ("line", "payload", "partial"),
    [
        (b"2026-02-03T04:05:06.789012345Z stdout F " + INNER + b"\n", INNER, False),
        (b"2026-02-03T04:05:06.789012345Z stdout P " + INNER, INNER, True),
        (b"2026-02-03T13:05:06.789012345+09:00 stdout F a  b\r\n", b"a  b", False),
        (b"2026-02-03T04:05:06.789012345Z stdout F:tag:more x", b"x", False),
        (b"2026-02-03T04:05:06.789012345Z stdout F \n", b"", False),
        (b"2026-02-03T04:05:06.789012345Z stdout F\n", b"", False),
        (b"2026-02-03T04:05:06.789012345Z stdout F   indented\n", b"  indented", False),
    ],
)
def test_a_cri_line_gives_what_the_application_wrote(
    line: bytes, payload: bytes, *, partial: bool
) -> None:
    """Kubernetes writes this form for every container."""
    assert unwrap(line) == Unwrapped(payload, AT, "stdout", partial=partial)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        INNER,
        b'{"log":"x"}',
        b'{"log":"x\\n","level":"ERROR","time":"2026-02-03T04:05:06Z"}',
        b'{"log":{"level":"error"},"message":"x"}',
        b'{"log":"x\\n","stream":"stdnull","time":"2026-02-03T04:05:06Z"}',
        b'{"log":"broken',
        b'{"log":"x","log":5,"stream":"stdout"}',
        b"2026-02-03T04:05:06Z INFO started",
        b"2026-02-03T04:05:06Z stdin F x",
        b"2026-02-03T04:05:06Z stdout X x",
        b"1234567890",
        b"plain text",
    ],
)
def test_a_line_without_an_envelope_is_its_own_payload(line: bytes) -> None:
    """An application may have a member `log` of its own."""
    assert unwrap(line) == Unwrapped(line)


@given(
    st.binary(max_size=200), st.sampled_from([b"", b'{"log":"', b"2026-02-03T04:05:06Z stdout F "])
)
def test_no_bytes_raise(tail: bytes, head: bytes) -> None:
    """One line of rubbish must never stop the daemon."""
    assert isinstance(unwrap(head + tail).payload, bytes)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n")))
def test_any_text_survives_docker(text: str) -> None:
    """What comes out is byte for byte what the application wrote."""
    assert unwrap(docker(text + "\n")).payload == text.encode()
