"""Take secrets and personal data out of everything that a line held.

Nothing but an `Event` leaves the interpreter of lines, and an `Event` is made here. One pass of a
set of hints tells which formats can be in a text at all, so that an ordinary line costs that pass
and nothing else.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

import re2

from logwatchd.domain.assignments import HINT, QUERY_HINT, hide_assigned
from logwatchd.domain.event import Event, ParsedLine
from logwatchd.domain.invisible import INVISIBLE_HINT, without_invisible
from logwatchd.domain.own_secrets import dresses_of
from logwatchd.domain.patterns import why_unusable
from logwatchd.domain.personal_data import IP_ADDRESS, PERSONAL
from logwatchd.domain.redact_stage import Stage, options, stage_of
from logwatchd.domain.secret_catalogue import ANNOUNCED, SHAPED
from logwatchd.domain.secret_formats import Format
from logwatchd.domain.secret_gate import Gate
from logwatchd.domain.secret_keys import Key, key_of
from logwatchd.domain.secret_values import is_secret
from logwatchd.domain.told_secrets import TOLD

EXTRA_LIMIT: Final = 100
"""Extra patterns, and exemptions, that are taken."""

PATTERN_LIMIT: Final = 2_000
"""Code points of one extra pattern."""

_EXEMPT_LIMIT: Final = 256
"""Code points of a text that may be exempt; what is longer is hidden whatever it is."""

_PROBE: Final = "aZ 09_-./:@=+!?가"
"""A pattern that matches all of this would match any secret."""

_OWN_BYTES: Final = 64 << 20
"""Memory for all dresses of all own secrets, among which may be keys of many lines."""

_OWN_HEAD: Final = 10
"""Code points of a dress that stand for it in the set of hints, which so stays small."""

_ANCHOR: Final = re.compile(r"[\^$]|\\[Az]")
"""What may bind a pattern to the edges of a text, which the look at several at once cannot see."""

_NAMES: Final = 1_024
"""Names of fields whose meaning is remembered."""


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


class Redactor:
    """Replaces secrets by `[REDACTED:kind]`. Redacting twice changes nothing further."""

    def __init__(
        self,
        *,
        own_secrets: Iterable[str] = (),
        extra_keys: Sequence[str] = (),
        extra_patterns: Sequence[str] = (),
        exempt_patterns: Sequence[str] = (),
        hide_ip_addresses: bool = False,
    ) -> None:
        """Compile.

        Args:
            own_secrets: The daemon's own secret values; those under six characters are left out.
            extra_keys: More names of fields whose values go, in any case, whatever they are
                nested in.
            extra_patterns: RE2 expressions; the group `secret`, else the whole match, goes.
            exempt_patterns: RE2 expressions; what would be hidden stays when one matches the whole
                of it, unless it is an own secret.
            hide_ip_addresses: Whether IP addresses go, too.

        Raises:
            PatternProblem: A pattern is no RE2 expression, or matches too much.
        """
        self._extra_keys = frozenset(key.strip().lower() for key in extra_keys if key.strip())
        self._exempt = _exemptions(exempt_patterns)
        self._stages: list[Stage] = []
        self._key_of = lru_cache(_NAMES)(self._find_key)
        self._named = lru_cache(_NAMES)(self.text)
        shaped = self._own(dresses_of(own_secrets))
        extra = [self._extra(index, pattern) for index, pattern in enumerate(extra_patterns)]
        shaped += self._all(SHAPED)
        named = [*self._all(ANNOUNCED), self._assigned(), *self._all(TOLD)]
        personal = self._all((*PERSONAL, IP_ADDRESS) if hide_ip_addresses else PERSONAL)
        self._invisible = len(self._stages)
        personal.append(self._step(INVISIBLE_HINT, _same))
        groups = (shaped, named, personal, extra)
        try:
            self._gate = Gate(group for group in groups if group)
        except MemoryError:
            last = max(len(extra_patterns) - 1, 0)
            raise PatternProblem("patterns", last, "all together are too large") from None

    def _step(self, hint: str, stage: Stage) -> tuple[int, str]:
        """Add a stage behind the others; return its place and what it needs to find anything."""
        self._stages.append(stage)
        return len(self._stages) - 1, hint

    def _all(self, formats: Iterable[Format]) -> list[tuple[int, str]]:
        return [self._step(each.hint, stage_of(each, self._shown)) for each in formats]

    def _own(self, dresses: Sequence[str]) -> list[tuple[int, str]]:
        if not dresses:
            return []
        whole = Format("own_secret", "", "|".join(re2.escape(form) for form in dresses))
        heads = sorted({re2.escape(form[:_OWN_HEAD]) for form in dresses})
        return [self._step("|".join(heads), stage_of(whole, _placeholder, max_mem=_OWN_BYTES))]

    def _extra(self, index: int, pattern: str) -> tuple[int, str]:
        _refuse("patterns", index, pattern)
        hint = "" if _ANCHOR.search(pattern) else pattern
        return self._step(hint, stage_of(Format("extra", hint, pattern), self._shown))

    def _assigned(self) -> tuple[int, str]:
        names = [f"(?i:{re2.escape(key)})" for key in self._extra_keys]
        return self._step(
            "|".join([HINT, QUERY_HINT, *names]),
            lambda text: hide_assigned(text, self._key_of, self._shown),
        )

    def _shown(self, kind: str, secret: str) -> str:
        if self._exempt is not None and len(secret) <= _EXEMPT_LIMIT and self._exempt.Match(secret):
            return secret
        return _placeholder(kind, secret)

    def text(self, text: str) -> str:
        """Return a text without what looks like a secret.

        Characters that nobody sees, colours of a terminal among them, can split a secret; they go
        with it. A text without a secret stays as it is, but for lone surrogates, which become `?`.
        """
        try:
            places = self._gate.places(text)
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode()
            places = self._gate.places(text)
        if places and places[-1] == self._invisible:
            bare = without_invisible(text)
            hidden = self._run(bare, self._gate.places(bare))
            return text if hidden == bare else hidden
        return self._run(text, places) if places else text

    def _may_hide(self, text: str) -> bool:
        try:
            return bool(self._gate.places(text))
        except UnicodeEncodeError:
            return True

    def _run(self, text: str, places: Sequence[int]) -> str:
        for place in places:
            text = self._stages[place](text)
        return text

    def _find_key(self, name: str) -> Key | None:
        last = name.lower().rpartition(".")[2]
        return Key("secret", last, sure=True) if last in self._extra_keys else key_of(name)

    def value(self, name: str, value: str) -> str:
        """Return the value of a field without secrets; nothing of it stays when the name says so."""
        key = self._key_of(name)
        if key is not None and is_secret(key, value, quoted=True):
            return self._shown(key.kind, value)
        return self.text(value)

    def event(self, parsed: ParsedLine, *, received_at: datetime, service: str = "") -> Event:
        """Return a parsed line as an event that may leave.

        Args:
            parsed: The line as the application wrote it.
            received_at: Stands in for a missing time (aware, UTC).
            service: Stands in for a missing name of the service.
        """
        fields = parsed.fields
        service = parsed.service or service
        texts = (
            parsed.message, parsed.target, service, parsed.code, parsed.request_id, parsed.trace_id,
            parsed.exception_type, parsed.stack_trace, parsed.location, parsed.thread,
            *parsed.causes, *fields.values(),
        )  # fmt: skip
        text = self.text if self._may_hide("\n".join(texts)) else _same
        key_of, named = self._key_of, self._named
        return Event(
            at=parsed.at if parsed.at is not None else received_at,
            level=parsed.level,
            message=text(parsed.message),
            target=text(parsed.target),
            service=text(service),
            code=text(parsed.code),
            request_id=text(parsed.request_id),
            trace_id=text(parsed.trace_id),
            duration_ms=parsed.duration_ms,
            exception_type=text(parsed.exception_type),
            causes=tuple(map(text, parsed.causes)),
            stack_trace=text(parsed.stack_trace),
            location=text(parsed.location),
            thread=text(parsed.thread),
            panic=parsed.panic,
            dialect=parsed.dialect,
            fields={
                named(name): text(value) if key_of(name) is None else self.value(name, value)
                for name, value in fields.items()
            },
        )


def _same(text: str) -> str:
    return text


def _placeholder(kind: str, _secret: str) -> str:
    return f"[REDACTED:{kind}]"


def _refuse(setting: str, index: int, pattern: str) -> None:
    """Raise PatternProblem for a pattern that cannot be used."""
    if index >= EXTRA_LIMIT:
        raise PatternProblem(setting, index, f"at most {EXTRA_LIMIT} are taken")
    reason = why_unusable(pattern, limit=PATTERN_LIMIT).partition(": ")[0]  # then comes the pattern
    if not pattern or reason:
        raise PatternProblem(setting, index, reason or "is empty")


def _exemptions(patterns: Sequence[str]) -> "re2.Set | None":
    if not patterns:
        return None
    exempt = re2.Set.FullMatchSet(options())
    for index, pattern in enumerate(patterns):
        _refuse("exempt", index, pattern)
        if re2.compile(pattern, options()).fullmatch(_PROBE):
            raise PatternProblem("exempt", index, "matches anything, so nothing would be hidden")
        exempt.Add(pattern)
    try:
        exempt.Compile()
    except re2.error:
        raise PatternProblem("exempt", len(patterns) - 1, "all together are too large") from None
    return exempt
