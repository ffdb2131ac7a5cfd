"""The files part of `logwatchd status`: how far each was read, what was counted, what was lost."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from logwatchd.cli.output import ago, print_table
from logwatchd.domain.incident_json import iso
from logwatchd.domain.spans import in_units

_FILES_SHOWN: Final = 20
_COLUMNS: Final = (
    "file",
    "state",
    "size",
    "read to",
    "lag",
    "lag for",
    "lines",
    "events",
    "not records",
    "cut",
    "lost",
    "last read",
)


def with_lag(
    files: Sequence[Mapping[str, Any]], note: Mapping[str, Any], *, running: bool
) -> list[dict[str, Any]]:
    """Join what the state knows of each file with what the running daemon says, the worst first.

    Args:
        files: As `positions.file_values` returns them.
        note: What the daemon last said of itself.
        running: Whether it runs; the lag of a dead one's files is what it had not read when it
            looked last.
    """
    behind = {each["key"]: each for each in _worst(note)} if running else {}
    found = [_joined(each, behind.pop(each["key"], None), running=running) for each in files]
    found += [_joined(each, each, running=running) for each in behind.values()]
    return sorted(found, key=_badness)


def print_files(files: Sequence[Mapping[str, Any]], *, known: int, now: datetime) -> None:
    """Print a table of the worst files, and how many more there are.

    Args:
        files: As `with_lag` returns them.
        known: Number of all files there are.
        now: The present (aware, UTC).
    """
    shown = files[:_FILES_SHOWN]
    print_table(_COLUMNS, [_row(each, now=now) for each in shown])
    if known > len(shown):
        print_table(("",), [(f"and {known - len(shown)} more files; --json has them",)])


def file_json(file: Mapping[str, Any]) -> dict[str, Any]:
    """Return a file as JSON values."""
    at = file["last_read_at"]
    return {**file, "last_read_at": at and iso(at)}


def _worst(note: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    files = note.get("files", {})
    return files.get("worst", ()) if isinstance(files, dict) else ()


def _joined(
    file: Mapping[str, Any], behind: Mapping[str, Any] | None, *, running: bool
) -> dict[str, Any]:
    offset = file["offset"]
    size = max(offset, file["size_bytes"], behind["size_bytes"] if behind else 0)
    live = file["state"] == "live"
    return {
        "key": file["key"],
        "path": file["path"],
        "state": file["state"],
        "size_bytes": size,
        "offset": offset,
        "lag_bytes": _lag_bytes(size - offset, behind, live=live, running=running),
        "lag_seconds": behind["lag_seconds"] if behind else 0.0 if running or not live else None,
        "lines": file.get("lines", 0),
        "bytes": file.get("bytes", 0),
        "events": file.get("events", 0),
        "unparsed": file.get("unparsed", 0),
        "unparsed_by_reason": file.get("unparsed_by_reason", {}),
        "cut_lines": file.get("cut_lines", 0),
        "lost_bytes": file.get("lost_bytes", 0),
        "last_read_at": file.get("last_read_at"),
    }


def _lag_bytes(unread: int, behind: Mapping[str, Any] | None, *, live: bool, running: bool) -> int:
    if behind is not None:
        return int(behind["lag_bytes"])
    return unread if live and not running else 0


def _badness(file: Mapping[str, Any]) -> tuple[Any, ...]:
    read = file["last_read_at"]
    return (
        -(file["lag_seconds"] or 0.0),
        -file["lag_bytes"],
        -file["lost_bytes"],
        file["state"] != "live",
        -read.timestamp() if read else 0.0,
        file["path"],
    )


def _row(file: Mapping[str, Any], *, now: datetime) -> tuple[str, ...]:
    reasons = ", ".join(f"{name} {n}" for name, n in file["unparsed_by_reason"].items())
    seconds = file["lag_seconds"]
    return (
        file["path"],
        file["state"],
        str(file["size_bytes"]),
        str(file["offset"]),
        str(file["lag_bytes"]),
        "unknown" if seconds is None else in_units(round(seconds), ("d", "h", "m", "s"), ""),
        str(file["lines"]),
        str(file["events"]),
        f"{file['unparsed']} ({reasons})" if reasons else str(file["unparsed"]),
        str(file["cut_lines"]),
        str(file["lost_bytes"]),
        ago(file["last_read_at"], now=now) if file["last_read_at"] else "never",
    )
