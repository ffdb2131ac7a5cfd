"""Which patterns got new bytes, however their files come and go."""

import fnmatch
import glob
import os
from collections.abc import Mapping, Sequence
from datetime import datetime

from logwatchd.domain.lag import WatchedFile


class Growth:
    """Remembers when new bytes last came, by pattern.

    A change is what counts, not a later time: the clock may be set back, and the file that grew
    last may be gone by the next look.
    """

    def __init__(self) -> None:
        self._by_file: dict[str, datetime] = {}
        self._by_pattern: dict[str, datetime] = {}

    def by_pattern(
        self, patterns: Sequence[str], files: Sequence[WatchedFile]
    ) -> Mapping[str, datetime]:
        """Return when each pattern last got new bytes; one that never did is left out.

        Args:
            patterns: Every pattern followed.
            files: Every file followed. A rotated one counts for the pattern it came from.
        """
        seen: dict[str, datetime] = {}
        grown: dict[str, datetime] = {}
        for file in files:
            if file.grown_at is None:
                continue
            seen[file.key] = file.grown_at
            if self._by_file.get(file.key) == file.grown_at:
                continue
            for pattern in patterns:
                if any(names(pattern, each) for each in (file.path, file.first_path)):
                    grown[pattern] = max(file.grown_at, grown.get(pattern, file.grown_at))
        self._by_file = seen
        known = {each: at for each, at in self._by_pattern.items() if each in patterns}
        self._by_pattern = known | grown
        return self._by_pattern


def names(pattern: str, path: str) -> bool:
    """Say by the text alone whether a pattern names a path, whether or not the file is there.

    Args:
        pattern: A path, a glob, or a directory, which stands for the files directly in it.
        path: Where a file is or was.
    """
    if pattern in (path, os.path.dirname(path)):
        return True
    return glob.has_magic(pattern) and _fits(path.split(os.sep), pattern.split(os.sep))


def _fits(parts: Sequence[str], wanted: Sequence[str]) -> bool:
    """Say whether the parts of a path fit those of a glob; `**` stands for any number of parts."""
    if not wanted:
        return not parts
    if wanted[0] == "**":
        return any(_fits(parts[skipped:], wanted[1:]) for skipped in range(len(parts) + 1))
    if not parts or (parts[0].startswith(".") and not wanted[0].startswith(".")):
        return False
    return fnmatch.fnmatchcase(parts[0], wanted[0]) and _fits(parts[1:], wanted[1:])
