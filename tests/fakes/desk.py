"""Everything between an event and its issue, on a clock that is pushed; GitHub is on loopback."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from logwatchd.domain.event import Severity, Sighting
from logwatchd.domain.issue import IssuePolicy
from logwatchd.domain.policy import Policy
from logwatchd.domain.redact import Redactor
from logwatchd.domain.texts import Language
from logwatchd.github.client import FixedToken
from logwatchd.github.opening import Identity, github_http, github_tracker
from logwatchd.github.tracker import GithubTracker
from logwatchd.pipeline.health import Health
from logwatchd.pipeline.issues import Issues
from logwatchd.pipeline.wake import Wakes
from logwatchd.ports import Recorded
from logwatchd.store.sqlite import Limits, SqliteStore, open_store
from tests.fakes.clock import FakeClock
from tests.fakes.github import REPOSITORY, TOKEN, FakeGithub
from tests.fakes.states import a_batch, sighting

NAME = "v1:00000000000000aa"
"""The problem of a test that needs only one."""

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def issue_policy(**changes: Any) -> Policy:
    """Return the defaults with issues, changed."""
    return Policy(
        sinks=("a",), digest=False, issues=IssuePolicy(**({"repository": REPOSITORY} | changes))
    )


def trouble(
    message: str = "pool timed out",
    severity: Severity = Severity.CRITICAL,
    *,
    name: str = NAME,
) -> Sighting:
    """Return an event with its verdict."""
    return sighting(message, severity, name=name)


@dataclass(slots=True)
class Desk:
    """One daemon's part that keeps issues, with its state."""

    clock: FakeClock
    peer: FakeGithub
    store: SqliteStore
    health: Health
    tracker: GithubTracker
    issues: Issues

    async def see(self, *sightings: Sighting, times: int = 1) -> Recorded:
        """Record events, now."""
        batch = a_batch([*sightings] * times or [trouble()] * times)
        return await self.store.record([batch], now=self.clock.now())

    async def work(self, for_: timedelta = SECOND) -> None:
        """Let it work for so long by its clock."""
        end = self.clock.now() + for_
        while self.clock.now() < end:
            if not await self.issues.step():
                self.clock.advance(seconds=max(for_.total_seconds() / 200, 1.0))

    async def sweep(self) -> None:
        """Resolve what became quiet."""
        await self.store.sweep(now=self.clock.now())

    async def whys(self, name: str = NAME) -> list[str]:
        """Return the decisions about issues that were stored, the earliest first."""
        found = await self.store._transact(
            lambda db: db.execute(
                "SELECT why FROM decision WHERE fingerprint = ? AND why LIKE 'issue_%' ORDER BY id",
                (name,),
            ).fetchall()
        )
        return [why for (why,) in found]

    async def phase(self, name: str = NAME) -> str:
        """Return how far the issue of a problem has come."""
        found = await self.store._transact(
            lambda db: db.execute(
                "SELECT phase FROM issue WHERE fingerprint = ?", (name,)
            ).fetchone()
        )
        return str(found[0]) if found else ""


@asynccontextmanager
async def a_desk(
    peer: FakeGithub,
    clock: FakeClock,
    state: Path | None = None,
    *,
    policy: Policy | None = None,
    token: str = TOKEN,
    holder: str = "one",
    language: Language = Language.EN,
    own_secrets: tuple[str, ...] = (),
) -> AsyncGenerator[Desk]:
    """Open a state and what keeps its issues; leaving it is what a kill -9 leaves behind."""
    policy = policy or issue_policy()
    assert policy.issues is not None
    now = clock.now()
    async with (
        open_store(state, policy, limits=Limits(), now=now) as store,
        github_http(peer.url, user_agent="logwatchd-test", proxy=None, ca_file=None) as http,
    ):
        identity = Identity(
            credentials=FixedToken(SecretStr(token)), login="", trusted=(), holder=holder
        )
        tracker = github_tracker(
            http,
            peer.url,
            identity,
            clock=clock,
            language=language,
            redact=Redactor(own_secrets=[token, *own_secrets]).text,
        )
        health = Health(clock)
        issues = Issues(
            tracker,
            store,
            clock,
            health,
            Wakes(),
            repositories=[policy.issues.repository],
            poll_every=MINUTE,
            close_when_quiet=policy.issues.close_when_quiet,
        )
        yield Desk(clock, peer, store, health, tracker, issues)
