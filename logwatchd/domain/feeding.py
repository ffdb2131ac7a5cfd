"""A stretch of a file to the lines that its reader is fed."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple, Protocol


class Stretch(Protocol):
    """Whole lines of one file.

    Attributes:
        data: The lines; the last one may lack its newline.
        base: Offset of the first byte in the file.
        end: Offset behind the last byte consumed; larger than `base + len(data)` when `cut`.
        cut: Whether `data` is the beginning of a single line that is longer than the limit.
    """

    @property
    def data(self) -> bytes: ...  # noqa: D102 -- above
    @property
    def base(self) -> int: ...  # noqa: D102
    @property
    def end(self) -> int: ...  # noqa: D102
    @property
    def cut(self) -> bool: ...  # noqa: D102


class FedLine(NamedTuple):
    """One line, as `LineReader.feed` takes it.

    Attributes:
        line: The line with its newline, or its beginning when `cut`.
        start: Offset of its first byte in the file.
        end: Offset behind its last byte.
        cut: Whether it is longer than the limit.
    """

    line: bytes
    start: int
    end: int
    cut: bool


def has_cut_line(stretch: Stretch, *, max_line_bytes: int) -> bool:
    """Say whether a line of a stretch is longer than the limit."""
    start, data = 0, stretch.data
    while len(data) - start > max_line_bytes:
        newline = data.rfind(b"\n", start, start + max_line_bytes)
        if newline < 0:
            return True
        start = newline + 1
    return stretch.cut


def fed_lines(
    stretch: Stretch, places: Iterable[tuple[int, int]], *, max_line_bytes: int
) -> Iterator[FedLine]:
    """Yield the lines that begin and end at some places of a stretch, cut to the limit."""
    data, size = stretch.data, len(stretch.data)
    for start, stop in places:
        line, cut = data[start:stop], stretch.cut
        if len(line) > max_line_bytes:
            line, cut = line[:max_line_bytes], True
        end = stretch.end if stop == size else stretch.base + stop
        yield FedLine(line, stretch.base + start, end, cut)
