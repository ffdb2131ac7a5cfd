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

from logwatchd.domain.lag import WatchedFile
from logwatchd.domain.position import FileState, Position
from logwatchd.errors import SourceError
from logwatchd.ports import Chunk
from logwatchd.sources import discovery
from logwatchd.sources.copies import (
    Held,
    emptied_original_of,
    looks_rotated,
    repeats_living,
)
from logwatchd.sources.cursor import FileCursor, Grown, open_regular, printable
from logwatchd.sources.identity import HEAD_BYTES

_PARTIAL_WAIT: Final = timedelta(seconds=5)
"""Silence after which the last line of a rotated file is taken although it has no newline."""

_LINKED_WAIT: Final = timedelta(minutes=10)
"""Silence after which a rotated file is closed: its writer may hold it for minutes."""

_UNLINKED_WAIT: Final = timedelta(seconds=30)
"""Silence after which a deleted file is closed, so that its disk space is freed."""

_ROUNDS: Final = 64
"""Chunks without a newline read in one go: 8 MiB, so that the other tasks get a turn."""

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
class FileTracker:
    """Makes the files behind some patterns look like one endless log each.

    Attributes:
        patterns: Paths, globs and directories.
        start_at: Where files met at the first start under a pattern are read from.
        max_line_bytes: Longest line read whole.
        follow_symlinks: Whether a link may lead out of the directory its pattern names.
        max_open_files: Files followed at once; the others are said to be unreadable, and wait.
        found: The files that the patterns named at the last look.
        truncations: How often a file was emptied.
        unfinished: Whether the last `read` stopped in the middle of a file to give others a turn.
    """

    patterns: tuple[str, ...]
    start_at: StartAt = StartAt.END
    max_line_bytes: int = 256 * 1024
    follow_symlinks: bool = False
    max_open_files: int = 4096
    found: list[discovery.Found] = field(default_factory=list, init=False)
    truncations: int = field(default=0, init=False)
    unfinished: bool = field(default=False, init=False)
    _reconfigured: bool = field(default=False, init=False)
    _files: dict[tuple[int, int], _Tracked] = field(default_factory=dict, init=False)
    _held: dict[tuple[int, int], Held] = field(default_factory=dict, init=False)
    _known: dict[str, Position] = field(default_factory=dict, init=False)
    _listed: dict[tuple[int, int], discovery.Found] = field(default_factory=dict, init=False)
    _unreadable: dict[str, str] = field(default_factory=dict, init=False)
    _missing: set[str] = field(default_factory=set, init=False)
    _fresh_patterns: set[str] = field(default_factory=set, init=False)

    def restore(self, positions: Sequence[Position]) -> None:
        """Take over what was remembered; call once, before the first look."""
        self._known = {each.key: each for each in positions}

    def watched(self) -> list[WatchedFile]:
        """List the files being followed and how far each was read."""
        return [each.cursor.watched() for each in self._files.values()]

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
        self._listed = {(each.device, each.inode): each for each in self.found}
        self._note_names(now=now)
        if self._reconfigured:
            self._reconfigured = False
            remembered += self._drop_unwanted()
        # Known files first: whether one was emptied decides whether a new one is its copy.
        numbers = {(each.device, each.inode) for each in self._known.values()}
        paths = {each.path for each in self._known.values() if each.state is FileState.LIVE}
        unknown = []
        for identity, each in self._listed.items():
            if identity in self._files:
                continue
            if identity in numbers or printable(each.path) in paths:
                remembered += self._open(each, now=now)
            else:
                unknown.append(each)
        remembered += self._leftovers(now=now)
        remembered += self._rotated_unseen(now=now)
        for each in unknown:
            remembered += self._open(each, now=now)
        remembered += self._settle_held(now=now)
        remembered += self._let_go(now=now)
        self._fresh_patterns.clear()
        self._forget_unreadable()
        return remembered

    def reconfigure(self, patterns: Sequence[str]) -> None:
        """Follow other patterns from the next look on.

        A file that still has its name and is wanted no more is let go; one that was rotated away
        is read to its end.
        """
        self.patterns = tuple(patterns)
        self._reconfigured = True

    def read(self, *, now: datetime) -> Iterator[Chunk]:
        """Give the next chunk of each file that has one; empty when there is nothing new."""
        self.unfinished = False
        yield from self._settle_held(now=now)
        for identity, tracked in list(self._files.items()):
            yield from self._read_one(identity, tracked, now=now)

    def finish(self) -> list[Chunk]:
        """Say that every file ends here, the last lines without newline included: a single pass."""
        return [each.cursor.finish() for each in self._files.values()]

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
        return [each for each in self.patterns if _pattern_key(each) not in self._known]

    def _note_pattern(self, pattern: str) -> Chunk:
        self._fresh_patterns.add(pattern)
        key = _pattern_key(pattern)
        mark = Position(
            key=key, path=printable(pattern), device=0, inode=0, state=FileState.PATTERN
        )
        self._known[key] = mark
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

    def _note_names(self, *, now: datetime) -> None:
        for identity, tracked in self._files.items():
            found = self._listed.get(identity)
            tracked.listed = found is not None
            if found is not None:
                tracked.cursor.path = found.path
            if found is not None and found.path == tracked.cursor.first_path:
                tracked.left_at = None  # it has its name, or has it again
            elif tracked.left_at is None:
                tracked.left_at = now
                name = printable(found.path) if found else "none"
                _log.info("log_rotated", path=printable(tracked.cursor.first_path), now_named=name)

    def _drop_unwanted(self) -> list[Chunk]:
        dropped = []
        for identity, tracked in list(self._files.items()):
            if not tracked.listed and _leads_to(tracked.cursor.path, identity):
                _log.info("log_unwanted", path=printable(tracked.cursor.path))
                dropped.append(self._give_up(identity, tracked))
        return dropped

    def _give_up(self, identity: tuple[int, int], tracked: _Tracked) -> Chunk:
        standing = tracked.cursor.standing()
        tracked.cursor.close()
        del self._files[identity]
        return self._retire(standing.position_at(standing.end))

    # --- opening ---------------------------------------------------------------------------

    def _open(self, found: discovery.Found, *, now: datetime) -> list[Chunk]:
        identity = (found.device, found.inode)
        if identity in self._held:
            return []
        if len(self._files) + len(self._held) >= self.max_open_files:
            hint = "Raise LimitNOFILE, or name fewer files."
            self._say_unreadable(found.path, SourceError("too many files are open", hint=hint))
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
        try:
            return self._begin(cursor, found, now=now)
        except OSError as error:
            cursor.close()
            self._say_failing(found.path, error)
            return []

    def _begin(self, cursor: FileCursor, found: discovery.Found, *, now: datetime) -> list[Chunk]:
        """Decide where reading of a file that is not followed yet begins."""
        lives = [p for p in self._known.values() if self._same_file(p, cursor)]
        lives.sort(key=lambda each: each.generation)
        if lives and cursor.resume(lives[-1]):
            cursor.generation = lives[-1].generation
            return [self._follow(cursor, lives[-1].path, now=now)]
        if lives:  # truncated while nobody looked, or the number was given to another file
            cursor.generation = lives[-1].generation + 1
            return [self._retire(lives[-1].cut_short()), self._follow(cursor)]
        moved = self._moved(cursor, found)
        if moved is not None:
            return [self._retire(moved), self._follow(cursor)]
        from_end = found.pattern in self._fresh_patterns and self.start_at is StartAt.END
        original = emptied_original_of(cursor, self._past())
        if original is not None:
            return [*self._resume_copy(cursor, original), self._follow(cursor)]
        if from_end:
            cursor.skip_to_end()
        elif repeats_living(cursor, self._living()):
            held = Held(cursor, cursor.size, now, now, from_end=from_end)
            self._held[(cursor.device, cursor.inode)] = held
            return []
        return [self._follow(cursor)]

    def _moved(self, cursor: FileCursor, found: discovery.Found) -> Position | None:
        """Find the same file under another number: a device numbered anew, a restored backup."""
        for position in self._known.values():
            if position.state is not FileState.LIVE or position.path != printable(found.path):
                continue
            if (position.device, position.inode) in self._files or position.offset == 0:
                continue
            known_well = position.inode == cursor.inode or position.head_bytes == HEAD_BYTES
            if known_well and cursor.resume(position):
                return position
        return None

    def _resume_copy(self, cursor: FileCursor, original: Position) -> list[Chunk]:
        """Read on in a copy; what it holds of a lost rest is not lost."""
        cursor.resume_copy(original)
        _log.info("copy_recognised", path=printable(cursor.path), of=original.path)
        return [self._retire(original.continued_in(cursor.size))] if original.lost else []

    def _follow(
        self, cursor: FileCursor, name_before: str = "", *, now: datetime | None = None
    ) -> Chunk:
        """Follow a file; one that had another name before is one that was rotated."""
        left_at = None
        if name_before not in ("", printable(cursor.path)):
            cursor.first_path, left_at = name_before, now
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

    def _leftovers(self, *, now: datetime) -> list[Chunk]:
        """Find the files that were rotated out of the patterns while nobody looked."""
        lost = {
            (each.device, each.inode): each
            for each in self._known.values()
            if each.state is FileState.LIVE
            and (each.device, each.inode) not in self._files
            and (each.device, each.inode) not in self._listed
        }
        remembered: list[Chunk] = []
        for directory in {os.path.dirname(each.path) for each in lost.values()}:
            present = list(discovery.in_directory(directory))
            for found in present:
                position = lost.pop((found.device, found.inode), None)
                if position is not None:
                    remembered += self._pick_up(found, position, now=now)
                    if printable(found.path) != position.path:
                        remembered += self._rotated_after(found, position.path, present, now=now)
        remembered += [self._retire(each.cut_short()) for each in lost.values()]
        return remembered

    def _rotated_unseen(self, *, now: datetime) -> list[Chunk]:
        """Do the same for files that left the patterns since the last look: it happened twice."""
        remembered: list[Chunk] = []
        left = {i: t for i, t in self._files.items() if t.left_at == now and not t.listed}
        for identity, tracked in left.items():
            name = tracked.cursor.first_path
            present = list(discovery.in_directory(os.path.dirname(name)))
            for old in present:
                if (old.device, old.inode) == identity:
                    remembered += self._rotated_after(old, name, present, now=now)
        return remembered

    def _rotated_after(
        self, old: discovery.Found, name: str, present: list[discovery.Found], *, now: datetime
    ) -> list[Chunk]:
        """Follow the files that bore a name after a known one and were rotated away unseen.

        They were written later than the known one and are named as rotations are; no pattern
        names them any more, but one named them while nobody looked.
        """
        remembered: list[Chunk] = []
        known = {(each.device, each.inode) for each in self._known.values()}
        for found in sorted(present, key=lambda each: each.modified_ns):
            identity = (found.device, found.inode)
            if identity in known or identity in self._files or identity in self._listed:
                continue
            if found.modified_ns < old.modified_ns or not looks_rotated(found.path, name):
                continue
            try:
                fd = open_regular(found.path)
            except SourceError as error:
                self._say_unreadable(found.path, error)
                continue
            cursor = FileCursor(fd, name, generation=0, max_line_bytes=self.max_line_bytes)
            remembered.append(self._follow(cursor))
            tracked = self._files[identity]
            tracked.listed, tracked.left_at = False, now
        return remembered

    def _pick_up(self, found: discovery.Found, position: Position, *, now: datetime) -> list[Chunk]:
        """Read the rest of a file that left the patterns.

        Its position stays that of a living file until it is given up, so that another restart
        finds it again.
        """
        if printable(found.path) == position.path:
            return [self._retire(position)]  # not rotated: the settings name it no more
        try:
            fd = open_regular(found.path)
        except SourceError as error:
            self._say_unreadable(found.path, error)
            return []  # tried again at the next look
        cursor = FileCursor(
            fd, position.path, generation=position.generation, max_line_bytes=self.max_line_bytes
        )
        try:
            resumed = cursor.resume(position)
        except OSError as error:
            cursor.close()
            self._say_failing(found.path, error)
            return []
        if not resumed:
            cursor.close()
            return [self._retire(position.cut_short())]
        chunk = self._follow(cursor)
        tracked = self._files[(cursor.device, cursor.inode)]
        tracked.listed, tracked.left_at = False, now
        return [chunk]

    # --- copies ----------------------------------------------------------------------------

    def _settle_held(self, *, now: datetime) -> list[Chunk]:
        """Decide on the files that could be copies."""
        remembered: list[Chunk] = []
        for identity, held in list(self._held.items()):
            found = self._listed.get(identity)
            try:
                held.cursor.refresh(found.path if found else held.cursor.path)
                original = emptied_original_of(held.cursor, self._past())
                if original is not None:
                    remembered += self._resume_copy(held.cursor, original)
                elif repeats_living(held.cursor, self._living()):
                    if found is not None and not held.is_over(now):
                        continue
                    held.settle()
                elif held.from_end:
                    held.cursor.skip_to_end()
            except OSError as error:
                self._say_failing(held.cursor.path, error)
                continue
            del self._held[identity]
            remembered.append(self._follow(held.cursor))
            if found is None:
                tracked = self._files[identity]
                tracked.listed, tracked.left_at = False, now
        return remembered

    def _living(self) -> list[FileCursor]:
        return [each.cursor for each in self._files.values()]

    def _past(self) -> list[Position]:
        return [each for each in self._known.values() if each.state is FileState.ROTATED]

    # --- reading and letting go --------------------------------------------------------------

    def _read_one(
        self, identity: tuple[int, int], tracked: _Tracked, *, now: datetime
    ) -> Iterator[Chunk]:
        cursor = tracked.cursor
        result: Chunk | Grown = Grown.PARTIAL
        try:
            for _ in range(_ROUNDS):
                result = cursor.read(now=now)
                if result is not Grown.PARTIAL:
                    break
        except SourceError as error:
            self._say_unreadable(cursor.path, error)
            return
        self._unreadable.pop(cursor.path, None)
        self.unfinished |= result is Grown.PARTIAL
        if isinstance(result, Chunk):
            yield result
        elif result is Grown.REPLACED:
            yield from self._start_over(identity, tracked)

    def _start_over(self, identity: tuple[int, int], tracked: _Tracked) -> Iterator[Chunk]:
        """Begin the next life of a file that was truncated."""
        self.truncations += 1
        old = tracked.cursor
        past = old.standing().position_at(old.line_start).cut_short()
        _log.warning(
            "log_truncated",
            path=printable(old.path),
            read_to=old.line_start,
            unread_bytes=past.lost,
            hint="What was written and not read before the truncation is in its copy, if any.",
        )
        yield self._retire(
            replace(past, path=printable(old.first_path))
        )  # what its copy is named after
        cursor = old.renew()
        cursor.first_path = old.first_path
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
                given.append(self._give_up(identity, tracked))
        return given

    def _forget_unreadable(self) -> None:
        """Forget the troubles of files that are gone."""
        present = {each.path for each in self.found}
        present |= {each.cursor.path for each in self._files.values()}
        present |= {each.cursor.path for each in self._held.values()}
        for path in self._unreadable.keys() - present:
            del self._unreadable[path]

    def _say_failing(self, path: str, error: OSError) -> None:
        self._say_unreadable(path, SourceError(f"{printable(path)}: {error.strerror}"))

    def _say_unreadable(self, path: str, error: SourceError) -> None:
        reason = str(error)
        if self._unreadable.get(path) != reason:
            self._unreadable[path] = reason
            _log.warning("log_unreadable", error=reason, hint=error.hint)

    @staticmethod
    def _same_file(position: Position, cursor: FileCursor) -> bool:
        return (position.device, position.inode) == (cursor.device, cursor.inode)


def _pattern_key(pattern: str) -> str:
    return f"glob:{printable(pattern)}"


def _leads_to(path: str, identity: tuple[int, int]) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == identity
