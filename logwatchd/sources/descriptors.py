"""Lend descriptors to the files: no more at once than allowed, and some kept for everything else.

When there are more files than descriptors, those silent for longest give theirs back. They stay
followed: their names are asked each second by `stat`, and what was written to is opened again.
"""

import os
import resource
from collections.abc import Iterable, Sized
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog

from logwatchd.errors import SourceError, TooManyFilesError
from logwatchd.sources.cursor import open_regular
from logwatchd.sources.followed import Followed, Tracked
from logwatchd.sources.troubles import Troubles

RESERVED_FILES: Final = 64
"""Descriptors kept free of logs, for the database, sockets and notifications."""

OUT_OF_DESCRIPTORS: Final = "descriptors"
"""Under which name a shortage stands among the troubles."""

_FEWEST: Final = 8
_SPARE: Final = 16
"""Descriptors given back at once when the system refuses another one: a socket needs one too."""

_SHORTAGE: Final = timedelta(minutes=1)
"""Time after which more descriptors are tried again."""

_WAIT_SAID_AFTER: Final = timedelta(seconds=10)
_QUIET: Final = timedelta(seconds=5)
"""Silence after which a file that lost its name may be parked: its writer has moved on."""

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)

_log = structlog.stdlib.get_logger()


class Descriptors:
    """Opens files, and parks those that can do without a descriptor."""

    def __init__(self, followed: Followed, held: Sized, troubles: Troubles, *, most: int) -> None:
        """Lend to these files.

        Args:
            followed: The files that may be parked.
            held: Files that hold a descriptor each and cannot be parked.
            troubles: Where it is said that no descriptor can be had.
            most: Descriptors lent at once, at most.
        """
        self._followed = followed
        self._held = held
        self._troubles = troubles
        self._most = most
        self._now = _LONG_AGO
        self._shrunk_to: int | None = None
        self._shrunk_at = _LONG_AGO
        self._allowed = most
        self._room = 0
        self._is_full = False
        self._waiting: dict[str, datetime] = {}

    def begin_round(self, *, now: datetime) -> None:
        """Begin another look or pass: what can be parked now may not have been before."""
        self._now = now
        self._room, self._is_full = 0, False
        self._recover()
        allowed = self._ask_allowed()
        if allowed != self._allowed:
            _log.info("descriptors_allowed", now=allowed, before=self._allowed)
            self._allowed = allowed
        if len(self._followed.files) + len(self._held) > allowed:
            lent = self._lent()
            self._park(lent, len(lent) + len(self._held) - allowed)

    def open(self, path: str) -> int | None:
        """Open a regular file; None when it cannot be opened or must wait, which is said."""
        if not self._has_room():
            self._wait(path)
            return None
        try:
            fd = open_regular(path)
        except TooManyFilesError as error:
            self.shrink(error)
            self._wait(path)
            return None
        except SourceError as error:
            self._waiting.pop(path, None)
            self._troubles.say(path, error)
            return None
        self._room -= 1
        self._waiting.pop(path, None)
        self._troubles.over(path)
        return fd

    def awake(self, tracked: Tracked) -> bool:
        """Open a parked file again; False when its name leads elsewhere or it must wait."""
        if not tracked.cursor.is_parked:
            return True
        fd = self.open(tracked.cursor.path)
        if fd is None:
            return False
        if not tracked.cursor.reopen(fd):
            os.close(fd)
            return False
        tracked.is_stirred = False
        return True

    def makes_room(self) -> bool:
        """Say whether a file that waits can be opened now, having parked others for it."""
        if not self._waiting or self._shrunk_to is not None:
            return False
        self._is_full = False
        return self._has_room()

    def forget_waiting(self, present: Iterable[str]) -> None:
        """Forget the files that wait and are gone."""
        self._waiting = {path: self._waiting[path] for path in present if path in self._waiting}

    def _has_room(self) -> bool:
        if self._room <= 0 and not self._is_full:
            lent = self._lent()
            self._room = self._allowed - len(lent) - len(self._held)
            if self._room <= 0:  # several at once, or each file opened would look for one
                self._room += self._park(lent, max(1, self._allowed // 8) - self._room)
            self._is_full = self._room <= 0
        return self._room > 0

    def _lent(self) -> list[Tracked]:
        return [each for each in self._followed.files.values() if not each.cursor.is_parked]

    def _park(self, lent: list[Tracked], wanted: int) -> int:
        """Park so many files, those silent for longest first; return how many it were."""
        parked = 0
        for tracked in sorted(lent, key=lambda each: each.cursor.last_growth or _LONG_AGO):
            if parked >= wanted:
                break
            parked += self._parks(tracked)
        return parked

    def _parks(self, tracked: Tracked) -> bool:
        cursor = tracked.cursor
        if tracked.left_at is not None:
            silent_for = self._now - max(cursor.last_growth or tracked.left_at, tracked.left_at)
            path = cursor.present_path()
            if silent_for < _QUIET or cursor.has_partial or not path:
                return False
            cursor.path = path
        try:
            return cursor.park()
        except OSError:
            return False  # it fails, and says so when it is read

    def _ask_allowed(self) -> int:
        # Asked each time: the limit of a running process can be changed from outside.
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        allowed = self._most
        if soft != resource.RLIM_INFINITY:
            allowed = min(allowed, soft - RESERVED_FILES)
        if self._shrunk_to is not None:
            allowed = min(allowed, self._shrunk_to)
        return max(_FEWEST, allowed)

    def shrink(self, error: TooManyFilesError) -> None:
        """Do with fewer: the system refused a descriptor, and would refuse a socket as well."""
        lent = self._lent()
        self._shrunk_at = self._now
        self._shrunk_to = max(_FEWEST, len(lent) - max(_SPARE, len(lent) // 8))
        self._allowed = self._ask_allowed()
        self._park(lent, len(lent) - self._allowed)
        self._room, self._is_full = 0, True
        self._troubles.say(OUT_OF_DESCRIPTORS, error)

    def _recover(self) -> None:
        if self._shrunk_to is None or self._now - self._shrunk_at < _SHORTAGE:
            return
        self._shrunk_at = self._now
        self._shrunk_to *= 2
        if self._shrunk_to >= min(self._most, len(self._followed.files) + len(self._held)):
            self._shrunk_to = None
            self._troubles.over(OUT_OF_DESCRIPTORS)

    def _wait(self, path: str) -> None:
        since = self._waiting.setdefault(path, self._now)
        if self._now - since >= _WAIT_SAID_AFTER:
            hint = "Raise LimitNOFILE, or name fewer files."
            self._troubles.say(path, SourceError(f"{path}: waits for a descriptor", hint=hint))
