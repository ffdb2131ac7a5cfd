"""Channel to store: batches of events, one transaction."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import structlog

from logwatchd.errors import StateUnusableError, StoreError
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Batch, Clock, Recorded, Store

_QUIET_FLUSH_SECONDS: Final = 1.0
"""How long a position that no event moved may wait to be written."""

_RETRY_SECONDS: Final = 1.0
_log = structlog.stdlib.get_logger()


class Dispatch:
    """Records what was read. While the state fails it waits, and the sources wait with it."""

    def __init__(
        self, channel: Channel[Batch], store: Store, clock: Clock, health: Health, wakes: Wakes
    ) -> None:
        self._channel = channel
        self._store = store
        self._clock = clock
        self._health = health
        self._wakes = wakes
        self._waiting: dict[str, Batch] = {}
        self._collecting_since = clock.now()
        self._recorded_count = 0
        self._progress = asyncio.Event()
        self.events = 0
        """Events recorded since the start."""

    async def run(self) -> None:
        """Record until the channel ends. Cancelling loses nothing: no position has moved."""
        taken_count = 0
        while (taken := await self._taken()) is not None:
            taken_count += len(taken)
            if taken and not any(_is_pressing(batch) for batch in taken):
                self._collect(taken)
                if not self._is_late():
                    continue
                taken = []
            await self._record(self._collected(taken))
            self._recorded_count = taken_count
            self._progress.set()
        await self._record(self._collected([]))

    async def settled(self) -> None:
        """Wait until all that was put into the channel before is recorded; not for what follows."""
        put_count = self._channel.put_count
        while self._recorded_count < put_count:
            self._progress.clear()
            await self._progress.wait()

    async def _taken(self) -> list[Batch] | None:
        """Take what there is to record; while nothing was put aside, there is no hurry to ask."""
        wait_seconds = _QUIET_FLUSH_SECONDS if self._waiting else None
        return await self._channel.take(wait_seconds=wait_seconds)

    def _collect(self, batches: Sequence[Batch]) -> None:
        """Put batches without events aside; only the last position of each file matters."""
        if not self._waiting:
            self._collecting_since = self._clock.now()
        for batch in batches:
            known = self._waiting.pop(batch.position.key, None)
            tally = known.tally + batch.tally if known else batch.tally
            self._waiting[batch.position.key] = Batch(
                path=batch.path, sightings=(), position=batch.position, tally=tally
            )

    def _is_late(self) -> bool:
        """Say whether the oldest batch put aside has waited for long enough."""
        waited = self._clock.now() - self._collecting_since
        return not timedelta(0) <= waited < timedelta(seconds=_QUIET_FLUSH_SECONDS)

    def _collected(self, batches: Sequence[Batch]) -> list[Batch]:
        waiting, self._waiting = list(self._waiting.values()), {}
        return [*waiting, *batches]

    async def _record(self, batches: Sequence[Batch]) -> None:
        if not batches:
            return
        recorded = await self._until_recorded(batches)
        self.events += recorded.events
        if recorded.opened or any(why.startswith("held") for why in recorded.reasons):
            _log.info("recorded", opened=recorded.opened, **recorded.reasons)
        if recorded.jobs:
            self._wakes.wake()

    async def _until_recorded(self, batches: Sequence[Batch]) -> Recorded:
        while True:
            try:
                recorded = await self._store.record(batches, now=self._clock.now())
            except StateUnusableError:
                raise
            except StoreError as error:
                self._health.problem("state", str(error), hint=error.hint)
                await self._clock.sleep(_RETRY_SECONDS)
            else:
                self._health.clear("state")
                return recorded


def _is_pressing(batch: Batch) -> bool:
    """Say whether a batch must be written at once: it has events, or tells of a file met first.

    Forgetting that a file or a pattern was met would change where it is read from.
    """
    return bool(batch.sightings) or batch.tally.lines == 0
