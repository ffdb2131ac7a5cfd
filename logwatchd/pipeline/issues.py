"""Problems to issues: one step at a time, and a look at what people did to them.

The steps are decided in `domain.issue_steps`; the intent is in the state before anything is sent.
Killed at any moment, the next look goes on where it was.
"""

import asyncio
import random
from collections.abc import Collection
from dataclasses import replace
from datetime import timedelta
from typing import Final

import structlog

from logwatchd.domain.incident import short_id
from logwatchd.domain.issue import Phase
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.issue_steps import Act, Step, next_step
from logwatchd.domain.notice import TextKind, TextNotice
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
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.issue_writer import IssueWriter
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Clock, IssueCase, IssueStore, IssueTracker, Recorded

_ASK_SECONDS: Final = 1.0
_CLOSED_FOR: Final = timedelta(minutes=10)
"""When to try again with a token or a repository that was refused; a reload does so at once."""

_REFUSED_FOR: Final = timedelta(days=1)
"""When to try again to change an issue whose change was refused."""

_log = structlog.stdlib.get_logger()


class Issues:
    """Keeps the issues of one tracker true.

    Args:
        tracker: Where issues are.
        store: What is known of them.
        clock: The time.
        health: Where problems are noted.
        wakes: Whom to wake when a card must follow; rings for new work, too.
        repositories: The repositories that are polled.
        poll_every: How often.
        close_when_quiet: Whether the issue of a problem that became quiet is closed.
    """

    def __init__(
        self,
        tracker: IssueTracker,
        store: IssueStore,
        clock: Clock,
        health: Health,
        wakes: Wakes,
        *,
        repositories: Collection[str],
        poll_every: timedelta,
        close_when_quiet: bool,
    ) -> None:
        self._writer = IssueWriter(tracker, store, clock, health)
        self._store = store
        self._clock = clock
        self._health = health
        self._wakes = wakes
        self._bell = wakes.bell()
        self._repositories = tuple(sorted(repositories))
        self._poll_every = poll_every
        self._close_when_quiet = close_when_quiet
        self._not_before = clock.now()
        self._poll_at = clock.now()
        self._failures = 0
        self._looked_at = 0
        self._released = True

    def replace(self, tracker: IssueTracker) -> None:
        """Use another configuration of the same tracker from the next step on."""
        self._writer.tracker = tracker
        self._not_before = self._poll_at = self._clock.now()
        self._released = False
        self._bell.set()

    async def run(self, draining: asyncio.Event) -> None:
        """Work until `draining` is set and nothing is due.

        Cancelling it in mid-write leaves the intent in the state: what was written is looked for
        after the restart.
        """
        while True:
            self._bell.clear()
            try:
                busy = await self.step()
            except StateUnusableError:
                raise
            except StoreError as error:
                self._health.problem("state", str(error), hint=error.hint)
                self._writer.tracker.look_anew()
                await self._clock.sleep(_ASK_SECONDS)
                busy = False
            if busy:
                continue
            if draining.is_set():
                return
            await self._wait(draining)

    async def step(self) -> bool:
        """Poll if it is time, else take the next step; say whether there was anything to do."""
        now = self._clock.now()
        if now < self._not_before:
            return False
        if now >= self._poll_at:
            self._poll_at = now + self._poll_every
            if not self._released:
                await self._store.release_issues(now=now)
                self._released = True
            await self._poll()
            return True
        case = await self._store.next_issue(now=now)
        if case is not None:
            await self._attempt(case)
        return case is not None

    async def _wait(self, draining: asyncio.Event) -> None:
        pause = self._clock.now() < self._not_before
        try:
            async with asyncio.timeout(_ASK_SECONDS):
                await (draining if pause else self._bell).wait()
        except TimeoutError:
            return

    async def _poll(self) -> None:
        """Look at what people did; one issue that is there is also asked for by its number."""
        tracker, store = self._writer.tracker, self._store
        try:
            for repository in self._repositories:
                if seen := await tracker.changed(repository):
                    self._follow(await store.see_issues(repository, seen, now=self._clock.now()))
            if known := await store.filed_issues():
                self._looked_at += 1
                repository, number = known[self._looked_at % len(known)]
                if not await tracker.is_there(repository, number):
                    await store.issue_gone(repository, number, now=self._clock.now())
        except DeliveryError as error:
            await self._pause_for(error)
        else:
            self._worked()

    async def _attempt(self, case: IssueCase) -> None:
        step = next_step(
            case.issue,
            case.notice,
            close_when_quiet=self._close_when_quiet,
            now=self._clock.now(),
        )
        log = _log.bind(about=case.issue.fingerprint, step=step.act.value, issue=case.issue.number)
        try:
            self._follow(await self._writer.take(step, case))
        except MessageGoneError as error:
            await self._gone(case, error)
        except RejectedError as error:
            log.error("issue_refused", error=str(error), hint=error.hint)
            await self._refused(case, step, str(error))
        except DeliveryError as error:
            await self._failed(case, error)
        else:
            self._worked()
            log.info("issue_step", topic=step.name)

    async def _gone(self, case: IssueCase, error: DeliveryError) -> None:
        """Tell an issue that is gone from a repository that is not there, or not for us."""
        issue = case.issue
        try:
            await self._writer.tracker.confirm(issue.repository)
        except DeliveryError as failure:
            await self._failed(case, failure)
            return
        if issue.number is None:
            await self._failed(case, TransientError(str(error), destination=error.destination))
            return
        await self._store.issue_gone(issue.repository, issue.number, now=self._clock.now())

    async def _refused(self, case: IssueCase, step: Step, error: str) -> None:
        issue, now = case.issue, self._clock.now()
        if step.act is not Act.FILE:
            # The issue is there, and says less than it should; one day later it is tried again.
            kept = replace(issue, said=step.name or issue.said)
            until = now + _REFUSED_FOR
            await self._writer.keep(
                kept, why=IssueWhy.REFUSED, detail=error, until=until, error=error
            )
            return
        kept = replace(issue, phase=Phase.REFUSED)
        await self._writer.keep(kept, why=IssueWhy.REFUSED, detail=error, error=error)
        details = (("problem", short_id(issue.fingerprint)), ("error", error))
        notice = TextNotice(kind=TextKind.ISSUE_REFUSED, at=now, details=details)
        await self._store.say(notice, about=issue.fingerprint)
        self._wakes.wake()

    async def _failed(self, case: IssueCase, error: DeliveryError) -> None:
        await self._store.issue_failed(case.issue.fingerprint, error=str(error))
        await self._pause_for(error)

    async def _pause_for(self, error: DeliveryError) -> None:
        """Wait before the next request, for every issue; the rows remember it over a restart."""
        now = self._clock.now()
        if isinstance(error, ThrottledError):
            until = now + error.retry_after
            _log.warning("throttled", sink=error.destination, error=str(error))
        elif isinstance(error, UnauthorizedError):
            until = now + _CLOSED_FOR
            self._health.problem(error.destination, str(error), hint=error.hint)
        else:
            self._failures += 1
            until = next_attempt(
                attempts=self._failures,
                now=now,
                jitter=random.random(),  # noqa: S311 -- spreads load, guards nothing
            )
            self._health.problem(error.destination, str(error), hint=error.hint)
        self._not_before = max(self._not_before, until)
        await self._store.hold_issues(until=self._not_before)

    def _worked(self) -> None:
        self._failures = 0
        self._health.clear(self._writer.tracker.name)

    def _follow(self, recorded: Recorded) -> None:
        if recorded.jobs:
            self._wakes.wake()
