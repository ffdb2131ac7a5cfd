"""One old log to its events, each with its moment on the virtual clock."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import datetime
from typing import Final

import structlog

from logwatchd.domain.event import Level, ParsedLine, Sighting
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.replay_report import FileReport
from logwatchd.domain.timeline import Timeline
from logwatchd.errors import SourceError
from logwatchd.pipeline.judge import judged
from logwatchd.sources.archives import Archive, Lines, head_of
from logwatchd.sources.cursor import printable
from logwatchd.sources.old_logs import OldLog

Timed = tuple[datetime, Sighting]

_HEAD_BYTES: Final = 64 * 1024
_HEAD_TIMES: Final = 16
_log = structlog.stdlib.get_logger()


class LogStream:
    """Reads one file, once.

    Args:
        log: The file.
        interpreter: Knows what matters.
        max_line_bytes: A longer line is cut.
        latest: No record can be of a later time (aware, UTC).
        read: Called with the bytes of the file consumed since the last call; says whether to go
            on.
    """

    def __init__(
        self,
        log: OldLog,
        interpreter: Interpreter,
        *,
        max_line_bytes: int,
        latest: datetime,
        read: Callable[[int], bool],
    ) -> None:
        self._log = log
        self._interpreter = interpreter
        self._max_line_bytes = max_line_bytes
        self._now = latest  # blocks of lines end by what follows, never by time
        self._read = read
        self._reader = interpreter.reader()
        self._events = 0
        self.starts_at = (
            first_time(log, latest=latest, max_line_bytes=max_line_bytes) if read(0) else None
        )
        self._timeline: Timeline[ParsedLine] = Timeline(
            start=self.starts_at, latest=latest, otherwise=log.modified_at
        )
        self.report = FileReport(printable(log.path), log.packing.value, log.size_bytes)

    def events(self) -> Iterator[Timed]:
        """Yield the events in the order of the file; their moments never go back.

        What cannot be read is noted in the report; what was read before it counts.
        """
        if not self._read(0):
            return
        try:
            with closing(Archive(self._log.path, self._log.packing)) as archive:
                yield from self._through(archive)
        except SourceError as error:
            self.report.damage = str(error)
        yield from self._judged([*self._placed(self._flushed()), *self._timeline.finish()])
        self._count()

    def _through(self, archive: Archive) -> Iterator[Timed]:
        consumed = 0
        for lines in archive.lines(max_line_bytes=self._max_line_bytes):
            yield from self._judged([*self._placed(self._parsed(lines))])
            self._count()
            if not self._read(archive.packed_bytes - consumed):
                return
            consumed = archive.packed_bytes

    def _parsed(self, lines: Lines) -> Iterator[ParsedLine]:
        for line, start, end, cut in self._interpreter.lines(
            lines, lambda: self._reader, max_line_bytes=self._max_line_bytes
        ):
            try:
                found = self._reader.feed(line, start=start, end=end, now=self._now, cut=cut)
            except Exception as defect:  # noqa: BLE001 -- a defect of ours costs one record
                self._defect(defect)
                self._reader = self._interpreter.reader()
                continue
            yield from found

    def _flushed(self) -> list[ParsedLine]:
        try:
            return self._reader.flush(now=self._now, force=True)
        except Exception as defect:  # noqa: BLE001 -- as in `_parsed`
            self._defect(defect)
            return []

    def _placed(self, found: Iterable[ParsedLine]) -> Iterator[tuple[datetime, ParsedLine]]:
        for parsed in found:
            yield from self._timeline.place(parsed.at, parsed)

    def _judged(self, records: Sequence[tuple[datetime, ParsedLine]]) -> Iterator[Timed]:
        found = judged(self._interpreter, records, defect=lambda error, _: self._defect(error))
        for (at, _), sighting in zip(records, found, strict=True):
            if sighting is not None:
                self._events += 1
                yield at, sighting

    def _count(self) -> None:
        self.report.tally += self._reader.take_tally().with_events(self._events)
        self._events = 0
        self.report.disbelieved = self._timeline.disbelieved

    def _defect(self, defect: Exception) -> None:
        """Count it; the text is not logged, it was not redacted."""
        self.report.defects += 1
        _log.error("line_defect", error=type(defect).__name__, file=self.report.path)


def first_time(log: OldLog, *, latest: datetime, max_line_bytes: int) -> datetime | None:
    """Return the earliest time that the first records of a file say, of any level, or None."""
    reader = LineReader(floor=Level.TRACE)
    times: list[datetime] = []
    offset = 0
    for line in head_of(log.path, log.packing, most=_HEAD_BYTES).splitlines(keepends=True):
        end = offset + len(line)
        try:
            found = reader.feed(line[:max_line_bytes], start=offset, end=end, now=latest)
        except Exception:  # noqa: BLE001 -- reading the whole counts it
            break
        times += [each.at for each in found if each.at is not None and each.at <= latest]
        if len(times) >= _HEAD_TIMES:
            break
        offset = end
    return min(times, default=None)
