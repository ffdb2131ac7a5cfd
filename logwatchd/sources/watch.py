"""Be woken when something happens in a directory. A wake is a hint to look, never data.

watchfiles drops queue overflows, ends with an exception at a file name that is not UTF-8, and
goes deaf when a directory is recreated; so it is started again whenever it ends, and the file
source looks by itself about once a second besides.
"""

import asyncio
import os
from collections.abc import Iterable
from typing import Final, Protocol

import structlog
import watchfiles

from logwatchd.ports import Clock

_STEP_MS: Final = 20
_DEBOUNCE_MS: Final = 50
"""A wake comes 10 to 40 ms after the write; smaller steps cost idle CPU in its thread."""

_RESTART_SECONDS: Final = 1.0
_log = structlog.stdlib.get_logger()


class Hints(Protocol):
    """Who wants to know."""

    def wake(self, *, names_changed: bool) -> None:
        """Something was written; or, if `names_changed`, came, went or was renamed."""
        ...


class DirectoryWatch:
    """Watches a set of directories that may change, for ever."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._directories: frozenset[tuple[str, int]] = frozenset()
        self._changed = asyncio.Event()
        self._failed_with = ""

    @property
    def failing(self) -> str:
        """Why notifications do not work at present, or ""."""
        return self._failed_with

    def set_directories(self, directories: Iterable[str]) -> None:
        """Say what to watch; a directory that was recreated counts as another one."""
        wanted = frozenset(_with_inode(directories))
        if wanted != self._directories:
            self._directories = wanted
            self._changed.set()

    async def run(self, hints: Hints) -> None:
        """Watch until cancelled. The slow pass covers whatever is missed."""
        while True:
            if not self._directories:
                await self._changed.wait()
            self._changed.clear()
            paths = self._existing()
            if not paths:
                await self._clock.sleep(_RESTART_SECONDS)
                continue
            hints.wake(names_changed=True)  # what happened while nobody watched is found by a look
            if not await self._watch(paths, hints):
                await self._clock.sleep(_RESTART_SECONDS)

    async def _watch(self, paths: list[str], hints: Hints) -> bool:
        """Watch until the directories change; False when watching failed."""
        try:
            async for changes in watchfiles.awatch(
                *paths,
                watch_filter=None,
                recursive=False,
                force_polling=False,
                step=_STEP_MS,
                debounce=_DEBOUNCE_MS,
                stop_event=self._changed,
            ):
                modified = watchfiles.Change.modified
                hints.wake(names_changed=any(change is not modified for change, _ in changes))
        # It fails in its own ways: an exception group for a strange file name, OSError when
        # watches run out, its internal error when instances do. All mean the same: try again.
        except (OSError, RuntimeError, ValueError, ExceptionGroup) as error:
            self._say(type(error).__name__)
            return False
        self._say("")
        return True

    def _existing(self) -> list[str]:
        return [path for path, _ in self._directories if os.path.isdir(path)]

    def _say(self, problem: str) -> None:
        if problem and problem != self._failed_with:
            _log.warning(
                "notifications_failing",
                error=problem,
                hint="Lines are still found by looking once a second.",
            )
        self._failed_with = problem


def _with_inode(directories: Iterable[str]) -> Iterable[tuple[str, int]]:
    for path in directories:
        try:
            yield path, os.stat(path).st_ino
        except OSError:
            continue
