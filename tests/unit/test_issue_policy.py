"""Which problems get an issue, and what is done next about one."""

from datetime import timedelta
from typing import Any

import pytest

from logwatchd.domain.event import Severity, Tell
from logwatchd.domain.incident import State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.issue import IssueNotice, IssuePolicy, IssueRoute, Phase, Shown, TrackedIssue
from logwatchd.domain.issue_policy import Filed, IssueWhy, decide_issue, sliding_hour
from logwatchd.domain.issue_steps import Act, Topic, look_again_at, next_milestone, next_step
from logwatchd.domain.reasons import MEANINGS
from tests.fakes.notices import FINGERPRINT, NOON, an_incident

POLICY = IssuePolicy(repository="acme/api", routes={"quiet-rule": IssueRoute(wanted=False)})
HOUR = timedelta(hours=1)
WARNING = Severity.WARNING


def decided(
    *,
    filed: Filed | None = None,
    lately: float = 1,
    after: timedelta = timedelta(0),
    **incident: Any,
) -> IssueWhy:
    """Decide about an incident."""
    return decide_issue(
        an_incident(**incident),
        lately=lately,
        filed=filed or Filed(),
        policy=POLICY,
        now=NOON + after,
    )


@pytest.mark.parametrize(
    ("why", "given"),
    [
        (IssueWhy.CRITICAL, {}),
        (IssueWhy.CRITICAL, {"episode": 4}),
        (IssueWhy.NOT_YET, {"severity": WARNING, "count": 9, "lately": 9}),
        (IssueWhy.OFTEN, {"severity": WARNING, "count": 10, "lately": 10}),
        (IssueWhy.RECURRED, {"severity": WARNING, "count": 2, "after": HOUR}),
        (IssueWhy.NOT_YET, {"severity": WARNING, "count": 2, "after": HOUR * 0.99}),
        (IssueWhy.NOT_YET, {"severity": WARNING, "count": 3, "episode": 2, "after": HOUR}),
        (IssueWhy.NOT_TOLD, {"severity": Severity.INFO, "count": 999, "lately": 999}),
        (IssueWhy.NOT_TOLD, {"tell": Tell.DIGEST}),
        (IssueWhy.NOT_MUTED, {"state": State.MUTED}),
        (IssueWhy.NOT_BY_RULE, {"rule": "quiet-rule"}),
        (IssueWhy.HELD_HOUR_CEILING, {"filed": Filed(5, 5)}),
        (IssueWhy.HELD_DAY_CEILING, {"filed": Filed(0, 20)}),
        (IssueWhy.NOT_YET, {"severity": WARNING, "filed": Filed(5, 20)}),
    ],
)
def test_a_problem_gets_an_issue_for_a_named_reason(why: IssueWhy, given: dict[str, Any]) -> None:
    """The policy of the design, line by line."""
    assert decided(**given) is why


def test_every_decision_about_issues_has_a_meaning() -> None:
    """`why` shows it."""
    assert set(IssueWhy) <= set(MEANINGS)


def test_an_hour_slides_over_the_clocks_hours() -> None:
    """Nine events at five to and three at five past are twelve within ten minutes."""
    assert sliding_hour(9, 3, past=timedelta(minutes=5)) == pytest.approx(11.25)
    assert sliding_hour(9, 3, past=timedelta(0)) == 12
    assert sliding_hour(9, 3, past=HOUR) == 3


def step(
    issue: dict[str, Any] | None = None,
    shown: dict[str, Any] | None = None,
    *,
    closes: bool = True,
    after: timedelta = timedelta(0),
    **incident: Any,
) -> tuple[Act, Topic | None]:
    """Return the next step for an issue that shows how the problem stood, changed as given."""
    before: dict[str, Any] = {
        "count": 1,
        "state": State.OPEN,
        "episode": 1,
        "severity": Severity.CRITICAL,
        "at": NOON,
    }
    tracked: dict[str, Any] = {"fingerprint": FINGERPRINT, "repository": "acme/api", "number": 7}
    found = next_step(
        TrackedIssue(
            phase=Phase.FILED, shown=Shown(**(before | (shown or {}))), **(tracked | (issue or {}))
        ),
        IssueNotice(incident=view_of(an_incident(**incident)), why="x", hourly=(), at=NOON),
        close_when_quiet=closes,
        now=NOON + after,
    )
    return found.act, found.topic


RESOLVED = {"state": State.RESOLVED}
QUIET = f"{Topic.QUIET} 2026-02-03T12:00:00Z"
BACK = f"{Topic.REGRESSED} 2026-02-03T12:00:00Z"


@pytest.mark.parametrize(
    ("act", "topic", "given"),
    [
        (Act.FILE, None, {"issue": {"number": None}}),
        (Act.NOTHING, None, {}),
        (Act.NOTHING, None, {"count": 9}),
        (Act.EDIT, None, {"count": 10}),
        (Act.NOTHING, None, {"count": 99, "shown": {"count": 10}}),
        (Act.EDIT, None, {"count": 5_000, "shown": {"count": 999}}),
        (Act.NOTHING, None, {"count": 5_000, "shown": {"count": 1_000}}),
        (Act.EDIT, None, {"count": 5_000, "shown": {"count": 1_000}, "after": timedelta(days=1)}),
        (Act.EDIT, None, {"state": State.ACKNOWLEDGED}),
        (Act.EDIT, None, {"shown": {"at": None, "state": None, "severity": None}}),
        (Act.COMMENT, Topic.ESCALATED, {"shown": {"severity": WARNING}}),
        (Act.EDIT, None, {"shown": {"severity": WARNING}, "issue": {"said": "escalated critical"}}),
        (Act.EDIT, None, {"severity": WARNING}),
        (Act.COMMENT, Topic.QUIET, RESOLVED),
        (Act.CLOSE, None, {**RESOLVED, "issue": {"said": QUIET}}),
        (Act.EDIT, None, {**RESOLVED, "closes": False}),
        (Act.EDIT, None, {**RESOLVED, "issue": {"assigned": True}}),
        (Act.EDIT, None, {**RESOLVED, "issue": {"closed": True}}),
        (Act.COMMENT, Topic.REGRESSED, {"episode": 2, "issue": {"closed": True}}),
        (Act.REOPEN, None, {"episode": 2, "issue": {"closed": True, "said": BACK}}),
        (Act.EDIT, None, {"episode": 2, "issue": {"closed": True, "close_reason": "not_planned"}}),
        (Act.EDIT, None, {"episode": 2}),
        (Act.UNLABEL, None, {"issue": {"mute_label": "logwatchd:mute-7d"}}),
        (Act.EDIT, None, {"state": State.MUTED}),
        (Act.NOTHING, None, {"state": State.MUTED, "count": 99, "shown": {"state": State.MUTED}}),
    ],
)
def test_the_next_step_is_the_one_that_is_missing(
    act: Act, topic: Topic | None, given: dict[str, Any]
) -> None:
    """From what is known alone: whatever died when."""
    assert step(**given) == (act, topic)


def test_a_write_that_is_not_found_is_looked_for_until_a_minute_has_passed() -> None:
    """Only then may it be sent again."""
    looks = [look_again_at(NOON, now=NOON + timedelta(seconds=each)) for each in (0, 10, 59, 60)]
    seconds = [None if each is None else (each - NOON).total_seconds() for each in looks]
    assert seconds == [10, 30, 60, None]


def test_milestones_end() -> None:
    """Beyond the last one there is one edit a day."""
    assert [next_milestone(each) for each in (0, 9, 10, 999)] == [10, 10, 100, 1_000]
    assert next_milestone(1_000) > 10**15
