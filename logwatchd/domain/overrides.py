"""What a team says about grouping: which events are one problem, what to mask, what to keep.

The semantics are Sentry's: the first rule whose conditions all hold decides, and `{{ default }}`
among its parts refines what would have counted anyway instead of replacing it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.event import Event
from logwatchd.domain.patterns import Glob, why_unusable
from logwatchd.domain.text_overrides import TextOverrides, joined

RULES_LIMIT: Final = 128
PARTS_LIMIT: Final = 16
PATTERN_LIMIT: Final = 1_000
"""Code points of one glob, part, title or regular expression."""

_JOINED_LIMIT: Final = RULES_LIMIT * (PATTERN_LIMIT + len("(?:)|"))
_RULE: Final = "fingerprint"
_DEFAULT: Final = "default"
_VARIABLE: Final = re.compile(r"\{\{\s{0,8}([^{}\s]{1,128})\s{0,8}\}\}")
_ATTRIBUTES: Final = ("service", "target", "code", "message", "exception_type", "location", "level")
_CAUSE_NAMES: Final = frozenset({"error", "err", "cause", "exception"})
"""Fields that the parser reads as causes, so that they are no fields of the event any more."""


@dataclass(frozen=True, slots=True)
class FingerprintSpec:
    """One `[[fingerprint]]`.

    Attributes:
        when: Globs by name: `service`, `target`, `code`, `message`, `exception_type`, `location`,
            `level`, `error` (any cause) or `fields.NAME`. All must hold.
        parts: What counts: texts and variables, `{{ default }}` for what counts anyway.
        title: What people see, may hold variables; "" for the template.
    """

    when: Mapping[str, str]
    parts: tuple[str, ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class GroupingSpec:
    """All that a team says about grouping.

    Attributes:
        fingerprints: Its rules, first match wins.
        masks: RE2 expressions of what is masked before anything else.
        keeps: RE2 expressions of what is never masked; they win over masks.
    """

    fingerprints: tuple[FingerprintSpec, ...] = ()
    masks: tuple[str, ...] = ()
    keeps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with an override.

    Attributes:
        where: As settings name it, e.g. `mask.0.pattern` for the first `[[mask]]`.
        reason: What is wrong.
    """

    where: str
    reason: str


@dataclass(frozen=True, slots=True)
class Overridden:
    """What a team's rule makes of an event.

    Attributes:
        rule: Which rule, as settings name it: `fingerprint.0` is the first.
        parts: Its parts, with values for the variables, without `{{ default }}`.
        title: Its title, with values for the variables, or "".
        refines: Whether what counts anyway counts, too.
    """

    rule: str
    parts: tuple[str, ...]
    title: str
    refines: bool


class Overrides:
    """What a team says about grouping, compiled.

    Raises:
        ValueError: Something cannot be used; `flaws_of` says what.
    """

    __slots__ = ("_rules", "asks", "texts")

    def __init__(self, spec: GroupingSpec) -> None:
        for flaw in flaws_of(spec):
            raise ValueError(f"{flaw.where}: {flaw.reason}")
        self.texts = TextOverrides(spec.masks, spec.keeps)
        self.asks = bool(spec.fingerprints)
        self._rules = [
            (each, [(name, Glob(glob)) for name, glob in each.when.items()])
            for each in spec.fingerprints
        ]

    def of(self, event: Event, masked: Callable[[str], str]) -> Overridden | None:
        """Return what the first rule that fits makes of an event, None when none does.

        Args:
            event: The event.
            masked: Gives the template of a text, for `{{ message }}` and `{{ error }}`.
        """
        for number, (spec, conditions) in enumerate(self._rules):
            if all(_holds(glob, _values(event, name)) for name, glob in conditions):
                return Overridden(
                    f"{_RULE}.{number}",
                    tuple(
                        _filled(part, event, masked) for part in spec.parts if not _is_default(part)
                    ),
                    _filled(spec.title, event, masked),
                    refines=any(_is_default(part) for part in spec.parts),
                )
        return None


def flaws_of(spec: GroupingSpec) -> list[Flaw]:
    """Return everything that is wrong with what a team says, in its order."""
    flaws: list[Flaw] = []
    for number, rule in enumerate(spec.fingerprints):
        flaws += [Flaw(f"{_RULE}.{number}.{name}", why) for name, why in _flaws_of_rule(rule)]
    for kind, patterns in (("mask", spec.masks), ("keep", spec.keeps)):
        for number, pattern in enumerate(patterns):
            why = why_unusable(pattern, limit=PATTERN_LIMIT) if pattern else "is empty"
            if why:
                flaws.append(Flaw(f"{kind}.{number}.pattern", why))
    for kind, patterns in (("mask", spec.masks), ("keep", spec.keeps)):
        why = why_unusable(joined(patterns), limit=_JOINED_LIMIT)
        if why and not any(flaw.where.startswith(kind) for flaw in flaws):
            flaws.append(Flaw(kind, f"cannot be used together: {why}"))
    for kind, entries in ((_RULE, spec.fingerprints), ("mask", spec.masks), ("keep", spec.keeps)):
        if len(entries) > RULES_LIMIT:
            flaws.append(Flaw(kind, f"has more than {RULES_LIMIT} entries"))
    return flaws


def _flaws_of_rule(spec: FingerprintSpec) -> Iterator[tuple[str, str]]:
    if not spec.when:
        yield "when", "has no condition, so it would name every event"
    for name, glob in spec.when.items():
        if not _is_known(name):
            yield f"when.{name}", f"is none of {', '.join(_ATTRIBUTES)}, error, fields.NAME"
        if not 0 < len(glob) <= PATTERN_LIMIT:
            yield f"when.{name}", f"must have 1 to {PATTERN_LIMIT} characters"
    if not 0 < len(spec.parts) <= PARTS_LIMIT:
        yield "parts", f"must have 1 to {PARTS_LIMIT} entries"
    elif all(_is_default(part) for part in spec.parts) and not spec.title:
        yield "parts", "change nothing: add a part or a title"
    for part in spec.parts:
        if not part.strip():
            yield "parts", "an entry is empty"
        if not _is_default(part):
            yield from _unknown_variables("parts", part)
    yield from _unknown_variables("title", spec.title)


def _unknown_variables(name: str, text: str) -> Iterator[tuple[str, str]]:
    if len(text) > PATTERN_LIMIT:
        yield name, f"must have at most {PATTERN_LIMIT} characters"
    for variable in _VARIABLE.findall(text):
        if not _is_known(variable):
            yield name, f"{{{{ {variable} }}}} is no variable that can stand there"


def _is_known(name: str) -> bool:
    return name in _ATTRIBUTES or name == "error" or (name.startswith("fields.") and name[7:] != "")


def _is_default(part: str) -> bool:
    found = _VARIABLE.fullmatch(part.strip())
    return found is not None and found[1] == _DEFAULT


def _holds(glob: Glob, values: Sequence[str]) -> bool:
    return any(glob.fits(value) for value in values)


def _values(event: Event, name: str) -> Sequence[str]:
    """Return the values that a condition looks at; none for what the event does not have."""
    if name == "error":
        return event.causes
    if name == "level":
        return (event.level.name.lower(),)
    if name.startswith("fields."):
        field_name = name.removeprefix("fields.")
        value = event.fields.get(field_name)
        if value is None:
            return event.causes if field_name in _CAUSE_NAMES else ()
        return (value,)
    value = getattr(event, name)
    return (value,) if value else ()


def _filled(text: str, event: Event, masked: Callable[[str], str]) -> str:
    def value_of(found: re.Match[str]) -> str:
        value = next(iter(_values(event, found[1])), "")
        return masked(value) if found[1] in ("message", "error") else value

    return _VARIABLE.sub(value_of, text)


NO_OVERRIDES: Final = Overrides(GroupingSpec())
