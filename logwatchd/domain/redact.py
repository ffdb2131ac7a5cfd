"""Take secrets and personal data out of everything that a line held.

Nothing but an `Event` leaves the interpreter of lines, and an `Event` is made here. One pass of a
set of hints tells which formats can be in a text at all, so that an ordinary line costs that pass
and nothing else.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final

import re2

from logwatchd.domain.assignments import HINT as ASSIGNMENT_HINT
from logwatchd.domain.assignments import hide_assigned
from logwatchd.domain.event import Event, ParsedLine
from logwatchd.domain.invisible import INVISIBLE_HINT, without_invisible
from logwatchd.domain.own_secrets import dresses_of
from logwatchd.domain.patterns import why_unusable
from logwatchd.domain.secret_checks import CHECKS, REACH
from logwatchd.domain.secret_formats import ADDRESSES, BLOCKS, HEADERS, PERSONAL, VENDORS, Format
from logwatchd.domain.secret_keys import is_worth_hiding, kind_of_key

EXTRA_LIMIT: Final = 100
"""Extra patterns that are taken; each is run on every text that it may match."""

PATTERN_LIMIT: Final = 2_000
"""Code points of one extra pattern."""

_GATE_BYTES: Final = 8 << 20
"""Memory for the states of the set of hints."""

_STAGE_BYTES: Final = 8 << 20
"""Memory for one expression and its states."""

_OWN_BYTES: Final = 64 << 20
"""The same for all dresses of all own secrets, among which may be keys of many lines."""

_OWN_HEAD: Final = 10
"""Code points of a dress that stand for it in the set of hints, which so stays small."""

_MEMO_LIMIT: Final = 1_024
"""Short texts such as module paths and field names whose redaction is remembered."""

_MEMO_TEXT_LIMIT: Final = 128

_Stage = Callable[[str], str]


class PatternProblem(ValueError):  # noqa: N818 -- it names a flaw of a setting
    """An extra pattern that cannot be used.

    Attributes:
        index: Which of the extra patterns, from 0.
        reason: What is wrong with it; never the pattern, which may hold a secret.
    """

    def __init__(self, index: int, reason: str) -> None:
        super().__init__(f"extra pattern {index + 1}: {reason}")
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
    ) -> None:
        """Compile.

        Args:
            own_secrets: The daemon's own secret values; those under six characters are left out.
            extra_keys: More names of fields whose values go, in any case, whatever they are
                nested in.
            extra_patterns: RE2 expressions; the group `secret`, else the whole match, goes.

        Raises:
            PatternProblem: An extra pattern is no RE2 expression, or matches an empty text.
        """
        self._extra_keys = frozenset(key.strip().lower() for key in extra_keys if key.strip())
        self._stages: list[_Stage] = []
        self._gate = re2.Set.SearchSet(_options(_GATE_BYTES))
        self._memo: dict[str, str] = {}
        self._kinds: dict[str, str] = {}
        own = dresses_of(own_secrets)
        if own:
            heads = {form[:_OWN_HEAD] for form in own}
            whole = Format("own_secret", "", "|".join(re2.escape(form) for form in own))
            self._add("|".join(map(re2.escape, sorted(heads))), _stage(whole, _OWN_BYTES))
        for index, pattern in enumerate(extra_patterns):
            self._add(pattern, _extra(index, pattern))
        for each in (*BLOCKS, *ADDRESSES, *VENDORS, *HEADERS):
            self._add(each.hint, _stage(each))
        names = [f"(?i:{re2.escape(key)})" for key in self._extra_keys]
        hint = "|".join([ASSIGNMENT_HINT, *names])
        self._add(hint, lambda text: hide_assigned(text, self.kind_of))
        for each in PERSONAL:
            self._add(each.hint, _stage(each))
        self._invisible = self._add(INVISIBLE_HINT, lambda text: text)
        try:
            self._gate.Compile()
        except re2.error:
            last = max(len(extra_patterns) - 1, 0)
            raise PatternProblem(last, "all patterns together are too large") from None

    def _add(self, hint: str, stage: _Stage) -> int:
        self._stages.append(stage)
        at: int = self._gate.Add(hint)
        return at

    def text(self, text: str) -> str:
        """Return a text without what looks like a secret.

        Characters that nobody sees, colours of a terminal among them, can split a secret; they go
        with it. A text without a secret stays as it is, but for lone surrogates, which become `?`.
        """
        try:
            hits = self._gate.Match(text)
        except UnicodeEncodeError:
            text = text.encode("utf-8", "replace").decode()
            hits = self._gate.Match(text)
        if not hits:
            return text
        if self._invisible in hits:
            bare = without_invisible(text)
            hidden = self._run(bare, self._gate.Match(bare) or ())
            return text if hidden == bare else hidden
        return self._run(text, hits)

    def _run(self, text: str, hits: Sequence[int]) -> str:
        for at in sorted(hits):
            text = self._stages[at](text)
        return text

    def kind_of(self, key: str) -> str:
        """Return what kind of secret a name stands for, or ""."""
        kind = self._kinds.get(key)
        if kind is None:
            last = key.lower().rpartition(".")[2]
            kind = "secret" if last in self._extra_keys else kind_of_key(key)
            if len(self._kinds) >= _MEMO_LIMIT:
                self._kinds.clear()
            if len(key) <= _MEMO_TEXT_LIMIT:
                self._kinds[key] = kind
        return kind

    def value(self, key: str, value: str) -> str:
        """Return the value of a field without secrets; nothing of it stays when the key says so."""
        kind = self.kind_of(key)
        if kind and is_worth_hiding(key, value):
            return f"[REDACTED:{kind}]"
        return self.text(value)

    def event(self, parsed: ParsedLine, *, received_at: datetime, service: str = "") -> Event:
        """Return a parsed line as an event that may leave.

        Args:
            parsed: The line as the application wrote it.
            received_at: Stands in for a missing time (aware, UTC).
            service: Stands in for a missing name of the service.
        """
        return Event(
            at=parsed.at if parsed.at is not None else received_at,
            level=parsed.level,
            message=self.text(parsed.message),
            target=self._short(parsed.target),
            service=self._short(parsed.service or service),
            code=self._short(parsed.code),
            request_id=self.text(parsed.request_id),
            trace_id=self.text(parsed.trace_id),
            duration_ms=parsed.duration_ms,
            exception_type=self._short(parsed.exception_type),
            causes=tuple(self.text(cause) for cause in parsed.causes),
            stack_trace=self.text(parsed.stack_trace),
            location=self._short(parsed.location),
            thread=self._short(parsed.thread),
            panic=parsed.panic,
            dialect=parsed.dialect,
            fields={self._short(key): self.value(key, text) for key, text in parsed.fields.items()},
        )

    def _short(self, text: str) -> str:
        known = self._memo.get(text)
        if known is None:
            known = self.text(text)
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo.clear()
            if len(text) <= _MEMO_TEXT_LIMIT:
                self._memo[text] = known
        return known


def _options(max_mem: int = _STAGE_BYTES) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = max_mem
    return options


def _stage(secret: Format, max_mem: int = _STAGE_BYTES) -> _Stage:
    regex = re2.compile(secret.regex, _options(max_mem))
    groups = regex.groupindex
    keep, rest, token = groups.get("keep", 0), groups.get("rest", 0), groups.get("token", 0)
    check = CHECKS.get(secret.check)
    placeholder = f"[REDACTED:{secret.kind}]"

    def replaced(match: "re2._Match") -> str:
        if check is not None:
            start = match.start(token)
            if not check(match.group(token), match.string[max(0, start - REACH) : start]):
                whole: str = match.group()
                return whole
        before = (match.group(keep) or "") if keep else ""
        after = (match.group(rest) or "") if rest else ""
        return f"{before}{placeholder}{after}"

    def stage(text: str) -> str:
        changed: str = regex.sub(replaced, text)
        return changed

    return stage


def _extra(index: int, pattern: str) -> _Stage:
    if index >= EXTRA_LIMIT:
        raise PatternProblem(index, f"at most {EXTRA_LIMIT} extra patterns are taken")
    reason = why_unusable(pattern, limit=PATTERN_LIMIT)
    if not pattern or reason:
        raise PatternProblem(index, reason or "is empty")
    regex = re2.compile(pattern, _options())
    group = regex.groupindex.get("secret", 0)

    def replaced(match: "re2._Match") -> str:
        whole, start = match.group(), match.start()
        first, last = match.start(group) - start, match.end(group) - start
        return f"{whole[:first]}[REDACTED:extra]{whole[last:]}" if last > first else whole

    def stage(text: str) -> str:
        changed: str = regex.sub(replaced, text)
        return changed

    return stage
