"""What a model answered about an incident, and what is kept and shown of it.

Nothing here decides anything: no severity, action, label or silence comes from an answer.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from logwatchd.domain.tainted import Tainted

NO_COMMIT: Final = "none"
"""What an answer says when no commit is to blame; it is always on offer."""


class CauseKind(StrEnum):
    """What kind of cause it is; what the model says it is."""

    DEFECT = "defect"
    DEPENDENCY = "dependency"
    CONFIGURATION = "configuration"
    CAPACITY = "capacity"
    UPSTREAM = "upstream"
    CLIENT = "client"
    UNKNOWN = "unknown"


class Effort(StrEnum):
    """How much work a recommendation is."""

    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class DiagnosisWhy(StrEnum):
    """What became of a diagnosis."""

    DIAGNOSED = "diagnosed"
    SKIPPED_HOUR = "skipped_hour"
    SKIPPED_DAY = "skipped_day"
    SKIPPED_MONTH = "skipped_month"
    SKIPPED_PROBLEM = "skipped_problem"
    KEY_REFUSED = "key_refused"
    OVERLOADED = "overloaded"
    UNREACHABLE = "unreachable"
    REQUEST_REFUSED = "request_refused"
    MODEL_REFUSED = "model_refused"
    TRUNCATED = "truncated"
    INVALID = "invalid"
    CHILD_FAILED = "child_failed"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a claim is said to rest on: a verbatim quote, and the piece that it is from.

    Plain text, to be looked for; what is found is tainted.
    """

    reference: str
    quote: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that the model says is so, and the evidence it gives."""

    text: Tainted
    evidence: tuple[Evidence, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    """What to do, and how much work it is."""

    action: Tainted
    effort: Effort


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the model said, in our form, none of it checked.

    Attributes:
        cause: The root cause.
        kind: What kind of cause.
        impact: Who or what suffers from it.
        claims: What else speaks for the cause, in order.
        recommendations: What to do, the most important first.
        suspect: Reference of the commit that is to blame, or `NO_COMMIT`.
        code_change: Whether a change of code would help.
        file: In which file, or "".
        unknown: What could not be found out.
        confidence: From 0 to 1.
    """

    cause: Claim
    kind: CauseKind
    impact: Claim
    claims: tuple[Claim, ...]
    recommendations: tuple[Recommendation, ...]
    suspect: str
    code_change: bool
    file: Tainted
    unknown: tuple[Tainted, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Found:
    """A quote that stands where the model said, byte for byte.

    Attributes:
        place: Where that is: `src/pool.rs:44`, a commit, or the name of the piece; may hold
            anything.
        quote: The quote.
        beyond_log: Whether that is something else than the log: source, or a commit.
        path: The source file, or "".
        line: The line of it, from 1; 0 when it is no source.
    """

    place: Tainted
    quote: Tainted
    beyond_log: bool
    path: Tainted
    line: int


@dataclass(frozen=True, slots=True)
class Checked:
    """A claim and the evidence that was found; without any, it is only what the model says."""

    text: Tainted
    found: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """An answer as far as code could check it.

    Attributes:
        cause: The root cause; a hypothesis where nothing was found for it.
        kind: What kind of cause, by the model's word.
        impact: Who suffers.
        claims: The claims with evidence that was found; the others are dropped.
        recommendations: What to do, by the model's word.
        suspect: The commit that is to blame, one of those offered; "" for none.
        suspect_summary: What it says it does.
        code_change: Whether a change of code would help, by the model's word.
        file: In which file: one that was sent, or "".
        unknown: What could not be found out.
        confidence: Percent, capped by what was found.
        said: Percent that the model said.
        quotes: Quotes given.
        found: Quotes found.
        dropped: Claims dropped.
        false_suspect: Whether it named a commit that was never offered.
    """

    cause: Checked
    kind: CauseKind
    impact: Checked
    claims: tuple[Checked, ...]
    recommendations: tuple[Recommendation, ...]
    suspect: str
    suspect_summary: Tainted
    code_change: bool
    file: Tainted
    unknown: tuple[Tainted, ...]
    confidence: int
    said: int
    quotes: int
    found: int
    dropped: int
    false_suspect: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """What became of the diagnosis of an incident.

    Attributes:
        why: What became of it.
        at: When (aware, UTC).
        episode: The episode of the incident that it is about.
        verified: The answer, when there is one.
        model: Whom was asked, or "".
        prompt: Version and hash of the instructions, or "".
        cost: What it cost, in nanodollars, with all attempts; an unknown outcome counts in full.
        commit: The commit whose source was sent, or "".
        without: What could not be collected for it, in our own words: names of `Lack`.
        reused: Fingerprint of the problem from the same statement whose diagnosis this is, or "".
    """

    why: DiagnosisWhy
    at: datetime
    episode: int
    verified: Verified | None = None
    model: str = ""
    prompt: str = ""
    cost: int = 0
    commit: str = ""
    without: tuple[str, ...] = ()
    reused: str = ""
