"""Say why a rule does not match an event: by the judgement of the rules themselves."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from logwatchd.domain.event import Event
from logwatchd.domain.rules import RuleSet, RuleSpec


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A rule that does not match.

    Attributes:
        rule: Its name.
        fails: The conditions that the event does not meet, as they are called in the settings.
        of: Number of its conditions.
    """

    rule: str
    fails: tuple[str, ...]
    of: int


def mismatches(rules: Sequence[RuleSpec], event: Event) -> list[Mismatch]:
    """Return what keeps each rule from matching an event, the nearest to a match first.

    Compiles each condition anew: for a person who asks, not for every line.
    """
    found = [_mismatch(rule, event) for rule in rules]
    return sorted(
        (each for each in found if each.fails), key=lambda each: len(each.fails) / each.of
    )


def _mismatch(rule: RuleSpec, event: Event) -> Mismatch:
    alone = list(_conditions(rule))
    fails = tuple(name for name, spec in alone if RuleSet([spec]).judge(event) is None)
    return Mismatch(rule.name, fails, len(alone))


def _conditions(rule: RuleSpec) -> Iterator[tuple[str, RuleSpec]]:
    """Yield a rule of each single condition, with the condition's name."""
    bare = RuleSpec(name=rule.name, severity=rule.severity, category=rule.category, tell=rule.tell)
    if rule.level is not None:
        yield "level", replace(bare, level=rule.level)
    if rule.target:
        yield "target", replace(bare, target=rule.target)
    if rule.code:
        yield "code", replace(bare, code=rule.code)
    if rule.code_regex:
        yield "code_regex", replace(bare, code_regex=rule.code_regex)
    for name, glob in rule.fields.items():
        yield f"fields.{name}", replace(bare, fields={name: glob})
    if rule.message:
        yield "message", replace(bare, message=rule.message)
    if rule.message_regex:
        yield "message_regex", replace(bare, message_regex=rule.message_regex)
    if rule.duration_over_ms is not None:
        yield "duration_over_ms", replace(bare, duration_over_ms=rule.duration_over_ms)
