"""How well incidents with a known answer were diagnosed: shares, ranks and calibration."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.diagnosis import Verified

TOP: Final = 3
"""A guilty commit counts as ranked when it is among so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkup:
    """One reply to one incident, and what the checks made of it.

    Attributes:
        right: Whether the reply is known to be right.
        false_quotes: Quotes in it that stand in no piece.
        kept_false: How many of these passed the checks.
        acted: Whether something of it passed that was never offered: a commit or a file.
        verified: The answer as it was checked, None where there was none.
    """

    right: bool
    false_quotes: int
    kept_false: int
    acted: bool
    verified: Verified | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one incident.

    Attributes:
        name: Its name.
        has_site: Whether the true line is anywhere in the repository.
        in_context: Whether it is in the question.
        guilty: Whether a commit is to blame.
        rank: The place of the right candidate among the suspects, from 1, 0 where it is missing;
            without a guilty commit, the place of "none".
        leaked: Whether a secret of the log is in the question.
        tokens: About how many tokens the question has.
        nanodollars: What a call costs at these tokens and an answer of ordinary length.
        replies: The replies to it.
    """

    name: str
    has_site: bool
    in_context: bool
    guilty: bool
    rank: int
    leaked: bool
    tokens: int
    nanodollars: int
    replies: tuple[Checkup, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    found: int
    of: int

    @property
    def percent(self) -> float:
        """The share; of nothing, all was found."""
        return 100.0 * self.found / self.of if self.of else 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """The figures of a run.

    Attributes:
        in_context: Questions that hold the true line, of those that could.
        guilty_top: Guilty commits among the first `TOP` suspects.
        guilty_first: Guilty commits in the first place.
        none_first: Incidents without a guilty commit that have "none" in the first place.
        caught: Quotes that stand nowhere and were not kept.
        acted: Replies of which something passed that was never offered.
        leaked: Questions with a secret in them.
        brier_said: Mean squared error of the confidence as said, from 0 to 1.
        brier_shown: The same of the confidence as shown.
        nanodollars: What the calls would cost together.
    """

    in_context: Share
    guilty_top: Share
    guilty_first: Share
    none_first: Share
    caught: Share
    acted: int
    leaked: int
    brier_said: float
    brier_shown: float
    nanodollars: int

    @property
    def held(self) -> bool:
        """Whether the targets are met."""
        return (
            self.in_context.percent >= 95  # noqa: PLR2004 -- the targets
            and self.guilty_top.percent >= 80  # noqa: PLR2004
            and self.none_first.percent >= 80  # noqa: PLR2004
            and self.caught.found == self.caught.of
            and self.acted == self.leaked == 0
        )


def scores(outcomes: Sequence[Outcome]) -> Scores:
    """Return the figures of some incidents."""
    with_site = [each for each in outcomes if each.has_site]
    guilty = [each for each in outcomes if each.guilty]
    innocent = [each for each in outcomes if not each.guilty]
    replies = [reply for each in outcomes for reply in each.replies]
    false = sum(each.false_quotes for each in replies)
    return Scores(
        in_context=_share(with_site, lambda each: each.in_context),
        guilty_top=_share(guilty, lambda each: 1 <= each.rank <= TOP),
        guilty_first=_share(guilty, lambda each: each.rank == 1),
        none_first=_share(innocent, lambda each: each.rank == 1),
        caught=Share(false - sum(each.kept_false for each in replies), false),
        acted=sum(each.acted for each in replies),
        leaked=sum(each.leaked for each in outcomes),
        brier_said=_brier(replies, lambda each: each.said),
        brier_shown=_brier(replies, lambda each: each.confidence),
        nanodollars=sum(each.nanodollars for each in outcomes),
    )


def _share(outcomes: Sequence[Outcome], holds: Callable[[Outcome], bool]) -> Share:
    return Share(sum(map(holds, outcomes)), len(outcomes))


def _brier(replies: Sequence[Checkup], percent: Callable[[Verified], int]) -> float:
    errors = [
        (percent(each.verified) / 100 - each.right) ** 2
        for each in replies
        if each.verified is not None
    ]
    return sum(errors) / len(errors) if errors else 0.0
