"""Where a file has to be read again from, for what is not given out yet."""

from dataclasses import dataclass, field

from logwatchd.domain.lines import LineReader
from logwatchd.domain.position import Position
from logwatchd.ports import Chunk


@dataclass(slots=True)
class Marks:
    """Positions in one file.

    Attributes:
        end: Position behind everything fed; None before the first chunk.
        unfinished: Positions of the lines at which something that is not finished begins, by
            their offset.
    """

    end: Position | None = None
    unfinished: dict[int, Position] = field(default_factory=dict)

    def note(self, chunk: Chunk, reader: LineReader) -> None:
        """Take in a chunk that its reader was fed; a later one cannot tell these positions."""
        self.end = chunk.position_at(chunk.end)
        waiting = reader.waiting_offsets()
        kept = {offset: mark for offset, mark in self.unfinished.items() if offset in waiting}
        fresh = {offset: chunk.position_at(offset) for offset in waiting - kept.keys()}
        self.unfinished = kept | fresh

    def forget_unfinished(self) -> None:
        """Note that the reader begins anew: what it held is lost."""
        self.unfinished.clear()

    def position(self, reader: LineReader) -> Position | None:
        """Return the position before the first line that was not given out."""
        pending = reader.pending_since_offset
        return self.end if pending is None else self.unfinished[pending]
