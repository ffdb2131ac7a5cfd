"""What a catalogue of the words of issues must hold; a missing entry is a type error."""

from collections.abc import Callable
from dataclasses import dataclass

from logwatchd.domain.texts_schema import Count


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueTexts:
    """All words of issues in one language, beyond those of cards.

    Attributes:
        untitled: A title where the problem has no words, by its short id.
        events: From the count in all and that of the episode.
        episode: An episode after the first, by its number.
        regressed: The comment when a problem came back, by the time.
        escalated: The comment when a problem became critical, by the count.
        quiet: The comment before an issue is closed, by the time of the last event.
        merged: Before the numbers of issues of problems that were merged into this one.
    """

    untitled: Callable[[str], str]
    happened: str
    causes: str
    stack: str
    where: str
    fields: str
    by_hour: str
    hour: str
    number: str
    source: str
    diagnosis: str
    events: Callable[[int, int], str]
    episode: Count
    regressed: Callable[[str], str]
    escalated: Count
    quiet: Callable[[str], str]
    merged: str
    withheld: str
    machine: str
    footer: str
