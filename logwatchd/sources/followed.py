"""The files being followed: which name leads to each now, and when one is let go."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import structlog

from logwatchd.ports import Chunk
from logwatchd.sources.cursor import FileCursor, printable
from logwatchd.sources.listing import Found
from logwatchd.sources.lives import Displaced, Identity, Lives

_PARTIAL_WAIT: Final = timedelta(seconds=5)
"""Silence after which the last line of a rotated file is taken although it has no newline."""

_LINKED_WAIT: Final = timedelta(minutes=10)
"""Silence after which a rotated file is closed: its writer may hold it for minutes."""

_UNLINKED_WAIT: Final = timedelta(seconds=30)
"""Silence after which a deleted file is closed, so that its disk space is freed."""

_log = structlog.stdlib.get_logger()


@dataclass(slots=True)
class Tracked:
    """A file being followed.

    Attributes:
        cursor: Where it is read.
        listed: Whether a pattern named it at the last look.
        left_at: When its name stopped leading to it, or None.
        is_stirred: Whether it is parked and was written to since.
        is_lost: Whether it is parked and no name is known that leads to it.
    """

    cursor: FileCursor
    listed: bool = True
    left_at: datetime | None = None
    is_stirred: bool = False
    is_lost: bool = False


class Followed:
    """The files being followed, by their numbers."""

    def __init__(self, lives: Lives) -> None:
        self._lives = lives
        self.files: dict[Identity, Tracked] = {}
        self.truncations = 0
        self._by_name: dict[str, list[Tracked]] | None = None

    def add(
        self, cursor: FileCursor, *, listed: bool = True, left_at: datetime | None = None
    ) -> Chunk:
        """Follow a file from where its cursor stands."""
        tracked = Tracked(cursor, listed, left_at)
        self.files[(cursor.device, cursor.inode)] = tracked
        if self._by_name is not None:
            self._index(tracked, self._by_name)
        self._lives.forget(cursor.key)  # from now on the cursor knows better
        _log.info("log_opened", path=printable(cursor.path), offset=cursor.line_start)
        return cursor.standing()

    def in_order(self) -> list[Identity]:
        """Return the files as they are to be read: those that lost their names first."""
        left = [(each.left_at, i) for i, each in self.files.items() if each.left_at is not None]
        if not left:
            return list(self.files)
        left.sort(key=lambda each: each[0])
        return [i for _, i in left] + [i for i, each in self.files.items() if each.left_at is None]

    def put_last(self, identity: Identity) -> None:
        """Read a file after all others, if it is followed."""
        if identity in self.files:
            self.files[identity] = self.files.pop(identity)

    def cursors(self) -> list[FileCursor]:
        """Return where each file is read."""
        return [each.cursor for each in self.files.values()]

    def named(self, path: str) -> list[Tracked]:
        """Return the files that have, or had at first, a name."""
        if self._by_name is None:
            self._by_name = {}
            for tracked in self.files.values():
                self._index(tracked, self._by_name)
        return self._by_name.get(path, [])

    def note_names(self, listed: Mapping[Identity, Found], *, now: datetime) -> None:
        """Note under which names the patterns find the files now."""
        self._by_name = None
        for identity, tracked in self.files.items():
            found = listed.get(identity)
            tracked.listed = found is not None
            if found is not None:
                tracked.cursor.path, tracked.is_lost = found.path, False
            if found is not None and found.path == tracked.cursor.first_path:
                tracked.left_at = None  # it has its name, or has it again
            elif tracked.left_at is None:
                tracked.left_at = now
                name = printable(found.path) if found else "none"
                _log.info("log_rotated", path=printable(tracked.cursor.first_path), now_named=name)

    def drop_unwanted(self) -> list[Chunk]:
        """Let go of the files that have their names and that no pattern names any more."""
        dropped = []
        for identity, tracked in list(self.files.items()):
            if not tracked.listed and _leads_to(tracked.cursor.path, identity):
                _log.info("log_unwanted", path=printable(tracked.cursor.path))
                dropped.append(self._give_up(identity))
        return dropped

    def let_go(self, *, now: datetime) -> list[Chunk]:
        """Give up the files that lost their names and have been silent for long enough."""
        given: list[Chunk] = []
        for identity, tracked in list(self.files.items()):
            if tracked.left_at is None:
                continue
            cursor = tracked.cursor
            silent_for = now - max(cursor.last_growth or tracked.left_at, tracked.left_at)
            if cursor.has_unread():
                continue  # nothing could be read for a while
            if cursor.has_partial and silent_for >= _PARTIAL_WAIT:
                given.append(cursor.finish())
            wait = _UNLINKED_WAIT if cursor.unlinked else _LINKED_WAIT
            if not tracked.listed and silent_for >= wait:
                given.append(self._give_up(identity))
        return given

    def start_over(self, identity: Identity) -> Chunk:
        """Begin the next life of a file that was truncated; what became of this one is asked then.

        The position of the past life is remembered last: killed before, we ask once more.
        """
        self.truncations += 1
        tracked = self.files[identity]
        old = tracked.cursor
        past = old.standing().position_at(old.line_start).cut_short()
        _log.warning(
            "log_truncated",
            path=printable(old.path),
            read_to=old.line_start,
            unread_bytes=past.lost,
            hint="What was written and not read before the truncation is in its copy, if any.",
        )
        # Under its first name, which is what its copy is named after.
        past = replace(past, path=printable(old.first_path))
        self._lives.retire(past)
        self._lives.displaced.append(Displaced(past, while_down=False))
        cursor = old.renew()
        cursor.first_path = old.first_path
        tracked.cursor = cursor
        return cursor.standing()

    def close(self) -> None:
        """Close every file."""
        for tracked in self.files.values():
            tracked.cursor.close()
        self.files.clear()

    @staticmethod
    def _index(tracked: Tracked, by_name: dict[str, list[Tracked]]) -> None:
        for name in {tracked.cursor.path, tracked.cursor.first_path}:
            by_name.setdefault(name, []).append(tracked)

    def _give_up(self, identity: Identity) -> Chunk:
        cursor = self.files.pop(identity).cursor
        self._by_name = None
        standing = cursor.standing()
        cursor.close()
        return self._lives.retire(standing.position_at(standing.end))


def _leads_to(path: str, identity: Identity) -> bool:
    try:
        status = os.stat(path)
    except OSError:
        return False
    return (status.st_dev, status.st_ino) == identity
