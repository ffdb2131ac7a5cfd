"""The form of an answer: what the model is asked for, and what is taken from it."""

from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from logwatchd.domain.diagnosis import (
    Answer,
    CauseKind,
    Claim,
    Effort,
    Evidence,
    Recommendation,
)
from logwatchd.domain.tainted import Tainted

ANSWER_LIMIT: Final = 65_536
"""Characters of an answer; more than the tokens that it may have can make."""

_Text = Annotated[str, StringConstraints(max_length=2_000)]
_Reference = Annotated[str, StringConstraints(max_length=40)]


class _Form(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class _Evidence(_Form):
    reference: _Reference
    quote: _Text


class _Claim(_Form):
    text: _Text
    evidence: Annotated[list[_Evidence], Field(max_length=8)]


class _Recommendation(_Form):
    action: _Text
    effort: Effort


class _Answer(_Form):
    root_cause: _Claim
    category: CauseKind
    impact: _Claim
    claims: Annotated[list[_Claim], Field(max_length=8)]
    recommendations: Annotated[list[_Recommendation], Field(max_length=8)]
    suspect: _Reference
    code_change: bool
    file: _Text
    unknown: Annotated[list[_Text], Field(max_length=8)]
    confidence: Annotated[float, Field(ge=0, le=1)]


def answer_schema() -> dict[str, Any]:
    """Return the form as JSON schema."""
    return _Answer.model_json_schema()


def answer_from(text: str) -> Answer:
    """Read an answer.

    Raises:
        ValueError: It is none; names the places, and repeats nothing of it.
    """
    if len(text) > ANSWER_LIMIT:
        raise ValueError("too long")
    try:
        found = _Answer.model_validate_json(text)
    except ValidationError as error:
        places = {".".join(str(part) for part in each["loc"]) for each in error.errors()}
        raise ValueError(f"not in the form: {', '.join(sorted(places))[:200]}") from None
    return Answer(
        cause=_claim(found.root_cause),
        kind=found.category,
        impact=_claim(found.impact),
        claims=tuple(_claim(each) for each in found.claims),
        recommendations=tuple(
            Recommendation(Tainted(each.action), each.effort) for each in found.recommendations
        ),
        suspect=found.suspect,
        code_change=found.code_change,
        file=Tainted(found.file),
        unknown=tuple(Tainted(each) for each in found.unknown),
        confidence=found.confidence,
    )


def _claim(found: _Claim) -> Claim:
    evidence = tuple(Evidence(each.reference, each.quote) for each in found.evidence)
    return Claim(Tainted(found.text), evidence)
