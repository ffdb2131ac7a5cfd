"""What each named decision means, in a sentence: for `why`, `show` and the report of a replay."""

from collections.abc import Mapping
from typing import Final

from logwatchd.domain.diagnosis import DiagnosisWhy
from logwatchd.domain.diagnosis_words import ENGLISH
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.policy import Why

MEANINGS: Final[Mapping[str, str]] = {
    Why.TOLD_FIRST: "a problem seen for the first time was told by a new message",
    Why.TOLD_LATE: "a problem that a ceiling, a storm or a mute had held back was told",
    Why.TOLD_REGRESSED: "a problem that had been resolved came back and was told again",
    Why.TOLD_REMINDER: "a problem that stays open was told again",
    Why.TOLD_STORM: "many new problems of one target began to be told as one card",
    Why.UPDATED: "the card of its problem was brought up to date",
    Why.COLLECTED: "left to the digest by its rule",
    Why.COUNTED: "counted only, by its rule",
    Why.HELD_MUTED: "not told: its problem was muted",
    Why.HELD_HOUR_CEILING: "held back by alerts.ceiling_hour; left to the digest",
    Why.HELD_DAY_CEILING: "held back by alerts.ceiling_day; left to the digest",
    Why.HELD_STORM: "held back in a storm of new problems; counted on the storm's card",
    Why.RESOLVED_QUIET: "the problem became quiet and counts as resolved",
    Why.RESOLVED_HEARD: "lines came again from a log that had been silent",
    Why.MUTE_ENDED: "the mute ended by itself",
    Why.STORM_ENDED: "the storm of new problems ended",
    Why.MERGED_BY_HAND: "its events count on another problem: somebody merged them",
    Why.MERGED_BY_VERSION: "its events count on the problem as an earlier algorithm named it",
    Why.SPLIT_BY_HAND: "it stands on its own again: somebody undid the merge",
    Why.BY_HAND: "somebody changed its state",
    DiagnosisWhy.DIAGNOSED: "a model was asked for the cause, and its answer was checked",
    **{why: f"not diagnosed: {reason}" for why, reason in ENGLISH.reasons.items()},
    IssueWhy.CRITICAL: "gets an issue: it is critical",
    IssueWhy.OFTEN: "gets an issue: it occurs often (issues.often events within an hour)",
    IssueWhy.RECURRED: "gets an issue: a new problem that came back after issues.recurs_after",
    IssueWhy.NOT_BY_RULE: "no issue, by its rule",
    IssueWhy.NOT_TOLD: "no issue: its rule only counts or collects it",
    IssueWhy.NOT_MUTED: "no issue while it is muted",
    IssueWhy.NOT_YET: "no issue: not critical, not often, and not come back",
    IssueWhy.HELD_HOUR_CEILING: "its issue is held back by issues.ceiling_hour",
    IssueWhy.HELD_DAY_CEILING: "its issue is held back by issues.ceiling_day",
    IssueWhy.OPENED: "its issue was filed",
    IssueWhy.FOUND: "its issue was there already, and is kept up to date from now on",
    IssueWhy.DUPLICATE_CLOSED: "a second issue of it was closed as a duplicate",
    IssueWhy.UPDATED: "the text of its issue was brought up to date",
    IssueWhy.ESCALATED: "it became critical: said in a comment on its issue",
    IssueWhy.REOPENED: "it came back: its issue was reopened with a comment",
    IssueWhy.CLOSED_QUIET: "it became quiet: its issue was closed with a comment",
    IssueWhy.CLOSED_BY_PERSON: "somebody closed its issue, so it counts as resolved",
    IssueWhy.REOPENED_BY_PERSON: "somebody reopened its issue, so it is open again",
    IssueWhy.MUTED_BY_LABEL: "somebody muted it by a label on its issue",
    IssueWhy.UNMUTED_BY_LABEL: "somebody took the muting label from its issue",
    IssueWhy.LABEL_REMOVED: "its mute ended, so the muting label was taken from its issue",
    IssueWhy.GONE: "its issue was deleted or transferred, and is not filed again",
    IssueWhy.REFUSED: "its issue, or a change of it, was refused for good",
}
