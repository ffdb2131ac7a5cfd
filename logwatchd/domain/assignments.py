"""Values of secret names inside a text: `password=…`, `"token": "…"`, `비밀번호: …`.

Only the name and the sign behind it are matched by an expression; the value is cut out by hand, for
its end depends on the quote in front of it. The expressions are the standard library's: all
possessive or bounded, and anchored by a look-behind, so that none can go back and try again.
"""

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Final

from logwatchd.domain.secret_keys import NEUTRAL, NOUN, SECOND_WORDS, Key
from logwatchd.domain.secret_values import is_secret

KeyOf = Callable[[str], Key | None]
"""From a name to what it stands for."""

Hide = Callable[[str, str], str]
"""From the kind and the text of a secret to what is shown in its place."""

HINT: Final = (
    rf"(?i)(?:{NOUN})(?:[_\-. ]?(?:{'|'.join(NEUTRAL)}|[0-9]+))*"
    r"(?:[\[\]\"'\\`]|%5[BD]|%2[27]|&quot;|&#3[49];|\\u0022)*\s*(?:[=:,：＝]|\\u003[ad]|%3[ad])"
)
"""RE2 expression without which a text assigns nothing to a secret name."""

QUERY_HINT: Final = r"[?&](?:key|code)="

_NAME_SIGN: Final = r"A-Za-z0-9_.\-가-힣"
_QUOTE: Final = r"(?:\"{3}|'{3}|\\{0,15}+[\"'`]|%2[27]|&quot;|&#3[49];|\\u0022)"

_BRACKETS: Final = r"\]?+\[\]|\]|(?:%5[dD])?+%5[bB]%5[dD]|%5[dD]"
"""Behind the name in a form: `user[password]`, `user[password][]`."""

_NAME: Final = re.compile(
    rf"(?:(?<![{_NAME_SIGN}\\])|(?<=\\)(?![nrt])|(?<=\\[nrt]))"
    rf"(?P<name>[{_NAME_SIGN}]{{1,128}}+)(?:{_BRACKETS})?+(?P<closing>{_QUOTE})?+\]?+\s{{0,4}}+"
    r"(?P<sign>=>|:=|={1,3}+|:(?!:)|[：＝]|\\u003[aAdD]|%3[aAdD]|(?(closing),|(?!)))(?P<gap>\s{0,4}+)"
)
_FIRST_WORD: Final = re.compile(r"(?<![A-Za-z가-힣])[A-Za-z가-힣]{2,12}+(?= \Z)")
_FIRST_REACH: Final = 14
_OF_A_LANGUAGE: Final = ("unexpected ", "Unexpected ")
"""What a parser says in front of a token of its own, and a server in front of one it refuses."""

_CALLS: Final = r"(?:&?+[A-Za-z_][A-Za-z0-9_:]{0,63}+(?:<[^<>\s]{0,64}+>)?+\(\s{0,64}+){1,4}+"
_CALL: Final = re.compile(_CALLS)
_OPENING: Final = re.compile(
    rf"(?P<list>\[\s{{0,16}}+)?+(?P<call>{_CALLS})?+(?:&(?!quot;|#)|[rb]#?+)?+(?P<quote>{_QUOTE})"
)
_WRAPPER: Final = re.compile(
    r"\W*(?:Some|Ok|Just|\w*(?i:secret|password|token|key|string|box|new)\w*)\b"
)

_NEXT: Final = re.compile(rf"\s{{0,16}}+,\s{{0,16}}+(?P<quote>{_QUOTE})")
_BARE: Final = re.compile(
    r"(?:[^\s\"'`,;&<>()\[\]{}|\\%]++|\[REDACTED:\w{1,40}+\]|%(?!2[267cC]|0[aA])"
    r"|\\(?![nrtu\"'\\]))*+"
)
_COOKIES: Final = re.compile(
    r"[^\s=;,\"'\\]++=[^\s;,\"'\\]*+(?:;\s?+[^\s=;,\"'\\]++(?:=[^\s;,\"'\\]*+)?+)*+"
)
_PAIR: Final = re.compile(r"(?P<name>[^=;\s]++)=(?P<value>[^=;\s][^;\s]*+)")
_ATTRIBUTES: Final = frozenset(
    {"path", "domain", "expires", "max-age", "samesite", "version", "priority"}
    | {"lang", "locale", "theme"}
)
_REDACTED: Final = "[REDACTED:"
_SHORTEST_COOKIE: Final = 8

_JUDGED: Final = 128
"""Code points of a value without quotes by which it is judged; each name in it begins another."""

_WHOLE_KINDS: Final = frozenset({"password", "secret", "api_key", "private_key"})
"""Kinds of which nothing stays, also when something was found in the value before."""


def hide_assigned(text: str, key_of: KeyOf, hide: Hide) -> str:
    """Return a text without the values of secret names.

    Args:
        text: Any text.
        key_of: Tells what a name stands for.
        hide: Gives what is shown in place of a secret.
    """
    parts: list[str] = []
    done = looked = 0
    for match in _NAME.finditer(text):
        if match.start() < looked:
            continue
        key = _key(text, match, key_of)
        if key is None:
            continue
        for start, end in _secrets(text, match.end(), key):
            parts += (text[done:start], hide(key.kind, text[start:end]) if start < end else "")
            done = end
        looked = done
    parts.append(text[done:])
    return "".join(parts)


def _secrets(text: str, at: int, key: Key) -> Iterator[tuple[int, int]]:
    """Yield begin and end of each secret behind a name and its sign.

    An empty one at the end says up to where nothing else is to be looked for.
    """
    for start, end, quoted in _values(text, at):
        value = text[start:end]
        if key.kind == "cookie" and "=" in value:
            yield from _cookies(text, start, end if quoted else _end_of(_COOKIES, text, start))
        elif _REDACTED in value and key.kind not in _WHOLE_KINDS:
            continue
        elif is_secret(key, value, quoted=quoted):
            yield start, end if quoted else _end_of(_BARE, text, end)


def _key(text: str, match: re.Match[str], key_of: KeyOf) -> Key | None:
    name, start = match["name"], match.start()
    before = text[start - 1 : start]
    if match["sign"] == ",":
        opening = text[max(0, start - 6) : start].rstrip("\\\"'` ")
        return key_of(name) if match["closing"] and opening[-1:] in "([" else None
    if before in ("?", "&") and name in ("key", "code"):
        return Key("api_key", name, sure=True, only_random=True)
    if before == ":" and text.endswith(_REDACTED, 0, start):
        return None
    if before == ":" and match["sign"] == ":" and not match["gap"]:
        return None  # a path of words: `arn:aws:…:secret:prod/db`
    key = key_of(name)
    if key is not None and key.noun == "token" and text.endswith(_OF_A_LANGUAGE, 0, start):
        return key._replace(only_random=True)
    if key is None and before == " " and name.lower() in SECOND_WORDS:
        first = _FIRST_WORD.search(text, max(0, start - _FIRST_REACH), start)
        return None if first is None else key_of(f"{first[0]}_{name}")
    return key


def _values(text: str, at: int) -> Iterator[tuple[int, int, bool]]:
    """Yield where each value begins and ends, without its quotes, and whether it has any.

    The quotes of an argument do not count where what is called says nothing about a secret:
    `unexpected token: Ident("x")`.
    """
    opening = _OPENING.match(text, at)
    if opening is None:
        call = _CALL.match(text, at)
        start = at if call is None else call.end()
        yield start, _end_of(_BARE, text, start, start + _JUDGED), False
        return
    listed = opening["list"] is not None
    quoted = opening["call"] is None or _WRAPPER.match(opening["call"]) is not None
    while opening is not None:
        start = opening.end()
        end = _end_of_quoted(text, start, opening["quote"])
        yield start, end, quoted
        opening = _NEXT.match(text, end + len(opening["quote"])) if listed else None


def _end_of(regex: re.Pattern[str], text: str, start: int, limit: int = sys.maxsize) -> int:
    match = regex.match(text, start, limit)
    return start if match is None else match.end()


def _end_of_quoted(text: str, start: int, quote: str) -> int:
    """Return where the same quote closes at the same depth, else where the line or the text ends."""
    closing = _closing(quote).search(text, start)
    return len(text) if closing is None else closing.start()


@lru_cache(maxsize=64)
def _closing(quote: str) -> re.Pattern[str]:
    if len(quote) == 1:
        return re.compile(rf"(?<!\\)(?=(?:\\\\){{0,32}}+{quote})|\n")
    return re.compile(rf"(?<!\\){re.escape(quote)}|\n")


def _cookies(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    for pair in _PAIR.finditer(text, start, end):
        value = pair["value"]
        if pair["name"].lower() in _ATTRIBUTES or value.startswith(_REDACTED):
            continue
        if len(value) >= _SHORTEST_COOKIE:
            yield pair.span("value")
    yield end, end
