"""Patterns of a team that would stand still in another engine: refused, or run in linear time."""

from typing import Final

import pytest

from logwatchd.domain.event import (
    MESSAGE_LIMIT,
    Category,
    Event,
    Level,
    ParsedLine,
    Severity,
    Tell,
    Verdict,
)
from logwatchd.domain.overrides import GroupingSpec, flaws_of
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet, RuleSpec, problems_of
from logwatchd.domain.team_patterns import PatternProblem
from tests.fakes.clock import NOON

EVIL: Final = (
    "(a+)+$",
    "(a*)*$",
    "(a|a)*$",
    "(a|aa)+$",
    "(.*a){20}$",
    "(?:a+)+b",
    "(?:a|b|ab)*c",
    "a*a*a*a*a*a*a*b",
    "(?:a?){30}a{30}b",
    "^(([a-z])+.)+[A-Z]([a-z])+$",
    r"^(\w+\s?)*$",
    r"(\d+)+x",
    r"(?:x+x+)+y",
    r"([a-zA-Z]+)*@",
    r"(a(b|c)*)*d",
    '(?:[^"]+|"[^"]*")*;',
    r"(?=a+)a+b",
    r"(a)\1+b",
    r"(?<!a)a+b",
    "a{1,1000}b{1,1000}c",
)


_VERDICT: Final = Verdict("evil", Severity.WARNING, Category.OTHER, Tell.COUNT)


def _rule(pattern: str) -> RuleSpec:
    return RuleSpec(
        name="evil",
        severity=Severity.WARNING,
        category=Category.OTHER,
        tell=Tell.COUNT,
        message_regex=pattern,
    )


def _is_refused(pattern: str) -> bool:
    try:
        Redactor(extra_patterns=[pattern])
    except PatternProblem:
        return True
    return False


@pytest.mark.parametrize("pattern", EVIL)
def test_an_evil_pattern_is_refused_or_runs_in_linear_time(pattern: str) -> None:
    """64 KiB that almost match; an engine that goes back would not return in years.

    How long it takes is measured in `benchmarks/redaction.py`.
    """
    text = "a" * (64 << 10) + "!"
    problems = [(each.rule, each.field) for each in problems_of([_rule(pattern)])]
    flaws = [each.where for each in flaws_of(GroupingSpec(masks=(pattern,), keeps=(pattern,)))]

    if _is_refused(pattern):
        assert problems == [("evil", "message_regex")]
        assert flaws == ["mask.0.pattern", "keep.0.pattern"]
    else:
        assert problems == []
        assert flaws == []
        assert isinstance(Redactor(extra_patterns=[pattern]).text(text), str)
        event = Event(at=NOON, level=Level.ERROR, message=text[:MESSAGE_LIMIT])
        assert RuleSet([_rule(pattern)]).judge(event) in (None, _VERDICT)


def test_what_only_an_engine_that_goes_back_can_do_is_refused() -> None:
    """Look-around and back references; also what is too large to be held."""
    refused = [each for each in EVIL if _is_refused(each)]

    assert {r"(?=a+)a+b", r"(a)\1+b", r"(?<!a)a+b"} <= set(refused)
    assert len(refused) < len(EVIL) // 2


def test_a_pattern_of_a_team_leaves_the_formats_that_ship_as_they_are() -> None:
    """It is looked for in a set of its own, so that it cannot crowd out their states."""
    redactor = Redactor(extra_patterns=["(?:b|c|bc)*d", "x{9}"])
    line = ParsedLine(at=None, level=Level.ERROR, message="plain", fields={"a": "c"})

    assert redactor.event(line, received_at=NOON).message == "plain"
    assert redactor.text("token=a1b2c3 bcbcd") == "token=[REDACTED:token] [REDACTED:extra]"
