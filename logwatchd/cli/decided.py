"""How decisions, outcomes and links are printed, for people and as JSON."""

from collections.abc import Sequence
from typing import Any

from logwatchd.cli.output import print_table
from logwatchd.domain.incident import short_id
from logwatchd.domain.incident_json import iso
from logwatchd.domain.issue import TrackedIssue
from logwatchd.domain.merging import Link
from logwatchd.domain.reasons import MEANINGS
from logwatchd.domain.storm import storm_number
from logwatchd.store import queries


def print_outcomes(outcomes: Sequence[queries.OutcomeCount]) -> None:
    """Print what became of the events of an incident."""
    print_table(
        ("events", "decision", "first", "last", "meaning"),
        [
            (
                str(each.count),
                each.why,
                iso(each.first_at),
                iso(each.last_at),
                MEANINGS.get(each.why, ""),
            )
            for each in outcomes
        ],
    )


def outcome_values(outcome: queries.OutcomeCount) -> dict[str, Any]:
    """Return what became of events as JSON values."""
    return {
        "why": outcome.why,
        "meaning": MEANINGS.get(outcome.why, ""),
        "count": outcome.count,
        "first_at": iso(outcome.first_at),
        "last_at": iso(outcome.last_at),
    }


def decision_values(decided: queries.Decided) -> dict[str, Any]:
    """Return a decision as JSON values."""
    return {
        "at": iso(decided.at),
        "subject": decided.subject,
        "why": decided.why,
        "meaning": MEANINGS.get(decided.why, ""),
        "detail": decided.detail,
    }


def issue_words(issue: TrackedIssue | None, verdict: str | None) -> str:
    """Return what is known of a problem's issue in a few words, or "" where none are configured.

    Args:
        issue: The issue, or None when there is none.
        verdict: What would be decided now where there is none.
    """
    if issue is None:
        return f"none: {verdict}, {MEANINGS.get(verdict, '')}" if verdict else ""
    number = f"#{issue.number}" if issue.number else "no number yet"
    standing = f"{issue.phase.value}, {'closed' if issue.closed else 'open'}"
    return f"{issue.repository} {number} ({standing if issue.number else issue.phase.value})"


def issue_values(issue: TrackedIssue) -> dict[str, Any]:
    """Return what is known of an issue as JSON values."""
    return {
        "repository": issue.repository,
        "number": issue.number,
        "phase": issue.phase.value,
        "closed": issue.closed,
        "mute_label": issue.mute_label or None,
        "outcome_unknown": issue.attempting or None,
    }


def link_values(link: Link) -> dict[str, Any]:
    """Return a link as JSON values."""
    return {
        "fingerprint": link.fingerprint,
        "id": short_id(link.fingerprint),
        "merged_into": link.merged_into,
        "kind": link.kind.value,
        "since": iso(link.at),
        "events": link.events,
    }


def print_decisions(found: Sequence[queries.Decided]) -> None:
    """Print decisions in the order given."""
    print_table(
        ("when", "about", "decision", "meaning", "detail"),
        [
            (
                iso(each.at),
                short_id(each.subject) if storm_number(each.subject) is None else each.subject,
                each.why,
                MEANINGS.get(each.why, ""),
                each.detail,
            )
            for each in found
        ],
    )
