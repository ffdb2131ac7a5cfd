"""What a container runtime wraps around a line: Docker's json-file and Kubernetes' CRI."""

import re
from datetime import datetime
from typing import Final, NamedTuple

from logwatchd.domain.decode import decode_line
from logwatchd.domain.timestamps import to_utc

DOCKER_HEAD: Final = b'{"log":"'
"""How Docker begins every line of a json-file."""

_DOCKER_NAMES: Final = frozenset({"log", "stream", "time", "attrs"})
_STREAMS: Final = ("stdout", "stderr")
_DIGITS: Final = frozenset(b"0123456789")
_CRI: Final = re.compile(
    rb"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}(?:Z|[+-][0-9]{2}:[0-9]{2}))"
    rb" (stdout|stderr) ([FP])(?::[A-Za-z0-9_:]{1,64})?(?: |\Z|(?=[\r\n]))"
)


class Unwrapped(NamedTuple):
    """What was inside.

    Attributes:
        payload: The line as the application wrote it, without its newline when it was wrapped.
        at: When the runtime took it (aware, UTC), or None.
        stream: `stdout`, `stderr`, or "" when there was no envelope.
        partial: Whether the application's line goes on in the next one of the same stream.
    """

    payload: bytes
    at: datetime | None = None
    stream: str = ""
    partial: bool = False


def unwrap(line: bytes) -> Unwrapped:
    """Take a line out of its envelope; a line without one is its own payload."""
    if line.startswith(DOCKER_HEAD):
        return _from_docker(line)
    if line and line[0] in _DIGITS:
        found = _CRI.match(line)
        if found is not None:
            payload = line[found.end() :].rstrip(b"\r\n")
            at, stream = to_utc(found[1].decode()), found[2].decode()
            return Unwrapped(payload, at, stream, partial=found[3] == b"P")
    return Unwrapped(line)


def _from_docker(line: bytes) -> Unwrapped:
    record = decode_line(line)
    if not isinstance(record, dict) or not record.keys() <= _DOCKER_NAMES:
        return Unwrapped(line)
    text, stream = record["log"], record.get("stream", "stdout")
    if not isinstance(text, str) or stream not in _STREAMS or len(record) == 1:
        return Unwrapped(line)
    whole = text.endswith("\n")
    payload = text.encode().rstrip(b"\r\n") if whole else text.encode()
    return Unwrapped(payload, to_utc(record.get("time")), stream, partial=not whole)
