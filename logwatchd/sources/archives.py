"""Read an old log forward once, plain or compressed: bytes out, memory bounded, damage said."""

import bz2
import lzma
import os
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, Final, Protocol

from logwatchd.errors import DamagedLogError, SourceError
from logwatchd.sources.cursor import printable

_MIB: Final = 1024 * 1024
_PACKED_BYTES: Final = 16 * 1024
"""Bytes unpacked at once: what is lost of a damaged archive is at most what they hold."""

_BLOCK_BYTES: Final = 256 * 1024
_XZ_MEMORY_BYTES: Final = 128 * _MIB
"""As much as `xz -9` needs twice over; an archive that asks for more is refused."""

_ZSTD_WINDOW_LOG: Final = 27
"""A window of 128 MiB, as the `zstd` program allows by default."""


class Packing(StrEnum):
    """How a log is compressed."""

    PLAIN = "plain"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"


UNREADABLE: Final = (".lz4", ".zip", ".br", ".7z")
"""Names of archives that are known and not read."""

_SUFFIXES: Final = {
    ".gz": Packing.GZIP,
    ".bz2": Packing.BZIP2,
    ".xz": Packing.XZ,
    ".zst": Packing.ZSTD,
}
_FIRST_BYTES: Final = {
    b"\x1f\x8b": Packing.GZIP,
    b"BZh": Packing.BZIP2,
    b"\xfd7zXZ\0": Packing.XZ,
    b"\x28\xb5\x2f\xfd": Packing.ZSTD,
}


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


class _Part(Protocol):
    """One stream of an archive; those of `bz2`, `lzma` and `zstd` are alike."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = -1) -> bytes: ...


class _GzipPart:
    """Makes `zlib` look like the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max_length)
        self.needs_input = not self._inner.unconsumed_tail and len(found) < max_length
        return found


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
        self._make, self._failures = _unpacking(packing)
        try:
            self._raw: BinaryIO = open(path, "rb", buffering=0)  # noqa: SIM115 -- closed by `close`
        except OSError as error:
            raise SourceError(f"{printable(path)}: {error.strerror}") from error
        # What is written from now on is not old: reading a live log must come to an end.
        self._left_bytes = os.fstat(self._raw.fileno()).st_size
        self._part: _Part | None = None
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


def packing_of(path: str) -> Packing:
    """Say how a log is compressed: by its first bytes, else by its name.

    Raises:
        SourceError: It cannot be read.
    """
    try:
        with open(path, "rb", buffering=0) as file:
            head = file.read(8)
    except OSError as error:
        raise SourceError(f"{printable(path)}: {error.strerror}") from error
    for first, packing in _FIRST_BYTES.items():
        if head.startswith(first):
            return packing
    return _SUFFIXES.get(os.path.splitext(path)[1].lower(), Packing.PLAIN)


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


def can_unpack(packing: Packing) -> bool:
    """Say whether what is needed to unpack it is installed."""
    try:
        _unpacking(packing)
    except SourceError:
        return False
    return True


def _unpacking(packing: Packing) -> tuple[Callable[[], _Part], tuple[type[Exception], ...]]:
    """Return what opens a stream, and what it raises when the stream is damaged."""
    match packing:
        case Packing.PLAIN | Packing.GZIP:
            return _GzipPart, (zlib.error,)
        case Packing.BZIP2:
            return bz2.BZ2Decompressor, (ValueError,)
        case Packing.XZ:
            return _xz_part, (lzma.LZMAError,)
        case Packing.ZSTD:
            return _zstd()


def _xz_part() -> _Part:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)


def _zstd() -> tuple[Callable[[], _Part], tuple[type[Exception], ...]]:
    """Import Zstandard when a file needs it: the standard library has it from 3.14 on."""
    try:
        from compression import zstd  # noqa: PLC0415 -- most runs need none of it
    except ImportError:
        try:
            from backports import zstd  # noqa: PLC0415
        except ImportError:
            raise SourceError(
                "reading Zstandard needs the package backports.zstd",
                hint="pip install 'logwatchd[zstd]', or unpack the file first.",
            ) from None
    options = {zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG}

    def part() -> _Part:
        made: _Part = zstd.ZstdDecompressor(options=options)
        return made

    return part, (zstd.ZstdError,)
