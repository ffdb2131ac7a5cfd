"""Source to channel: chunks of lines in, batches of sightings out."""

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import structlog

from logwatchd.domain.event import ParsedLine, Sighting
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.judge import judged
from logwatchd.pipeline.marks import Marks
from logwatchd.ports import Batch, Chunk, Clock, Source, Store

_log = structlog.stdlib.get_logger()

_LINES_AT_ONCE: Final = 100
"""Lines read before the other tasks get a turn: some milliseconds."""

_FLUSH_SECONDS: Final = 0.25
"""Pause between two looks at unfinished blocks, while there are any."""


@dataclass(slots=True)
class _Stream:
    """One file's reader.

    Attributes:
        reader: Holds what is not finished.
        marks: Where the file may have to be read again from.
        path: Where the file was last seen.
        read_at: When the chunk was taken that is being fed, or was fed last (aware, UTC).
        stale: Whether the reader is of an earlier configuration.
        busy: Whether a chunk is being fed: nothing may be flushed meanwhile.
    """

    reader: LineReader
    marks: Marks = field(default_factory=Marks)
    path: str = ""
    read_at: datetime | None = None
    stale: bool = False
    busy: bool = False


class Ingest:
    """Reads one source into the channel.

    A position is only given out for what was given out: lines of an unfinished block lie behind
    it, and are read again after a crash.
    """

    def __init__(
        self,
        source: Source,
        channel: Channel[Batch],
        clock: Clock,
        interpreter: Interpreter,
        *,
        max_line_bytes: int,
    ) -> None:
        self._source = source
        self._channel = channel
        self._clock = clock
        self._max_line_bytes = max_line_bytes
        self._streams: dict[str, _Stream] = {}
        self._unfinished: dict[str, _Stream] = {}
        self._waiting = asyncio.Event()
        self.defects = 0
        """Records lost to a defect of ours since the start."""
        self.interpreter = interpreter
        """Replaced as a whole when the settings change; files begun keep their reader's floor."""

    async def read(self, store: Store) -> None:
        """Read until the source ends; cancelling loses nothing, the position has not moved."""
        async with aclosing(self._source.chunks(await store.positions())) as chunks:
            async for chunk in chunks:
                await self._channel.put(await self.batch_of(chunk))

    async def flush(self) -> None:
        """Finish blocks of lines whose time is over; for ever."""
        while True:
            await self._waiting.wait()
            await self._clock.sleep(_FLUSH_SECONDS)
            for batch in self.flush_overdue():
                await self._channel.put(batch)

    def flush_overdue(self) -> list[Batch]:
        """Finish what has waited for long enough, in the files that are not being fed."""
        now = self._clock.now()
        flushed = []
        for key, stream in list(self._unfinished.items()):
            due = stream.reader.due()
            if stream.busy or stream.marks.end is None or (due is not None and due > now):
                continue
            if due is not None:
                flushed.append(self._finished(stream, self._flushed(stream)))
            self._note_unfinished(key, stream)
        return flushed

    def reset_readers(self) -> None:
        """Read with the present interpreter from the next chunk on, once no block is open."""
        for stream in self._streams.values():
            stream.stale = True

    async def batch_of(self, chunk: Chunk) -> Batch:
        """Read a chunk; between its lines the other tasks get a turn."""
        stream = self._stream_of(chunk.key)
        stream.busy, stream.read_at = True, self._clock.now()
        try:
            sightings = await self._fed(stream, chunk)
        finally:
            stream.busy = False
        if chunk.ended:
            sightings += self._flushed(stream, force=True)
            del self._streams[chunk.key]
        stream.path = chunk.path
        stream.marks.note(chunk, stream.reader)
        self._note_unfinished(chunk.key, stream)
        return self._finished(stream, sightings)

    def _note_unfinished(self, key: str, stream: _Stream) -> None:
        """Note whether a stream has a block that ends with time; with many files, few have."""
        if stream.reader.due() is None:
            self._unfinished.pop(key, None)
        else:
            self._unfinished[key] = stream
        if self._unfinished:
            self._waiting.set()
        else:
            self._waiting.clear()

    def _stream_of(self, key: str) -> _Stream:
        stream = self._streams.get(key)
        if stream is None:
            stream = self._streams[key] = _Stream(self.interpreter.reader())
        elif stream.stale and stream.reader.pending_since_offset is None:
            stream.reader, stream.stale = self.interpreter.reader(), False
        return stream

    async def _fed(self, stream: _Stream, chunk: Chunk) -> list[Sighting]:
        sightings: list[Sighting] = []
        parsed: list[ParsedLine] = []
        lines = self.interpreter.lines(
            chunk, lambda: stream.reader, max_line_bytes=self._max_line_bytes
        )
        now = self._clock.now()
        for number, (line, start, end, cut) in enumerate(lines, 1):
            try:
                parsed += stream.reader.feed(line, start=start, end=end, now=now, cut=cut)
            except Exception as defect:  # noqa: BLE001 -- the edge between a line and the daemon
                self._begin_anew(stream, defect)
            if number % _LINES_AT_ONCE == 0:
                sightings += self._judged(parsed)
                parsed.clear()
                await self._clock.sleep(0)
                now = self._clock.now()
        return sightings + self._judged(parsed)

    def _flushed(self, stream: _Stream, *, force: bool = False) -> list[Sighting]:
        try:
            parsed = stream.reader.flush(now=self._clock.now(), force=force)
        except Exception as defect:  # noqa: BLE001 -- as in `_fed`
            self._begin_anew(stream, defect)
            return []
        return self._judged(parsed)

    def _begin_anew(self, stream: _Stream, defect: Exception) -> None:
        """Go on after a defect of ours, which must not stop the daemon at one line for ever.

        The text is not logged: it was not redacted. What the reader held is lost, and counted as
        one defect.
        """
        self.defects += 1
        _log.error("line_defect", error=type(defect).__name__, where="reader")
        stream.reader = self.interpreter.reader()
        stream.marks.forget_unfinished()

    def _judged(self, parsed: list[ParsedLine]) -> list[Sighting]:
        now = self._clock.now()
        records = [(now, each) for each in parsed]
        found = judged(self.interpreter, records, defect=self._defect)
        return [each for each in found if each is not None]

    def _defect(self, defect: Exception, parsed: ParsedLine) -> None:
        self.defects += 1
        _log.error("line_defect", error=type(defect).__name__, where=parsed.dialect)

    def _finished(self, stream: _Stream, sightings: list[Sighting]) -> Batch:
        """Make a batch whose position lies before the first line that is not given out."""
        position = stream.marks.position(stream.reader)
        if position is None:
            raise AssertionError("a file is finished before it was fed")
        return Batch(
            path=stream.path,
            sightings=tuple(sightings),
            position=position,
            tally=stream.reader.take_tally().with_events(len(sightings)),
            read_at=stream.read_at,
        )
