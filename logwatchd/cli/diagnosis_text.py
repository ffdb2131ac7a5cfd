"""How a diagnosis is printed for people; `print_table` makes its texts safe."""

from collections.abc import Sequence
from typing import Any

from logwatchd.domain.diagnosis import Checked, Diagnosis
from logwatchd.domain.diagnosis_words import ENGLISH
from logwatchd.domain.feedback import Feedback
from logwatchd.domain.incident_json import iso
from logwatchd.domain.prices import dollars
from logwatchd.domain.safe_text import terminal


def diagnosis_rows(diagnosis: Diagnosis) -> list[tuple[str, str]]:
    """Return a diagnosis as rows of a table: what was checked, and what was not."""
    known = diagnosis.verified
    reason = ENGLISH.reasons.get(diagnosis.why, "")
    rows = [
        ("diagnosis", f"{diagnosis.why.value}{': ' if reason else ''}{reason}"),
        ("asked", f"{iso(diagnosis.at)} {diagnosis.model}, {dollars(diagnosis.cost)}"),
        ("prompt", diagnosis.prompt),
        ("source commit", diagnosis.commit),
        ("without", ", ".join(diagnosis.without)),
    ]
    if known is not None:
        rows += [
            ("cause", _told(known.cause)),
            *_evidence(known.cause),
            *(
                row
                for each in known.claims
                for row in (("claim", terminal(each.text)), *_evidence(each))
            ),
            ("impact", _told(known.impact)),
            ("kind", known.kind.value),
            ("suspect", f"{known.suspect} {terminal(known.suspect_summary)}".strip() or "none"),
            *(
                ("recommended", f"{terminal(each.action)} ({each.effort.value})")
                for each in known.recommendations
            ),
            ("a fix would change", terminal(known.file) if known.code_change else ""),
            *(("not known", terminal(each)) for each in known.unknown),
            (
                "confidence",
                f"{known.confidence} % (the model claimed {known.said} %)",
            ),
            (
                "checked",
                f"{known.found} of {known.quotes} quotes verified, {known.dropped} claims left out",
            ),
            ("note", ENGLISH.false_suspect if known.false_suspect else ""),
        ]
    return [(name, text) for name, text in rows if text.strip()]


def _told(claim: Checked) -> str:
    return terminal(claim.text) + ("" if claim.found else f" ({ENGLISH.unverified})")


def _evidence(claim: Checked) -> list[tuple[str, str]]:
    return [("evidence", f"{terminal(e.place)}: {terminal(e.quote)}") for e in claim.found]


def feedback_rows(said: Sequence[Feedback]) -> list[tuple[str, str]]:
    """Return what people said of the diagnoses as rows of a table."""
    return [
        (
            "feedback",
            f"{each.up} found it right, {each.down} wrong ({each.source.value}) {each.why}",
        )
        for each in said
    ]


def feedback_values(said: Feedback) -> dict[str, Any]:
    """Return what people said as JSON values."""
    return {
        "source": said.source.value,
        "up": said.up,
        "down": said.down,
        "why": said.why,
        "at": iso(said.at),
    }
