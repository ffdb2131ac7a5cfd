"""Follow the files that patterns name through everything that happens to logs. Synchronous.

`look` compares the file system with what is known and returns what must be remembered; `read`
gives the next chunk of every file that has one. Neither waits, so tests drive both by hand.
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import structlog

from logwatchd.domain.position import FileState, Position
from logwatchd.errors import SourceError
from logwatchd.ports import Chunk
from logwatchd.sources import discovery
from logwatchd.sources.copies import CopyOf, original_of
from logwatchd.sources.cursor import FileCursor, Grown, open_regular, printable

_PARTIAL_WAIT: Final = timedelta(seconds=5)
"""Silence after which the last line of a rotated file is taken although it has no newline."""

_LINKED_WAIT: Final = timedelta(minutes=10)
"""Silence after which a rotated file is closed: its writer may hold it for minutes."""

_UNLINKED_WAIT: Final = timedelta(seconds=30)
"""Silence after which a deleted file is closed, so that its disk space is freed."""

_COPY_WAIT: Final = timedelta(seconds=5)
"""Time given to a copy to be finished, and to its original to be emptied."""

_PAST_LIMIT: Final = 1_000
"""Past lives remembered at most; the oldest are forgotten first."""

_log = structlog.stdlib.get_logger()


class StartAt(StrEnum):
    """Where a file met first at the first start under a pattern is read from."""

    END = "end"
    BEGINNING = "beginning"


@dataclass(slots=True)
class _Tracked:
    """A file being followed.

    Attributes:
        cursor: Where it is read.
        listed: Whether a pattern named it at the last look.
        left_at: When its name stopped leading to it, or None.
    """

    cursor: FileCursor
    listed: bool = True
    left_at: datetime | None = None


@dataclass(slots=True)
class _Held:
    """A new file that may become a copy of a known one."""

    cursor: FileCursor
    size: int
    since: datetime


@dataclass(frozen=True, slots=True)
class WatchedFile:
    """How far one file was read."""

    path: str
    size_bytes: int
    offset_bytes: int
    state: FileState


@dataclass(slots=True)
class FileTracker:
    """Makes the files behind some patterns look like one endless log each.

    Attributes:
        patterns: Paths, globs and directories.
        start_at: Where files met at the first start under a pattern are read from.
        max_line_bytes: Longest line read whole.
        follow_symlinks: Whether a link may lead out of the directory its pattern names.
    """

    patterns: tuple[str, ...]
    start_at: StartAt = StartAt.END
    max_line_bytes: int = 256 * 1024
    follow_symlinks: bool = False
    found: list[discovery.Found] = field(default_factory=list, init=False)
    truncations: int = field(default=0, init=False)
    _files: dict[tuple[int, int], _Tracked] = field(default_factory=dict, init=False)
    _held: dict[tuple[int, int], _Held] = field(default_factory=dict, init=False)
    _known: dict[str, Position] = field(default_factory=dict, init=False)
    _unreadable: dict[str, str] = field(default_factory=dict, init=False)
    _missing: set[str] = field(default_factory=set, init=False)
    _fresh_patterns: set[str] = field(default_factory=set, init=False)

    def restore(self, positions: Sequence[Position]) -> None:
        """Take over what was remembered; call once, before the first look."""
        self._known = {each.key: each for each in positions}

    def watched(self) -> list[WatchedFile]:
        """List the files being followed and how far each was read."""
        return [
            WatchedFile(
                printable(each.cursor.path),
                each.cursor.size,
                each.cursor.line_start,
                each.cursor.state,
            )
            for each in self._files.values()
        ]

    @property
    def unreadable(self) -> dict[str, str]:
        """The files that cannot be read at present, with the reason."""
        return dict(self._unreadable)

    def look(self, *, now: datetime) -> list[Chunk]:
        """Compare the file system with what is known.

        Returns:
            Chunks without lines that carry positions to be remembered, and last lines of files
            that are given up.
        """
        remembered = [self._note_pattern(each) for each in self._new_patterns()]
        self.found = discovery.find(self.patterns, follow_symlinks=self.follow_symlinks)
        self._say_missing()
        listed = {(each.device, each.inode): each for each in self.found}
        self._note_names(listed, now=now)
        # Known files first: whether one was emptied decides whether a new one is its copy.
        unknown = []
        numbers = {(each.device, each.inode) for each in self._known.values()}
        for identity, each in listed.items():
            if identity in self._files:
                continue
            if identity in numbers:
                remembered += self._open(each, now=now)
            else:
                unknown.append(each)
        remembered += self._leftovers(listed, now=now)
        for each in unknown:
            remembered += self._open(each, now=now)
        remembered += self._settle_held(listed, now=now)
        remembered += self._let_go(now=now)
        self._fresh_patterns.clear()
        return remembered

    def read(self, *, now: datetime) -> Iterator[Chunk]:
        """Give the next chunk of each file that has one; empty when there is nothing new."""
        for identity, tracked in list(self._files.items()):
            yield from self._read_one(identity, tracked, now=now)

    def finish(self) -> list[Chunk]:
        """Give out the last lines that have no newline: the end of a single pass."""
        return [each.cursor.finish() for each in self._files.values() if each.cursor.has_partial]

    def close(self) -> None:
        """Close every file."""
        for tracked in self._files.values():
            tracked.cursor.close()
        for held in self._held.values():
            held.cursor.close()
        self._files.clear()
        self._held.clear()

    # --- new and known names ---------------------------------------------------------------

    def _new_patterns(self) -> list[str]:
        return [each for each in self.patterns if f"glob:{each}" not in self._known]

    def _note_pattern(self, pattern: str) -> Chunk:
        self._fresh_patterns.add(pattern)
        key = f"glob:{printable(pattern)}"
        mark = Position(
            key=key, path=printable(pattern), device=0, inode=0, state=FileState.PATTERN
        )
        self._known[f"glob:{pattern}"] = mark
        return Chunk(
            key=key, path=mark.path, data=b"", base=0, end=0, position_at=lambda _offset: mark
        )

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

    def _note_names(self, listed: dict[tuple[int, int], discovery.Found], *, now: datetime) -> None:
        for identity, tracked in self._files.items():
            found = listed.get(identity)
            tracked.listed = found is not None
            if found is not None and found.path == tracked.cursor.path:
                continue
            if tracked.left_at is None:
                tracked.left_at = now
                name = printable(found.path) if found else "none"
                _log.info("log_rotated", path=printable(tracked.cursor.path), now_named=name)
            if found is None:
                tracked.cursor.state = FileState.ROTATED
            else:
                tracked.cursor.path = found.path
                tracked.cursor.state = FileState.LIVE

    # --- opening ---------------------------------------------------------------------------

    def _open(self, found: discovery.Found, *, now: datetime) -> list[Chunk]:
        identity = (found.device, found.inode)
        if identity in self._held:
            return []
        try:
            fd = open_regular(found.path)
        except SourceError as error:
            self._say_unreadable(found.path, error)
            return []
        if self._unreadable.pop(found.path, None) is not None:
            _log.info("log_readable", path=printable(found.path))
        cursor = FileCursor(fd, found.path, generation=0, max_line_bytes=self.max_line_bytes)
        if (cursor.device, cursor.inode) != identity:
            cursor.close()  # renamed between the two looks; the next one sees it as it is
            return []
        return self._begin(cursor, found, now=now)

    def _begin(self, cursor: FileCursor, found: discovery.Found, *, now: datetime) -> list[Chunk]:
        """Decide where reading of a file that is not followed yet begins."""
        lives = [p for p in self._known.values() if self._same_file(p, cursor)]
        lives.sort(key=lambda each: each.generation)
        if lives and cursor.resume(lives[-1]):
            cursor.generation = lives[-1].generation
            left_at = now if lives[-1].path != printable(found.path) else None
            return [self._follow(cursor, left_at=left_at)]
        remembered = []
        if lives:  # truncated while nobody looked, or the number was given to another file
            cursor.generation = lives[-1].generation + 1
            remembered.append(self._retire(lives[-1]))
        else:
            original = original_of(cursor, self._all_positions())
            if original in (CopyOf.GROWING, CopyOf.LIVING):
                self._held[(cursor.device, cursor.inode)] = _Held(cursor, cursor.size, now)
                return []
            if isinstance(original, Position):
                cursor.resume_copy(original)
                _log.info("copy_recognised", path=printable(found.path), of=original.path)
            elif found.pattern in self._fresh_patterns and self.start_at is StartAt.END:
                cursor.skip_to_end()
        remembered.append(self._follow(cursor))
        return remembered

    def _follow(self, cursor: FileCursor, *, left_at: datetime | None = None) -> Chunk:
        self._files[(cursor.device, cursor.inode)] = _Tracked(cursor, left_at=left_at)
        self._known = {
            key: each
            for key, each in self._known.items()
            if key != cursor.key  # from now on the cursor knows better
        }
        _log.info("log_opened", path=printable(cursor.path), offset=cursor.line_start)
        return cursor.standing()

    def _retire(self, position: Position) -> Chunk:
        """Remember a past life: a copy of it may turn up."""
        past = replace(position, state=FileState.ROTATED)
        self._known[past.key] = past
        rotated = [k for k, each in self._known.items() if each.state is FileState.ROTATED]
        for key in rotated[:-_PAST_LIMIT]:
            del self._known[key]
        return Chunk(
            key=past.key,
            path=past.path,
            data=b"",
            base=past.offset,
            end=past.offset,
            ended=True,
            position_at=lambda _offset: past,
        )

    def _leftovers(
        self, listed: dict[tuple[int, int], discovery.Found], *, now: datetime
    ) -> list[Chunk]:
        """Find the files that were rotated out of the patterns while nobody looked."""
        lost = {
            (each.device, each.inode): each
            for each in self._known.values()
            if each.state is FileState.LIVE and (each.device, each.inode) not in self._files
        }
        lost = {identity: each for identity, each in lost.items() if identity not in listed}
        if not lost:
            return []
        remembered: list[Chunk] = []
        for directory in {os.path.dirname(each.path) for each in lost.values()}:
            for found in discovery.in_directory(directory):
                position = lost.pop((found.device, found.inode), None)
                if position is not None:
                    remembered += self._pick_up(found, position, now=now)
        remembered += [self._retire(each) for each in lost.values()]
        return remembered

    def _pick_up(self, found: discovery.Found, position: Position, *, now: datetime) -> list[Chunk]:
        try:
            fd = open_regular(found.path)
        except SourceError:
            return [self._retire(position)]
        cursor = FileCursor(
            fd, found.path, generation=position.generation, max_line_bytes=self.max_line_bytes
        )
        if not cursor.resume(position):
            cursor.close()
            return [self._retire(position)]
        cursor.state = FileState.ROTATED
        chunk = self._follow(cursor, left_at=now)
        self._files[(cursor.device, cursor.inode)].listed = False
        return [chunk]

    # --- copies ----------------------------------------------------------------------------

    def _settle_held(
        self, listed: dict[tuple[int, int], discovery.Found], *, now: datetime
    ) -> list[Chunk]:
        remembered: list[Chunk] = []
        for identity, held in list(self._held.items()):
            found = listed.get(identity)
            if found is None:
                held.cursor.close()
                del self._held[identity]
                continue
            held.cursor.refresh(found.path)
            if held.cursor.size != held.size:
                held.size, held.since = held.cursor.size, now
            original = original_of(held.cursor, self._all_positions())
            if original in (CopyOf.GROWING, CopyOf.LIVING) and now - held.since < _COPY_WAIT:
                continue
            if original is CopyOf.LIVING:
                held.cursor.skip_to_end()  # the log itself tells its lines
            elif isinstance(original, Position):
                held.cursor.resume_copy(original)
                _log.info("copy_recognised", path=printable(found.path), of=original.path)
            del self._held[identity]
            remembered.append(self._follow(held.cursor))
        return remembered

    def _all_positions(self) -> list[Position]:
        present = []
        for tracked in self._files.values():
            chunk = tracked.cursor.standing()
            position = chunk.position_at(chunk.end)
            present.append(position)
            if tracked.cursor.first_path != tracked.cursor.path:
                # Copied under its first name, and renamed since.
                present.append(replace(position, path=printable(tracked.cursor.first_path)))
        past = [each for each in self._known.values() if each.state is FileState.ROTATED]
        return [*present, *past]

    # --- reading and letting go --------------------------------------------------------------

    def _read_one(
        self, identity: tuple[int, int], tracked: _Tracked, *, now: datetime
    ) -> Iterator[Chunk]:
        cursor = tracked.cursor
        result: Chunk | Grown = Grown.PARTIAL
        try:
            while result is Grown.PARTIAL:
                result = cursor.read(now=now)
        except SourceError as error:
            self._say_unreadable(cursor.path, error)
            return
        if isinstance(result, Chunk):
            yield result
        elif result is Grown.REPLACED:
            yield from self._start_over(identity, tracked)

    def _start_over(self, identity: tuple[int, int], tracked: _Tracked) -> Iterator[Chunk]:
        """Begin the next life of a file that was truncated."""
        self.truncations += 1
        old = tracked.cursor
        old.path, path = old.first_path, old.path  # its copy is named after this one
        _log.warning(
            "log_truncated",
            path=printable(old.path),
            read_to=old.line_start,
            hint="What was written and not read before the truncation is in its copy, if any.",
        )
        yield self._retire(old.standing().position_at(old.line_start))
        old.path = path
        cursor = old.renew()
        old.close()
        self._files[identity] = _Tracked(cursor, listed=tracked.listed, left_at=tracked.left_at)
        yield cursor.standing()

    def _let_go(self, *, now: datetime) -> list[Chunk]:
        given: list[Chunk] = []
        for identity, tracked in list(self._files.items()):
            if tracked.left_at is None:
                continue
            cursor = tracked.cursor
            silent_for = now - max(cursor.last_growth or tracked.left_at, tracked.left_at)
            if cursor.has_partial and silent_for >= _PARTIAL_WAIT:
                given.append(cursor.finish())
            wait = _UNLINKED_WAIT if cursor.unlinked else _LINKED_WAIT
            if not tracked.listed and silent_for >= wait:
                given.append(self._retire(cursor.standing().position_at(cursor.line_start)))
                cursor.close()
                del self._files[identity]
        return given

    def _say_unreadable(self, path: str, error: SourceError) -> None:
        reason = str(error)
        if self._unreadable.get(path) != reason:
            self._unreadable[path] = reason
            _log.warning("log_unreadable", error=reason, hint=error.hint)

    @staticmethod
    def _same_file(position: Position, cursor: FileCursor) -> bool:
        return (position.device, position.inode) == (cursor.device, cursor.inode)
