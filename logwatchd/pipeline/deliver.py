"""Outbox to sink: one job, one attempt, one verdict."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Final

import structlog

from logwatchd.domain.incident import short_id
from logwatchd.domain.notice import Receipt, TextKind, TextNotice
from logwatchd.domain.retry import next_attempt
from logwatchd.errors import (
    DeliveryError,
    MessageGoneError,
    RejectedError,
    StateUnusableError,
    StoreError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.pipeline.attempts import Attempts
from logwatchd.pipeline.health import Health
from logwatchd.ports import Clock, Job, JobKind, Sink, Store

_ASK_SECONDS: Final = 1.0
"""How often the outbox is asked without a bell: another process may have queued work."""

_STATE_FAILS_FOR: Final = timedelta(minutes=1)
"""How long the state may fail before people are told so, past the outbox."""

_log = structlog.stdlib.get_logger()


class Courier:
    """Carries the jobs of one sink, one at a time, the longest due first.

    A pause that the sink asked for, or that failures call for, holds for all of its jobs; the
    rows remember it, so a restart does not.
    """

    def __init__(
        self, sink: Sink, store: Store, clock: Clock, health: Health, bell: asyncio.Event
    ) -> None:
        self._sink = sink
        self._store = store
        self._clock = clock
        self._health = health
        self._bell = bell
        self._not_before = clock.now()
        self._failures = 0
        self._closed = False
        self._state_failure_said = False
        self._say_next_at = clock.now()
        self.attempts = Attempts()
        """What became of the attempts since the start."""

    @property
    def name(self) -> str:
        """The sink's name."""
        return self._sink.name

    def replace(self, sink: Sink) -> None:
        """Use another configuration of the same sink from the next job on."""
        self._sink = sink
        if self._closed:
            self._closed = False
            self._not_before = self._clock.now()
        self._health.clear(f"sink:{self.name}")
        self._bell.set()

    async def run(self, draining: asyncio.Event) -> None:
        """Deliver until `draining` is set and nothing is due.

        Cancelling it in mid-send leaves the job claimed: it is sent again after the restart,
        marked as a possible repeat.
        """
        while True:
            self._bell.clear()
            await self._say_about_state()
            now = self._clock.now()
            job = None
            if not self._closed and now >= self._not_before:
                job = await self._claim(now)
            if job is not None:
                await self._attempt(job)
            elif draining.is_set():
                return
            else:
                await self._wait(draining)

    async def drain(self, *, until: datetime) -> None:
        """Deliver everything that is due until then: the end of a single pass."""
        now = self._clock.now()
        while (job := await self._store.claim(self.name, now=now, due_by=until)) is not None:
            await self._attempt(job)

    async def _claim(self, now: datetime) -> Job | None:
        try:
            job = await self._store.claim(self.name, now=now)
        except StateUnusableError:
            raise
        except StoreError as error:
            self._health.problem("state", str(error), hint=error.hint)
            await self._clock.sleep(_ASK_SECONDS)
            return None
        return job

    async def _wait(self, draining: asyncio.Event) -> None:
        pause = (self._not_before - self._clock.now()).total_seconds()
        if pause > 0 or self._closed:
            # Not even a bell may shorten a pause; only the end or another configuration may.
            wait_for, seconds = draining, min(max(pause, 0.05), _ASK_SECONDS)
        else:
            wait_for, seconds = self._bell, _ASK_SECONDS
        try:
            async with asyncio.timeout(seconds):
                await wait_for.wait()
        except TimeoutError:
            return

    async def _attempt(self, job: Job) -> None:
        log = _log.bind(sink=self.name, job=job.id, kind=job.kind.value, attempt=job.attempts + 1)
        sink = self._sink
        try:
            receipt = await self._send(job)
        except ThrottledError as error:
            self._pause(error.retry_after)
            await self._postpone(job, error, maybe_repeat=False)
            log.warning("throttled", pause_seconds=error.retry_after.total_seconds())
        except TransientError as error:
            self._failures += 1
            self._not_before = next_attempt(
                attempts=self._failures,
                now=self._clock.now(),
                jitter=random.random(),  # noqa: S311 -- spreads load, guards nothing
            )
            await self._postpone(job, error, maybe_repeat=error.outcome_unknown)
            self._health.problem(f"sink:{self.name}", str(error), hint=error.hint)
        except MessageGoneError as error:
            log.info("message_gone", error=str(error))
            await self._keep(lambda: self._store.repost(job, now=self._clock.now()))
        except UnauthorizedError as error:
            # The configuration may have changed while the request was on its way.
            self._closed = sink is self._sink
            await self._postpone(job, error, maybe_repeat=False)
            self._health.problem(f"sink:{self.name}", str(error), hint=error.hint)
            log.error("sink_closed", error=str(error), hint=error.hint)
        except RejectedError as error:
            log.error("buried", error=str(error), hint=error.hint)
            why = str(error)
            await self._keep(lambda: self._store.bury(job, why=why))
            if job.kind in (JobKind.POST, JobKind.DIGEST):
                refused = self._refused(job, why)
                await self._keep(lambda: self._store.say(refused, about=job.subject))
            self._health.problem(f"sink:{self.name}", f"a notice was refused for good: {why}")
        else:
            await self._delivered(job, receipt)
            log.info("delivered", about=job.subject, repeat_possible=job.notice.maybe_repeat)

    def _refused(self, job: Job, why: str) -> TextNotice:
        """Make what people get instead of a card that was refused: they must hear of it at all."""
        about = short_id(job.fingerprint) if job.fingerprint else job.subject
        details = (("problem", about), ("error", why))
        return TextNotice(kind=TextKind.NOTICE_REFUSED, at=self._clock.now(), details=details)

    async def _send(self, job: Job) -> Receipt:
        try:
            if job.kind is JobKind.EDIT and job.receipt is not None:
                receipt = await self._sink.edit(job.notice, job.receipt)
            else:
                receipt = await self._sink.post(job.notice)
        except DeliveryError as error:
            self.attempts.failed(job, error)
            raise
        self.attempts.succeeded(job, at=self._clock.now())
        return receipt

    async def _delivered(self, job: Job, receipt: Receipt) -> None:
        now = self._clock.now()
        await self._keep(lambda: self._store.finish(job, receipt=receipt, now=now))
        self._failures = 0
        self._health.clear(f"sink:{self.name}")

    def _pause(self, pause: timedelta) -> None:
        self._not_before = max(self._not_before, self._clock.now() + pause)

    async def _postpone(self, job: Job, error: DeliveryError, *, maybe_repeat: bool) -> None:
        until, why = self._not_before, str(error)
        await self._keep(
            lambda: self._store.postpone(job, until=until, why=why, maybe_repeat=maybe_repeat)
        )

    async def _keep(self, write: Callable[[], Awaitable[None]]) -> None:
        """Write down an outcome, however long the state fails: it must not be sent again."""
        while True:
            try:
                await write()
            except StateUnusableError:
                raise
            except StoreError as error:
                self._health.problem("state", str(error), hint=error.hint)
                await self._say_about_state()
                await self._clock.sleep(_ASK_SECONDS)
            else:
                return

    async def _say_about_state(self) -> None:
        """Tell people, past the outbox, that the daemon cannot do its job, or can again.

        With a full disk nothing gets into the outbox, so nobody would hear of it from there.
        """
        since, now = self._health.since("state"), self._clock.now()
        if self._closed or now < max(self._say_next_at, self._not_before):
            return
        if since is None and self._state_failure_said:
            self._say_next_at = now + _STATE_FAILS_FOR
            self._state_failure_said = not await self._say(TextKind.STATE_RECOVERED, now)
        elif since is not None and not self._state_failure_said and now - since >= _STATE_FAILS_FOR:
            self._say_next_at = now + _STATE_FAILS_FOR
            self._state_failure_said = await self._say(TextKind.STATE_FAILING, since)

    async def _say(self, kind: TextKind, at: datetime) -> bool:
        error = self._health.problems().get("state", "")
        details = (("error", error),) if error else ()
        try:
            await self._sink.post(TextNotice(kind=kind, at=at, details=details))
        except DeliveryError as failure:
            _log.warning("not_said", kind=kind.value, error=str(failure))
            return False
        return True
