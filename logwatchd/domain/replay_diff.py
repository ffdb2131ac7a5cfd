"""Two replays of the same logs, compared by problem."""

from dataclasses import dataclass
from typing import Any

from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.replay_report import LISTED, ReplayReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A problem that people would hear of more often, or less often, or as another severity.

    Attributes:
        fingerprint: Identity of the problem.
        incident: It, as the configuration that knows it saw it last; None when neither lists it.
        told_before: New messages about it with the first configuration.
        told_after: The same with the other one.
        severity_before: Its severity with the first configuration, or "" where it was no problem.
        severity_after: The same with the other one.
    """

    fingerprint: str
    incident: Incident | None
    told_before: int
    told_after: int
    severity_before: str
    severity_after: str


def changes(before: ReplayReport, after: ReplayReport) -> list[Change]:
    """List what another configuration changes, the largest change in messages first.

    Problems that neither report lists (see `LISTED`) are compared by their messages alone.
    """
    old = {each.fingerprint: each for each in before.incidents}
    new = {each.fingerprint: each for each in after.incidents}
    found = []
    for name in {*old, *new, *before.told, *after.told}:
        change = Change(
            fingerprint=name,
            incident=new.get(name) or old.get(name),
            told_before=before.told[name],
            told_after=after.told[name],
            severity_before=_severity(old.get(name)),
            severity_after=_severity(new.get(name)),
        )
        listed_in_both = change.severity_before and change.severity_after
        if change.told_before != change.told_after or (
            listed_in_both and change.severity_before != change.severity_after
        ):
            found.append(change)
    return sorted(found, key=_largest_first)


def diff_values(before: ReplayReport, after: ReplayReport) -> dict[str, Any]:
    """Return a comparison as JSON values; names never change."""
    found = changes(before, after)
    return {
        "messages": [before.whys.total(), after.whys.total()],
        "edits": [before.edits, after.edits],
        "incidents": [sum(before.severities.values()), sum(after.severities.values())],
        "never_told": [before.never_told, after.never_told],
        "told_more_total": sum(each.told_after > each.told_before for each in found),
        "told_less_total": sum(each.told_after < each.told_before for each in found),
        "changes_total": len(found),
        "changes": [
            {
                "fingerprint": each.fingerprint,
                "id": short_id(each.fingerprint),
                "told": [each.told_before, each.told_after],
                "severity": [each.severity_before or None, each.severity_after or None],
                "template": each.incident.template if each.incident else None,
            }
            for each in found[:LISTED]
        ],
    }


def _severity(incident: Incident | None) -> str:
    return "" if incident is None else incident.severity.value


def _largest_first(change: Change) -> tuple[int, str]:
    return -abs(change.told_after - change.told_before), change.fingerprint
