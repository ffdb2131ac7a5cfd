"""Which events are worth a person's attention, by rules that a team writes."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from logwatchd.domain.event import Category, Event, Level, Severity, Tell, Verdict
from logwatchd.domain.rules import (
    LIST_LIMIT,
    PATTERN_LIMIT,
    RULES_LIMIT,
    RuleProblem,
    RuleSet,
    RuleSpec,
    problems_of,
)

_NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def _rule(name: str = "one", **conditions: Any) -> RuleSpec:
    return RuleSpec(
        name=name,
        severity=Severity.WARNING,
        category=Category.OTHER,
        tell=Tell.AT_ONCE,
        **conditions,
    )


def _event(message: str = "", *, level: Level = Level.ERROR, **parts: Any) -> Event:
    return Event(at=_NOON, level=level, message=message, **parts)


def _matches(rule: RuleSpec, event: Event) -> bool:
    return RuleSet([rule]).judge(event) is not None


def test_the_first_rule_that_matches_decides() -> None:
    """A team orders its rules from the special to the general."""
    rules = RuleSet(
        [
            _rule("special", message=("pool timed out",)),
            _rule("general", level=Level.ERROR),
        ]
    )

    assert _named(rules.judge(_event("pool timed out after 30s"))) == "special"
    assert _named(rules.judge(_event("something else"))) == "general"


def test_the_verdict_is_what_the_rule_says() -> None:
    """Severity, category and telling come from the rule, never from the text."""
    rule = RuleSpec(
        name="quiet",
        severity=Severity.INFO,
        category=Category.AUTH,
        tell=Tell.COUNT,
        message=("critical",),
    )

    verdict = RuleSet([rule]).judge(_event("CRITICAL: tell everyone at once"))

    assert verdict == Verdict("quiet", Severity.INFO, Category.AUTH, Tell.COUNT)


def _named(verdict: Verdict | None) -> str:
    return "" if verdict is None else verdict.rule


@pytest.mark.parametrize(
    ("conditions", "fits", "differs"),
    [
        ({"level": Level.WARN}, {"level": Level.ERROR}, {"level": Level.INFO}),
        ({"target": ("app::db::*",)}, {"target": "app::db::pool"}, {"target": "app::dbx"}),
        ({"target": ("sqlx*", "app")}, {"target": "app"}, {"target": "app::sqlx"}),
        ({"target": ("*",)}, {"target": "a"}, {"target": ""}),
        ({"code": ("DB5???",)}, {"code": "DB5001"}, {"code": "DB50011"}),
        ({"code": ("E_*",)}, {"code": "E_POOL"}, {"code": "e_pool"}),
        ({"code_regex": "^AUTH[0-9]"}, {"code": "AUTH401"}, {"code": "AUTHOR401"}),
        ({"fields": {"http.route": "/v1/*"}}, {"fields": {"http.route": "/v1/a"}}, {"fields": {}}),
        ({"fields": {"panic": "true"}}, {"panic": True}, {"panic": False}),
        ({"fields": {"panic": "false"}}, {"panic": False}, {"panic": True}),
        ({"fields": {"service": "api"}}, {"service": "api"}, {"service": "worker"}),
        ({"fields": {"thread": "tokio-*"}}, {"thread": "tokio-3"}, {"thread": "main"}),
        ({"fields": {"request_id": "*"}}, {"request_id": "a1"}, {"request_id": ""}),
        ({"fields": {"exception_type": "*Io*"}}, {"exception_type": "IoError"}, {}),
        ({"fields": {"location": "src/?.rs:1"}}, {"location": "src/a.rs:1"}, {"location": "a"}),
        ({"fields": {"dialect": "ecs"}}, {"dialect": "ecs"}, {"dialect": "bunyan"}),
        (
            {"fields": {"status": "5??"}},
            {"fields": {"http.status_code": "503"}},
            {"fields": {"http.status_code": "404"}},
        ),
        ({"message": ("Pool",)}, {"message": "the POOL is dry"}, {"message": "the poo l"}),
        ({"message": ("a.b",)}, {"message": "xa.bx"}, {"message": "xaxbx"}),
        ({"message": ("연결",)}, {"message": "DB 연결 끊김"}, {"message": "DB 오류"}),
        ({"message": ("refused",)}, {"causes": ("io", "Refused")}, {"causes": ("io",)}),
        ({"message": ("timeout",)}, {"exception_type": "TimeoutError"}, {"target": "timeout"}),
        ({"message_regex": r"\btook \d+s$"}, {"message": "took 9s"}, {"message": "took 9s now"}),
        ({"message_regex": r"^root$"}, {"causes": ("outer", "root")}, {"message": "root cause"}),
        ({"duration_over_ms": 5000}, {"duration_ms": 5000.1}, {"duration_ms": 5000.0}),
        ({"duration_over_ms": 0}, {"duration_ms": 0.1}, {"duration_ms": None}),
        ({"duration_over_ms": 1}, {"duration_ms": float("inf")}, {"duration_ms": float("nan")}),
    ],
)
def test_a_condition_holds_for_one_event_and_not_for_the_other(
    conditions: Mapping[str, Any], fits: Mapping[str, Any], differs: Mapping[str, Any]
) -> None:
    """The table is what the documentation of rules promises."""
    rule = _rule(**conditions)

    assert _matches(rule, _event(**fits))
    assert not _matches(rule, _event(**differs))


def test_all_conditions_of_a_rule_must_hold() -> None:
    """A rule narrows; it never widens."""
    rule = _rule(
        level=Level.WARN,
        target=("app::*",),
        code=("E1",),
        code_regex="1$",
        fields={"tenant": "acme"},
        message=("lost",),
        message_regex="^we",
        duration_over_ms=10,
    )
    fitting: dict[str, Any] = {
        "target": "app::a",
        "code": "E1",
        "fields": {"tenant": "acme"},
        "message": "we lost it",
        "duration_ms": 11.0,
    }
    spoilt: dict[str, Any] = {
        "target": "lib::a",
        "code": "E2",
        "fields": {"tenant": "other"},
        "message": "we found it",
        "duration_ms": 9.0,
    }

    assert _matches(rule, _event(**fitting))
    for part, value in spoilt.items():
        assert not _matches(rule, _event(**{**fitting, part: value})), part
    assert not _matches(rule, _event(**{**fitting, "message": "so we lost it"}))


def test_the_text_of_one_line_is_not_glued_to_the_next() -> None:
    """Two harmless texts side by side must not make a match together."""
    assert not _matches(_rule(message=("ab",)), _event("a", causes=("b",)))


def test_the_floor_is_the_mildest_level_any_rule_asks_for() -> None:
    """The reader skips lines below it without parsing them, so it must never be too high."""
    assert RuleSet([_rule(level=Level.ERROR)]).floor is Level.ERROR
    assert RuleSet([_rule("a", level=Level.ERROR), _rule("b", level=Level.WARN)]).floor is (
        Level.WARN
    )
    assert RuleSet([_rule("a", level=Level.ERROR), _rule("b", code=("X",))]).floor is Level.TRACE
    assert RuleSet([]).floor is Level.FATAL


def test_without_rules_nothing_is_worth_attention() -> None:
    """An empty list is a choice, not a crash."""
    assert RuleSet([]).judge(_event("boom", level=Level.FATAL, code="X")) is None


@pytest.mark.parametrize(
    ("conditions", "field", "reason"),
    [
        ({}, "rule", "no condition"),
        ({"message_regex": "("}, "message_regex", "missing )"),
        ({"message_regex": r"(a)\1"}, "message_regex", "invalid escape"),
        ({"message_regex": "a*"}, "message_regex", "matches an empty text"),
        ({"message_regex": "(?:a{900}){900}"}, "message_regex", ""),
        ({"code_regex": "["}, "code_regex", "missing ]"),
        ({"message_regex": "a" * (PATTERN_LIMIT + 1)}, "message_regex", "longer than"),
        ({"message": ("ok", " ")}, "message", "empty entry"),
        ({"target": ("",)}, "target", "empty entry"),
        ({"fields": {"": "x"}}, "fields", "empty entry"),
        ({"fields": {"x": ""}}, "fields", "empty entry"),
        ({"message": ("x",) * (LIST_LIMIT + 1)}, "message", "more than"),
        ({"code": ("x" * (PATTERN_LIMIT + 1),)}, "code", "longer than"),
        ({"duration_over_ms": -1}, "duration_over_ms", "not a length of time"),
        ({"duration_over_ms": float("nan")}, "duration_over_ms", "not a length of time"),
    ],
)
def test_a_rule_that_cannot_work_is_refused_by_name_field_and_reason(
    conditions: Mapping[str, Any], field: str, reason: str
) -> None:
    """A typing error in the configuration stops the start, not the first alert."""
    with pytest.raises(RuleProblem) as caught:
        RuleSet([_rule("good", level=Level.ERROR), _rule("bad", **conditions)])

    assert (caught.value.rule, caught.value.field) == ("bad", field)
    assert reason in caught.value.reason
    assert str(caught.value) == f"rule 'bad': {field}: {caught.value.reason}"


def test_every_flaw_is_found_at_once() -> None:
    """Mending one at a time costs a restart each."""
    flaws = list(
        problems_of([_rule("a", message_regex="("), _rule("a", code=("",)), _rule(" ", level=None)])
    )

    assert [(flaw.rule, flaw.field) for flaw in flaws] == [
        ("a", "message_regex"),
        ("a", "name"),
        ("a", "code"),
        (" ", "name"),
        (" ", "rule"),
    ]


def test_too_many_rules_are_refused() -> None:
    """Every rule costs memory and time for every event."""
    rules = [_rule(f"r{at}", code=(f"c{at}",)) for at in range(RULES_LIMIT + 1)]

    assert RuleSet(rules[:-1]).judge(_event(code="c255")) is not None
    with pytest.raises(RuleProblem, match="at most"):
        RuleSet(rules)


@pytest.mark.parametrize(
    "text", ["\ud800 pool", "pool\x00", "pool \u202e", "💥pool", "pool" * 5000]
)
def test_strange_text_is_judged_like_any_other(text: str) -> None:
    """Lone surrogates and the like come out of JSON escapes; nobody must die of them."""
    rules = RuleSet([_rule(message=("pool",), target=("*pool*",), code=("*pool*",))])

    assert rules.judge(_event(text, target=text, code=text)) is not None


@settings(deadline=None)
@given(st.lists(st.text(), max_size=6), st.sampled_from(Level))
def test_judging_never_fails(texts: list[str], level: Level) -> None:
    """Whatever a log holds, a rule says yes or no."""
    one, two, *rest = [*texts, "", ""]
    rules = RuleSet([_rule(target=("*a?",), message=("b",), fields={"k": "*c"})])

    rules.judge(
        _event(one, level=level, target=two, code=one, causes=tuple(rest), fields={two: one})
    )


@pytest.mark.parametrize("signs", ["*", "*?", "x*"])
def test_a_glob_of_many_wildcards_comes_back(signs: str) -> None:
    """`*a*a*a…` against `aaa…` is where a matcher that backtracks never ends."""
    glob = f"{signs}a" * 100 + "!"
    rules = RuleSet([_rule(target=(glob,)), _rule("two", fields={"f": glob})])

    assert rules.judge(_event(target="a" * 2_000, fields={"f": "a" * 2_000})) is None


def test_many_distinct_modules_are_judged_right() -> None:
    """Answers are remembered for a bounded number of texts; the next ones must be right, too."""
    rules = RuleSet([_rule(target=("app::*7",), code_regex="7$")])

    for at in range(5_000):
        event = _event(target=f"app::{at}", code=f"E{at}")
        assert (rules.judge(event) is not None) == (at % 10 == 7)


def test_expressions_that_are_too_large_together_are_refused() -> None:
    """Memory is bounded for all rules together, not only for each."""
    rules = [_rule(f"r{at}", message_regex=f"x{at}(?:[가-힣]{{200}}){{5}}") for at in range(250)]

    with pytest.raises(RuleProblem, match="together are too large"):
        RuleSet(rules)
