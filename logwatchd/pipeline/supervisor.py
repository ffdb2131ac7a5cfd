"""Start the workers, and stop them in the right order."""

import asyncio
import os
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol

import structlog

from logwatchd.domain.condition import Condition, Phase
from logwatchd.pipeline.anchor import Anchorer
from logwatchd.pipeline.channel import Channel
from logwatchd.pipeline.deliver import Courier
from logwatchd.pipeline.dispatch import Dispatch
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.ingest import Ingest
from logwatchd.pipeline.lag import lag_values
from logwatchd.pipeline.listen import Listener
from logwatchd.pipeline.upkeep import note_lag, sweep
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Batch, Clock, Followed, Source, Store, Worker

_STATUS_SECONDS: Final = 10.0
_END_OF_PASS: Final = timedelta(hours=2)
"""How far ahead a single pass delivers: past the pause between edits and the next digest."""

_log = structlog.stdlib.get_logger()


class IssueKeeper(Protocol):
    """What keeps issues true; imported only where they are configured."""

    async def run(self, draining: asyncio.Event) -> None:
        """Work until `draining` is set and nothing is due."""
        ...

    async def step(self) -> bool:
        """Take one step; say whether there was anything to do."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What the supervisor runs; built by `app`."""

    source: Source
    followed: Followed
    channel: Channel[Batch]
    ingest: Ingest
    dispatch: Dispatch
    couriers: Sequence[Courier]
    listener: Listener
    observer: Worker | None
    anchorer: Anchorer | None
    diagnosis: Worker | None
    issues: IssueKeeper | None
    store: Store
    clock: Clock
    health: Health
    wakes: Wakes


@dataclass(frozen=True, slots=True, kw_only=True)
class Hooks:
    """What the world around wants to know.

    Attributes:
        ready: Called once, when the workers run.
        alive: Called every `alive_seconds`, to feed a watchdog; 0 for never.
        status: Called with a line that says how things stand.
        beat: Called every ten seconds, and when it changes, with how the daemon is.
        stopping: Called once, when the end begins.
        reload: Called for SIGHUP.
    """

    ready: Callable[[], None]
    alive: Callable[[], None]
    alive_seconds: float
    status: Callable[[str], None]
    beat: Callable[[Condition], None]
    stopping: Callable[[], None]
    reload: Callable[[], None]


class Supervisor:
    """Owns every task of the daemon.

    A worker that raises takes the others down with it and `run` raises an `ExceptionGroup`; the
    service manager starts a new process. Expected failures never get that far.
    """

    def __init__(self, parts: Parts, hooks: Hooks, *, grace: timedelta, once: bool) -> None:
        """Prepare.

        Args:
            parts: What to run.
            hooks: Whom to tell.
            grace: Time to finish work after the first signal.
            once: Whether to end when the source does, with everything told that was read.
        """
        self._parts = parts
        self._hooks = hooks
        self._grace = grace
        self._once = once
        self._stopping = asyncio.Event()
        self._draining = asyncio.Event()
        self._started_at = parts.clock.now()

    def stop(self) -> None:
        """Ask for an orderly end; safe to call at any time, any number of times."""
        self._stopping.set()

    async def run(self) -> None:
        """Work until stopped, or in a single pass until the source ends.

        Stopping goes down the pipeline: the source stops reading, the channel is emptied into
        the store, the due jobs are sent. What is left after `grace` is cancelled; the store
        still has it.
        """
        parts = self._parts
        with self._signals():
            async with asyncio.TaskGroup() as workers:
                reading = [
                    workers.create_task(self._read(), name="read"),
                    workers.create_task(parts.source.attend(), name="attend"),
                    workers.create_task(parts.ingest.flush(), name="flush"),
                ]
                storing = workers.create_task(parts.dispatch.run(), name="record")
                sending = [] if self._once else self._send(workers)
                beside = [
                    workers.create_task(self._sweep(), name="sweep"),
                    workers.create_task(self._report(), name="report"),
                ]
                if not self._once:
                    beside.append(workers.create_task(self._note_lag(), name="lag"))
                    beside.append(workers.create_task(parts.listener.run(), name="listen"))
                if parts.observer is not None:
                    beside.append(workers.create_task(parts.observer.run(), name="observe"))
                if parts.anchorer is not None:
                    beside.append(workers.create_task(parts.anchorer.run(), name="anchor"))
                if parts.diagnosis is not None:
                    beside.append(workers.create_task(parts.diagnosis.run(), name="diagnose"))
                if self._hooks.alive_seconds:
                    beside.append(workers.create_task(self._live(), name="watchdog"))
                beside.append(workers.create_task(self._announce(), name="announce"))
                await self._stopping.wait()
                self._enter(Phase.STOPPING)
                self._hooks.stopping()
                await _end(reading)
                parts.channel.close()
                await self._drain(storing, sending)
                if self._once:
                    await self._deliver_all()
                await _end([storing, *sending, *beside])
        _log.info("stopped")

    def standing(self) -> dict[str, Any]:
        """Return how things stand, as JSON values."""
        parts = self._parts
        return {
            "pid": os.getpid(),
            "channel": len(parts.channel),
            "events_since_start": parts.dispatch.events,
            "defects_since_start": parts.ingest.defects,
            "files": lag_values(
                parts.followed.watched(), now=parts.clock.now(), since=self._started_at
            ),
            "problems": self._problems(),
            "sinks": {
                each.name: {
                    "delivered": each.attempts.delivered,
                    "last_delivered_at": each.attempts.delivered_at
                    and str(each.attempts.delivered_at),
                }
                for each in parts.couriers
            },
        }

    def _problems(self) -> dict[str, str]:
        return {**self._parts.health.problems(), **self._parts.source.problems()}

    def _send(self, workers: asyncio.TaskGroup) -> list[asyncio.Task[None]]:
        parts = self._parts
        tasks = [
            workers.create_task(each.run(self._draining), name=f"send:{each.name}")
            for each in parts.couriers
        ]
        if parts.issues is not None:
            tasks.append(workers.create_task(parts.issues.run(self._draining), name="issues"))
        return tasks

    async def _read(self) -> None:
        await self._parts.ingest.read(self._parts.store)
        self.stop()

    async def _announce(self) -> None:
        await self._parts.source.watching()
        await self._parts.dispatch.settled()  # what was met first is remembered from here on
        self._enter(Phase.READY)
        self._hooks.ready()

    async def _sweep(self) -> None:
        parts = self._parts
        await sweep(parts.store, parts.clock, parts.health, parts.wakes, self.standing)

    async def _note_lag(self) -> None:
        parts = self._parts
        await note_lag(parts.store, parts.clock, parts.health, self.standing)

    async def _drain(self, storing: asyncio.Task[None], sending: list[asyncio.Task[None]]) -> None:
        grace = None if self._once else self._grace.total_seconds()
        try:
            async with asyncio.timeout(grace):
                await asyncio.wait({storing})
                self._draining.set()
                self._parts.wakes.wake()
                if sending:
                    await asyncio.wait(sending)
        except TimeoutError:
            left = [task.get_name() for task in (storing, *sending) if not task.done()]
            _log.warning("grace_over", unfinished=left, hint="The state still has their work.")

    async def _deliver_all(self) -> None:
        for courier in self._parts.couriers:
            await courier.drain(until=self._parts.clock.now() + _END_OF_PASS)
        issues = self._parts.issues
        while issues is not None and await issues.step():
            pass

    async def _live(self) -> None:
        while True:
            self._hooks.alive()
            await self._parts.clock.sleep(self._hooks.alive_seconds)

    async def _report(self) -> None:
        while True:
            problems = self._problems()
            text = "; ".join(f"{name}: {why}" for name, why in problems.items()) or "all is well"
            self._hooks.status(f"{self._parts.dispatch.events} events; {text}")
            self._beat()
            await self._parts.clock.sleep(_STATUS_SECONDS)

    def _enter(self, phase: Phase) -> None:
        self._parts.health.phase = phase
        self._beat()

    def _beat(self) -> None:
        self._hooks.beat(self._parts.health.condition(self._parts.source.problems()))

    @contextmanager
    def _signals(self) -> Generator[None]:
        """Stop at the first signal; the second one ends the process at once."""
        loop = asyncio.get_running_loop()
        ending = (signal.SIGTERM, signal.SIGINT)

        def handle(number: signal.Signals) -> None:
            _log.info("signal", name=number.name)
            for each in ending:
                loop.remove_signal_handler(each)
                signal.signal(each, signal.SIG_DFL)
            self.stop()

        for each in ending:
            loop.add_signal_handler(each, handle, each)
        loop.add_signal_handler(signal.SIGHUP, self._hooks.reload)
        try:
            yield
        finally:
            for each in (*ending, signal.SIGHUP):
                loop.remove_signal_handler(each)


async def _end(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
