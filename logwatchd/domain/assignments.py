"""Values of secret names inside a text: `password=…`, `"token": "…"`, `비밀번호는 …`.

Only the name and the sign behind it are matched by an expression; the value is cut out by hand, for
its end depends on the quote in front of it. The expressions are the standard library's: all
possessive, anchored by a look-behind, so that none can go back and try again.
"""

import re
from collections.abc import Callable
from typing import Final

from logwatchd.domain.secret_keys import is_worth_hiding

HINT: Final = (
    r"(?i)pass|pwd|\bpw|secret|token|jwt|bearer|key|auth|cookie|cred|sess|\bsid|[._]sid|otp|\bpin"
    r"|cvv|cvc|sig\b|signature|ssn|rrn|card|resident|webhook|비밀번호|비번|암호|패스워드|토큰"
    r"|시크릿|인증|비밀키|키\s*[=:]|주민|카드|계좌|전화|휴대폰"
)
"""RE2 expression without which a text holds no such name."""

_NAME: Final = re.compile(
    r"(?<![A-Za-z0-9_.\-가-힣])"
    r"(?P<name>(?:(?i:api|secret|private|access|session|인증|비밀|카드|계좌) )?+"
    r"[A-Za-z0-9_.\-가-힣]{1,128}+)"
    r"(?:\\{0,3}+[\"'])?+\s{0,4}+(?:=>|[:=]|\\u003[aAdD]|%3[aAdD])\s{0,4}+"
)

_TOLD: Final = re.compile(
    r"(?P<name>비밀번호|비번|암호|패스워드|입력 ?값|입력한 ?값)(?:는|은|가|를|:|=)?+[\s:=]{1,4}+"
    r"(?P<value>(?=[!-~]{0,63}[0-9])[!-&*-~]{6,128}+)"
)
"""In Korean a password may follow its name without a sign: `비번 abc123 로 로그인 시도`."""

_OPENING: Final = re.compile(r"(?:Some|Ok|Secret|SecretString)?+\(?+(?P<quote>\\{0,3}+[\"'])")
_BARE: Final = re.compile(r"(?:[^\s\"'`,;&<>()\[\]{}|\\]|\\(?![nrtu\"']))*+")
_LINE: Final = re.compile(r"[^\n\"']*+")
_INNER: Final = {
    '"': re.compile(r"(?:[^\"\\]|\\.)*+", re.DOTALL),
    "'": re.compile(r"(?:[^'\\]|\\.)*+", re.DOTALL),
}
_PAIR: Final = re.compile(r"(?<=[=])[^=;\s]{8,}+")

_PROSE_KINDS: Final = frozenset(
    {"token", "authorization", "code", "signature", "credentials", "session"}
)
"""Names that a sentence may use: `unexpected token: identifier`."""

_LONG: Final = 20
"""A word of this length is no English one."""


def hide_assigned(text: str, kind_of: Callable[[str], str]) -> str:
    """Return a text without the values of secret names.

    Args:
        text: Any text.
        kind_of: Tells what kind of secret a name stands for, or "".
    """
    parts: list[str] = []
    done = 0
    for match in _NAME.finditer(text):
        if match.start() < done:
            continue
        kind = kind_of(match["name"])
        if not kind:
            continue
        start, end, quoted = _value_at(text, match.end())
        hidden = _hidden(kind, match["name"], text[start:end], quoted=quoted)
        if hidden is None:
            continue
        parts += (text[done:start], hidden)
        done = end
    parts.append(text[done:])
    return _hide_told("".join(parts))


def _value_at(text: str, at: int) -> tuple[int, int, bool]:
    """Return where a value begins and ends, without its quotes, and whether it has any."""
    opening = _OPENING.match(text, at)
    if opening is None:
        bare = _BARE.match(text, at)
        return at, at if bare is None else bare.end(), False
    start, quote = opening.end(), opening["quote"]
    if len(quote) == 1:
        inner = _INNER[quote].match(text, start)
        return start, start if inner is None else inner.end(), True
    end = text.find(quote, start)
    return start, len(text) if end < 0 else end, True


def _hidden(kind: str, name: str, value: str, *, quoted: bool) -> str | None:
    if not is_worth_hiding(name, value):
        return None
    placeholder = f"[REDACTED:{kind}]"
    if "[REDACTED:" in value:
        return None if kind in _PROSE_KINDS else placeholder
    if kind == "cookie" and "=" in value:
        changed = _PAIR.sub(placeholder, value)
        return None if changed == value else changed
    if kind in _PROSE_KINDS and not quoted and not _looks_random(value):
        return None
    return placeholder


def _looks_random(value: str) -> bool:
    return len(value) >= _LONG or any(sign.isdigit() for sign in value)


def _hide_told(text: str) -> str:
    if not any(word in text for word in ("비밀번호", "비번", "암호", "패스워드")):
        return text
    return _TOLD.sub(lambda match: match[0].replace(match["value"], "[REDACTED:password]"), text)
