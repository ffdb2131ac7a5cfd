"""What people think of diagnoses, and what that says about who made them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FeedbackSource(StrEnum):
    """Where people said it."""

    COMMAND = "command"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """What was said of one diagnosis in one place.

    Attributes:
        source: Where.
        up: People who found it right.
        down: People who found it wrong.
        why: What they said, or "".
        at: When (aware, UTC).
    """

    source: FeedbackSource
    up: int
    down: int
    why: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How diagnoses of one kind did.

    Attributes:
        name: The category, or the version of the prompt.
        right: Diagnoses that more people found right than wrong.
        wrong: Those that more found wrong.
    """

    name: str
    right: int
    wrong: int
