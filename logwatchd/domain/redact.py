"""Take secrets and personal data out of everything that a line held.

Nothing but an `Event` leaves the interpreter of lines, and an `Event` is made here. One look
at it tells which formats can be in a text at all, so that an ordinary line costs that look and
nothing else.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Final

import re2

from logwatchd.domain.assignments import HINT, QUERY_HINT, hide_assigned
from logwatchd.domain.event import Event, ParsedLine
from logwatchd.domain.invisible import INVISIBLE_HINT, without_invisible
from logwatchd.domain.own_secrets import dresses_of
from logwatchd.domain.personal_data import IP_ADDRESS, PERSONAL
from logwatchd.domain.redact_stage import Stage, stage_of
from logwatchd.domain.secret_catalogue import ANNOUNCED, SHAPED
from logwatchd.domain.secret_formats import Format
from logwatchd.domain.secret_gate import SET_BYTES, Gate
from logwatchd.domain.secret_keys import Key, key_of
from logwatchd.domain.secret_values import is_secret
from logwatchd.domain.team_patterns import (
    EXTRA_BYTES,
    Exemptions,
    PatternProblem,
    extra_formats,
)
from logwatchd.domain.told_secrets import TOLD

_OWN_BYTES: Final = 64 << 20
"""Memory for all dresses of all own secrets, among which may be keys of many lines."""

_NAME_BYTES: Final = 16 << 10
"""More memory for each extra name."""

_OWN_HEAD: Final = 10
"""Code points of a dress that stand for it in the set of hints, which so stays small."""

_NAMES: Final = 1_024
"""Names of fields whose meaning is remembered."""


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
        self._exempt = Exemptions(exempt_patterns)
        self._stages: list[Stage] = []
        self._key_of = lru_cache(_NAMES)(self._find_key)
        self._named = lru_cache(_NAMES)(self.text)
        self._gate = Gate()
        self._add_own(dresses_of(own_secrets))
        self._add_extra(extra_patterns)
        self._gate.add(self._all(SHAPED))
        announced = self._all(ANNOUNCED)
        self._add_assigned()
        self._gate.add(self._all(TOLD))
        personal = self._all((*PERSONAL, IP_ADDRESS) if hide_ip_addresses else PERSONAL)
        self._invisible = len(self._stages)
        self._gate.add([*announced, *personal, self._step(INVISIBLE_HINT, _same)])

    def _step(self, hint: str, stage: Stage) -> tuple[int, str]:
        """Add a stage behind the others; return its place and what it needs to find anything."""
        self._stages.append(stage)
        return len(self._stages) - 1, hint

    def _all(self, formats: Iterable[Format]) -> list[tuple[int, str]]:
        return [self._step(each.hint, stage_of(each, self._shown)) for each in formats]

    def _add_own(self, dresses: Sequence[str]) -> None:
        if not dresses:
            return
        whole = Format("own_secret", "", "|".join(re2.escape(form) for form in dresses))
        stage = stage_of(whole, _placeholder, max_mem=_OWN_BYTES)
        stage("")  # compiled now: secrets that cannot be looked for must not wait for a log
        heads = "|".join(sorted({re2.escape(form[:_OWN_HEAD]) for form in dresses}))
        self._gate.add([self._step(heads, stage)], max_mem=_OWN_BYTES)

    def _add_extra(self, patterns: Sequence[str]) -> None:
        steps = self._all(extra_formats(patterns))
        try:
            self._gate.add(steps, max_mem=EXTRA_BYTES)
        except MemoryError as error:
            raise PatternProblem("patterns", len(patterns) - 1, str(error)) from None

    def _add_assigned(self) -> None:
        names = [f"(?i:{re2.escape(key)})" for key in self._extra_keys]
        step = self._step(
            "|".join([HINT, QUERY_HINT, *names]),
            lambda text: hide_assigned(text, self._key_of, self._shown),
        )
        self._gate.add([step], max_mem=SET_BYTES + len(names) * _NAME_BYTES)

    def _shown(self, kind: str, secret: str) -> str:
        return secret if self._exempt.hold(secret) else _placeholder(kind, secret)

    def text(self, text: str) -> str:
        """Return a text without what looks like a secret.

        Characters that nobody sees, colours of a terminal among them, can split a secret; they go
        with it. A text without a secret stays as it is, but for lone surrogates, which become `?`.
        """
        if not text:
            return text
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
