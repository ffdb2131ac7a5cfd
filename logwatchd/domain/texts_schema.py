"""What a catalogue of user-facing words must hold; a missing entry is a type error."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import assert_never

from logwatchd.domain.diagnosis_words import DiagnosisWords
from logwatchd.domain.event import Category, Severity
from logwatchd.domain.incident import State
from logwatchd.domain.notice import TextKind

Count = Callable[[int], str]
"""Puts a number into words, so that a language can have its own plurals."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeverityWords:
    """One word for each severity."""

    critical: str
    warning: str
    info: str

    def of(self, severity: Severity) -> str:
        """Return the word for a severity."""
        match severity:
            case Severity.CRITICAL:
                return self.critical
            case Severity.WARNING:
                return self.warning
            case Severity.INFO:
                return self.info
            case _:
                assert_never(severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryWords:
    """One word for each category."""

    llm: str
    auth: str
    database: str
    application: str
    other: str

    def of(self, category: Category) -> str:
        """Return the word for a category."""
        match category:
            case Category.LLM:
                return self.llm
            case Category.AUTH:
                return self.auth
            case Category.DATABASE:
                return self.database
            case Category.APPLICATION:
                return self.application
            case Category.OTHER:
                return self.other
            case _:
                assert_never(category)


@dataclass(frozen=True, slots=True, kw_only=True)
class StateWords:
    """One word for each state."""

    open: str
    acknowledged: str
    muted: str
    resolved: str
    regressed: str

    def of(self, state: State) -> str:
        """Return the word for a state."""
        match state:
            case State.OPEN:
                return self.open
            case State.ACKNOWLEDGED:
                return self.acknowledged
            case State.MUTED:
                return self.muted
            case State.RESOLVED:
                return self.resolved
            case _:
                assert_never(state)


@dataclass(frozen=True, slots=True)
class SelfText:
    """What the daemon says about itself: one line, then a few sentences."""

    title: str
    body: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTexts:
    """One text for each kind of text notice."""

    test: SelfText
    state_damaged: SelfText
    state_failing: SelfText
    state_recovered: SelfText
    notice_refused: SelfText
    bytes_lost: SelfText
    diagnosis_stopped: SelfText
    issues_held: SelfText
    issue_refused: SelfText

    def of(self, kind: TextKind) -> SelfText:
        """Return the text of a kind."""
        found: SelfText = getattr(self, kind.value)  # a test has every kind
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Names of what a card shows."""

    state: str
    count: str
    first_seen: str
    last_seen: str
    where: str
    source: str
    code: str
    request: str
    trace: str
    service: str
    duration: str
    exception: str
    problem: str
    message: str
    cause: str
    stack: str
    rule: str
    since: str
    rate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StormWords:
    """Words of the card of a storm.

    Attributes:
        title: From the numbers of problems and of events.
    """

    lead: str
    lead_ended: str
    title: Callable[[int, int], str]
    explained: str
    explained_ended: str
    goes_on: str
    ended: str
    problems: str
    events: str
    since: str
    ended_at: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """All words of one language.

    Attributes:
        per_hour: A rate, from events in the running hour.
        peak: The busiest of the hours shown.
        this_episode: How many of the count belong to the present episode.
        held_back_reasons: Words for the names in `policy.Why`; an unknown one is shown as it is.
        merged: Where the events of a problem count that was merged, by the other's short id.
        merged_standing: The same, as a state.
        log_silent: A log from which nothing comes, by its pattern.
        log_silent_for: The same with how long it has been so.
        span: A length of time, from seconds.
    """

    severity: SeverityWords
    category: CategoryWords
    state: StateWords
    label: Labels
    self_text: SelfTexts
    panic: str
    regressed: Count
    reminder: Count
    maybe_repeat: str
    muted_until: str
    muted_until_count: Count
    this_episode: Count
    per_hour: Count
    peak: Count
    more_causes: Count
    details_withheld: str
    digest_title: Callable[[int, int], str]
    digest_empty: str
    digest_more: Callable[[int, int], str]
    held_back: Callable[[int, str], str]
    held_back_reasons: dict[str, str]
    merged: Callable[[str], str]
    merged_standing: str
    storm: StormWords
    diagnosis: DiagnosisWords
    log_silent: Callable[[str], str]
    log_silent_for: Callable[[str, str], str]
    span: Count
