"""A diagnosis as JSON values: as the state keeps it, and as `--json` prints it."""

from datetime import datetime
from typing import Any

from logwatchd.domain.diagnosis import (
    CauseKind,
    Checked,
    Diagnosis,
    DiagnosisWhy,
    Effort,
    Found,
    Recommendation,
    Verified,
)
from logwatchd.domain.safe_text import json_value
from logwatchd.domain.tainted import Tainted


def diagnosis_values(diagnosis: Diagnosis) -> dict[str, Any]:
    """Return a diagnosis as JSON values; the names never change."""
    known = diagnosis.verified
    return {
        "why": diagnosis.why.value,
        "at": diagnosis.at.isoformat(),
        "episode": diagnosis.episode,
        "model": diagnosis.model,
        "prompt": diagnosis.prompt,
        "cost_nanodollars": diagnosis.cost,
        "commit": diagnosis.commit,
        "without": list(diagnosis.without),
        "reused": diagnosis.reused,
        "answer": None if known is None else _answer_values(known),
    }


def diagnosis_from(values: dict[str, Any]) -> Diagnosis:
    """Return the diagnosis of values made by `diagnosis_values`."""
    answer = values["answer"]
    return Diagnosis(
        why=DiagnosisWhy(values["why"]),
        at=datetime.fromisoformat(values["at"]),
        episode=values["episode"],
        verified=None if answer is None else _answer_from(answer),
        model=values["model"],
        prompt=values["prompt"],
        cost=values["cost_nanodollars"],
        commit=values["commit"],
        without=tuple(values["without"]),
        reused=values["reused"],
    )


def _answer_values(known: Verified) -> dict[str, Any]:
    return {
        "cause": _claim_values(known.cause),
        "kind": known.kind.value,
        "impact": _claim_values(known.impact),
        "claims": [_claim_values(each) for each in known.claims],
        "recommendations": [
            {"action": json_value(each.action), "effort": each.effort.value}
            for each in known.recommendations
        ],
        "suspect": known.suspect,
        "suspect_summary": json_value(known.suspect_summary),
        "code_change": known.code_change,
        "file": json_value(known.file),
        "unknown": [json_value(each) for each in known.unknown],
        "confidence": known.confidence,
        "said": known.said,
        "quotes": known.quotes,
        "found": known.found,
        "dropped": known.dropped,
        "false_suspect": known.false_suspect,
    }


def _answer_from(values: dict[str, Any]) -> Verified:
    return Verified(
        cause=_claim_from(values["cause"]),
        kind=CauseKind(values["kind"]),
        impact=_claim_from(values["impact"]),
        claims=tuple(_claim_from(each) for each in values["claims"]),
        recommendations=tuple(
            Recommendation(Tainted(each["action"]), Effort(each["effort"]))
            for each in values["recommendations"]
        ),
        suspect=values["suspect"],
        suspect_summary=Tainted(values["suspect_summary"]),
        code_change=values["code_change"],
        file=Tainted(values["file"]),
        unknown=tuple(Tainted(each) for each in values["unknown"]),
        confidence=values["confidence"],
        said=values["said"],
        quotes=values["quotes"],
        found=values["found"],
        dropped=values["dropped"],
        false_suspect=values["false_suspect"],
    )


def _claim_values(claim: Checked) -> dict[str, Any]:
    return {
        "text": json_value(claim.text),
        "verified": bool(claim.found),
        "evidence": [
            {
                "place": json_value(each.place),
                "quote": json_value(each.quote),
                "beyond_log": each.beyond_log,
                "path": json_value(each.path),
                "line": each.line,
            }
            for each in claim.found
        ],
    }


def _claim_from(values: dict[str, Any]) -> Checked:
    return Checked(
        Tainted(values["text"]),
        tuple(
            Found(
                Tainted(each["place"]),
                Tainted(each["quote"]),
                each["beyond_log"],
                Tainted(each["path"]),
                each["line"],
            )
            for each in values["evidence"]
        ),
    )
