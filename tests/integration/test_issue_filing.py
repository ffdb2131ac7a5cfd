"""Exactly one issue, whatever dies when."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from logwatchd.domain.issue_marker import issue_marker
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.github.payload import TURN_LABEL
from tests.fakes.clock import FakeClock
from tests.fakes.desk import DAY, HOUR, MINUTE, NAME, Desk, a_desk, trouble
from tests.fakes.github import LOGIN, FakeGithub, Fault, fake_github


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


class _Killed(BaseException):
    """What a kill -9 is to the code: nothing after it runs."""


async def killed_at(desk: Desk, method: str, path: str, *, lands: bool) -> None:
    """Let a daemon die while a request is on its way; `lands` says whether it is taken."""
    desk.peer.play(Fault(method=method, path=path, lands_after=0 if lands else None))
    real = desk.store.keep_issue
    dead = asyncio.Event()

    def died(request: object) -> None:
        if getattr(request, "method", "") == method and str(request.path).endswith(path):  # type: ignore[attr-defined]
            dead.set()

    async def keep(*values: object, **more: object) -> None:
        if dead.is_set():
            raise _Killed
        await real(*values, **more)  # type: ignore[arg-type]

    desk.peer.on_request = died
    desk.store.keep_issue = keep  # type: ignore[method-assign]
    desk.store.hold_issues = keep  # type: ignore[method-assign]
    with pytest.raises(_Killed):
        await desk.work(MINUTE)
    desk.peer.on_request = lambda _: None


async def test_a_critical_problem_has_one_issue_at_first_sight(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """The ordinary case."""
    async with a_desk(peer, clock) as desk:
        recorded = await desk.see()
        assert recorded.jobs
        assert recorded.reasons[IssueWhy.CRITICAL] == 1
        await desk.work(MINUTE)

        [issue] = peer.ours()
        assert issue["title"] == "pool timed out"
        assert issue["body"].startswith(issue_marker(NAME))
        assert peer.names_of(1) == {"logwatchd", "severity:critical", "category:application"}
        assert peer.labels["severity:critical"]["color"] == "b60205"
        assert TURN_LABEL not in peer.labels
        assert await desk.whys() == [IssueWhy.CRITICAL, IssueWhy.OPENED]


@pytest.mark.fault
@pytest.mark.parametrize("lands", [True, False], ids=["taken", "not taken"])
async def test_a_daemon_killed_after_its_post_was_sent_finds_what_became_of_it(
    lands: bool, peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """The intent is in the state before the request; the next daemon looks before it sends."""
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.see()
        await killed_at(desk, "POST", "/issues", lands=lands)
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.work(2 * MINUTE)

        assert len(peer.ours()) == 1
        assert await desk.phase() == "filed"
        assert TURN_LABEL not in peer.labels


@pytest.mark.fault
async def test_a_creation_that_lands_eight_seconds_after_the_connection_was_cut_is_found(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """It is in no list when it is first looked for."""
    peer.play(Fault(lands_after=8))
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(5 * MINUTE)

        assert len(peer.ours()) == 1
        assert await desk.phase() == "filed"


@pytest.mark.fault
async def test_a_list_that_lags_behind_by_half_a_minute_makes_no_second_issue(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """Search lags more, and is never asked; lists were seen to lag, too."""
    peer.list_lag = timedelta(seconds=35)
    peer.play(Fault(lands_after=1))
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(5 * MINUTE)

        assert len(peer.ours()) == 1


@pytest.mark.fault
async def test_an_issue_is_found_among_three_hundred_after_the_state_was_lost(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """The marker comes from the content alone, so any state makes the same one."""
    async with a_desk(peer, clock, tmp_path / "first") as desk:
        await desk.see()
        await desk.work(MINUTE)
    for number in range(310):
        body = issue_marker(f"v1:{number + 4096:016x}")
        peer.add(author=LOGIN, body=body, labels=[{"name": "logwatchd"}])
    clock.advance(days=1)
    async with a_desk(peer, clock, tmp_path / "second") as desk:
        await desk.see()
        await desk.work(2 * MINUTE)

        marked = [each for each in peer.ours() if each["body"].startswith(issue_marker(NAME))]
        assert [each["number"] for each in marked] == [1]
        assert await desk.whys() == [IssueWhy.CRITICAL, IssueWhy.FOUND, IssueWhy.UPDATED]


@pytest.mark.fault
async def test_two_daemons_that_see_a_problem_at_once_file_one_issue(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """Both look, both find none; only one has the turn."""
    peer.one_daemon = False
    async with (
        a_desk(peer, clock, tmp_path / "one", holder="one") as one,
        a_desk(peer, clock, tmp_path / "two", holder="two") as two,
    ):
        await one.see()
        await two.see()
        async with asyncio.TaskGroup() as group:
            group.create_task(one.work(2 * MINUTE))
            group.create_task(two.work(2 * MINUTE))

        assert len(peer.ours()) == 1
        assert (await one.phase(), await two.phase()) == ("filed", "filed")


@pytest.mark.fault
async def test_a_turn_that_a_dead_daemon_left_is_over_after_ten_minutes(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """It died between taking the turn and filing, and never comes back."""
    async with a_desk(peer, clock, tmp_path / "dead", holder="dead") as dead:
        await dead.see()
        await killed_at(dead, "POST", "/issues", lands=False)
    async with a_desk(peer, clock, tmp_path / "alive", holder="alive") as alive:
        await alive.see()
        await alive.work(8 * MINUTE)
        assert peer.ours() == []
        await alive.work(5 * MINUTE)
        assert len(peer.ours()) == 1


@pytest.mark.fault
@pytest.mark.parametrize(
    ("headers", "body", "pause"),
    [
        ({"retry-after": "90"}, {}, 90),
        ({}, {"message": "You have exceeded a secondary rate limit."}, 60),
    ],
    ids=["with retry-after", "without"],
)
async def test_a_secondary_limit_in_the_middle_is_waited_for(
    headers: dict[str, str],
    body: dict[str, str],
    pause: int,
    peer: FakeGithub,
    clock: FakeClock,
    tmp_path: Path,
) -> None:
    """Nothing at all is asked in that time, not even after a restart."""
    peer.play(Fault(status=403, headers=headers, body=body))
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.see()
        while not any(
            each.method == "POST" and each.path.endswith("/issues") for each in peer.requests
        ):
            await desk.issues.step()
        asked = len(peer.requests)
        await desk.work(timedelta(seconds=pause - 10))
        assert len(peer.requests) == asked
    async with a_desk(peer, clock, tmp_path) as desk:
        await desk.work(timedelta(seconds=5))
        assert peer.ours() == []
        await desk.work(MINUTE)
        assert len(peer.ours()) == 1


@pytest.mark.fault
async def test_a_primary_limit_is_waited_for_until_it_is_reset(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """By GitHub's own time for it."""
    reset = int(clock.now().timestamp()) + 1_800
    limited = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(reset)}
    peer.play(Fault(method="GET", path="/issues", status=403, headers=limited))
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(29 * MINUTE)
        assert len(peer.requests) <= 4
        await desk.work(3 * MINUTE)
        assert len(peer.ours()) == 1


@pytest.mark.fault
async def test_an_expired_token_is_said_and_the_issue_follows_when_there_is_a_new_one(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """Nothing is lost, and it is not asked all the time."""
    peer.token = "another"
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(35 * MINUTE)
        assert "HTTP 401" in desk.health.problems()["github"]
        assert len(peer.requests) <= 5
        peer.token = "github" + "_pat_" + "made0up" * 5
        await desk.work(15 * MINUTE)
        assert len(peer.ours()) == 1
        assert "github" not in desk.health.problems()


@pytest.mark.fault
async def test_a_reload_with_a_new_token_files_at_once(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """Whoever mended it does not wait for ten minutes."""
    peer.token = "another"
    async with (
        a_desk(peer, clock) as desk,
        a_desk(peer, clock, tmp_path, token="another") as mended,
    ):
        await desk.see()
        await desk.work(MINUTE)
        desk.issues.replace(mended.tracker)
        await desk.work(MINUTE)
        assert len(peer.ours()) == 1


@pytest.mark.fault
async def test_what_github_refuses_is_never_sent_again_and_people_hear_of_it(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """422 is about the content; the same content is refused for ever."""
    peer.play(Fault(status=422, times=99))
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(HOUR)

        sent = [each for each in peer.requests if each.path.endswith("/issues") and each.json]
        assert len(sent) == 1
        assert await desk.phase() == "refused"
        told = await desk.store.claim("a", now=clock.now() + DAY)
        while told is not None and told.kind.value != "text":
            told = await desk.store.claim("a", now=clock.now() + DAY)
        assert told is not None
        assert TURN_LABEL not in peer.labels


@pytest.mark.fault
async def test_a_creation_nobody_answers_is_given_up_after_three(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """A minute lies between two, each looked for three times before."""
    peer.play(Fault(times=99))
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(HOUR)

        sent = [each for each in peer.requests if each.path.endswith("/issues") and each.json]
        assert len(sent) == 3
        assert await desk.phase() == "refused"


@pytest.mark.parametrize(
    ("attribute", "value", "said"),
    [
        ("moved", True, "HTTP 301"),
        ("archived", True, "archived"),
        ("has_issues", False, "no issues"),
    ],
)
async def test_a_repository_that_takes_no_issues_is_a_problem_that_says_what_to_do(
    attribute: str, value: bool, said: str, peer: FakeGithub, clock: FakeClock
) -> None:
    """No redirect is followed: a name in an answer is nobody's setting."""
    setattr(peer, attribute, value)
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(5 * MINUTE)

        assert said in desk.health.problems()["github"]
        assert peer.ours() == []
        assert await desk.phase() == "wanted"
        assert not any("elsewhere" in each.path for each in peer.requests)


async def test_labels_that_are_dropped_are_noticed_and_the_issue_is_found_by_its_author(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """GitHub drops the labels of those who may not label, without a word."""
    peer.keeps_labels = False
    async with a_desk(peer, clock, tmp_path / "first") as desk:
        await desk.see()
        await desk.work(MINUTE)
        assert "labels are dropped" in desk.health.problems()["github:labels"]
    async with a_desk(peer, clock, tmp_path / "second") as desk:
        await desk.see()
        await desk.work(MINUTE)

        assert len(peer.ours()) == 1
        assert await desk.phase() == "filed"


async def test_a_marker_that_somebody_else_wrote_is_not_believed(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """Or anyone who may open an issue could keep a problem from getting one."""
    peer.add(author="mallory", body=issue_marker(NAME), labels=[{"name": "logwatchd"}])
    quoted = f"see\n{issue_marker(NAME)}"
    peer.add(author=LOGIN, body=quoted, labels=[{"name": "logwatchd"}])
    async with a_desk(peer, clock) as desk:
        await desk.see()
        await desk.work(MINUTE)

        assert len(peer.ours()) == 2
        assert await desk.whys() == [IssueWhy.CRITICAL, IssueWhy.OPENED]


@pytest.mark.fault
async def test_an_answer_that_is_no_list_is_not_taken_for_an_empty_one(
    peer: FakeGithub, clock: FakeClock, tmp_path: Path
) -> None:
    """Something between us and GitHub may answer anything; a second issue would be filed."""
    async with a_desk(peer, clock, tmp_path / "first") as desk:
        await desk.see()
        await desk.work(MINUTE)
    peer.play(Fault(method="GET", status=200, body={"message": "hello"}, times=3))
    async with a_desk(peer, clock, tmp_path / "second") as desk:
        await desk.see()
        await desk.work(MINUTE)

        assert len(peer.ours()) == 1
        assert await desk.phase() == "filed"


async def test_of_two_issues_of_one_problem_the_older_stays(
    peer: FakeGithub, clock: FakeClock
) -> None:
    """Where no turns could be taken there may be two; the second is closed as a duplicate."""
    for _ in range(2):
        peer.add(author=LOGIN, body=issue_marker(NAME), labels=[{"name": "logwatchd"}])
    async with a_desk(peer, clock) as desk:
        await desk.see(trouble())
        await desk.work(2 * MINUTE)

        states = [(each["state"], each["state_reason"]) for each in peer.ours()]
        assert states == [("open", None), ("closed", "duplicate")]
