"""Follow the files that patterns name through everything that happens to logs. Synchronous.

`look` compares the file system with what is known and returns what must be remembered; `read`
gives the next chunk of every file that has one. Neither waits, so tests drive both by hand.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

import structlog

from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import Position
from logwatchd.errors import SourceError, TooManyFilesError
from logwatchd.ports import Chunk
from logwatchd.sources import parked
from logwatchd.sources.beginning import Beginnings
from logwatchd.sources.copies import Held
from logwatchd.sources.cursor import EXHAUSTED, FileCursor, Grown, printable
from logwatchd.sources.descriptors import OUT_OF_DESCRIPTORS, Descriptors
from logwatchd.sources.discovery import Finder
from logwatchd.sources.followed import Followed, Tracked
from logwatchd.sources.listing import Found
from logwatchd.sources.lives import Identity, Lives
from logwatchd.sources.rotations import Rotations
from logwatchd.sources.troubles import Troubles
from logwatchd.sources.whereabouts import oldest_first

_ROUNDS: Final = 64
"""Chunks without a newline read in one go: 8 MiB, so that the other tasks get a turn."""

_log = structlog.stdlib.get_logger()


class StartAt(StrEnum):
    """Where a file met first at the first start under a pattern is read from."""

    END = "end"
    BEGINNING = "beginning"


@dataclass(slots=True)
class FileTracker:
    """Makes the files behind some patterns look like one endless log each.

    Attributes:
        patterns: Paths, globs and directories.
        start_at: Where files met at the first start under a pattern are read from.
        max_line_bytes: Longest line read whole.
        follow_symlinks: Whether a link may lead out of the directory its pattern names.
        max_open_files: Descriptors used at once; with more files, those silent for longest are
            closed until they are written to.
        found: The files that the patterns named at the last look.
        unfinished: Whether the last `read` stopped in the middle of a file to give others a turn.
    """

    patterns: tuple[str, ...]
    start_at: StartAt = StartAt.END
    max_line_bytes: int = 256 * 1024
    follow_symlinks: bool = False
    max_open_files: int = 4096
    found: list[Found] = field(default_factory=list, init=False)
    unfinished: bool = field(default=False, init=False)
    _finder: Finder = field(default_factory=Finder, init=False)
    _reconfigured: bool = field(default=False, init=False)
    _listed: dict[Identity, Found] = field(default_factory=dict, init=False)
    _missing: set[str] = field(default_factory=set, init=False)
    _fresh_patterns: set[str] = field(default_factory=set, init=False)
    _held: dict[Identity, Held] = field(default_factory=dict, init=False)
    _busy: set[Identity] = field(default_factory=set, init=False)
    _by_real_path: dict[str, Identity] = field(default_factory=dict, init=False)
    _troubles: Troubles = field(default_factory=Troubles, init=False)
    _lives: Lives = field(default_factory=Lives, init=False)
    _followed: Followed = field(init=False)
    _descriptors: Descriptors = field(init=False)
    _beginnings: Beginnings = field(init=False)
    _rotations: Rotations = field(init=False)

    def __post_init__(self) -> None:
        """Join the parts."""
        self._followed = Followed(self._lives)
        self._descriptors = Descriptors(
            self._followed, self._held, self._troubles, most=self.max_open_files
        )
        self._beginnings = Beginnings(
            self._lives, self._followed, self._troubles, self._held, self._descriptors
        )
        self._rotations = Rotations(
            self._lives,
            self._followed,
            self._troubles,
            self._descriptors,
            max_line_bytes=self.max_line_bytes,
        )

    def restore(self, positions: Sequence[Position]) -> None:
        """Take over what was remembered; call once, before the first look."""
        self._lives.restore(positions)

    @property
    def truncations(self) -> int:
        """How often a file was emptied."""
        return self._followed.truncations

    def directories(self) -> frozenset[str]:
        """Return the directories in which something that matters can happen, as of `look`."""
        return self._finder.directories()

    def watched(self) -> list[WatchedFile]:
        """List the files being followed and how far each was read."""
        return [each.watched() for each in self._followed.cursors()]

    @property
    def unreadable(self) -> dict[str, str]:
        """The files that cannot be read at present, with the reason."""
        return self._troubles.by_path()

    def look(self, *, now: datetime) -> list[Chunk]:
        """Compare the file system with what is known.

        Returns:
            Chunks without lines that carry positions to be remembered, and last lines of files
            that are given up.
        """
        fresh = self._lives.new_patterns(self.patterns)
        remembered = [self._lives.note_pattern(each) for each in fresh]
        self._fresh_patterns.update(fresh)
        self._descriptors.begin_round(now=now)
        self._find(now=now)
        self._followed.note_names(self._listed, now=now)
        parked.stir(self._followed)
        if self._reconfigured:
            self._reconfigured = False
            remembered += self._followed.drop_unwanted()
        # Known files first: whether one was emptied decides whether a new one is its copy.
        known, under_known_names, unknown = self._not_followed()
        for each in [*known, *under_known_names]:
            remembered += self._open(each, now=now)
        remembered += self._rotations.leftovers(self._listed, now=now)
        remembered += self._rotations.since_last_look(self._listed, now=now)
        for each in unknown:
            remembered += self._open(each, now=now)
        for each in under_known_names:  # newer than all that was rotated away
            self._followed.put_last((each.device, each.inode))
        remembered += self._beginnings.settle_held(self._listed, now=now)
        remembered += self._followed.let_go(now=now)
        self._fresh_patterns.clear()
        self._forget_troubles()
        return remembered

    def reconfigure(self, patterns: Sequence[str]) -> None:
        """Follow other patterns from the next look on.

        A file that still has its name and is wanted no more is let go; one that was rotated away
        is read to its end.
        """
        self.patterns = tuple(patterns)
        self._reconfigured = True

    def read(self, *, now: datetime, touched: Collection[str] | None = None) -> Iterator[Chunk]:
        """Give the next chunk of each file that has one; empty when there is nothing new.

        Args:
            now: The present (aware, UTC).
            touched: Real paths that were written to: only these files are read, those that had
                something the last time, and those that no pattern names. All, when not given.
        """
        self.unfinished = False
        self._descriptors.begin_round(now=now)
        yield from self._beginnings.settle_held(self._listed, now=now)
        files = self._followed.files
        asked = self._followed.in_order()
        if touched is not None:
            worth = self._worth_reading(touched)
            asked = [each for each in asked if each in worth]
        busy, self._busy = self._busy, set()
        try:
            for identity in asked:
                if identity in files:
                    busy.discard(identity)
                    yield from self._read_one(identity, files[identity], now=now)
        finally:
            self._busy |= busy  # whoever stops in the middle has not read the others

    def wants_look(self) -> bool:
        """Say whether a file that waited for a descriptor can be opened by another look."""
        return self._descriptors.makes_room()

    def finish(self) -> list[Chunk]:
        """Say that every file ends here, the last lines without newline included: a single pass."""
        return [each.finish() for each in self._followed.cursors()]

    def close(self) -> None:
        """Close every file."""
        self._followed.close()
        self._beginnings.close()

    def _find(self, *, now: datetime) -> None:
        found = self._finder.find(self.patterns, follow_symlinks=self.follow_symlinks, now=now)
        for directory, error in self._finder.closed().items():
            if error.errno in EXHAUSTED:
                self._descriptors.shrink(TooManyFilesError(f"{directory}: {error.strerror}"))
            else:
                self._troubles.say_failing(directory, error)
        if found is not self.found:
            self.found = found
            self._listed = {(each.device, each.inode): each for each in found}
            self._by_real_path = {each.real_path: i for i, each in self._listed.items()}
        self._say_missing()

    def _say_missing(self) -> None:
        named = {each.pattern for each in self.found}
        for pattern in self.patterns:
            if pattern in named:
                if pattern in self._missing:
                    self._missing.discard(pattern)
                    _log.info("log_found", pattern=printable(pattern))
            elif pattern not in self._missing:
                self._missing.add(pattern)
                _log.warning("log_missing", pattern=printable(pattern), hint="Waiting for it.")

    def _not_followed(self) -> tuple[list[Found], list[Found], list[Found]]:
        """Return the files that are not followed yet, in the order in which to read them.

        Those known by their numbers, those under names that are known, and new ones.
        """
        known: list[Found] = []
        under_known_names: list[Found] = []
        unknown: list[Found] = []
        for identity, each in self._listed.items():
            if identity in self._followed.files or identity in self._held:
                continue
            if self._lives.is_known(identity):
                known.append(each)
            elif self._lives.living(printable(each.path)):
                under_known_names.append(each)
            else:
                unknown.append(each)
        return known, under_known_names, oldest_first(unknown)

    def _open(self, found: Found, *, now: datetime) -> list[Chunk]:
        fd = self._descriptors.open(found.path)
        if fd is None:
            return []
        cursor = FileCursor(fd, found.path, generation=0, max_line_bytes=self.max_line_bytes)
        if (cursor.device, cursor.inode) != (found.device, found.inode):
            cursor.close()  # renamed between the two looks; the next one sees it as it is
            return []
        from_end = found.pattern in self._fresh_patterns and self.start_at is StartAt.END
        try:
            return self._beginnings.begin(cursor, found, from_end=from_end, now=now)
        except OSError as error:
            cursor.close()
            self._troubles.say_failing(found.path, error)
            return []

    def _worth_reading(self, touched: Collection[str]) -> set[Identity]:
        written = {self._by_real_path[each] for each in touched if each in self._by_real_path}
        parked.stir_touched(self._followed, written)
        unnamed = {i for i, each in self._followed.files.items() if not each.listed}
        return written | self._busy | unnamed

    def _read_one(self, identity: Identity, tracked: Tracked, *, now: datetime) -> list[Chunk]:
        cursor = tracked.cursor
        if cursor.is_parked:
            if not tracked.is_stirred or not self._descriptors.awake(tracked):
                return []
            if not cursor.begins_as_before():
                return self._followed.start_over(identity)
        result: Chunk | Grown = Grown.PARTIAL
        try:
            for _ in range(_ROUNDS):
                result = cursor.read(now=now)
                if result is not Grown.PARTIAL:
                    break
        except SourceError as error:
            self._troubles.say(cursor.path, error)
            return []
        self._troubles.over(cursor.path)
        self.unfinished |= result is Grown.PARTIAL
        if result is not Grown.NOTHING:
            self._busy.add(identity)
        if isinstance(result, Chunk):
            return [result]
        if result is Grown.REPLACED:
            return self._followed.start_over(identity)
        return []

    def _forget_troubles(self) -> None:
        present = {each.path for each in self.found}
        self._descriptors.forget_waiting(present)
        if self._troubles:
            present |= {each.path for each in self._followed.cursors()}
            present |= {each.cursor.path for each in self._held.values()}
            present |= {*self._finder.closed(), OUT_OF_DESCRIPTORS}
            self._troubles.keep_only(present)
