"""How far reading is behind, as `logwatchd status` shows it of the running daemon."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from logwatchd.domain.lag import WatchedFile, behind

FILES_NOTED: Final = 200
"""Files that are behind of which a note is left, the worst first; the others are only counted."""


def lag_values(files: Sequence[WatchedFile], *, now: datetime, since: datetime) -> dict[str, Any]:
    """Return as JSON values which files are behind, and how far.

    Args:
        files: The files being followed.
        now: The present (aware, UTC).
        since: When watching began.
    """
    found = behind(files, now=now, since=since)
    return {
        "followed": len(files),
        "behind": len(found),
        "lag_bytes": sum(each.file.lag_bytes for each in found),
        "worst": [
            {
                "key": each.file.key,
                "path": each.file.path,
                "state": each.file.state.value,
                "size_bytes": each.file.size_bytes,
                "offset": each.file.offset_bytes,
                "unfinished_bytes": each.file.unfinished_bytes,
                "lag_bytes": each.file.lag_bytes,
                "lag_seconds": round(each.lag.total_seconds(), 1),
            }
            for each in found[:FILES_NOTED]
        ],
    }
