"""What the bytes of a line must hold for any rule to want it: derived from the rules.

A line may only be passed over when that is proven, so everything by which a level or a text can be
written must be covered: any case, spaces, escapes, numbers, envelopes. The expressions are looked
for in any case (ASCII); `logwatchd.domain.candidates` looks for them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from logwatchd.domain.event import Level
from logwatchd.domain.levels import NAMES, number_level
from logwatchd.domain.panic import BLOCK_HEADS
from logwatchd.domain.rules import ATTRIBUTES, RuleSet, RuleSpec
from logwatchd.domain.secret_catalogue import FORMATS
from logwatchd.domain.secret_formats import START
from logwatchd.domain.secret_keys import KINDS_OF_KEYS

_LONG_NAME: Final = 5
"""Names of levels from this length on are rare enough without what follows them."""

_PIECE: Final = re.compile(r"[A-Za-z0-9_.:-]{3,}|[^\x00-\x7f\s]{2,}")
"""Runs that look the same in any JSON; beyond ASCII, those written as they are."""

_NEVER_LITERAL: Final = frozenset({"inf", "nan", "infinity", "null", "none", "true", "false"})
"""Texts that a JSON value which is no text may become; its bytes may be others."""

_OF_A_NUMBER: Final = "0123456789.-eE"
"""Signs of a number, which may be written in another way than it stands in the bytes."""

_OTHER_KINDS: Final = frozenset({*KINDS_OF_KEYS, "own_secret", "secret", "extra"})
_PLACEHOLDER: Final = "redacted:{}"
"""What redaction puts where a secret stood, of this kind."""

_SAFE_HINT: Final = re.compile(r"(?:[\w?:|()-]|\[(?:[\w-]|\\-)+\])+")
"""Hints of secrets that look the same in any JSON."""

_NO_ATTRIBUTE: Final = ATTRIBUTES | {"panic", "status"}

ENVELOPE: Final = r'\{"log":"'
"""Docker's envelope. Its lines are looked at one by one: a record may be in several of them."""

_ALWAYS: Final = (
    # An escape may stand for any letter of a name or a text, but is rare in logs.
    r"\\u00[2-7]",
    *(re.escape(head.decode()).replace(r"\ ", " ") for head in BLOCK_HEADS),
)

_FOR_TEXTS: Final = (
    # What is removed from texts, or has another form in the bytes: raw control characters, signs
    # of no width, letters that fold to ASCII, other escapes, messages made from a template.
    r"\\u[0-9a-f]{4}",
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r[^\n]",
    r"\xc2[\x80-\x9f\xad]|\xcd\x8f|\xd8\x9c|\xe1\xa0\x8e|\xef\xbb\xbf|\xf3\xa0",
    r"\\x1b\[",
    r"\xe2\x80[\x8b-\x8f\xaa-\xae]|\xe2\x81[\xa0-\xaf]|\xe2\x84\xaa|\xc5\xbf",
    r'@mt\\?"',
)


@dataclass(frozen=True, slots=True)
class Needles:
    """What to look for.

    A line that holds none of `expressions`, nor one of `gated` together with one of `gate`, is
    wanted by no rule. All are regular expressions that PCRE, Hyperscan and RE2 understand alike,
    without regard to case, over bytes.

    Attributes:
        expressions: What makes a line wanted.
        gated: What makes a line wanted that holds something of `gate` as well.
        gate: What rules ask for of the lines that hold something of `gated`.
        blind: Names of rules for which there is no such expression: with one of them every line
            must be decoded.
    """

    expressions: tuple[str, ...]
    gated: tuple[str, ...] = ()
    gate: tuple[str, ...] = ()
    blind: tuple[str, ...] = ()


def needles_of(rules: RuleSet) -> Needles:
    """Derive what the bytes of a line must hold for one of the rules to match it.

    A rule for ERROR and worse is found by the level. A milder one would be found in every line by
    its level, so the rarest text that it asks for takes its place; a rule that asks for none, or
    only by a regular expression, is blind. Warnings are between: rare enough to be found by their
    level, and too many to be decoded for the few that have such a text, too.
    """
    floor = Level.FATAL
    texts: set[str] = set()
    gate: set[str] = set()
    blind = []
    for rule in rules.rules:
        if rule.level is not None and rule.level > Level.WARN:
            floor = min(floor, rule.level)
            continue
        pieces = next(_texts(rule), None)
        if rule.level is Level.WARN:
            if pieces is None:
                floor = Level.WARN
            else:
                gate |= pieces
        elif pieces is None:
            blind.append(rule.name)
        else:
            texts |= pieces
    found = [*_levels(floor, Level.FATAL), *_other_levels(), *_ALWAYS]
    if texts:
        found += _for(texts)
    if not gate or floor <= Level.WARN:
        return Needles(tuple(found), blind=tuple(blind))
    gated = _levels(Level.WARN, Level.WARN)
    return Needles(tuple(found), tuple(gated), tuple(_for(gate)), tuple(blind))


def _for(texts: set[str]) -> list[str]:
    return [*sorted(texts), *_FOR_TEXTS]


def _levels(least: Level, worst: Level) -> Iterator[str]:
    """Yield expressions for what makes a record's level one of these, as it is usually written."""
    names = sorted(name for name, level in NAMES.items() if least <= level <= worst)
    words = "|".join(n if len(n) >= _LONG_NAME else rf"{n}[^a-z0-9_]" for n in names)
    # `[: \t\r]`: however the value is set off from its name. Nested JSON has its quotes, tabs and
    # returns escaped. `m`: the end of a terminal's colour.
    yield rf'(?:[: \t\r]|\\[tr])\\?"[ \t]*(?:{words})'
    yield rf"[0-9\[;]m[ \t]*(?:{words})"
    # The first digit tells the tens, in which levels are counted.
    for digit in range(2, 10):
        if least <= (number_level(digit * 10) or Level.TRACE) <= worst:
            yield from _numbered(str(digit))


def _other_levels() -> Iterator[str]:
    """Yield expressions for any level that is written in an unusual way."""
    for digit in "01":  # as in `0.5e2` and `100`
        yield from _numbered(digit)
    yield r'level\\?"(?:[ \t\r]|\\[tr]|: ?(?:[\t\r]|\\[tr])|:  )'


def _numbered(digit: str) -> Iterator[str]:
    for quote in ('"', r"\\\""):
        for gap in (":", ": "):
            yield f"level{quote}{gap}{digit}"
            yield f"level{quote}{gap}{quote}{digit}"


def _texts(rule: RuleSpec) -> Iterator[set[str]]:
    """Yield sets of expressions of which one must be in the bytes, the best set first."""
    fields = {name: value for name, value in rule.fields.items() if name not in _NO_ATTRIBUTE}
    values = [(value,) for value in fields.values()]
    for entries in (rule.message, rule.code, rule.target, *values):
        found = [_found_by(_piece(entry)) for entry in entries]
        if found and all(found):
            yield set().union(*found)
    for name in fields:
        # A dotted name may be that of a nested member: only its last part stands in one piece.
        found_by = _found_by(_piece(name.rpartition(".")[2]))
        if found_by:
            yield found_by


def _piece(text: str) -> str:
    """Return the longest part of a text or glob that looks the same in any JSON, or ""."""
    found = [
        each
        for each in _PIECE.findall(text)
        if each.strip(_OF_A_NUMBER)
        and any(sign.isalpha() for sign in each)
        and (each.isascii() or each.lower() == each.upper())  # only ASCII is folded
        and not any(odd in each.lower() or each.lower() in odd for odd in _NEVER_LITERAL)
    ]
    return max(found, key=lambda each: len(each.encode()), default="").lower()


def _found_by(piece: str) -> set[str]:
    """Return expressions of which one is in any bytes that become a text with a piece in it.

    Redaction may have written the piece. Then it is looked for what redaction replaced; an empty
    set when that cannot be told.
    """
    if not piece or any(piece in _PLACEHOLDER.format(kind) for kind in _OTHER_KINDS):
        return set()
    hints = {
        each.hint.replace(START, "").replace(r"\b", "")
        for each in FORMATS
        if piece in _PLACEHOLDER.format(each.kind)
    }
    if not all(map(_SAFE_HINT.fullmatch, hints)):
        return set()
    return {re.escape(piece), *hints}
