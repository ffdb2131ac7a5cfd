"""The life of an issue: what it says at each step, and what people do to it."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import State
from logwatchd.domain.issue import IssueRoute
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.store.incidents import load_incident
from logwatchd.store.merge import merge
from tests.fakes.clock import FakeClock
from tests.fakes.desk import HOUR, MINUTE, NAME, Desk, a_desk, issue_policy, trouble
from tests.fakes.github import FakeGithub, Fault, fake_github

WEEK = timedelta(days=7)


@pytest.fixture
def clock() -> FakeClock:
    """Hold the time."""
    return FakeClock()


@pytest.fixture
async def peer(clock: FakeClock) -> AsyncIterator[FakeGithub]:
    """Serve GitHub; whatever a test does, nothing that is forbidden may be asked."""
    async with fake_github(clock) as opened:
        yield opened
        assert opened.violations == []


async def state_of(desk: Desk) -> State:
    """Return how the problem stands."""
    incident = await desk.store.incident(NAME)
    assert incident is not None
    return incident.state


def said(peer: FakeGithub, number: int = 1) -> list[str]:
    """Return the comments of an issue without their markers."""
    return [each["body"].partition("\n")[2] for each in peer.comments[number]]


def row(peer: FakeGithub, name: str) -> str:
    """Return a number from the table of an issue's body."""
    lines = str(peer.issues[1]["body"]).split("\n")
    return next(line.split("|")[2].strip() for line in lines if line.startswith(f"| {name} |"))


async def test_a_life_from_the_first_warning_to_quiet(peer: FakeGithub, clock: FakeClock) -> None:
    """One issue all along: filed, escalated, closed when quiet, reopened when it comes back."""
    warning = trouble(severity=Severity.WARNING)
    async with a_desk(peer, clock, policy=issue_policy(close_when_quiet=True)) as desk:
        # Nine warnings are no issue; the tenth within the hour is one.
        await desk.see(warning, times=9)
        await desk.work(10 * MINUTE)
        assert peer.ours() == []
        await desk.see(warning)
        await desk.work(MINUTE)
        assert row(peer, "Count") == "10"
        assert peer.names_of(1) == {"logwatchd", "severity:warning", "category:application"}

        # It goes on. The count is brought up to date at the milestone, not before.
        await desk.see(warning, times=50)
        await desk.work(10 * MINUTE)
        assert row(peer, "Count") == "10"
        await desk.see(warning, times=40)
        await desk.work(5 * MINUTE)
        assert row(peer, "Count") == "100"

        # It becomes critical: one comment, another label.
        await desk.see(trouble(), times=5)
        await desk.work(5 * MINUTE)
        assert said(peer) == ["This became critical. 105 events so far."]
        assert "severity:critical" in peer.names_of(1)
        assert "severity:warning" not in peer.names_of(1)

        # A day of quiet: said in a comment, then closed.
        clock.advance(hours=25)
        await desk.sweep()
        await desk.work(5 * MINUTE)
        assert said(peer)[1].startswith("Quiet since 2026-01-01 12:26")
        assert (peer.issues[1]["state"], peer.issues[1]["state_reason"]) == ("closed", "completed")

        # It comes back: said, and reopened. Never a second issue.
        await desk.see(trouble())
        await desk.work(5 * MINUTE)
        assert said(peer)[2].startswith("Seen again at 2026-01-02 13:")
        assert peer.issues[1]["state"] == "open"
        assert row(peer, "Count") == "106 in all, 1 in this episode"
        assert len(peer.ours()) == 1
        assert await desk.whys() == [
            IssueWhy.OFTEN,
            IssueWhy.OPENED,
            IssueWhy.UPDATED,
            IssueWhy.ESCALATED,
            IssueWhy.UPDATED,
            IssueWhy.CLOSED_QUIET,
            IssueWhy.REOPENED,
        ]


async def test_a_new_warning_that_comes_back_after_an_hour_has_an_issue(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """Two events in a row are a hiccup; the second one an hour later is a problem."""
    warning = trouble(severity=Severity.WARNING)
    async with a_desk(peer, clock) as desk:
        await desk.see(warning, times=2)
        clock.advance(hours=1)
        await desk.see(warning)
        await desk.work(MINUTE)
        assert (await desk.whys())[0] == IssueWhy.RECURRED
        assert len(peer.ours()) == 1


async def test_beyond_the_last_milestone_the_count_follows_once_a_day(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """An issue is no counter: each edit is a line in its history."""
    async with a_desk(peer, clock) as desk:
        await desk.see(times=1_500)
        await desk.work(5 * MINUTE)
        for _ in range(8):
            clock.advance(hours=6)
            await desk.see(times=100)
            await desk.work(MINUTE)

        edits = [each for each in peer.requests if each.method == "PATCH"]
        assert len(edits) == 2
        assert row(peer, "Count") == "2,300"


async def test_a_muted_problem_moves_its_issue_no_more(peer: FakeGithub, clock: FakeClock) -> None:
    """Once it says that it is muted; then it is left alone, whatever is logged."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, labels=["logwatchd", "logwatchd:mute"])
        await desk.work(3 * MINUTE)
        assert await state_of(desk) is State.MUTED
        assert "· muted" in peer.issues[1]["body"]

        shown = peer.issues[1]["body"]
        await desk.see(times=200)
        await desk.work(5 * MINUTE)
        assert peer.issues[1]["body"] == shown


async def test_an_issue_names_the_issues_of_problems_that_were_merged_into_its_own(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """The events of the merged one count here from then on; its own issue is left as it is."""
    other = "v1:00000000000000bb"
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.see()
        await desk.see(trouble("deadlock", name=other))
        await desk.work(2 * MINUTE)
        await desk.store._transact(lambda db: _merge(db, NAME, other, clock))
        await desk.see(trouble("deadlock", name=other), times=20)
        await desk.work(2 * MINUTE)
        assert "Merged into this one: #2" in peer.issues[1]["body"]
        assert row(peer, "Count") == "21"
        assert [each["state"] for each in peer.ours()] == ["open", "open"]


def _merge(db: sqlite3.Connection, into: str, merged: str, clock: FakeClock) -> None:
    one, other = load_incident(db, into), load_incident(db, merged)
    assert one is not None
    assert other is not None
    merge(db, one, other, issue_policy(), now=clock.now())


async def test_closing_an_issue_resolves_its_problem_and_reopening_opens_it(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """The issue is where people work; Discord's card follows."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, state="closed", state_reason="completed")
        await desk.work(3 * MINUTE)
        assert await state_of(desk) is State.RESOLVED

        peer.change(1, state="open", state_reason="reopened")
        await desk.work(3 * MINUTE)
        assert await state_of(desk) is State.OPEN
        assert await desk.whys() == [
            IssueWhy.CRITICAL,
            IssueWhy.OPENED,
            IssueWhy.CLOSED_BY_PERSON,
            IssueWhy.UPDATED,
            IssueWhy.REOPENED_BY_PERSON,
            IssueWhy.UPDATED,
        ]
        assert said(peer) == []


@pytest.mark.parametrize("reason", ["not_planned", "duplicate"])
async def test_an_issue_that_was_closed_for_another_reason_is_never_reopened(
    reason: str, peer: FakeGithub, clock: FakeClock
) -> None:
    """Somebody decided that it is not to be worked on; the card in Discord tells all the same."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, state="closed", state_reason=reason)
        await desk.work(3 * MINUTE)
        await desk.see(times=3)
        await desk.work(5 * MINUTE)

        assert await state_of(desk) is State.OPEN
        assert peer.issues[1]["state"] == "closed"
        assert said(peer) == []
        assert len(peer.ours()) == 1


async def test_a_week_of_silence_by_a_label_ends_and_takes_the_label_away(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """A label that says nothing any more would mislead."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, labels=["logwatchd", "mine", "logwatchd:mute-7d"])
        await desk.work(3 * MINUTE)
        assert await state_of(desk) is State.MUTED

        clock.advance(days=6)
        await desk.sweep()
        await desk.work(3 * MINUTE)
        assert await state_of(desk) is State.MUTED
        clock.advance(days=1)
        await desk.sweep()
        await desk.work(5 * MINUTE)
        assert await state_of(desk) is State.OPEN
        assert peer.names_of(1) == {"logwatchd", "mine"}
        assert IssueWhy.LABEL_REMOVED in await desk.whys()


async def test_taking_the_label_away_ends_the_mute(peer: FakeGithub, clock: FakeClock) -> None:
    """The label is the switch."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, labels=["logwatchd", "logwatchd:mute"])
        await desk.work(3 * MINUTE)
        peer.change(1, labels=["logwatchd"])
        await desk.work(3 * MINUTE)
        assert await state_of(desk) is State.OPEN


@pytest.mark.parametrize("status", [404, 410, 301], ids=["hidden", "deleted", "transferred"])
async def test_an_issue_that_is_gone_is_noticed_and_not_filed_again(
    status: int, peer: FakeGithub, clock: FakeClock
) -> None:
    """Somebody did not want it there."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.gone[1] = status
        await desk.work(5 * MINUTE)
        assert await desk.phase() == "gone"
        await desk.see(times=200)
        await desk.work(5 * MINUTE)
        assert len(peer.ours()) == 1


async def test_an_issue_that_somebody_took_over_is_not_closed_by_silence(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """It is theirs to close."""
    async with a_desk(peer, clock, policy=issue_policy(close_when_quiet=True)) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, assignees=[{"login": "kim"}])
        await desk.work(3 * MINUTE)
        clock.advance(hours=25)
        await desk.sweep()
        await desk.work(5 * MINUTE)
        assert await state_of(desk) is State.RESOLVED
        assert peer.issues[1]["state"] == "open"


@pytest.mark.fault
@pytest.mark.parametrize("lands_after", [0.0, 8.0, None], ids=["taken", "late", "never"])
async def test_a_comment_whose_reply_is_lost_is_there_once(
    lands_after: float | None, peer: FakeGithub, clock: FakeClock
) -> None:
    """It is looked for by its marker before it is sent again."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        peer.change(1, state="closed", state_reason="completed")
        await desk.work(3 * MINUTE)
        peer.play(Fault(path="/comments", lands_after=lands_after))
        await desk.see()
        await desk.work(5 * MINUTE)

        assert len(said(peer)) == 1
        assert peer.issues[1]["state"] == "open"


async def test_what_people_did_while_it_was_down_is_seen_after_the_start(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """No list of changes is missed: the first look reads all."""
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.see()
        await desk.work(MINUTE)
    peer.change(1, state="closed", state_reason="completed")
    for _ in range(60):
        peer.add(author="kim", labels=[{"name": "logwatchd"}])
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.work(MINUTE)
        assert await state_of(desk) is State.RESOLVED


async def test_a_poll_without_news_costs_nothing(peer: FakeGithub, clock: FakeClock) -> None:
    """A reply of 304 does not count against the limit."""
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(5 * MINUTE)
        asked = len(peer.requests)
        await desk.work(10 * MINUTE)
        polls = peer.requests[asked:]
        assert 18 <= len(polls) <= 22
        assert all("if-none-match" in each.headers for each in polls)


async def test_ceilings_hold_issues_back_and_the_first_one_is_told(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """Each is named and stored; one that occurs again when there is room is filed then."""
    policy = issue_policy(ceiling_hour=2, ceiling_day=3)
    names = [f"v1:{number:016x}" for number in range(1, 6)]
    async with a_desk(peer, clock, policy=policy) as desk:
        for name in names[:4]:
            await desk.see(trouble(name, name=name))
        await desk.work(2 * MINUTE)
        assert len(peer.ours()) == 2
        assert await desk.whys(names[2]) == [IssueWhy.HELD_HOUR_CEILING]
        told = []
        while (job := await desk.store.claim("a", now=clock.now())) is not None:
            told += [job.subject] if job.subject.startswith("text:issues_held") else []
        assert told == ["text:issues_held:issue_held_hour_ceiling"]

        clock.advance(hours=1)
        for name in names[2:]:
            await desk.see(trouble(name, name=name))
        await desk.work(2 * MINUTE)
        assert len(peer.ours()) == 3
        assert await desk.whys(names[4]) == [IssueWhy.HELD_DAY_CEILING]


async def test_a_rule_decides_whether_and_where_there_is_an_issue(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """`issue = false` in a rule; `issue_repository` is asked like the other one."""
    policy = issue_policy(routes={"r": IssueRoute(wanted=False)})
    async with a_desk(peer, clock, policy=policy) as desk:
        await desk.see(times=20)
        await desk.work(MINUTE)
        assert peer.ours() == []


async def test_a_problem_that_is_muted_before_it_was_filed_waits(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """A person said that nobody should hear of it."""
    peer.token = "another"  # so that it cannot be filed at once
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)
        await desk.store._transact(
            lambda db: db.execute("UPDATE incident SET state = 'muted'").fetchall()
        )
        peer.token = "github" + "_pat_" + "made0up" * 5
        await desk.work(HOUR)
        assert peer.ours() == []
        await desk.store._transact(
            lambda db: db.execute("UPDATE incident SET state = 'open'").fetchall()
        )
        await desk.work(20 * MINUTE)
        assert len(peer.ours()) == 1
