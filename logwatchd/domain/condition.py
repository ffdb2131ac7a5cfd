"""How the daemon is: whether it works, and what keeps it from doing all of its job."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final


class Phase(StrEnum):
    """Where the daemon is in its life."""

    STARTING = "starting"
    READY = "ready"
    STOPPING = "stopping"


class ProblemKind(StrEnum):
    """What a problem is about. The metrics, `/readyz`, the heartbeat and `health` say these words.

    They hold no text of a log and no path, so they may be shown to anyone.
    """

    STATE = "state"
    SINK = "sink"
    OUTBOX = "outbox"
    FILE = "file"
    NOTIFICATIONS = "notifications"
    REPOSITORY = "repository"
    GITHUB = "github"
    DIAGNOSIS = "diagnosis"
    ENDPOINT = "endpoint"
    OTHER = "other"


_BY_WORD: Final = {each.value: each for each in ProblemKind}


@dataclass(frozen=True, slots=True)
class Condition:
    """How the daemon is at one moment.

    Attributes:
        phase: Where it is in its life.
        problems: Number of problems of each kind; only those there are.
    """

    phase: Phase
    problems: Mapping[ProblemKind, int] = field(default_factory=dict)

    @property
    def is_degraded(self) -> bool:
        """Whether something keeps it from doing all of its job."""
        return bool(self.problems)

    def line(self) -> str:
        """Return it in one line, such as `ready` or `degraded: sink, file (3)`."""
        if self.phase is not Phase.READY or not self.is_degraded:
            return self.phase.value
        kinds = (
            kind.value if count == 1 else f"{kind.value} ({count})"
            for kind, count in self.problems.items()
        )
        return f"degraded: {', '.join(kinds)}"


def condition_of(phase: Phase, own: Iterable[str], source: Iterable[str]) -> Condition:
    """Sum problems up by their kind.

    Args:
        phase: Where the daemon is in its life.
        own: Names of the daemon's problems: the kind, with more behind a colon (`sink:discord`).
        source: Names of what keeps lines from being read: `notifications`, or a path.
    """
    found = Counter(_BY_WORD.get(name.partition(":")[0], ProblemKind.OTHER) for name in own)
    found.update(
        ProblemKind.NOTIFICATIONS if name == ProblemKind.NOTIFICATIONS else ProblemKind.FILE
        for name in source
    )
    return Condition(phase, {kind: found[kind] for kind in ProblemKind if found[kind]})
