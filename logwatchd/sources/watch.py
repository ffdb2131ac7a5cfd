"""Be woken when something happens in a directory. A wake is a hint to look, never data.

watchfiles drops queue overflows, ends with an exception at a file name that is not UTF-8, and
goes deaf when a directory is recreated; so it is started again whenever it ends, and the file
source looks by itself about once a second besides.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Sequence
from contextlib import aclosing
from datetime import timedelta
from typing import Final, Protocol

import structlog
import watchfiles
from watchfiles import Change

from logwatchd.ports import Clock

_STEP_MS: Final = 14
_DEBOUNCE_MS: Final = 20
"""A wake comes one to two steps after the write, so that a line is told within 30 ms. Smaller steps
cost idle CPU in its thread; a longer debounce delays what is written to without a pause."""

_RESTART_SECONDS: Final = 1.0
_LASTS: Final = timedelta(seconds=3)
"""A watch that lived for so long is one that works."""

_log = structlog.stdlib.get_logger()


class Hints(Protocol):
    """Who wants to know."""

    def wake(self, *, names_changed: bool, written: Collection[str] = ()) -> None:
        """Something was written; or, if `names_changed`, came, went or was renamed.

        Args:
            names_changed: Whether directories must be looked at.
            written: Real paths of what was written to.
        """
        ...


Changes = AsyncGenerator[set[tuple[Change, str]]]
"""What happened, in batches: order and number are lost."""

Watching = Callable[[Sequence[str], asyncio.Event], Changes]
"""Watches directories until the event is set."""


def watch(directories: Sequence[str], stop: asyncio.Event) -> Changes:
    """Watch directories, not what is below them, by what the kernel tells."""
    return watchfiles.awatch(
        *directories,
        watch_filter=None,
        recursive=False,
        force_polling=False,
        step=_STEP_MS,
        debounce=_DEBOUNCE_MS,
        stop_event=stop,
    )


class DirectoryWatch:
    """Watches a set of directories that may change, for ever."""

    def __init__(self, clock: Clock, watching: Watching = watch) -> None:
        self._clock = clock
        self._watching = watching
        self._directories: frozenset[tuple[str, int, int]] = frozenset()
        self._changed = asyncio.Event()
        self._failed_with = ""
        self._began_at = clock.now()

    @property
    def failing(self) -> str:
        """Why notifications do not work at present, or ""."""
        return "" if self._lasts() else self._failed_with

    def set_directories(self, directories: Iterable[str]) -> None:
        """Say what to watch; a directory that was recreated counts as another one."""
        wanted = frozenset(_with_number(directories))
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
        self._began_at = self._clock.now()
        try:
            async with aclosing(self._watching(paths, self._changed)) as batches:
                async for changes in batches:
                    written = [path for change, path in changes if change is Change.modified]
                    hints.wake(names_changed=len(written) < len(changes), written=written)
                    if any(change is Change.deleted and path in paths for change, path in changes):
                        return False  # one made anew may get the same number, and is not watched
        # It fails in its own ways: an exception group for a strange file name, OSError when
        # watches run out, its internal error when instances do. All mean the same: try again.
        except (OSError, RuntimeError, ValueError, ExceptionGroup) as error:
            # One that worked until now is begun anew, and that is all.
            self._say("" if self._lasts() else type(error).__name__)
            return False
        self._say("")
        return True

    def _lasts(self) -> bool:
        """Say whether the present watch has worked for a while."""
        return abs(self._clock.now() - self._began_at) >= _LASTS

    def _existing(self) -> list[str]:
        return [path for path, _, _ in self._directories if os.path.isdir(path)]

    def _say(self, problem: str) -> None:
        if problem and problem != self._failed_with:
            _log.warning(
                "notifications_failing",
                error=problem,
                hint="Lines are still found by looking once a second.",
            )
        self._failed_with = problem


def _with_number(directories: Iterable[str]) -> Iterable[tuple[str, int, int]]:
    for path in directories:
        try:
            status = os.stat(path)
        except OSError:
            continue
        yield path, status.st_dev, status.st_ino
