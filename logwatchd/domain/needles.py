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
from logwatchd.domain.secret_catalogue import KINDS

_COMMON_FLOOR: Final = Level.WARN
"""Levels below are those of nearly all lines: looking for their names would find every line."""

_LONG_NAME: Final = 5
"""Names of levels from this length on are rare enough without what follows them."""

_PIECE: Final = re.compile(r"[A-Za-z0-9_.-]{3,}|[^\x00-\x7f\s]{2,}")
"""Runs that look the same in any JSON; beyond ASCII, those written as they are."""

_NEVER_LITERAL: Final = frozenset({"inf", "nan", "infinity", "null", "none", "true", "false"})
"""Texts that a JSON value which is no text may become; its bytes may be others."""

_PLACEHOLDERS: Final = tuple(f"redacted:{kind}".lower() for kind in sorted(KINDS))
"""Texts that redaction puts where others stood."""

_NO_ATTRIBUTE: Final = ATTRIBUTES | {"panic", "status"}

ENVELOPE: Final = r'\{"log":"'
"""Docker's envelope. Its lines are looked at one by one: a record may be in several of them."""

OTHER_LINE: Final = r"\n[^{]"
"""The beginning of a line that is no object: plain text, which is counted, or CRI's envelope."""

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

    Attributes:
        expressions: A line that holds none of them is wanted by no rule. Regular expressions as
            PCRE and Hyperscan write them, without regard to case, over bytes.
        blind: Names of rules for which there is no such expression: with one of them every line
            must be decoded.
    """

    expressions: tuple[str, ...]
    blind: tuple[str, ...] = ()


def needles_of(rules: RuleSet) -> Needles:
    """Derive what the bytes of a line must hold for one of the rules to match it.

    A rule for WARN and worse is found by the level. A milder one would be found in every line by
    its level, so the rarest text that it asks for takes its place; a rule that asks for none, or
    only by a regular expression, is blind.
    """
    floor = Level.FATAL
    texts: set[str] = set()
    blind = []
    for rule in rules.rules:
        if rule.level is not None and rule.level >= _COMMON_FLOOR:
            floor = min(floor, rule.level)
            continue
        pieces = next(_texts(rule), None)
        if pieces is None:
            blind.append(rule.name)
        else:
            texts |= pieces
    found = [*_levels(floor), *_ALWAYS]
    if texts:
        found += [*sorted(re.escape(each) for each in texts), *_FOR_TEXTS]
    return Needles(tuple(found), tuple(blind))


def _levels(floor: Level) -> Iterator[str]:
    """Yield expressions for everything that makes a record this bad or worse."""
    names = sorted(name for name, level in NAMES.items() if level >= floor)
    words = "|".join(n if len(n) >= _LONG_NAME else rf"{n}[^a-z0-9_]" for n in names)
    # `[: \t\r]`: however the value is set off from its name. Nested JSON has its quotes, tabs and
    # returns escaped. `m`: the end of a terminal's colour.
    yield rf'(?:[: \t\r]|\\[tr])\\?"[ \t]*(?:{words})'
    yield rf"[0-9\[;]m[ \t]*(?:{words})"
    for digit in _first_digits(floor):
        for quote in ('"', r"\\\""):
            for gap in (":", ": "):
                yield f"level{quote}{gap}{digit}"
                yield f"level{quote}{gap}{quote}{digit}"
    yield r'level\\?"(?:[ \t\r]|\\[tr]|: ?(?:[\t\r]|\\[tr])|:  )'


def _first_digits(floor: Level) -> list[str]:
    """Return how numbers begin that mean this level or worse.

    `0` and `1` stand for `0.5e2` and `100`; otherwise the first digit tells the tens.
    """
    tens = [str(digit) for digit in range(2, 10) if (number_level(digit * 10) or 0) >= floor]
    return ["0", "1", *tens]


def _texts(rule: RuleSpec) -> Iterator[set[str]]:
    """Yield sets of texts of which one must be in the bytes, the best set first."""
    fields = [{value} for name, value in rule.fields.items() if name not in _NO_ATTRIBUTE and name]
    for entries in (rule.message, rule.code, rule.target, *fields):
        pieces = [_piece(entry) for entry in entries]
        if entries and all(pieces):
            yield {piece.lower() for piece in pieces}


def _piece(text: str) -> str:
    """Return the longest part of a text or glob that looks the same in any JSON, or ""."""
    found = [
        each
        for each in _PIECE.findall(text)
        if any(sign.isalpha() for sign in each)
        and (each.isascii() or each.lower() == each.upper())  # only ASCII is folded
        and not any(odd in each.lower() or each.lower() in odd for odd in _NEVER_LITERAL)
        and not any(each.lower() in placeholder for placeholder in _PLACEHOLDERS)
    ]
    return max(found, key=lambda each: len(each.encode()), default="")
