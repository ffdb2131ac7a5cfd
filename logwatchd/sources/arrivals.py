"""Find the files that came beside the logs since the last look, named as rotations name them.

A log that is made and rotated away between two looks is never seen under its own name. What it
leaves is a file that was not there before, beside the log or where rotations keep old files, whose
name is the log's with a number or a date added; and the log's name leads to another file, or
nowhere, or to one that was emptied. Where nothing happened to the log itself, a new `app-2.log` is
none of ours. What lies in a directory that is looked at for the first time is old.
"""

import os
from collections.abc import Container, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from logwatchd.errors import SourceError
from logwatchd.sources.beside import Rotated, rotated_beside
from logwatchd.sources.cursor import open_regular
from logwatchd.sources.followed import Followed
from logwatchd.sources.identity import HEAD_BYTES, digest
from logwatchd.sources.listing import PACKED, Found, Stamp, is_quiet, stamp_at
from logwatchd.sources.lives import Identity
from logwatchd.sources.names import Lately, Names
from logwatchd.sources.whereabouts import places_of

_LONGEST: Final = timedelta(minutes=10)
"""Time in which a file must turn out to be a log or a copy."""


@dataclass(slots=True)
class _Waiting:
    """An arrival that is not decided about.

    Attributes:
        file: What it is.
        since: When it came.
        is_wanted: Whether something happened to its log, too.
    """

    file: Rotated
    since: Lately
    is_wanted: bool = False


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file that is none of ours, or that was decided about.

    Attributes:
        found: Where it was.
        head_bytes: How many bytes `head_digest` covers.
        head_digest: Hash of its first bytes, by which it is known again when it was packed.
    """

    found: Found
    head_bytes: int
    head_digest: str

    def is_same(self, found: Found) -> bool:
        """Say whether a file of this number is the same: it may be renamed, or it may grow.

        Both at once mean that the number was given to another file.
        """
        if (found.modified_ns, found.size) == (self.found.modified_ns, self.found.size):
            return True
        return found.path == self.found.path and found.size >= self.found.size


@dataclass(slots=True)
class _Beside:
    """What lies beside the logs of one directory, and where rotations take them.

    Attributes:
        stamp: That of the directory.
        others: Those of its parent and of where rotations take files, by path.
        is_kept: Whether this holds as long as the stamps stay the same.
        seen: The files that are decided about.
    """

    stamp: Stamp
    others: dict[str, Stamp | None]
    is_kept: bool
    seen: dict[Identity, _Seen] = field(default_factory=dict)

    def may_follow(self, before: "_Beside | None", found: Found) -> bool:
        """Say whether a file may have come since this was listed before.

        Not in another directory under the same name, or on another mount: what lies there is old.
        Nor when it was last written before that time: then it was unpacked by hand, or moved here.
        """
        if before is None:
            return False
        device, inode, modified_ns, _ = before.stamp
        return self.stamp[:2] == (device, inode) and found.modified_ns >= modified_ns


class Arrivals:
    """Remembers what lies beside the logs, and tells what is new and matters."""

    def __init__(self, found: Names, followed: Followed, held: Container[Identity]) -> None:
        """Prepare.

        Args:
            found: What the patterns name.
            followed: The files that are read.
            held: Files that a pattern named and that others decide about.
        """
        self._names = found
        self._followed = followed
        self._held = held
        self._beside: dict[str, _Beside] = {}
        self._waiting: dict[Identity, _Waiting] = {}

    def look(self, patterns: Sequence[str], *, now: datetime) -> list[Rotated]:
        """Look around.

        Returns:
            The files to be decided about, the oldest first; those of the last time, too, that are
            not settled.
        """
        before, self._beside = self._beside, {}
        for directory in self._names.log_directories():
            known = before.get(directory)
            if known is None or not self._holds(directory, known):
                known = self._listed(directory, known, patterns, now=now)
            if known is not None:
                self._beside[directory] = known
        wanted = []
        for identity, waiting in list(self._waiting.items()):
            waiting.is_wanted |= self._has_changed(waiting.file.log)
            is_over = waiting.since.is_over(now)
            if is_over and not (waiting.is_wanted and now - waiting.since.at < _LONGEST):
                self.settle(identity)
            elif waiting.is_wanted:
                wanted.append(waiting.file)
        return sorted(wanted, key=lambda each: each.order)

    def expect(self, file: Rotated, *, now: datetime) -> None:
        """Take a file that cannot be decided about now, however it was found."""
        waiting = _Waiting(file, Lately(now), is_wanted=True)
        self._waiting.setdefault(file.identity, waiting)

    def settle(self, identity: Identity) -> None:
        """Note that a file was decided about."""
        waiting = self._waiting.pop(identity, None)
        if waiting is not None and (beside := self._beside_log(waiting.file.log)) is not None:
            beside.seen[identity] = _seen(waiting.file.found, None)

    def paths(self) -> set[str]:
        """Return where the files are that are not decided about."""
        return {each.file.found.path for each in self._waiting.values()}

    def has_seen(self, log: str, head: bytes) -> bool:
        """Say whether a file beside a log that was decided about began like this."""
        beside = self._beside_log(log)
        return beside is not None and any(
            each.head_bytes > 0 and digest(head[: each.head_bytes]) == each.head_digest
            for each in beside.seen.values()
        )

    def _has_changed(self, log: str) -> bool:
        """Say whether something happened to a log lately; to an empty one, nobody can tell."""
        if self._names.changed_lately(log):
            return True
        return any(each.cursor.is_at_beginning for each in self._followed.named(log))

    def _beside_log(self, log: str) -> _Beside | None:
        return self._beside.get(os.path.dirname(log))

    def _holds(self, directory: str, known: _Beside) -> bool:
        if self._waiting or not known.is_kept or stamp_at(directory) != known.stamp:
            return False
        return all(stamp_at(path) == stamp for path, stamp in known.others.items())

    def _listed(
        self, directory: str, before: _Beside | None, patterns: Sequence[str], *, now: datetime
    ) -> _Beside | None:
        """List what lies beside logs; None for a directory that is not there and never was."""
        # Asked before the directories are listed: what comes meanwhile is found the next time.
        stamp, parent = stamp_at(directory), os.path.dirname(directory)
        if stamp is None:
            return before  # gone for now
        others = {parent: stamp_at(parent)}
        places = places_of(directory)
        others |= {each: stamp_at(each) for each in places[1:]}
        try:
            rotated = rotated_beside(directory, places, patterns, listed=self._names.listed)
        except OSError:
            return before  # it cannot be listed now
        is_kept = all(is_quiet(each, now=now) for each in (stamp, *others.values()) if each)
        beside = _Beside(stamp, others, is_kept)
        present = set()
        for each in rotated:
            found, identity = each.found, each.identity
            if identity in self._held:
                continue
            present.add(identity)
            if identity in self._waiting:
                self._waiting[identity].file = each
                continue
            seen = before.seen.get(identity) if before is not None else None
            is_same = seen is not None and seen.is_same(found)
            if beside.may_follow(before, found) and not is_same:
                self._waiting[identity] = _Waiting(each, Lately(now))
            else:
                beside.seen[identity] = _seen(found, seen if is_same else None)
        for identity, waiting in list(self._waiting.items()):
            if os.path.dirname(waiting.file.log) == directory and identity not in present:
                del self._waiting[identity]
        return beside


def _seen(found: Found, before: _Seen | None) -> _Seen:
    if before is not None and before.found.size == found.size:
        return _Seen(found, before.head_bytes, before.head_digest)
    head = b"" if found.path.endswith(PACKED) else _head(found.path)
    return _Seen(found, len(head), digest(head))


def _head(path: str) -> bytes:
    try:
        fd = open_regular(path)
    except SourceError:
        return b""
    try:
        return os.pread(fd, HEAD_BYTES, 0)
    except OSError:
        return b""
    finally:
        os.close(fd)
