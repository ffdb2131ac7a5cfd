"""What the pipeline needs from the outside world, in its own words."""

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from logwatchd.domain.anchor import Anchor
from logwatchd.domain.budget import Allowed
from logwatchd.domain.diagnosis import Diagnosis
from logwatchd.domain.diagnosis_context import Context
from logwatchd.domain.event import Category, Event, Severity, Sighting
from logwatchd.domain.incident import Incident
from logwatchd.domain.issue import IssueNotice, RemoteIssue, TrackedIssue
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.issue_steps import Topic
from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.losses import Loss
from logwatchd.domain.notice import Notice, Receipt, TextNotice
from logwatchd.domain.position import Position, Tally
from logwatchd.domain.prices import Usage
from logwatchd.domain.prompt import Prompt
from logwatchd.domain.shown import Shown
from logwatchd.domain.silence import Activity, Silence
from logwatchd.domain.steady import Reading


class Clock(Protocol):
    """Time, so that tests can hold it still."""

    def now(self) -> datetime:
        """Return the present (aware, UTC)."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait; cancellable at once."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """Whole lines of one file, as bytes.

    Attributes:
        key: The key of the file's `Position`.
        path: Where the file was last seen.
        data: Whole lines, each ending in a newline; the last one may lack it when `ended`.
        base: Offset of the first byte of `data` in the file.
        end: Offset behind the last byte consumed; larger than `base + len(data)` when `cut`.
        cut: Whether `data` is the beginning of a single line that is longer than the limit.
        ended: Whether the file ends here for good: rotated away or deleted, and read to its end.
        position_at: Gives the position for an offset of the file that is a line's end in `data`,
            `base` or `end`.
    """

    key: str
    path: str
    data: bytes
    base: int
    end: int
    cut: bool = False
    ended: bool = False
    position_at: Callable[[int], Position]


class Source(Protocol):
    """Somewhere lines come from."""

    name: str

    async def attend(self) -> None:
        """Work that must run beside `chunks`, such as listening for notifications; for ever."""
        ...

    async def watching(self) -> None:
        """Wait until every line written from now on is one that will be read."""
        ...

    def problems(self) -> Mapping[str, str]:
        """Return what keeps lines from being read at present: name to reason."""
        ...

    def chunks(self, resume: Sequence[Position]) -> AsyncGenerator[Chunk]:
        """Yield chunks for ever, starting behind the positions given.

        A chunk without data tells a position that must be kept (a file met first, a file that
        ended). Closing the iterator closes the files; what was read and not recorded is read
        again next time.

        Raises:
            SourceError: The source is gone and will not come back by itself.
        """
        ...


class Followed(Protocol):
    """Files that are being followed, and the life in them."""

    def patterns(self) -> Sequence[str]:
        """Return what is being followed, as it was named."""
        ...

    def watched(self) -> Sequence[WatchedFile]:
        """List the files being followed."""
        ...

    def activity(self) -> Activity:
        """Return when lines last came, by pattern."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What came of one chunk: recorded in one transaction, or not at all.

    Attributes:
        path: Where the file was last seen.
        sightings: The events worth a person's attention, in order.
        position: Where reading resumes once this batch is recorded.
        tally: What was counted between the last position and this one.
        read_at: When its lines were read (aware, UTC); None stands for when they are recorded.
    """

    path: str
    sightings: tuple[Sighting, ...]
    position: Position
    tally: Tally
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What a transaction did.

    Attributes:
        events: Events recorded.
        opened: Incidents opened, by severity and category.
        reasons: Decisions taken, by name.
        jobs: Whether there is new work in the outbox.
        lost: Bytes of files that were lost, of which people are told now.
    """

    events: int = 0
    opened: int = 0
    reasons: Mapping[str, int] = field(default_factory=dict)
    jobs: bool = False
    lost: tuple[Loss, ...] = ()


@dataclass(frozen=True, slots=True)
class Dollars:
    """What diagnoses cost in a window, reserved money included, and may cost."""

    spent: float
    limit: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """What the state counted, for the metrics.

    Attributes:
        totals: Counters since the state began, named `what:label:label`.
        incidents: Number of incidents by state.
        outbox: Number of jobs by sink and state: `pending`, `claimed`, `buried`.
        overdue_since: For each sink since when its oldest job waits that should have left
            (aware, UTC); sinks without one are left out.
        size_bytes: Bytes in use.
        dollars: The money of diagnoses by window, `day` and `month`; empty where there are none.
    """

    totals: Mapping[str, int]
    incidents: Mapping[str, int]
    outbox: Mapping[tuple[str, str], int]
    overdue_since: Mapping[str, datetime]
    size_bytes: int
    dollars: Mapping[str, Dollars] = field(default_factory=dict)


class JobKind(StrEnum):
    """What a row of the outbox asks for."""

    POST = "post"
    EDIT = "edit"
    DIGEST = "digest"
    TEXT = "text"
    DIAGNOSE = "diagnose"


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row of the outbox, claimed.

    Attributes:
        id: Number of the row.
        sink: Name of the sink it is for.
        kind: What it asks for.
        subject: What it is about: no two that wait for one sink are about the same.
        fingerprint: The incident it is about, or "".
        notice: What to tell, as things stand now.
        receipt: The message to edit, or None to post a new one.
        attempts: Attempts already made.
        created_at: When the line was read that led to it (aware, UTC).
        queued_at: When the newest event it tells was recorded (aware, UTC).
    """

    id: int
    sink: str
    kind: JobKind
    subject: str
    fingerprint: str
    notice: Notice
    receipt: Receipt | None
    attempts: int
    created_at: datetime
    queued_at: datetime


class Sink(Protocol):
    """Somewhere people are told."""

    name: str

    async def post(self, notice: Notice) -> Receipt:
        """Tell people by a new message; at least once, a repeat is possible after a time-out.

        Raises:
            TransientError: It may work later.
            ThrottledError: It may work later, and the destination said when.
            RejectedError: It will never work for this notice.
            UnauthorizedError: It will not work for any notice until the configuration changes.
        """
        ...

    async def edit(self, notice: Notice, receipt: Receipt) -> Receipt:
        """Bring an earlier message up to date; a repeat changes nothing.

        Raises:
            MessageGoneError: The message was deleted or takes no more edits.
            DeliveryError: As for `post`.
        """
        ...

    async def probe(self) -> str:
        """Ask the destination, without telling anyone, whether it would take a notice.

        Returns:
            What it is, in a few words: safe to print.

        Raises:
            DeliveryError: As for `post`.
        """
        ...


class IssueTracker(Protocol):
    """Where problems become work. Every method raises `DeliveryError`, as `Sink.post` does.

    A write is sent once; `TransientError.outcome_unknown` says that it may have been taken.
    `MessageGoneError` says that an issue is not there; `confirm` tells whether the rest is.
    """

    name: str

    async def find(self, repository: str, fingerprint: str) -> Sequence[RemoteIssue]:
        """Return the issues of a problem that we filed, the oldest first; open and closed."""
        ...

    async def take_turn(self, repository: str) -> bool:
        """Take the turn at filing, which one daemon has at a time; False when another has it."""
        ...

    async def end_turn(self, repository: str) -> None:
        """Give the turn back."""
        ...

    async def prepare(self, repository: str, notice: IssueNotice) -> None:
        """Make what an issue needs before it is filed, such as labels."""
        ...

    async def create(self, repository: str, notice: IssueNotice) -> RemoteIssue:
        """File an issue."""
        ...

    async def edit(
        self, repository: str, number: int, notice: IssueNotice, *, closed: bool | None = None
    ) -> RemoteIssue:
        """Bring an issue up to date, and close or open it; a repeat changes nothing."""
        ...

    async def close_duplicate(self, repository: str, number: int) -> None:
        """Close a second issue of one problem; a repeat changes nothing."""
        ...

    async def relabel(self, repository: str, number: int, *, add: str, remove: str) -> None:
        """Add a label and take one away, "" for none; a repeat changes nothing."""
        ...

    async def comment(
        self, repository: str, number: int, topic: Topic, name: str, notice: IssueNotice
    ) -> None:
        """Leave a comment."""
        ...

    async def has_comment(
        self, repository: str, number: int, name: str, *, since: datetime
    ) -> bool:
        """Say whether a comment of ours is there."""
        ...

    async def changed(self, repository: str) -> Sequence[RemoteIssue]:
        """Return the issues of ours that changed since the last time; all at the first time."""
        ...

    async def is_there(self, repository: str, number: int) -> bool:
        """Say whether an issue was neither deleted nor transferred."""
        ...

    def look_anew(self) -> None:
        """Take what was read last for unread: it could not be kept."""
        ...

    async def confirm(self, repository: str) -> str:
        """Make sure that a repository is there and takes issues.

        Returns:
            What it is, in a few words: safe to print.
        """
        ...

    async def probe(self, repository: str) -> str:
        """Find out whether issues could be filed, without filing any; see `Sink.probe`."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueCase:
    """An issue that is not as it should be.

    Attributes:
        issue: What the state knows of it.
        notice: The problem as it stands.
    """

    issue: TrackedIssue
    notice: IssueNotice


class IssueStore(Protocol):
    """The part of the state that is about issues. Each method is one transaction or none.

    Every method raises `StoreError` when the state cannot be reached; nothing was changed then.
    """

    async def next_issue(self, *, now: datetime) -> IssueCase | None:
        """Return the issue that has waited for the longest time for something to be done."""
        ...

    async def keep_issue(
        self,
        issue: TrackedIssue,
        *,
        now: datetime,
        why: IssueWhy | None = None,
        detail: str = "",
        until: datetime | None = None,
        error: str = "",
    ) -> None:
        """Keep what is known of an issue.

        Args:
            issue: The issue as it is now.
            now: The present (aware, UTC).
            why: The decision to be stored with it, if any.
            detail: More about it.
            until: When to look at it again at the earliest; now by default.
            error: What went wrong, or "".
        """
        ...

    async def see_issues(
        self, repository: str, seen: Sequence[RemoteIssue], *, now: datetime
    ) -> Recorded:
        """Let what people did to issues act on their problems."""
        ...

    async def filed_issues(self) -> Sequence[tuple[str, int]]:
        """Return the repository and number of each issue that is there, as far as is known."""
        ...

    async def issue_gone(self, repository: str, number: int, *, now: datetime) -> None:
        """Note that an issue was deleted or transferred: it is not filed again."""
        ...

    async def issue_failed(self, fingerprint: str, *, error: str) -> None:
        """Keep what went wrong with an issue, to be shown."""
        ...

    async def hold_issues(self, *, until: datetime) -> None:
        """Look at no issue before then: GitHub asked for a pause."""
        ...

    async def release_issues(self, *, now: datetime) -> None:
        """Look at every issue at once: the configuration changed."""
        ...

    async def say(self, notice: TextNotice, *, about: str = "") -> None:
        """See `Store.say`."""
        ...


class Display(Protocol):
    """Where every line is seen as it comes."""

    async def show(self, items: Sequence[Shown]) -> None:
        """Show lines, and return when they have left this process.

        Waits as long as whoever reads them does; cancelled in mid-way, some of them were shown.

        Raises:
            BrokenPipeError: Nobody reads them any more.
        """
        ...

    async def watch(self) -> None:
        """Watch whether anybody still looks, also while there is nothing to show; for ever.

        Raises:
            BrokenPipeError: Nobody does any more.
        """
        ...


class SourceFinder(Protocol):
    """The source of the monitored service. Its methods block; one thread calls them at a time."""

    def refresh(self) -> object:
        """Bring what is known of the source up to date with the commit that runs.

        Raises:
            RepositoryError: It cannot be read.
        """
        ...

    def stop(self) -> None:
        """End a `refresh` that is running; what follows fails. Safe from any thread."""
        ...

    def anchor(self, event: Event) -> Anchor:
        """Trace an event to the statements that wrote it.

        Raises:
            RepositoryError: The source cannot be read, or `refresh` did not succeed yet.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CallQuote:
    """A call that is to be made, and what it can cost.

    Attributes:
        fingerprint: The problem that it is about.
        severity: Its severity: critical ones may use what is kept for them.
        category: Its category, for the report.
        model: Whom it asks.
        most: What it can cost at most, in nanodollars.
    """

    fingerprint: str
    severity: Severity
    category: Category
    model: str
    most: int


@dataclass(frozen=True, slots=True)
class DiagnosisJob:
    """A diagnosis that is wanted.

    Attributes:
        id: Number of the row of the outbox.
        incident: The incident as it stands.
        attempts: Attempts already made.
    """

    id: int
    incident: Incident
    attempts: int


class Worker(Protocol):
    """A part of the daemon that works beside the others."""

    async def run(self) -> None:
        """Work for ever."""
        ...


class Uptime(Protocol):
    """Clocks that limits can be counted by; see `domain.steady`."""

    def read(self) -> Reading:
        """Return what they say."""
        ...


class Ended(StrEnum):
    """Why a model stopped."""

    ANSWERED = "answered"
    REFUSED = "refused"
    TRUNCATED = "truncated"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What a model replied; it has been paid for, whatever it is worth.

    Attributes:
        text: The answer as it came; it may be anything.
        ended: Why it ends there.
        usage: What was used.
    """

    text: str
    ended: Ended
    usage: Usage


class Diagnoser(Protocol):
    """Somebody who can be asked for a diagnosis.

    Attributes:
        name: Who that is.
        answer_tokens: Tokens of an answer at most.
    """

    name: str
    answer_tokens: int

    def prompt_tokens(self, prompt: Prompt) -> int:
        """Return how many tokens the question can be at most, with all that goes with it."""
        ...

    async def ask(self, prompt: Prompt, *, model: str) -> Reply:
        """Ask once; cancelled, the question may have been taken all the same.

        Raises:
            TransientError: It may work later; `outcome_unknown` says that it may cost money.
            ThrottledError: It may work later, and the other side said when; it costs nothing.
            RejectedError: This question will never be taken; it costs nothing.
            UnauthorizedError: Nor will any other; it costs nothing.
            DiagnoserError: What asks for us failed; the outcome is unknown.
        """
        ...


class ContextFinder(Protocol):
    """What is known of an incident beyond its event. It blocks; one thread calls it at a time."""

    def context(self, incident: Incident) -> Context:
        """Collect what bears on an incident.

        Raises:
            RepositoryError: The source cannot be read.
        """
        ...


class DiagnosisStore(Protocol):
    """The part of the state that is about diagnoses. Each method is one transaction or none.

    Every method raises `StoreError` when the state cannot be reached; nothing was changed then.
    """

    async def next_diagnosis(self, *, now: datetime) -> DiagnosisJob | None:
        """Return the diagnosis that has waited for the longest time, or None."""
        ...

    async def reuse_diagnosis(self, job: DiagnosisJob, *, now: datetime) -> Diagnosis | None:
        """End a job by the diagnosis of a problem that the same statement wrote; None without one."""
        ...

    async def begin_diagnosis(
        self, job: DiagnosisJob, quote: CallQuote, *, reading: Reading
    ) -> tuple[Allowed, int]:
        """Reserve money for an attempt and claim the job; or neither, with the reason.

        Returns:
            Whether the call may be made, and the number of its reservation.
        """
        ...

    async def settle(self, reservation: int, *, cost: int, usage: Usage) -> None:
        """Book what a call did cost (nanodollars)."""
        ...

    async def cost_of_job(self, job: DiagnosisJob) -> int:
        """Return what a job has cost so far (nanodollars)."""
        ...

    async def postpone_diagnosis(self, job: DiagnosisJob, *, until: datetime, error: str) -> None:
        """Give a job back, not to be done before `until`, with the attempt counted."""
        ...

    async def end_diagnosis(
        self, job: DiagnosisJob, diagnosis: Diagnosis, *, detail: str, now: datetime
    ) -> bool:
        """Keep what became of a job; True when there are messages to bring up to date."""
        ...

    async def say(self, notice: TextNotice, *, about: str = "") -> None:
        """See `Store.say`."""
        ...


class Store(Protocol):
    """State that outlives the process. Each method is one transaction or none.

    Every method raises `StoreError` when the state cannot be reached; nothing was changed then.
    """

    async def positions(self) -> Sequence[Position]:
        """Return every position kept."""
        ...

    async def record(self, batches: Sequence[Batch], *, now: datetime) -> Recorded:
        """Fold events into their incidents, queue what follows and move the positions on."""
        ...

    async def claim(
        self, sink: str, *, now: datetime, due_by: datetime | None = None
    ) -> Job | None:
        """Take the job of a sink that has been due for the longest time, or None.

        Args:
            sink: Name of the sink.
            now: The present (aware, UTC).
            due_by: Take jobs due until then; `now` by default.
        """
        ...

    async def next_due(self, sink: str) -> datetime | None:
        """Return when the next unclaimed job of a sink is due, or None when there is none."""
        ...

    async def finish(self, job: Job, *, receipt: Receipt, now: datetime) -> None:
        """Note the message a job became, and forget the job."""
        ...

    async def postpone(
        self, job: Job, *, until: datetime, why: str, maybe_repeat: bool = False
    ) -> None:
        """Give a job back, not to be claimed before `until`, with the attempt counted."""
        ...

    async def repost(self, job: Job, *, now: datetime) -> None:
        """Give a job back as a new message, because the one it would edit is gone."""
        ...

    async def bury(self, job: Job, *, why: str) -> None:
        """Keep a job that failed for good, out of the way."""
        ...

    async def sweep(self, *, now: datetime) -> Recorded:
        """Resolve what has been quiet, queue digests that are due, drop what is too old."""
        ...

    async def silences(self) -> Mapping[str, datetime]:
        """Return the patterns from which nothing comes, each with the time since when."""
        ...

    async def record_silences(
        self, silent: Sequence[Silence], ended: Mapping[str, str], *, now: datetime
    ) -> Recorded:
        """Raise, repeat and resolve the incidents of silent patterns.

        Args:
            silent: Patterns that are silent now; one that was known is told again only when a
                reminder is due.
            ended: Patterns that are silent no more, each with the reason.
            now: The present (aware, UTC).
        """
        ...

    async def incident(self, fingerprint: str) -> Incident | None:
        """Return one incident by its whole fingerprint."""
        ...

    async def unanchored(self, *, limit: int) -> Sequence[Incident]:
        """Return open incidents whose present episode was not traced to the source yet."""
        ...

    async def anchor(self, incident: Incident, anchor: Anchor, *, now: datetime) -> bool:
        """Keep where an incident comes from; True when there are messages to bring up to date."""
        ...

    async def say(self, notice: TextNotice, *, about: str = "") -> None:
        """Queue something the daemon says about itself; the same that waits already is replaced.

        Args:
            notice: What to say.
            about: Tells notices of one kind apart that are about different things.
        """
        ...

    async def counted(self, *, now: datetime, reading: Reading) -> Counted:
        """Return what was counted, and what waits.

        Args:
            now: The present (aware, UTC).
            reading: What the machine's clocks say, for the windows of the budget.
        """
        ...

    async def note(self, value: dict[str, Any], *, now: datetime) -> None:
        """Leave a note for whoever asks for the status beside the running daemon."""
        ...
