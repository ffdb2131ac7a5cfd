"""How far reading is behind what was written, file by file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from logwatchd.domain.position import FileState


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedFile:
    """One file being followed, and how far it was read.

    Attributes:
        key: Name of this life of the file, as in `Position`.
        path: Where it was last seen.
        first_path: The name under which it was found first: a rotated file has another since.
        size_bytes: Bytes it holds.
        offset_bytes: Bytes given out as whole lines.
        read_bytes: Bytes read; those beyond `offset_bytes` begin a line that has no end yet.
        state: What became of it.
        grown_at: When new bytes were last read (aware, UTC), or None.
        caught_up_at: When it was last known to be read to its end (aware, UTC), or None.
    """

    key: str
    path: str
    first_path: str
    size_bytes: int
    offset_bytes: int
    read_bytes: int
    state: FileState
    grown_at: datetime | None = None
    caught_up_at: datetime | None = None

    @property
    def lag_bytes(self) -> int:
        """Bytes written and not read."""
        return max(0, self.size_bytes - self.read_bytes)

    @property
    def unfinished_bytes(self) -> int:
        """Bytes of the last line, read and kept until its newline comes."""
        return max(0, self.read_bytes - self.offset_bytes)


@dataclass(frozen=True, slots=True)
class Behind:
    """A file with bytes that nobody has read.

    Attributes:
        file: The file.
        lag: How old the oldest of them may be, as far as known.
    """

    file: WatchedFile
    lag: timedelta


def behind(files: Iterable[WatchedFile], *, now: datetime, since: datetime) -> list[Behind]:
    """List the files that are behind, the worst first.

    Args:
        files: The files being followed.
        now: The present (aware, UTC).
        since: When watching began: of what lay there before, nothing is known.
    """
    found = [Behind(each, _lag(each, now=now, since=since)) for each in files if each.lag_bytes]
    return sorted(found, key=lambda each: (-each.lag, -each.file.lag_bytes, each.file.path))


@dataclass(frozen=True, slots=True)
class PathLag:
    """How far reading is behind under one name.

    Attributes:
        lag_bytes: Bytes written and not read, of all files that have the name.
        lag: How old the oldest of them may be.
    """

    lag_bytes: int = 0
    lag: timedelta = timedelta(0)

    def __add__(self, other: "PathLag") -> "PathLag":
        """Sum the bytes; the longest lag counts."""
        return PathLag(self.lag_bytes + other.lag_bytes, max(self.lag, other.lag))


def lag_by_path(
    files: Iterable[WatchedFile], *, now: datetime, since: datetime, name_of: Callable[[str], str]
) -> dict[str, PathLag]:
    """Sum the lag up by name, the furthest behind first, then by name.

    Args:
        files: The files being followed.
        now: The present (aware, UTC).
        since: As for `behind`.
        name_of: Makes the name of a path, as it may be shown; several may share one.
    """
    found: dict[str, PathLag] = {}
    for each in files:
        name = name_of(each.path)
        lag = PathLag(each.lag_bytes, _lag(each, now=now, since=since))
        found[name] = found.get(name, PathLag()) + lag
    return dict(sorted(found.items(), key=lambda each: (-each[1].lag_bytes, each[0])))


def _lag(file: WatchedFile, *, now: datetime, since: datetime) -> timedelta:
    if not file.lag_bytes:
        return timedelta(0)
    return max(timedelta(0), now - (file.caught_up_at or since))
