"""The last lines of a log, for a first look at it."""

import os
from collections.abc import Sequence
from typing import Final

from logwatchd.errors import SourceError
from logwatchd.sources.cursor import printable
from logwatchd.sources.old_logs import OldLog
from logwatchd.sources.packing import Packing

_SAMPLE_BYTES: Final = 4 * 1024 * 1024
"""Of all files together: about a second's work."""

_FILES: Final = 16


def sample_of(logs: Sequence[OldLog]) -> list[bytes]:
    """Return the ends of the files that were written last, each cut to whole lines at its start.

    Compressed files are left out: a daemon follows none.

    Raises:
        SourceError: One cannot be read.
    """
    plain = [each for each in logs if each.packing is Packing.PLAIN]
    latest = sorted(plain, key=lambda each: each.modified_at, reverse=True)[:_FILES]
    return [_end_of(each.path, _SAMPLE_BYTES // len(latest)) for each in latest]


def _end_of(path: str, most_bytes: int) -> bytes:
    try:
        with open(path, "rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - most_bytes)
            file.seek(start)
            data = file.read(most_bytes)
    except OSError as error:
        raise SourceError(f"{printable(path)}: {error.strerror}") from error
    return data.partition(b"\n")[2] if start else data
