"""What is known of a problem's issue on GitHub, and what is asked for about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from logwatchd.domain.anchor import Anchor
from logwatchd.domain.diagnosis import Diagnosis
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import State
from logwatchd.domain.incident_view import IncidentView


class Phase(StrEnum):
    """How far an issue has come."""

    WANTED = "wanted"
    """Decided on, in the transaction of the events that called for it; perhaps sent already."""
    FILED = "filed"
    """Its number is known; it is kept true."""
    GONE = "gone"
    """Deleted or transferred by a person. It is not filed again."""
    REFUSED = "refused"
    """GitHub will never take it, or nobody knows whether it took it. It is not tried again."""


class MuteLabel(StrEnum):
    """Labels by which a person mutes the problem of an issue."""

    FOR_GOOD = "logwatchd:mute"
    A_WEEK = "logwatchd:mute-7d"


OWN_LABEL = "logwatchd"
"""The label that every issue of ours has, and by which they are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueRoute:
    """What a rule says about the issues of its problems.

    Attributes:
        wanted: Whether they get any.
        repository: `owner/name` of where they belong, or "" for the one of the settings.
    """

    wanted: bool = True
    repository: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuePolicy:
    """When a problem gets an issue, and when it is closed again.

    Attributes:
        repository: `owner/name` of the repository of the settings.
        routes: What single rules say, by their names.
        often: Events of a warning within an hour that call for an issue.
        recurs_after: A warning that comes back this long after it was first seen gets one, too.
        ceiling_hour: Issues an hour, whatever their severity.
        ceiling_day: Issues a day.
        close_when_quiet: Whether the issue of a problem that became quiet is closed.
    """

    repository: str
    routes: Mapping[str, IssueRoute] = field(default_factory=dict)
    often: int = 10
    recurs_after: timedelta = timedelta(hours=1)
    ceiling_hour: int = 5
    ceiling_day: int = 20
    close_when_quiet: bool = False

    def route(self, rule: str) -> IssueRoute:
        """Return where the issues of a rule's problems belong."""
        own = self.routes.get(rule, IssueRoute())
        return IssueRoute(wanted=own.wanted, repository=own.repository or self.repository)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What the body of an issue shows.

    Attributes:
        count: Events.
        state: How the problem stood, or None when nothing was shown yet.
        episode: Number of the episode.
        severity: The severity, or None when nothing was shown yet.
        at: When it was written, by the daemon's clock (aware, UTC), or None.
    """

    count: int = 0
    state: State | None = None
    episode: int = 0
    severity: Severity | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackedIssue:
    """What the state knows of a problem's issue.

    Attributes:
        fingerprint: Identity of the problem.
        repository: `owner/name`.
        phase: How far it has come.
        number: Its number; None until it is known.
        closed: Whether it was closed when we last looked.
        close_reason: GitHub's word for why, or "".
        assigned: Whether a person took it over.
        mute_label: The label by which a person muted the problem, or "".
        attempting: The write whose outcome is not known, or "".
        attempted_at: When it was last sent (aware, UTC), or None.
        creates: How often its creation was sent.
        said: The last comment that was left; see `issue_steps`.
        shown: What its body shows.
    """

    fingerprint: str
    repository: str
    phase: Phase = Phase.WANTED
    number: int | None = None
    closed: bool = False
    close_reason: str = ""
    assigned: bool = False
    mute_label: str = ""
    attempting: str = ""
    attempted_at: datetime | None = None
    creates: int = 0
    said: str = ""
    shown: Shown = field(default_factory=Shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteIssue:
    """An issue as GitHub shows it.

    Attributes:
        number: Its number.
        fingerprint: The problem that its marker names, "" when it has none that is believed.
        closed: Whether it is closed.
        close_reason: `completed`, `not_planned`, `duplicate`, or "".
        assigned: Whether anyone is assigned.
        labels: The names of its labels.
        updated_at: When it was last changed, as GitHub writes it.
    """

    number: int
    fingerprint: str
    closed: bool = False
    close_reason: str = ""
    assigned: bool = False
    labels: frozenset[str] = frozenset()
    updated_at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueNotice:
    """What an issue is to say: the problem as it stands now.

    Attributes:
        incident: The problem.
        why: The name of the decision by which it has an issue.
        hourly: Events in each of the last hours, oldest first, the running hour last.
        at: When this was put together (aware, UTC).
        anchor: Where in the source it comes from, when that is known.
        anchored_at: When that was found (aware, UTC), or None.
        diagnosis: What became of the diagnosis of the present episode, if there was one.
        merged: Numbers of the issues of problems that were merged into this one.
    """

    incident: IncidentView
    why: str
    hourly: tuple[int, ...]
    at: datetime
    anchor: Anchor | None = None
    anchored_at: datetime | None = None
    diagnosis: Diagnosis | None = None
    merged: tuple[int, ...] = ()
