"""Find the files that patterns name, and the directories to watch for them."""

import glob
import os
import stat
from collections.abc import Hashable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeVar

from logwatchd.sources.cursor import EXHAUSTED
from logwatchd.sources.listing import (
    COMPRESSED,
    Found,
    Listing,
    States,
    Wanted,
    list_directory,
)

_Key = TypeVar("_Key", bound=Hashable)

_DIRECTORIES_LIMIT: Final = 4_096
"""Directories listed for one pattern, and watched for all, at most."""


def find(patterns: Sequence[str], *, follow_symlinks: bool) -> list[Found]:
    """List the regular files that patterns name, once; see `Finder.find`."""
    return Finder().find(patterns, follow_symlinks=follow_symlinks)


class Finder:
    """Finds files again and again, and asks little when little changed."""

    def __init__(self) -> None:
        self._patterns: dict[str, _Pattern] = {}
        self._results: list[list[Found]] = []
        self._result: list[Found] = []
        self._directories: frozenset[str] = frozenset()

    def find(
        self, patterns: Sequence[str], *, follow_symlinks: bool, now: datetime | None = None
    ) -> list[Found]:
        """List the regular files that patterns name, each file once, in the order of their names.

        Args:
            patterns: Paths of files, globs (`**` goes down), or directories: those stand for the
                files directly in them.
            follow_symlinks: Whether a link may lead out of the directory that its pattern names.
            now: The present (aware, UTC); without it nothing is taken from the last time.

        Returns:
            One entry for each device and inode number; the same object as the last time when
            nothing changed. A FIFO, a device, a directory, a compressed file, a hidden file or a
            link that leads elsewhere is left out.
        """
        self._patterns = {
            each: self._patterns.get(each) or _Pattern(each) for each in dict.fromkeys(patterns)
        }
        results = [
            each.find(follow_symlinks=follow_symlinks, now=now) for each in self._patterns.values()
        ]
        same = len(results) == len(self._results) and all(
            new is old for new, old in zip(results, self._results, strict=True)
        )
        if not same:
            found: dict[tuple[int, int], Found] = {}
            for result in results:
                for each in result:
                    found.setdefault((each.device, each.inode), each)
            self._results, self._result = results, list(found.values())
        return self._result

    def directories(self) -> frozenset[str]:
        """Return the existing directories in which something that matters can happen."""
        result: set[str] = set()
        for each in self._patterns.values():
            result |= each.directories
        if len(result) > _DIRECTORIES_LIMIT:
            return frozenset(sorted(result)[:_DIRECTORIES_LIMIT])
        return frozenset(result)

    def closed(self) -> dict[str, OSError]:
        """Return the directories that patterns name and that could not be listed."""
        return {path: error for each in self._patterns.values() for path, error in each.closed}


class _Pattern:
    """Finds the files that one pattern names."""

    def __init__(self, pattern: str) -> None:
        self._pattern = pattern
        self._listings: dict[tuple[str, States], Listing] = {}
        self._links: dict[str, Found] = {}
        self._result: list[Found] | None = None
        self._asked_in: set[str] = set()
        self.directories: frozenset[str] = frozenset()
        self.closed: list[tuple[str, OSError]] = []

    def find(self, *, follow_symlinks: bool, now: datetime | None) -> list[Found]:
        """Return the files, ordered by name; the same object when nothing changed."""
        wanted, root = _split(self._pattern)
        listings: dict[tuple[str, States], Listing] = {}
        links: dict[str, Found] = {}
        asked_in = {root}
        self.closed = []
        places = [(root, wanted.begin())]
        while places and len(listings) < _DIRECTORIES_LIMIT:
            directory, states = places.pop()
            name = wanted.literal(states)
            if name is None:
                listing = self._listed(directory, wanted, states, now=now)
                if listing is None:
                    continue
                listings[directory, states] = listing
                names, below = listing.links, listing.below
            else:  # no need to list it, and perhaps no right to
                further = wanted.after(name, states)
                is_file = wanted.is_whole(further)
                names, below = ([name], []) if is_file else ([], [(name, further)])
                asked_in.add(directory)
            for each in names:
                path = os.path.join(directory, each)
                found = self._asked(path, root, follow_symlinks=follow_symlinks)
                if found is not None:
                    links[path] = found
            for each, further in below:
                path = os.path.join(directory, each)
                if follow_symlinks or not os.path.islink(path) or _is_inside(path, root):
                    places.append((path, further))
        return self._taken(listings, links, {each for each in asked_in if os.path.isdir(each)})

    def _taken(
        self,
        listings: dict[tuple[str, States], Listing],
        links: dict[str, Found],
        asked_in: set[str],
    ) -> list[Found]:
        if (
            self._result is None
            or asked_in != self._asked_in
            or not _same(listings, self._listings)
            or not _same(links, self._links)
        ):
            found = [file for each in listings.values() for file in each.files]
            self._result = sorted([*found, *links.values()], key=lambda each: each.path)
            directories = {each.real_path for each in listings.values()}
            directories |= {os.path.dirname(each.real_path) for each in links.values()}
            directories |= {os.path.realpath(each) for each in asked_in}
            self.directories = frozenset(directories)
            self._listings, self._links, self._asked_in = listings, links, asked_in
        return self._result

    def _listed(
        self, directory: str, wanted: Wanted, states: States, *, now: datetime | None
    ) -> Listing | None:
        before = self._listings.get((directory, states))
        try:
            return list_directory(directory, wanted, states, before=before, now=now)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            self.closed.append((directory, error))
            # Better an old list than the belief that every file is gone.
            return before if error.errno in EXHAUSTED else None

    def _asked(self, path: str, root: str, *, follow_symlinks: bool) -> Found | None:
        """Return the regular file that a name leads to now."""
        if path.endswith(COMPRESSED):
            return None
        try:
            status = os.stat(path)
        except OSError:
            return None
        if not stat.S_ISREG(status.st_mode):
            return None
        before = self._links.get(path)
        if before is not None and (before.device, before.inode) == (status.st_dev, status.st_ino):
            return before
        if not follow_symlinks and os.path.islink(path) and not _is_inside(path, root):
            return None
        real_path = os.path.realpath(path)
        return Found(path, self._pattern, status.st_dev, status.st_ino, real_path=real_path)


def _split(pattern: str) -> tuple[Wanted, str]:
    """Return what a pattern wants, and the directory below which it wants it."""
    if os.path.isdir(pattern):
        return Wanted(pattern, ("*",)), pattern
    root = static_root(pattern)
    return Wanted(pattern, tuple(os.path.relpath(pattern, root).split(os.sep))), root


def static_root(pattern: str) -> str:
    """Return the directory at the beginning of a pattern that holds no wildcard."""
    if os.path.isdir(pattern):
        return pattern
    root = os.path.dirname(pattern) or "."
    while glob.has_magic(root):
        root = os.path.dirname(root) or "."
    return root


def _is_inside(path: str, root: str) -> bool:
    return os.path.realpath(path).startswith(os.path.realpath(root).rstrip("/") + "/")


def _same(new: Mapping[_Key, object], old: Mapping[_Key, object]) -> bool:
    """Say whether two dictionaries hold the very same objects, without comparing them."""
    return new.keys() == old.keys() and all(value is old[key] for key, value in new.items())
