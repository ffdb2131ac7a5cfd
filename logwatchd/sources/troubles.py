"""What cannot be read at present: said once when it begins and once when it ends."""

from collections.abc import Collection

import structlog

from logwatchd.errors import SourceError
from logwatchd.sources.cursor import printable

_log = structlog.stdlib.get_logger()


class Troubles:
    """The files that cannot be read, each with its reason."""

    def __init__(self) -> None:
        self._by_path: dict[str, str] = {}

    def by_path(self) -> dict[str, str]:
        """Return the files that cannot be read at present, with the reason."""
        return dict(self._by_path)

    def say(self, path: str, error: SourceError) -> None:
        """Note that a file cannot be read; the same reason is logged once."""
        named = printable(path)
        reason = str(error).removeprefix(f"{path}: ").removeprefix(f"{named}: ")
        if self._by_path.get(path) != reason:
            self._by_path[path] = reason
            _log.warning("log_unreadable", path=named, error=reason, hint=error.hint)

    def say_failing(self, path: str, error: OSError) -> None:
        """Note that an open file fails: a bad sector, a stale handle."""
        self.say(path, SourceError(f"{printable(path)}: {error.strerror}"))

    def over(self, path: str) -> None:
        """Note that a file can be read."""
        if self._by_path.pop(path, None) is not None:
            _log.info("log_readable", path=printable(path))

    def keep_only(self, present: Collection[str]) -> None:
        """Forget the troubles of files that are gone."""
        for path in self._by_path.keys() - set(present):
            del self._by_path[path]

    def __bool__(self) -> bool:
        """Say whether there is any trouble."""
        return bool(self._by_path)
