"""Which files the patterns name at present, what is missing, and what was there at the beginning."""

import os
from collections.abc import Collection, Sequence
from datetime import datetime

import structlog

from logwatchd.errors import TooManyFilesError
from logwatchd.sources.cursor import EXHAUSTED, printable
from logwatchd.sources.descriptors import Descriptors
from logwatchd.sources.discovery import Finder
from logwatchd.sources.listing import Found
from logwatchd.sources.lives import Identity
from logwatchd.sources.troubles import Troubles

_log = structlog.stdlib.get_logger()


class Names:
    """What patterns name, as of the last look.

    Attributes:
        listed: The files, by their numbers.
        old_bytes: Sizes of files met at the first look under a new pattern and not yet opened:
            what they held then is old.
    """

    def __init__(self, troubles: Troubles, descriptors: Descriptors) -> None:
        self._troubles = troubles
        self._descriptors = descriptors
        self._finder = Finder()
        self._found: list[Found] = []
        self._by_real_path: dict[str, Identity] = {}
        self._missing: set[str] = set()
        self.listed: dict[Identity, Found] = {}
        self.old_bytes: dict[Identity, int] = {}

    def look(
        self,
        patterns: Sequence[str],
        *,
        follow_symlinks: bool,
        fresh: Collection[str],
        now: datetime,
    ) -> None:
        """Ask anew.

        Args:
            patterns: What to look for.
            follow_symlinks: Whether a link may lead out of the directory its pattern names.
            fresh: Patterns of which all that is there now is old.
            now: The present (aware, UTC).
        """
        found = self._finder.find(patterns, follow_symlinks=follow_symlinks, now=now)
        for directory, error in self._finder.closed().items():
            if error.errno in EXHAUSTED:
                message = f"{printable(directory)}: {error.strerror}"
                self._descriptors.shrink(TooManyFilesError(message))
            else:
                self._troubles.say_failing(directory, error)
        if found is not self._found:
            self._found = found
            self.listed = {(each.device, each.inode): each for each in found}
            self._by_real_path = {each.real_path: i for i, each in self.listed.items()}
        if self.old_bytes:
            self.old_bytes = {i: n for i, n in self.old_bytes.items() if i in self.listed}
        for identity, each in self.listed.items() if fresh else ():
            if each.pattern in fresh:
                self.old_bytes[identity] = _size(each.path)
        self._say_missing(patterns)

    def directories(self) -> frozenset[str]:
        """Return the directories in which something that matters can happen."""
        return self._finder.directories()

    def told_of(self, real_paths: Collection[str]) -> set[Identity]:
        """Return the files of which notifications told; strangers are passed over."""
        return {self._by_real_path[each] for each in real_paths if each in self._by_real_path}

    def paths(self) -> set[str]:
        """Return the names of files, and of directories that could not be listed."""
        return {*(each.path for each in self._found), *self._finder.closed()}

    def _say_missing(self, patterns: Sequence[str]) -> None:
        named = {each.pattern for each in self._found}
        for pattern in patterns:
            if pattern in named:
                if pattern in self._missing:
                    self._missing.discard(pattern)
                    _log.info("log_found", pattern=printable(pattern))
            elif pattern not in self._missing:
                self._missing.add(pattern)
                _log.warning("log_missing", pattern=printable(pattern), hint="Waiting for it.")


def _size(path: str) -> int:
    try:
        return os.stat(path).st_size
    except OSError:
        return 0  # gone; a file that comes under this name has another number
