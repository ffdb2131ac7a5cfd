"""Read an old log forward once, plain or compressed: bytes out, memory bounded, damage said."""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import BinaryIO, Final

from logwatchd.errors import DamagedLogError, SourceError
from logwatchd.sources.cursor import printable
from logwatchd.sources.packing import Packing, Part, unpacking

_PACKED_BYTES: Final = 16 * 1024
"""Bytes unpacked at once: what is lost of a damaged archive is at most what they hold."""

_BLOCK_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class Lines:
    """Whole lines of an old log.

    Attributes:
        data: The lines; only the last one of a file may lack its newline.
        base: Offset of the first byte in the unpacked text.
        end: Offset behind the last byte; larger than `base + len(data)` when `cut`.
        cut: Whether `data` is the beginning of a single line that is longer than the limit.
    """

    data: bytes
    base: int
    end: int
    cut: bool = False


class Archive:
    """One old log, open. Close it.

    Args:
        path: Where it is.
        packing: How it is compressed.

    Raises:
        SourceError: It cannot be opened, or cannot be read without another package.
    """

    def __init__(self, path: str, packing: Packing) -> None:
        self._path = path
        self._packing = packing
        self._make, self._failures = unpacking(packing)
        try:
            self._raw: BinaryIO = open(path, "rb", buffering=0)  # noqa: SIM115 -- closed by `close`
        except OSError as error:
            raise SourceError(f"{printable(path)}: {error.strerror}") from error
        # What is written from now on is not old: reading a live log must come to an end.
        self._left_bytes = os.fstat(self._raw.fileno()).st_size
        self._part: Part | None = None
        self._rest = b""
        self.packed_bytes = 0
        """Bytes of the file read so far."""

    def close(self) -> None:
        """Close the file."""
        self._raw.close()

    def read(self, most: int) -> bytes:
        """Return some of the text, at most `most` bytes; b"" at the end.

        Raises:
            DamagedLogError: The rest cannot be read.
        """
        try:
            if self._packing is Packing.PLAIN:
                return self._packed(most)
            return self._unpacked(most)
        except EOFError:
            raise DamagedLogError(f"{printable(self._path)}: ends too early") from None
        except OSError as error:
            why = error.strerror or f"is not whole {self._packing.value}"
            raise DamagedLogError(f"{printable(self._path)}: {why}") from error
        except self._failures as error:
            why = f"is not whole {self._packing.value}"
            raise DamagedLogError(f"{printable(self._path)}: {why}") from error

    def _unpacked(self, most: int) -> bytes:
        while True:
            if self._part is None:
                packed, self._rest = self._rest or self._packed(_PACKED_BYTES), b""
                if not packed:
                    return b""
                packed = packed.lstrip(b"\0")  # streams may follow each other, zeros between them
                if not packed:
                    continue
                self._part = self._make()
            else:
                packed = self._packed(_PACKED_BYTES) if self._part.needs_input else b""
                if not packed and self._part.needs_input:
                    raise EOFError
            found = self._part.decompress(packed, most)
            if self._part.eof:
                self._rest, self._part = self._part.unused_data, None
            if found:
                return found

    def _packed(self, most: int) -> bytes:
        found = self._raw.read(min(most, self._left_bytes)) or b""
        self._left_bytes = self._left_bytes - len(found) if found else 0
        self.packed_bytes += len(found)
        return found

    def lines(self, *, max_line_bytes: int) -> Iterator[Lines]:
        """Yield the text as whole lines, some at a time.

        What was read before damage is met is given out first.

        Args:
            max_line_bytes: Of a longer line only its beginning is kept.

        Raises:
            DamagedLogError: The rest cannot be read.
        """
        rest, base, dropped = b"", 0, 0
        damage: DamagedLogError | None = None
        while True:
            try:
                block = self.read(_BLOCK_BYTES)
            except DamagedLogError as error:
                damage, block = error, b""
            if not block:
                break
            if dropped:  # inside a line of which the beginning is kept
                newline = block.find(b"\n")
                taken = len(block) if newline < 0 else newline + 1
                dropped += taken
                if newline < 0:
                    continue
                end = base + len(rest) + dropped
                yield Lines(rest, base, end, cut=True)
                rest, base, dropped, block = b"", end, 0, block[taken:]
            whole = block.rfind(b"\n") + 1
            if whole:
                data = rest + block[:whole]
                yield Lines(data, base, base + len(data))
                base += len(data)
                rest = block[whole:]
            else:
                rest += block
            if len(rest) > max_line_bytes:
                dropped = len(rest) - max_line_bytes
                rest = rest[:max_line_bytes]
        if rest:
            end = base + len(rest) + dropped
            yield Lines(rest, base, end, cut=bool(dropped))
        if damage is not None:
            raise damage


def head_of(path: str, packing: Packing, *, most: int) -> bytes:
    """Return the first bytes of the text, as far as they can be read; at most `most`."""
    head = b""
    try:
        with closing(Archive(path, packing)) as archive:
            while len(head) < most and (block := archive.read(most - len(head))):
                head += block
    except SourceError:
        return head  # who reads the whole says so
    return head
