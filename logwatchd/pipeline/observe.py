"""Show how everything stands, gathered from where it is known, to whoever asks over HTTP."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final, Protocol

import structlog

from logwatchd.domain.condition import Condition, Phase
from logwatchd.errors import StoreError
from logwatchd.pipeline.attempts import BOUNDS_SECONDS
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.deliver import Courier
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.ingest import Ingest
from logwatchd.ports import Batch, Clock, Counted, Followed, Source, Store, Uptime
from logwatchd.telemetry.endpoint import Answer, serving
from logwatchd.telemetry.metrics import Observation, SinkSeen, page

_FRESH_SECONDS: Final = 1.0
"""Age up to which an observation is shown again: however often it is asked for."""

_STORE_SECONDS: Final = 2.0
"""How long the state may take to answer; then the metrics go without it."""

_AGAIN_SECONDS: Final = 10.0
"""Time between two tries to get the address."""

_PROBLEM: Final = "endpoint"

_log = structlog.stdlib.get_logger()


class _FollowedSource(Source, Followed, Protocol):
    """A source of files that are followed."""


class Observer:
    """Serves `/metrics`, `/healthz` and `/readyz`. Whatever goes wrong here, the alerts go on."""

    def __init__(
        self,
        address: tuple[str, int],
        *,
        source: _FollowedSource,
        channel: Channel[Batch],
        ingest: Ingest,
        couriers: Sequence[Courier],
        store: Store,
        clock: Clock,
        uptime: Uptime,
        health: Health,
        redact: Callable[[str], str],
    ) -> None:
        self._address = address
        self._source = source
        self._channel = channel
        self._ingest = ingest
        self._couriers = couriers
        self._store = store
        self._clock = clock
        self._uptime = uptime
        self._health = health
        self._redact = redact
        self._since = clock.now()
        self._seen: Observation | None = None

    async def run(self) -> None:
        """Serve for ever; an address that cannot be had is tried again."""
        host, port = self._address
        pages = {"/metrics": self.metrics, "/healthz": self.alive, "/readyz": self.ready}
        while True:
            try:
                async with serving(host, port, pages) as taken:
                    self._health.clear(_PROBLEM)
                    _log.info("endpoint_listens", host=host, port=taken)
                    await asyncio.Event().wait()
            except OSError as error:
                why = f"cannot listen on {host} port {port}: {error.strerror or error}"
                self._health.problem(_PROBLEM, why, hint="Set endpoint.listen to a free address.")
            await self._clock.sleep(_AGAIN_SECONDS)

    async def metrics(self, accept: str) -> Answer:
        """Show the metrics."""
        content_type, body = page(await self.observation(), accept, redact=self._redact)
        return Answer(200, body, content_type)

    async def alive(self, _accept: str) -> Answer:
        """Say that the daemon lives: that this is answered is the proof."""
        return Answer(200, f"{self._condition().line()}\n".encode("ascii"))

    async def ready(self, _accept: str) -> Answer:
        """Say whether the daemon does all of its job."""
        condition = self._condition()
        ready = condition.phase is Phase.READY and not condition.is_degraded
        return Answer(200 if ready else 503, f"{condition.line()}\n".encode("ascii"))

    async def observation(self) -> Observation:
        """Look at everything, but no more often than once a second."""
        now = self._clock.now()
        if self._seen is None or not 0 <= (now - self._seen.at).total_seconds() < _FRESH_SECONDS:
            self._seen = Observation(
                at=now,
                since=self._since,
                condition=self._condition(),
                counted=await self._counted(),
                files=self._source.watched(),
                batches=len(self._channel),
                defects=self._ingest.defects,
                sinks={each.name: _seen_of(each) for each in self._couriers},
            )
        return self._seen

    def _condition(self) -> Condition:
        return self._health.condition(self._source.problems())

    async def _counted(self) -> Counted | None:
        try:
            async with asyncio.timeout(_STORE_SECONDS):
                return await self._store.counted(now=self._clock.now(), reading=self._uptime.read())
        except (StoreError, TimeoutError) as error:
            _log.warning("not_counted", error=str(error))
            return None


def _seen_of(courier: Courier) -> SinkSeen:
    attempts = courier.attempts
    return SinkSeen(
        results={(kind, what.value): count for (kind, what), count in attempts.results.items()},
        bounds_seconds=BOUNDS_SECONDS,
        line_to_notice=tuple(attempts.line_to_notice),
        line_to_notice_seconds=attempts.line_to_notice_seconds,
        delivered_at=attempts.delivered_at,
    )
