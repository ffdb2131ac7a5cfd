"""The lines of one file to records and counts: envelopes, partial lines and blocks included.

What one record is made of may be several lines, with lines of another stream between them. Until
it is finished, nothing behind its first byte is given out or counted, so that whoever stops and
reads again from `pending_since_offset` repeats nothing and loses nothing.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.decode import decode_cut, decode_line
from logwatchd.domain.envelope import DOCKER_HEAD, Unwrapped, unwrap
from logwatchd.domain.event import MESSAGE_LIMIT, Level, ParsedLine, Unparsed
from logwatchd.domain.held import Held, Stretch
from logwatchd.domain.levels import level_of
from logwatchd.domain.panic import may_begin, open_block
from logwatchd.domain.parse import parse_levelled
from logwatchd.domain.plain import plain_block, plain_line
from logwatchd.domain.position import Tally
from logwatchd.domain.waiting import OpenBlock, Pieces, Waiting

_TEXT_BYTES: Final = MESSAGE_LIMIT * 4
"""Bytes of a plain text line that are looked at: what fills a message in any script."""


class LineReader:
    """Reads the lines of one file, in order.

    Args:
        floor: Records below this level are counted and dropped.
        witness: Shown every stretch of lines when it is given out, with the text of what is no
            record of its own; without one, such text is not kept.
    """

    def __init__(self, *, floor: Level, witness: Callable[[Stretch], None] | None = None) -> None:
        self._floor = floor
        self._witness = witness
        self._pieces: dict[str, Pieces] = {}
        self._blocks: dict[str, OpenBlock] = {}
        self._held = Held()
        self._since: int | None = None
        self._counted = Stretch(0, 0, lines=0)

    def feed(
        self, line: bytes, *, start: int, end: int, now: datetime, cut: bool = False
    ) -> list[ParsedLine]:
        """Read one line.

        Args:
            line: The line, with or without its newline; only its beginning when `cut`.
            start: Offset of its first byte in the file.
            end: Offset behind its last byte, newline included.
            now: When it was read (aware, UTC).
            cut: Whether it is longer than the limit.

        Returns:
            The records that are finished and wait for nothing, in the order of their first byte.
        """
        pending = self._since is not None
        if not (pending or cut) and line.startswith(b"{") and not line.startswith(DOCKER_HEAD):
            # Nearly all lines of nearly all files.
            record = decode_line(line)
            level = level_of(record) if isinstance(record, dict) else None
            if isinstance(record, dict) and level is not None:
                if level < self._floor:
                    self._counted.count(end - start, below=1)
                    return []
                if self._witness is None:
                    self._counted.count(end - start)
                    return [parse_levelled(record, level)]
            self._read(record, Unwrapped(line), Stretch(start, end), now=now)
            return self._released()
        if pending:
            self._close_overdue(now)
        self._unwrapped(line, Stretch(start, end, cut=cut), now=now)
        if self._held.is_full:
            self._close_all(now=now)
        return self._released()

    def pass_over(self, data: bytes, start: int, stop: int) -> None:
        """Count whole lines that no rule can want, without reading them; nothing may be pending."""
        lines = _newlines(data[start:stop]) + (not data.endswith(b"\n", start, stop))
        self._counted.count(stop - start, lines=lines, below=lines)

    def flush(self, *, now: datetime, force: bool = False) -> list[ParsedLine]:
        """Finish what has waited long enough, or everything.

        Args:
            now: The present (aware, UTC).
            force: Whether nothing more will come: the file has ended.

        Returns:
            The records that are finished now, as in `feed`.
        """
        if force:
            self._close_all(now=now)
        else:
            self._close_overdue(now)
        return self._released()

    @property
    def pending_since_offset(self) -> int | None:
        """Offset of the first byte that is not given out or counted; None when nothing waits."""
        return self._since

    def waiting_offsets(self) -> set[int]:
        """Return every offset that `pending_since_offset` may have later, as things stand."""
        return {*self._held.starts(), *(item.stretch.start for item in self._waiting())}

    def due(self) -> datetime | None:
        """Return when `flush` should be called, or None when nothing waits."""
        return min((item.deadline for item in self._waiting()), default=None)

    def take_tally(self) -> Tally:
        """Return what was counted since the last call: the lines before `pending_since_offset`."""
        tally = self._counted.tally()
        self._counted = Stretch(0, 0, lines=0)
        return tally

    def _unwrapped(self, line: bytes, stretch: Stretch, *, now: datetime) -> None:
        """Take a line out of its envelope, and join it with its earlier pieces."""
        inner = unwrap(line)
        waiting = self._pieces.get(inner.stream)
        if waiting is not None:
            waiting.add(inner.payload, stretch)
        elif inner.partial:
            waiting = self._pieces[inner.stream] = Pieces(inner, stretch, now=now)
        else:
            self._decoded(inner, stretch, is_cut=bool(stretch.cut), now=now)
            return
        if waiting.is_full or not inner.partial:
            self._close_pieces(inner.stream, now=now)

    def _close_pieces(self, stream: str, *, now: datetime) -> None:
        line = self._pieces.pop(stream)
        line.stretch.cut = max(line.stretch.cut, int(line.is_cut))
        self._decoded(line.joined(), line.stretch, is_cut=line.is_cut, now=now)

    def _decoded(self, inner: Unwrapped, stretch: Stretch, *, is_cut: bool, now: datetime) -> None:
        if is_cut:
            self._read(_of_beginning(inner.payload), inner, stretch, now=now)
        else:
            self._read(decode_line(inner.payload), inner, stretch, now=now)

    def _read(
        self,
        record: dict[str, Any] | Unparsed,
        inner: Unwrapped,
        stretch: Stretch,
        *,
        now: datetime,
    ) -> None:
        """Make a result or a count of one whole line."""
        found = record if isinstance(record, Unparsed) else self._parsed(record, inner.at)
        if isinstance(found, Unparsed):
            if not self._is_of_block(inner, stretch, now=now):
                stretch.refuse(found)
                if self._witness is not None:
                    stretch.plain = plain_line(found, record, inner)
                self._held.add(stretch)
            return
        # A logger's line is never part of a block: the runtime has finished.
        self._close_block(inner.stream)
        stretch.result = found
        stretch.below += found is None
        self._held.add(stretch)

    def _parsed(self, record: dict[str, Any], at: datetime | None) -> ParsedLine | Unparsed | None:
        level = level_of(record)
        if level is None:
            return Unparsed.NO_LEVEL
        return None if level < self._floor else parse_levelled(record, level, at=at)

    def _is_of_block(self, inner: Unwrapped, stretch: Stretch, *, now: datetime) -> bool:
        """Take a line that is no record into the open block, or open one with it."""
        waiting = self._blocks.get(inner.stream)
        if waiting is None and not may_begin(inner.payload):
            return False
        text = inner.payload[:_TEXT_BYTES].decode("utf-8", "replace")
        if waiting is not None:
            if waiting.take(text, stretch, now=now):
                if waiting.block.done:
                    self._close_block(inner.stream)
                return True
            self._close_block(inner.stream)
        block = open_block(text, at=inner.at)
        if block is None:
            return False
        self._blocks[inner.stream] = OpenBlock(block, stretch, now=now)
        if block.done:
            self._close_block(inner.stream)
        return True

    def _close_block(self, stream: str) -> None:
        finished = self._blocks.pop(stream, None)
        if finished is None:
            return
        found = finished.block.parsed()
        if found.level < self._floor:
            finished.stretch.below += 1
        else:
            finished.stretch.result = found
            if self._witness is not None:
                finished.stretch.plain = plain_block(finished.block.text, found.at)
        self._held.add(finished.stretch)

    def _close_overdue(self, now: datetime) -> None:
        for stream, pieces in list(self._pieces.items()):
            if pieces.is_overdue(now):
                self._close_pieces(stream, now=now)
        for stream, lines in list(self._blocks.items()):
            if lines.is_overdue(now):
                self._close_block(stream)

    def _close_all(self, *, now: datetime) -> None:
        for stream in list(self._pieces):
            self._close_pieces(stream, now=now)
        for stream in list(self._blocks):
            self._close_block(stream)

    def _waiting(self) -> list[Waiting]:
        return [*self._pieces.values(), *self._blocks.values()]

    def _released(self) -> list[ParsedLine]:
        starts = [item.stretch.start for item in self._waiting()]
        stretches, self._since = self._held.release(starts)
        for stretch in stretches:
            self._counted.absorb(stretch)
            if self._witness is not None:
                self._witness(stretch)
        return [stretch.result for stretch in stretches if stretch.result is not None]


def _newlines(data: bytes) -> int:
    # `bytes.count` looks at each byte, `bytes.replace` jumps from newline to newline: it is three
    # times as fast, the copy that it makes included.
    return len(data) - len(data.replace(b"\n", b""))


def _of_beginning(payload: bytes) -> dict[str, Any] | Unparsed:
    """Decode the beginning of a line; in Docker's envelope, the beginning of what is inside."""
    record = decode_cut(payload)
    if isinstance(record, dict) and payload.startswith(DOCKER_HEAD):
        inside = record.get("log")
        if isinstance(inside, str):
            return decode_cut(inside.encode())
    return record
