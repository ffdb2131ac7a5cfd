"""What a team adds to redaction and what it exempts: refused at the start, or linear and bounded."""

import re
from collections.abc import Sequence
from typing import Final

import re2

from logwatchd.domain.patterns import why_unusable
from logwatchd.domain.redact_stage import options
from logwatchd.domain.secret_formats import Format

EXTRA_LIMIT: Final = 100
"""Patterns that are taken, and exemptions."""

PATTERN_LIMIT: Final = 2_000
"""Code points of one of them."""

EXTRA_BYTES: Final = 8 << 20
"""Memory for the hints of all patterns and their states."""

_EXEMPT_LIMIT: Final = 256
"""Code points of a text that may be exempt; what is longer is hidden whatever it is."""

_PROBE: Final = "aZ 09_-./:@=+!?가"
"""A pattern that matches all of this would match any secret."""

_ANCHOR: Final = re.compile(r"[\^$]|\\[Az]")
"""What may bind a pattern to the edges of a text, which a look at several at once cannot see."""

_SECRET_GROUP: Final = re.compile(r"\(\?P?<secret>")


class PatternProblem(ValueError):  # noqa: N818 -- it names a flaw of a setting
    """A team's pattern that cannot be used.

    Attributes:
        setting: `patterns` or `exempt`.
        index: Which of them, from 0.
        reason: What is wrong with it; never the pattern, which may hold a secret.
    """

    def __init__(self, setting: str, index: int, reason: str) -> None:
        super().__init__(f"pattern {index + 1}: {reason}")
        self.setting = setting
        self.index = index
        self.reason = reason


def extra_formats(patterns: Sequence[str]) -> list[Format]:
    """Return the formats of a team's patterns; the group `secret`, else the whole match, goes.

    Raises:
        PatternProblem: One is no RE2 expression, matches an empty text or is too long.
    """
    found = []
    for index, pattern in enumerate(patterns):
        _refuse("patterns", index, pattern)
        regex = pattern if _SECRET_GROUP.search(pattern) else f"(?P<secret>{pattern})"
        found.append(Format("extra", "" if _ANCHOR.search(pattern) else pattern, regex))
    return found


class Exemptions:
    """What would be hidden and is not, because a team said so."""

    __slots__ = ("_set",)

    def __init__(self, patterns: Sequence[str]) -> None:
        """Compile.

        Args:
            patterns: RE2 expressions; a text is exempt when one matches the whole of it.

        Raises:
            PatternProblem: One is no RE2 expression, matches everything or is too long.
        """
        self._set: re2.Set | None = None
        if not patterns:
            return
        self._set = re2.Set.FullMatchSet(options())
        for index, pattern in enumerate(patterns):
            _refuse("exempt", index, pattern)
            if re2.compile(pattern, options()).fullmatch(_PROBE):
                raise PatternProblem(
                    "exempt", index, "matches anything, so nothing would be hidden"
                )
            self._set.Add(pattern)
        try:
            self._set.Compile()
        except re2.error:
            raise PatternProblem(
                "exempt", len(patterns) - 1, "all together are too large"
            ) from None

    def hold(self, text: str) -> bool:
        """Say whether a text is exempt."""
        if self._set is None or len(text) > _EXEMPT_LIMIT:
            return False
        return bool(self._set.Match(text))


def _refuse(setting: str, index: int, pattern: str) -> None:
    """Raise PatternProblem for a pattern that cannot be used."""
    if index >= EXTRA_LIMIT:
        raise PatternProblem(setting, index, f"at most {EXTRA_LIMIT} are taken")
    reason = why_unusable(pattern, limit=PATTERN_LIMIT).partition(": ")[0]  # then comes the pattern
    if not pattern or reason:
        raise PatternProblem(setting, index, reason or "is empty")
