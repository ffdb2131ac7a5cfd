"""Source to channel: chunks of lines in, batches of sightings out."""

from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from logwatchd.domain.event import ParsedLine, Sighting
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.position import Position
from logwatchd.pipeline.channel import Channel
from logwatchd.ports import Batch, Chunk, Clock, Source, Store

_log = structlog.stdlib.get_logger()

_LINES_AT_ONCE: Final = 100
"""Lines read before the other tasks get a turn: some milliseconds."""

_FLUSH_SECONDS: Final = 0.25


@dataclass(slots=True)
class _Stream:
    """One file's reader, and where it stands while a block of lines is unfinished.

    Attributes:
        reader: Holds the unfinished block.
        held: Position of the block's first line; recorded until the block is finished.
        end: Position behind everything fed.
        path: Where the file was last seen.
    """

    reader: LineReader
    held: Position | None = None
    end: Position | None = None
    path: str = ""


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
        self.defects = 0
        """Records lost to a defect of ours since the start."""
        self.interpreter = interpreter
        """Replaced as a whole when the settings change; files begun keep their reader's floor."""

    async def read(self, store: Store) -> None:
        """Read until the source ends; cancelling loses nothing, the position has not moved."""
        async with aclosing(self._source.chunks(await store.positions())) as chunks:
            async for chunk in chunks:
                await self._channel.put(await self._batch(chunk))

    async def flush(self) -> None:
        """Finish blocks of lines whose time is over; for ever."""
        while True:
            await self._clock.sleep(_FLUSH_SECONDS)
            now = self._clock.now()
            for stream in list(self._streams.values()):
                due = stream.reader.due()
                if due is not None and due <= now and stream.end is not None:
                    await self._channel.put(self._flushed(stream, stream.end))

    def reset_readers(self) -> None:
        """Read with the present interpreter from the next chunk on, where no block is open."""
        for key, stream in list(self._streams.items()):
            if stream.reader.pending_since_offset is None:
                del self._streams[key]

    async def _batch(self, chunk: Chunk) -> Batch:
        stream = self._streams.get(chunk.key)
        if stream is None:
            stream = self._streams[chunk.key] = _Stream(self.interpreter.reader())
        sightings: list[Sighting] = []
        offset = chunk.base
        data = chunk.data
        start = 0
        lines = 0
        while start < len(data):
            newline = data.find(b"\n", start)
            stop = len(data) if newline < 0 else newline + 1
            last = stop == len(data)
            end = chunk.end if last else offset + stop - start
            self._feed(stream, data[start:stop], offset, end, sightings, cut=chunk.cut)
            offset, start = end, stop
            lines += 1
            if lines % _LINES_AT_ONCE == 0:
                await self._clock.sleep(0)
        if chunk.ended:
            self._judge(stream.reader.flush(now=self._clock.now(), force=True), sightings)
            del self._streams[chunk.key]
        return self._finished(stream, chunk, sightings)

    def _feed(
        self,
        stream: _Stream,
        line: bytes,
        offset: int,
        end: int,
        sightings: list[Sighting],
        *,
        cut: bool,
    ) -> None:
        if len(line) > self._max_line_bytes:
            line, cut = line[: self._max_line_bytes], True
        parsed = stream.reader.feed(line, start=offset, end=end, now=self._clock.now(), cut=cut)
        self._judge(parsed, sightings)

    def _judge(self, parsed: list[ParsedLine], sightings: list[Sighting]) -> None:
        for each in parsed:
            try:
                sighting = self.interpreter.sighting(each, received_at=self._clock.now())
            except Exception as defect:  # noqa: BLE001 -- see below
                # A defect of ours that one line brings out must not stop the daemon at that line
                # for ever. Its text is not logged: it was not redacted.
                self.defects += 1
                _log.error("line_defect", error=type(defect).__name__, dialect=each.dialect)
                continue
            if sighting is not None:
                sightings.append(sighting)

    def _finished(self, stream: _Stream, chunk: Chunk, sightings: list[Sighting]) -> Batch:
        pending = stream.reader.pending_since_offset
        stream.path = chunk.path
        if pending is None:
            stream.held = stream.end = None
            position = chunk.position_at(chunk.end)
        else:
            if pending >= chunk.base or stream.held is None:
                stream.held = chunk.position_at(max(pending, chunk.base))
            stream.end = chunk.position_at(chunk.end)
            position = stream.held
        return self._made(stream, position, sightings)

    def _flushed(self, stream: _Stream, end: Position) -> Batch:
        """Finish everything that is open: the source is between two chunks, so all is whole."""
        sightings: list[Sighting] = []
        self._judge(stream.reader.flush(now=self._clock.now(), force=True), sightings)
        stream.held = stream.end = None
        return self._made(stream, end, sightings)

    def _made(self, stream: _Stream, position: Position, sightings: list[Sighting]) -> Batch:
        return Batch(
            path=stream.path,
            sightings=tuple(sightings),
            position=position,
            tally=stream.reader.take_tally().with_events(len(sightings)),
        )
