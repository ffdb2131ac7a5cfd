"""The sink of `--dry-run --json`: one JSON object a line for what the others would have sent."""

import json
from collections.abc import Callable
from itertools import count
from typing import Any, TextIO, assert_never

from logwatchd.domain.diagnosis_json import diagnosis_values
from logwatchd.domain.incident import short_id
from logwatchd.domain.incident_json import incident_values, iso, storm_values
from logwatchd.domain.notice import (
    CardNotice,
    DigestLine,
    DigestNotice,
    Notice,
    Receipt,
    StormNotice,
    TextNotice,
)
from logwatchd.domain.safe_text import json_value
from logwatchd.ports import Clock


class JsonLinesSink:
    """Writes notices as JSON lines."""

    name = "console"

    def __init__(self, stream: TextIO, *, clock: Clock, redact: Callable[[str], str]) -> None:
        self._stream = stream
        self._redact = redact
        self._clock = clock
        self._numbers = count(1)

    async def post(self, notice: Notice) -> Receipt:
        """Write a new message."""
        self._write({"action": "post", **_values(notice)})
        return Receipt(f"line-{next(self._numbers)}", self._clock.now())

    async def edit(self, notice: Notice, receipt: Receipt) -> Receipt:
        """Write an edit."""
        self._write({"action": "edit", "message": receipt.message_id, **_values(notice)})
        return receipt

    async def probe(self) -> str:
        """Say what it is."""
        return "JSON lines on standard output"

    def _write(self, values: dict[str, Any]) -> None:
        # ASCII only: a terminal acts on nothing in it.
        self._stream.write(json.dumps(_redacted(values, self._redact)) + "\n")
        self._stream.flush()


def _redacted(value: Any, redact: Callable[[str], str]) -> Any:
    """Redact every text of a JSON value once more, also the names that a log gave its fields."""
    match value:
        case str():
            return redact(value)
        case dict():
            return {redact(name): _redacted(each, redact) for name, each in value.items()}
        case list():
            return [_redacted(each, redact) for each in value]
        case _:
            return value


def _values(notice: Notice) -> dict[str, Any]:
    match notice:
        case CardNotice():
            return {
                "kind": "incident",
                "reason": notice.reason.value,
                "incident": incident_values(
                    notice.incident, notice.anchor, merged_into=notice.merged_into
                ),
                "diagnosis": notice.diagnosis and diagnosis_values(notice.diagnosis),
                "hourly": list(notice.hourly),
                "maybe_repeat": notice.maybe_repeat,
            }
        case DigestNotice():
            return {
                "kind": "digest",
                "since": iso(notice.since),
                "until": iso(notice.until),
                "problems": [_line_values(each) for each in notice.lines],
                "more_problems": notice.more_problems,
                "more_events": notice.more_events,
                "held_back": notice.held_back,
            }
        case StormNotice():
            return {
                "kind": "storm",
                **storm_values(notice.storm),
                "examples": [_line_values(each) for each in notice.examples],
                "maybe_repeat": notice.maybe_repeat,
            }
        case TextNotice():
            return {"kind": notice.kind.value, "details": dict(notice.details)}
        case _:
            assert_never(notice)


def _line_values(line: DigestLine) -> dict[str, Any]:
    incident = line.incident
    return {
        "id": short_id(incident.fingerprint),
        "template": json_value(incident.template),
        "count": line.count,
    }
