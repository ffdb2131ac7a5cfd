"""Suspects are ranked before a model is asked, and that no commit is to blame is one of them."""

from datetime import timedelta

from logwatchd.domain.event import Category
from logwatchd.domain.suspects import Touch, Touched, ranked
from tests.fakes.clock import NOON


def touched(
    name: str, *, before: timedelta, touch: Touch = Touch.FUNCTION, rank: int = 0
) -> Touched:
    """Return a commit that was made so long before the first event."""
    return Touched(name, NOON - before, touch, rank)


def order(*commits: Touched, category: Category = Category.APPLICATION) -> list[str]:
    """Return the suspects' names, the likeliest first."""
    return [each.id for each in ranked(commits, first_seen=NOON, category=category)]


def test_a_change_of_today_stands_before_one_of_last_year() -> None:
    """What worked for a year did not begin to fail by itself."""
    found = order(
        touched("old", before=timedelta(days=400)), touched("new", before=timedelta(hours=3))
    )

    assert found[0] == "new"
    assert found.index("") < found.index("old")


def test_without_a_commit_there_is_the_candidate_that_none_is_to_blame() -> None:
    """Most problems have no cause in the code."""
    assert order() == [""]


def test_what_was_committed_after_the_first_event_stands_last() -> None:
    """It may be the fix; it stays, for the clock of a log may be wrong."""
    fix, old = touched("fix", before=-timedelta(hours=1)), touched("a", before=timedelta(days=99))
    assert order(fix, old)[-1] == "fix"


def test_a_provider_is_suspected_before_a_commit_of_last_week() -> None:
    """A model's API fails more often by itself than by our code."""
    commit = touched("week", before=timedelta(days=6), touch=Touch.STATEMENT)

    assert order(commit, category=Category.LLM)[0] == ""
    assert order(commit, category=Category.OTHER)[0] == "week"


def test_a_commit_that_touched_the_likeliest_place_stands_before_others_of_its_day() -> None:
    """The order of the places is the order of the evidence."""
    found = order(
        touched("second", before=timedelta(hours=2), rank=1),
        touched("first", before=timedelta(hours=2), rank=0),
    )

    assert found[:2] == ["first", "second"]


def test_a_commit_of_comments_stands_behind_none_and_the_change_before_it() -> None:
    """The last commit of a function is often the one that explained it."""
    found = order(
        touched("comment", before=timedelta(hours=1), touch=Touch.COSMETIC),
        touched("change", before=timedelta(days=3)),
    )

    assert found == ["change", "", "comment"]


def test_an_event_that_names_its_cause_speaks_for_no_commit() -> None:
    """A full disk on the day of a deploy is still a full disk."""
    deploy = touched("deploy", before=timedelta(hours=3))
    found = ranked([deploy], first_seen=NOON, category=Category.LLM, outside=True)

    assert found[0].id == ""
    assert "names a cause" in found[0].why


def test_the_order_depends_on_nothing_but_the_input() -> None:
    """The same problem, asked about twice, has the same suspects."""
    commits = [touched(name, before=timedelta(days=2)) for name in "cab"]

    assert order(*commits) == order(*reversed(commits))
