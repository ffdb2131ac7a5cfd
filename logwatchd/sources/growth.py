"""Which patterns got new bytes, however their files come and go."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from logwatchd.domain.lag import WatchedFile
from logwatchd.sources import discovery


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
                if any(discovery.names(pattern, each) for each in (file.path, file.first_path)):
                    grown[pattern] = max(file.grown_at, grown.get(pattern, file.grown_at))
        self._by_file = seen
        known = {each: at for each, at in self._by_pattern.items() if each in patterns}
        self._by_pattern = known | grown
        return self._by_pattern
