"""Old logs through the daemon's own decisions, at full speed, on a virtual clock."""

import heapq
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import count, dropwhile
from typing import Final

from logwatchd.domain.event import Sighting
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.notice import CardNotice, DigestNotice, StormNotice
from logwatchd.domain.policy import DAY, HOUR, Policy, Why, telling
from logwatchd.domain.replay_report import DIGEST, LISTED, Message, Peak, ReplayReport
from logwatchd.pipeline.replay_log import LogStream, Timed
from logwatchd.ports import Job, JobKind, Recorded
from logwatchd.sources.old_logs import OldLog
from logwatchd.store.sqlite import Limits
from logwatchd.store.virtual import VirtualState

SINK: Final = "replay"

_MOST_OPEN: Final = 256
"""Files read side by side; beyond it the next one waits, and its first events come late."""

_MOST_AT_ONCE: Final = 500
_AFTER_THE_END: Final = timedelta(hours=2)
"""How far beyond the last event messages are delivered: past the next digest and the edits."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What to replay with.

    Attributes:
        interpreter: Knows what matters.
        policy: The numbers behind the decisions.
        limits: How much is kept.
        max_line_bytes: A longer line is cut.
        latest: No event can be of a later time (aware, UTC).
        read: Called with the bytes of a file and the events consumed since the last call.
        stopped: Says whether to end now, with what there is.
        since: Events before it are passed over (aware, UTC); None takes all.
    """

    interpreter: Interpreter
    policy: Policy
    limits: Limits
    max_line_bytes: int
    latest: datetime
    read: Callable[[int, int], None]
    stopped: Callable[[], bool]
    since: datetime | None = None


def replay(logs: Sequence[OldLog], run: Run) -> ReplayReport:
    """Read files of any number of services, merged by the time of their events.

    The events of one virtual second are one transaction, as they may be in the daemon. A file
    that cannot be read to its end is noted; the others go on.
    """
    return _Replay(logs, run).report()


class _Replay:
    def __init__(self, logs: Sequence[OldLog], run: Run) -> None:
        self._run = run
        self._events = 0
        self._streams = [self._stream(each) for each in logs]
        self._report = ReplayReport(files=[each.report for each in self._streams])
        self._peaks = _Peaks()

    def report(self) -> ReplayReport:
        report, state = self._report, None
        for second in _seconds(self._since(merged(self._streams))):
            if state is None:
                report.first_at = second[0][0]
                state = self._state(report.first_at)
            state.record([sighting for _, sighting in second], now=second[-1][0])
            report.last_at = state.now
            self._events += len(second)
        if state is not None and report.last_at is not None:
            state.finish(until=report.last_at + _AFTER_THE_END)
            report.incidents = state.incidents(limit=LISTED)
            report.severities = state.counts()
            report.never_told = state.never_told()
            report.forgotten = state.forgotten()
            state.close()
        report.peak_hour, report.peak_day = self._peaks.hour, self._peaks.day
        report.interrupted = self._run.stopped()
        return report

    def _since(self, events: Iterator[Timed]) -> Iterator[Timed]:
        since = self._run.since or _EPOCH
        return dropwhile(lambda timed: timed[0] < since, events)

    def _stream(self, log: OldLog) -> LogStream:
        return LogStream(
            log,
            self._run.interpreter,
            max_line_bytes=self._run.max_line_bytes,
            latest=self._run.latest,
            read=self._read,
        )

    def _state(self, start: datetime) -> VirtualState:
        return VirtualState(
            replace(self._run.policy, sinks=(SINK,), issues=None),
            limits=self._run.limits,
            start=start,
            deliver=self._deliver,
            decided=self._decided,
        )

    def _read(self, size_bytes: int) -> bool:
        events, self._events = self._events, 0
        self._run.read(size_bytes, events)
        return not self._run.stopped()

    def _decided(self, recorded: Recorded) -> None:
        self._report.decisions.update(recorded.reasons)

    def _deliver(self, job: Job, at: datetime) -> None:
        if job.kind is JobKind.EDIT:
            self._report.edits += 1
            return
        message = _message(job, at)
        self._report.whys[message.why] += 1
        if message.incident is not None:
            self._report.told[message.incident.fingerprint] += 1
        if len(self._report.messages) < LISTED:
            self._report.messages.append(message)
        self._peaks.add(at)


class _Peaks:
    """Counts messages by hour and day; they come in the order of their times."""

    def __init__(self) -> None:
        self.hour: Peak | None = None
        self.day: Peak | None = None
        self._present = {HOUR: Peak(_EPOCH, 0), DAY: Peak(_EPOCH, 0)}

    def add(self, at: datetime) -> None:
        """Count one message."""
        self.hour = self._larger(self.hour, self._counted(HOUR, at))
        self.day = self._larger(self.day, self._counted(DAY, at))

    def _counted(self, length: timedelta, at: datetime) -> Peak:
        since = at - (at - _EPOCH) % length
        present = self._present[length]
        known = present.messages if present.since == since else 0
        self._present[length] = Peak(since, known + 1)
        return self._present[length]

    @staticmethod
    def _larger(known: Peak | None, new: Peak) -> Peak:
        return new if known is None or new.messages > known.messages else known


def merged(streams: Sequence[LogStream]) -> Iterator[Timed]:
    """Yield the events of all files by their moments.

    A file is opened when the others have come to its first record: of rotated files of one
    service one is open at a time, and their names need not say which is older.
    """
    numbers = count()
    waiting = sorted(streams, key=lambda each: (each.starts_at or _EPOCH, each.report.path))
    waiting.reverse()
    running: list[tuple[datetime, int, Sighting, Iterator[Timed]]] = []
    while waiting or running:
        while waiting and len(running) < _MOST_OPEN:
            starts_at = waiting[-1].starts_at
            if running and starts_at is not None and starts_at > running[0][0]:
                break
            events = waiting.pop().events()
            for at, sighting in events:
                heapq.heappush(running, (at, next(numbers), sighting, events))
                break
        if not running:
            continue
        at, _, sighting, events = running[0]
        yield at, sighting
        following = next(events, None)
        if following is None:
            heapq.heappop(running)
        else:
            heapq.heapreplace(running, (following[0], next(numbers), following[1], events))


def _seconds(events: Iterator[Timed]) -> Iterator[list[Timed]]:
    """Group events by the virtual second in which they fall; large groups are parted."""
    group: list[Timed] = []
    for timed in events:
        if group and (
            len(group) >= _MOST_AT_ONCE
            or timed[0].replace(microsecond=0) != group[0][0].replace(microsecond=0)
        ):
            yield group
            group = []
        group.append(timed)
    if group:
        yield group


def _message(job: Job, at: datetime) -> Message:
    notice = job.notice
    if isinstance(notice, CardNotice):
        return Message(
            at=at,
            why=telling(notice.reason).value,
            incident=notice.incident,
            events=notice.incident.count,
        )
    if isinstance(notice, DigestNotice):
        return Message(
            at=at,
            why=DIGEST,
            problems=len(notice.lines) + notice.more_problems,
            events=sum(each.count for each in notice.lines) + notice.more_events,
            held_back=sum(notice.held_back.values()),
        )
    if isinstance(notice, StormNotice):
        storm = notice.storm
        return Message(
            at=at, why=Why.TOLD_STORM.value, problems=storm.problems, events=storm.events
        )
    return Message(at=at, why=notice.kind.value)
