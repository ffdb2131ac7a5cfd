"""Follow the files that patterns name through everything that happens to logs. Synchronous.

`look` compares the file system with what is known and returns what must be remembered; `read`
gives the next chunk of every file that has one. Neither waits, so tests drive both by hand.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import Position
from logwatchd.errors import SourceError
from logwatchd.ports import Chunk
from logwatchd.sources import parked
from logwatchd.sources.arrivals import Arrivals
from logwatchd.sources.beginning import Beginnings
from logwatchd.sources.copies import Held
from logwatchd.sources.cursor import FileCursor, Grown, printable
from logwatchd.sources.descriptors import OUT_OF_DESCRIPTORS, Descriptors
from logwatchd.sources.followed import Followed, Tracked
from logwatchd.sources.listing import Found
from logwatchd.sources.lives import Identity, Lives
from logwatchd.sources.names import Names
from logwatchd.sources.rotations import Rotations
from logwatchd.sources.troubles import Troubles
from logwatchd.sources.unseen import Unseen
from logwatchd.sources.whereabouts import oldest_first

_ROUNDS: Final = 64
"""Chunks without a newline read in one go: 8 MiB, so that the other tasks get a turn."""


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
        unfinished: Whether the last `read` stopped in the middle of a file to give others a turn.
    """

    patterns: tuple[str, ...]
    start_at: StartAt = StartAt.END
    max_line_bytes: int = 256 * 1024
    follow_symlinks: bool = False
    max_open_files: int = 4096
    unfinished: bool = field(default=False, init=False)
    _reconfigured: bool = field(default=False, init=False)
    _held: dict[Identity, Held] = field(default_factory=dict, init=False)
    _busy: set[Identity] = field(default_factory=set, init=False)
    _troubles: Troubles = field(default_factory=Troubles, init=False)
    _lives: Lives = field(default_factory=Lives, init=False)
    _followed: Followed = field(init=False)
    _descriptors: Descriptors = field(init=False)
    _names: Names = field(init=False)
    _beginnings: Beginnings = field(init=False)
    _arrivals: Arrivals = field(init=False)
    _rotations: Rotations = field(init=False)

    def __post_init__(self) -> None:
        """Join the parts."""
        self._followed = Followed(self._lives)
        self._descriptors = Descriptors(
            self._followed, self._held, self._troubles, most=self.max_open_files
        )
        self._names = Names(self._troubles, self._descriptors)
        self._beginnings = Beginnings(
            self._lives, self._followed, self._troubles, self._held, self._descriptors
        )
        self._arrivals = Arrivals(self._names, self._followed, self._held)
        unseen = Unseen(
            self._lives,
            self._followed,
            self._troubles,
            self._descriptors,
            self._beginnings,
            self._arrivals,
            max_line_bytes=self.max_line_bytes,
        )
        self._rotations = Rotations(
            self._lives,
            self._followed,
            self._troubles,
            self._descriptors,
            self._names,
            self._arrivals,
            unseen,
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
        return self._names.directories()

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
        self._descriptors.begin_round(now=now)
        self._names.look(
            self.patterns,
            follow_symlinks=self.follow_symlinks,
            fresh=fresh if self.start_at is StartAt.END else (),
            now=now,
        )
        listed = self._names.listed
        self._followed.note_names(listed, now=now)
        parked.stir(self._followed)
        if self._reconfigured:
            self._reconfigured = False
            remembered += self._followed.drop_unwanted()
        # Known files first: whether one was emptied decides whether a new one is its copy.
        known, under_known_names, unknown = self._not_followed()
        for each in [*known, *under_known_names]:
            remembered += self._open(each, now=now)
        remembered += self._rotations.leftovers(self.patterns, now=now)
        remembered += self._rotations.since_last_look(self.patterns, now=now)
        for each in unknown:
            remembered += self._open(each, now=now)
        for each in under_known_names:  # newer than all that was rotated away
            self._followed.put_last((each.device, each.inode))
        remembered += self._beginnings.settle_held(listed, now=now)
        remembered += self._followed.let_go(now=now)
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
        yield from self._beginnings.settle_held(self._names.listed, now=now)
        files = self._followed.files
        asked = self._followed.in_order()
        if touched is not None:
            worth = self._worth_reading(touched)
            asked = [each for each in asked if each in worth]
        busy, self._busy = self._busy, set()
        try:
            for identity in asked:
                if identity not in files:
                    continue
                busy.discard(identity)
                tracked = files[identity]
                # Nearly all files, nearly always; one in trouble is asked whether that is over.
                if not self._troubles and tracked.cursor.is_unchanged(now=now):
                    continue
                yield from self._read_one(identity, tracked, now=now)
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

    def _not_followed(self) -> tuple[list[Found], list[Found], list[Found]]:
        """Return the files that are not followed yet, in the order in which to read them.

        Those known by their numbers, those under names that are known, and new ones.
        """
        known: list[Found] = []
        under_known_names: list[Found] = []
        unknown: list[Found] = []
        for identity, each in self._names.listed.items():
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
        identity = (cursor.device, cursor.inode)
        old_bytes = self._names.old_bytes.get(identity, 0)
        try:
            chunks = self._beginnings.begin(cursor, found, old_bytes=old_bytes, now=now)
        except OSError as error:
            cursor.close()
            self._troubles.say_failing(found.path, error)
            return []
        self._names.old_bytes.pop(identity, None)
        return chunks

    def _worth_reading(self, touched: Collection[str]) -> set[Identity]:
        written = self._names.told_of(touched)
        parked.stir_touched(self._followed, written)
        unnamed = {i for i, each in self._followed.files.items() if not each.listed}
        return written | self._busy | unnamed

    def _read_one(self, identity: Identity, tracked: Tracked, *, now: datetime) -> list[Chunk]:
        cursor = tracked.cursor
        was_parked = cursor.is_parked
        if was_parked and not (tracked.is_stirred and self._descriptors.awake(tracked)):
            return []
        result: Chunk | Grown = Grown.PARTIAL
        try:
            if was_parked and not cursor.begins_as_before():
                return self._start_over(identity, now=now)
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
            return self._start_over(identity, now=now)
        return []

    def _start_over(self, identity: Identity, *, now: datetime) -> list[Chunk]:
        started = self._followed.start_over(identity)
        return [started, *self._rotations.displaced(now=now)]

    def _forget_troubles(self) -> None:
        present = self._names.paths()
        self._descriptors.forget_waiting(present)
        if self._troubles:
            present |= {each.path for each in self._followed.cursors()}
            present |= {each.cursor.path for each in self._held.values()}
            present |= self._arrivals.paths()
            self._troubles.keep_only(present | {OUT_OF_DESCRIPTORS})
