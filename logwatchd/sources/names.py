"""Which files the patterns name at present, what is missing, and what was there at the beginning."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from logwatchd.errors import TooManyFilesError
from logwatchd.sources.cursor import EXHAUSTED, printable
from logwatchd.sources.descriptors import Descriptors
from logwatchd.sources.discovery import Finder, static_root
from logwatchd.sources.listing import Found
from logwatchd.sources.lives import Identity
from logwatchd.sources.troubles import Troubles

_LATELY: Final = timedelta(seconds=3)
_LATELY_LOOKS: Final = 3
"""A change is recent for three seconds, and for three looks where those are further apart."""

_log = structlog.stdlib.get_logger()


@dataclass(slots=True)
class Lately:
    """A moment that is recent for a while.

    Attributes:
        at: The moment.
        looks: Looks since.
    """

    at: datetime
    looks: int = 0

    def is_over(self, now: datetime) -> bool:
        """Count a look, and say whether the moment is long ago by now."""
        self.looks += 1
        return self.looks > _LATELY_LOOKS and abs(now - self.at) > _LATELY


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
        self._by_path: dict[str, Identity] = {}
        self._by_real_path: dict[str, Identity] = {}
        self._changes: dict[str, Lately] = {}
        self._log_directories: frozenset[str] = frozenset()
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
        self._changes = {
            path: each for path, each in self._changes.items() if not each.is_over(now)
        }
        if found is not self._found:
            self._take(found, patterns, now=now)
        if self.old_bytes:
            self.old_bytes = {i: n for i, n in self.old_bytes.items() if i in self.listed}
        for identity, each in self.listed.items() if fresh else ():
            if each.pattern in fresh:
                self.old_bytes[identity] = _size(each.path)
        self._say_missing(patterns)

    def directories(self) -> frozenset[str]:
        """Return the directories in which something that matters can happen."""
        return self._finder.directories()

    def log_directories(self) -> frozenset[str]:
        """Return the directories in which logs are, or are waited for, as the patterns spell them."""
        return self._log_directories

    def note_change(self, path: str, *, now: datetime) -> None:
        """Note that the file under a name was emptied."""
        self._changes[path] = Lately(now)

    def changed_lately(self, path: str) -> bool:
        """Say whether a name leads nowhere, or came to lead to another file a moment ago."""
        return path not in self._by_path or printable(path) in self._changes

    def at(self, path: str) -> Identity | None:
        """Return the file that a name leads to."""
        return self._by_path.get(path)

    def told_of(self, real_paths: Collection[str]) -> set[Identity]:
        """Return the files of which notifications told; strangers are passed over."""
        return {self._by_real_path[each] for each in real_paths if each in self._by_real_path}

    def paths(self) -> set[str]:
        """Return the names of files, and of directories that could not be listed."""
        return {*(each.path for each in self._found), *self._finder.closed()}

    def _take(self, found: list[Found], patterns: Sequence[str], *, now: datetime) -> None:
        before = self._by_path
        self._found = found
        self.listed = {(each.device, each.inode): each for each in found}
        self._by_path = {each.path: i for i, each in self.listed.items()}
        self._by_real_path = {each.real_path: i for i, each in self.listed.items()}
        self._log_directories = frozenset(
            {*map(static_root, patterns), *map(os.path.dirname, self._by_path)}
        )
        for path in before.keys() | self._by_path.keys():
            if before.get(path) != self._by_path.get(path):
                self._changes[printable(path)] = Lately(now)

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
