"""What a replay found, and its stable JSON form."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.event import Unparsed
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.incident_json import incident_values, iso
from logwatchd.domain.incident_view import IncidentView
from logwatchd.domain.position import Tally
from logwatchd.domain.safe_text import json_value

FORMAT: Final = 1
"""Number of the JSON form; it changes only when a name goes away or changes its meaning."""

LISTED: Final = 1_000
"""Incidents, messages and files listed at most; the totals beside the lists are exact."""

DIGEST: Final = "digest"
"""The `why` of a message that is no decision about one incident."""


@dataclass(slots=True)
class FileReport:
    """How the reading of one file went.

    Attributes:
        path: Where it is, as text that can be printed anywhere once it is made safe.
        packing: How it is compressed.
        size_bytes: Its size on disk.
        tally: What was counted in it.
        defects: Records lost to a defect of ours.
        disbelieved: Times that were not used: in the future, or taken back by the next record.
        damage: Why it was not read to its end, or "".
    """

    path: str
    packing: str
    size_bytes: int
    tally: Tally = field(default_factory=Tally)
    defects: int = 0
    disbelieved: int = 0
    damage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A new message that people would have got.

    Attributes:
        at: When (aware, UTC), on the virtual clock.
        why: The name of the decision, or `DIGEST`.
        incident: The incident as the card would have shown it; None for a digest.
        problems: Problems in a digest.
        events: Events told: of the incident so far, or of the digest.
        held_back: Cards that a digest says were held back.
    """

    at: datetime
    why: str
    incident: IncidentView | None = None
    problems: int = 1
    events: int = 0
    held_back: int = 0


@dataclass(frozen=True, slots=True)
class Peak:
    """The stretch of time with the most new messages."""

    since: datetime
    messages: int


@dataclass(slots=True, kw_only=True)
class ReplayReport:
    """What would have been told when, and what was held back and why.

    Attributes:
        first_at: Moment of the first event on the virtual clock, or None without events.
        last_at: Moment of the last one.
        files: How the reading of each file went.
        incidents: The worst first, at most `LISTED`.
        severities: Incidents by severity, all of them.
        forgotten: Incidents dropped because the state was full; they are not in `incidents`.
        never_told: Incidents to be told at once that only a digest could name: ceilings held them.
        messages: New messages in their order, at most `LISTED`.
        whys: New messages by why, all of them.
        told: New messages for each fingerprint.
        edits: Edits of messages.
        decisions: Events and changes by the name of the decision.
        peak_hour: The hour with the most new messages, or None.
        peak_day: The day (UTC) with the most new messages, or None.
        interrupted: Whether it was stopped before the end.
    """

    first_at: datetime | None = None
    last_at: datetime | None = None
    files: list[FileReport] = field(default_factory=list)
    incidents: list[Incident] = field(default_factory=list)
    severities: dict[str, int] = field(default_factory=dict)
    forgotten: int = 0
    never_told: int = 0
    messages: list[Message] = field(default_factory=list)
    whys: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    edits: int = 0
    decisions: Counter[str] = field(default_factory=Counter)
    peak_hour: Peak | None = None
    peak_day: Peak | None = None
    interrupted: bool = False

    def total(self) -> Tally:
        """Return the counts of all files."""
        return sum((each.tally for each in self.files), Tally())

    def held_back(self) -> dict[str, int]:
        """Return the events that would have been told had nothing held them, by why."""
        return {why: n for why, n in sorted(self.decisions.items()) if why.startswith("held_")}

    def damaged(self) -> list[FileReport]:
        """Return the files that were not read to their end."""
        return [each for each in self.files if each.damage]


def report_values(report: ReplayReport) -> dict[str, Any]:
    """Return a report as JSON values; names never change, lists are limited, totals are exact."""
    return {
        "format": FORMAT,
        "interrupted": report.interrupted,
        "first_at": report.first_at and iso(report.first_at),
        "last_at": report.last_at and iso(report.last_at),
        "total": {
            **tally_values(report.total()),
            "files": len(report.files),
            "size_bytes": sum(each.size_bytes for each in report.files),
            "damaged_files": len(report.damaged()),
            "defects": sum(each.defects for each in report.files),
            "times_not_believed": sum(each.disbelieved for each in report.files),
        },
        "files": [_file_values(each) for each in report.files[:LISTED]],
        "incidents_total": sum(report.severities.values()),
        "incidents_by_severity": report.severities,
        "incidents_forgotten": report.forgotten,
        "incidents_never_told": report.never_told,
        "incidents": [
            {**incident_values(each), "told": report.told[each.fingerprint]}
            for each in report.incidents
        ],
        "messages_total": report.whys.total(),
        "messages_by_why": dict(sorted(report.whys.items())),
        "messages": [_message_values(each) for each in report.messages],
        "edits_total": report.edits,
        "peak_hour": _peak_values(report.peak_hour),
        "peak_day": _peak_values(report.peak_day),
        "held_back": report.held_back(),
        "decisions": dict(sorted(report.decisions.items())),
    }


def tally_values(tally: Tally) -> dict[str, Any]:
    """Return counts as JSON values."""
    return {
        "lines": tally.lines,
        "text_bytes": tally.bytes,
        "events": tally.events,
        "below": tally.below,
        "cut": tally.cut,
        "unparsed": {
            each.value: tally.unparsed[each] for each in Unparsed if tally.unparsed.get(each)
        },
    }


def _file_values(file: FileReport) -> dict[str, Any]:
    return {
        "path": file.path,
        "packing": file.packing,
        "size_bytes": file.size_bytes,
        **tally_values(file.tally),
        "defects": file.defects,
        "times_not_believed": file.disbelieved,
        "damage": file.damage,
    }


def _message_values(message: Message) -> dict[str, Any]:
    if message.incident is None:
        return {
            "at": iso(message.at),
            "why": message.why,
            "problems": message.problems,
            "events": message.events,
            "held_back": message.held_back,
        }
    return {
        "at": iso(message.at),
        "why": message.why,
        "fingerprint": message.incident.fingerprint,
        "id": short_id(message.incident.fingerprint),
        "severity": message.incident.severity.value,
        "category": message.incident.category.value,
        "template": json_value(message.incident.template),
        "events": message.events,
    }


def _peak_values(peak: Peak | None) -> dict[str, Any] | None:
    if peak is None:
        return None
    return {"since": iso(peak.since), "messages": peak.messages}
