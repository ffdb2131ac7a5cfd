"""How old logs are compressed, and what unpacks them, each within bounded memory."""

import bz2
import lzma
import os
import zlib
from collections.abc import Callable
from enum import StrEnum
from typing import Final, Protocol

from logwatchd.errors import SourceError
from logwatchd.sources.cursor import printable

_MIB: Final = 1024 * 1024
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


class Part(Protocol):
    """One stream of an archive; those of `bz2`, `lzma` and `zstd` are alike."""

    @property
    def eof(self) -> bool:
        """Whether it has ended."""
        ...

    @property
    def needs_input(self) -> bool:
        """Whether nothing more comes without more input."""
        ...

    @property
    def unused_data(self) -> bytes:
        """What was given behind its end."""
        ...

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Unpack at most `max_length` bytes."""
        ...


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


def can_unpack(packing: Packing) -> bool:
    """Say whether what is needed to unpack it is installed."""
    try:
        unpacking(packing)
    except SourceError:
        return False
    return True


def unpacking(packing: Packing) -> tuple[Callable[[], Part], tuple[type[Exception], ...]]:
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


def _xz_part() -> Part:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY_BYTES)


def _zstd() -> tuple[Callable[[], Part], tuple[type[Exception], ...]]:
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

    def part() -> Part:
        made: Part = zstd.ZstdDecompressor(options=options)
        return made

    return part, (zstd.ZstdError,)
