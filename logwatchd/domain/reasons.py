"""What each named decision means, in a sentence: for `why`, `show` and the report of a replay."""

from collections.abc import Mapping
from typing import Final

from logwatchd.domain.diagnosis import DiagnosisWhy
from logwatchd.domain.diagnosis_words import ENGLISH
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
}
