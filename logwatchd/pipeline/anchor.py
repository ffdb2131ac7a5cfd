"""Trace new incidents to the source, after they were told. It never holds up anything else."""

import asyncio
from datetime import timedelta
from typing import Final

from logwatchd.errors import RepositoryError, StateUnusableError, StoreError
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Clock, SourceFinder, Store

_LOOK_EVERY: Final = timedelta(seconds=3)
"""A card is told within a second, and is brought up to date at most every half minute."""

_REFRESH_EVERY: Final = timedelta(minutes=1)
_AT_ONCE: Final = 10
"""Incidents traced in one go: each costs two milliseconds, and a call of git."""


class Anchorer:
    """Gives each new incident its place in the source. It decides nothing: `domain.sites` does."""

    def __init__(
        self, finder: SourceFinder, store: Store, clock: Clock, health: Health, wakes: Wakes
    ) -> None:
        self._finder = finder
        self._store = store
        self._clock = clock
        self._health = health
        self._wakes = wakes
        self._refreshed_at = clock.now() - _REFRESH_EVERY

    async def run(self) -> None:
        """Trace for ever. Cancelled, what was not traced yet is traced after the next start."""
        try:
            while True:
                await self._clock.sleep(_LOOK_EVERY.total_seconds())
                await self.trace()
        finally:
            self._finder.stop()  # or the process would wait for its thread

    async def trace(self) -> None:
        """Trace what is new. A repository that cannot be read is said, and tried again."""
        try:
            incidents = await self._store.unanchored(limit=_AT_ONCE)
            if not incidents:
                return
            now = self._clock.now()
            if now - self._refreshed_at >= _REFRESH_EVERY:
                self._refreshed_at = now  # also when it fails: it is not tried all the time
                await asyncio.to_thread(self._finder.refresh)
                self._health.clear("repository")
            if self._health.since("repository") is not None:
                return
            for incident in incidents:
                anchor = await asyncio.to_thread(self._finder.anchor, incident.sample)
                if await self._store.anchor(incident, anchor, now=self._clock.now()):
                    self._wakes.wake()
        except RepositoryError as error:
            self._health.problem("repository", str(error), hint=error.hint)
        except StateUnusableError:
            raise
        except StoreError as error:
            self._health.problem("state", str(error), hint=error.hint)
