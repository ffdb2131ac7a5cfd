"""One step of redaction: finds one kind of secret and puts a placeholder in its place.

A step is compiled when a text first needs it. Most of a hundred formats never occur in the logs of
one service, and compiled they are some megabytes together.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import re2

from logwatchd.domain.assignments import Hide
from logwatchd.domain.secret_checks import CHECKS, REACH
from logwatchd.domain.secret_formats import Format

Stage = Callable[[str], str]

_STAGE_BYTES: Final = 8 << 20
"""The most memory for one expression and its states."""


def stage_of(secret: Format, hide: Hide, *, max_mem: int = _STAGE_BYTES) -> Stage:
    """Return the step that hides one kind of secret.

    Args:
        secret: What to look for.
        hide: Gives what is shown in place of a secret.
        max_mem: Bytes for the expression and its states.
    """
    compiled: list[Stage] = []

    def stage(text: str) -> str:
        if not compiled:
            compiled.append(_compiled(secret, hide, max_mem))
        return compiled[0](text)

    return stage


def _compiled(secret: Format, hide: Hide, max_mem: int) -> Stage:
    regex = re2.compile(secret.regex, options(max_mem))
    groups = regex.groupindex
    keep, rest = groups.get("keep", 0), groups.get("rest", 0)
    token, only = groups.get("token", 0), groups.get("secret", 0)
    check = CHECKS.get(secret.check)

    def replaced(match: "re2._Match") -> str:
        text: str = match.string
        start, end = match.span()
        first = match.end(keep) if keep and match.start(keep) >= 0 else start
        last = match.start(rest) if rest and match.start(rest) >= 0 else end
        if only:
            first, last = match.span(only)
        if check is not None:
            at, behind = match.span(token)
            if not check(text[at:behind], text[max(0, at - REACH) : at]):
                return text[start:end]
        if last <= first:
            return text[start:end]
        return f"{text[start:first]}{hide(secret.kind, text[first:last])}{text[last:end]}"

    return partial(regex.sub, replaced)


def options(max_mem: int = _STAGE_BYTES) -> re2.Options:
    """Return how expressions are compiled: silently, within so many bytes."""
    chosen = re2.Options()
    chosen.log_errors = False
    chosen.max_mem = max_mem
    return chosen
