"""What makes an event worth a person's attention, and how severe it is.

A rule is a list of conditions that must all hold; the first rule that matches decides. Every
condition of all rules is looked up once per event, as one bit per rule, so that an event costs
about the same whether there are two rules or fifty.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from logwatchd.domain.event import Category, Event, Level, Severity, Tell, Verdict
from logwatchd.domain.patterns import Glob, MemoIndex, TextIndex, glob_regex, quoted, why_unusable

RULES_LIMIT: Final = 256
"""Rules in one set; more than a person can keep in order."""

LIST_LIMIT: Final = 128
"""Entries in one list of a rule."""

PATTERN_LIMIT: Final = 2_000
"""Code points of one glob, substring or regular expression."""

STATUS_FIELDS: Final = (
    "status",
    "status_code",
    "http.status_code",
    "http.response.status_code",
    "http_status",
    "response.status",
)
"""Where an HTTP status is found; a condition on `status` looks in all of them, in this order."""

ATTRIBUTES: Final = frozenset(
    {
        "service",
        "request_id",
        "exception_type",
        "location",
        "thread",
        "dialect",
    }
)
"""What a condition on fields finds besides fields: attributes of the event."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSpec:
    """One rule. All conditions given must hold; within one list, any entry will do.

    Attributes:
        name: Unique name; stored with every incident, so it should stay the same.
        severity: How bad a matching event is.
        category: What kind of trouble it is.
        tell: How people hear of it.
        level: The event is at least this bad; None for any level.
        target: Globs for the module path; an event without one matches none.
        code: Globs for the application's error code; an event without one matches none.
        code_regex: RE2 expression searched for in the error code.
        fields: Globs by name of a field. Also known are the attributes `service`, `request_id`,
            `exception_type`, `location`, `thread`, `dialect`, `panic` (`true` or `false`), and
            `status`, which stands for all of `STATUS_FIELDS`. A missing field matches nothing.
        message: Substrings, in any case, of the message, a cause or the exception's type.
        message_regex: RE2 expression searched for in each of the same texts, one at a time.
        duration_over_ms: It took longer than this, in milliseconds.
    """

    name: str
    severity: Severity
    category: Category
    tell: Tell
    level: Level | None = None
    target: tuple[str, ...] = ()
    code: tuple[str, ...] = ()
    code_regex: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    message: tuple[str, ...] = ()
    message_regex: str = ""
    duration_over_ms: float | None = None


class RuleProblem(ValueError):  # noqa: N818 -- it names a flaw of a rule, found before anything runs
    """A rule that cannot be used.

    Attributes:
        rule: Its name.
        field: The field that is wrong.
        reason: What is wrong with it.
    """

    def __init__(self, rule: str, field: str, reason: str) -> None:
        super().__init__(f"rule {rule!r}: {field}: {reason}")
        self.rule = rule
        self.field = field
        self.reason = reason


class RuleSet:
    """Rules in their order, compiled.

    Attributes:
        rules: The rules, first match wins.
        floor: The mildest level at which any rule could match; `Level.FATAL` without rules.

    Raises:
        RuleProblem: At construction, for the first rule that cannot be used.
    """

    def __init__(self, rules: Sequence[RuleSpec]) -> None:
        for problem in problems_of(rules):
            raise problem
        self.rules = tuple(rules)
        self.floor = min((_floor(rule) for rule in self.rules), default=Level.FATAL)
        self._verdicts = tuple(
            Verdict(rule.name, rule.severity, rule.category, rule.tell) for rule in self.rules
        )
        self._by_level = {
            level: sum(1 << at for at, rule in enumerate(self.rules) if level >= _floor(rule))
            for level in Level
        }
        # Where a text is asked about in two ways, one pass answers both: the bits of the second way
        # stand above those of the first.
        try:
            self._targets = MemoIndex([_regexes(rule.target) for rule in self.rules])
            code_globs = [_regexes(rule.code) for rule in self.rules]
            self._codes = MemoIndex([*code_globs, *(_one(rule.code_regex) for rule in self.rules)])
            needles = [_one(_any_of(rule.message)) for rule in self.rules]
            self._texts = TextIndex([*needles, *(_one(rule.message_regex) for rule in self.rules)])
        except MemoryError as error:
            raise RuleProblem("(all)", "message_regex", str(error)) from None
        self._asks_texts = self._texts.asked | (self._texts.asked >> len(self.rules))
        self._fields = tuple(
            tuple((name, Glob(glob)) for name, glob in rule.fields.items()) for rule in self.rules
        )
        self._asks_more = sum(
            1 << at
            for at, rule in enumerate(self.rules)
            if rule.fields or rule.duration_over_ms is not None
        )

    def judge(self, event: Event) -> Verdict | None:
        """Return what the first matching rule makes of an event, or None when none matches."""
        left = self._by_level[event.level]
        left &= self._targets.bits(event.target)
        found = self._codes.bits(event.code)
        left &= found & (found >> len(self.rules))
        if left & self._asks_texts:
            found = self._texts.bits((event.message, event.exception_type, *event.causes))
            left &= found & (found >> len(self.rules))
        values: dict[str, str] = {}  # of fields, which many rules ask for
        while left:
            lowest = left & -left
            at = lowest.bit_length() - 1
            if not lowest & self._asks_more or self._rest_holds(at, event, values):
                return self._verdicts[at]
            left ^= lowest
        return None

    def _rest_holds(self, at: int, event: Event, values: dict[str, str]) -> bool:
        limit = self.rules[at].duration_over_ms
        if limit is not None and (event.duration_ms is None or not event.duration_ms > limit):
            return False
        for name, glob in self._fields[at]:
            value = values.get(name)
            if value is None:
                value = values[name] = _value(event, name)
            if not glob.fits(value):
                return False
        return True


def problems_of(rules: Sequence[RuleSpec]) -> Iterator[RuleProblem]:
    """Yield every flaw of the rules, so that a person can mend all of them at once."""
    if len(rules) > RULES_LIMIT:
        yield RuleProblem("(all)", "rules", f"{len(rules)} rules, at most {RULES_LIMIT} are taken")
    names: set[str] = set()
    for rule in rules:
        if not rule.name.strip():
            yield RuleProblem(rule.name, "name", "is empty")
        if rule.name in names:
            yield RuleProblem(rule.name, "name", "is used by an earlier rule, too")
        names.add(rule.name)
        if not _has_condition(rule):
            yield RuleProblem(rule.name, "rule", "has no condition, so it would match everything")
        yield from _flaws(rule)


def _flaws(rule: RuleSpec) -> Iterator[RuleProblem]:
    for name, entries in (
        ("target", rule.target),
        ("code", rule.code),
        ("message", rule.message),
        ("fields", tuple(rule.fields)),
        ("fields", tuple(rule.fields.values())),
    ):
        if len(entries) > LIST_LIMIT:
            yield RuleProblem(rule.name, name, f"more than {LIST_LIMIT} entries")
        if not all(entry.strip() for entry in entries):
            yield RuleProblem(rule.name, name, "has an empty entry")
        if any(len(entry) > PATTERN_LIMIT for entry in entries):
            yield RuleProblem(
                rule.name, name, f"an entry is longer than {PATTERN_LIMIT} characters"
            )
    for name, regex in (("code_regex", rule.code_regex), ("message_regex", rule.message_regex)):
        reason = why_unusable(regex, limit=PATTERN_LIMIT)
        if reason:
            yield RuleProblem(rule.name, name, reason)
    limit = rule.duration_over_ms
    if limit is not None and not (math.isfinite(limit) and limit >= 0):
        yield RuleProblem(rule.name, "duration_over_ms", "is not a length of time")


def _has_condition(rule: RuleSpec) -> bool:
    return (
        rule.level is not None
        or rule.duration_over_ms is not None
        or any(
            (rule.target, rule.code, rule.code_regex, rule.fields, rule.message, rule.message_regex)
        )
    )


def _floor(rule: RuleSpec) -> Level:
    return Level.TRACE if rule.level is None else rule.level


def _any_of(needles: Sequence[str]) -> str:
    if not needles:
        return ""
    return "(?i:" + "|".join(quoted(needle) for needle in needles) + ")"


def _regexes(globs: Sequence[str]) -> list[str]:
    return [glob_regex(glob) for glob in globs]


def _one(regex: str) -> tuple[str, ...]:
    return (regex,) if regex else ()


def _value(event: Event, name: str) -> str:
    if name == "panic":
        return "true" if event.panic else "false"
    if name in ATTRIBUTES:
        value: str = getattr(event, name)
        return value or event.fields.get(name, "")
    if name == "status":
        return next((event.fields[known] for known in STATUS_FIELDS if known in event.fields), "")
    return event.fields.get(name, "")
