"""The second pass over a message: words by what stands around them.

A message is read once, from left to right. What the reader remembers are the last two words, for a
word in front of a value says what the value is: `user "kim"`, `kind: "join"`, `owner=None`.
"""

import re
from typing import Final

from logwatchd.domain.mask_paths import masked_path, masked_url
from logwatchd.domain.mask_tokens import (
    CAUSE_KEYS,
    CLIENT_WORDS,
    KIND_OF_USER,
    NO_NAMES,
    ROUTE_WORDS,
    TOKENS,
    UPSTREAM_KEYS,
    VALUE,
    VALUE_WORDS,
)
from logwatchd.domain.values import PLACEHOLDERS, See

_FIXED: Final = {
    "panicked": "",
    "mac": "<ip>",
    "email": "<email>",
    "token": "<token>",
    "option": "<value>",
    "stars": "<value>",
    "filled": ")=(<value>)",
    "name": "<name>님",
}
"""What stands for a token whatever stands around it."""

_BETWEEN: Final = frozenset(" =:\"'(\\")
_FARTHEST: Final = 5
"""Signs that may stand between a name and its value: `"code": "x"` has four."""

_SWITCHES: Final = frozenset({"true", "false", "True", "False"})
_NOTHING: Final = frozenset({"None", "null", "nil", "none", "undefined"})
_LETTERS_OF_HEX: Final = re.compile(r"(?:[a-f]{8}){1,8}")
"""`ffffffff`: a hexadecimal number that happens to hold no digit."""

_LAST_WORD: Final = re.compile(r"(?:[A-Z]?[a-z]{1,40}|[A-Z]{1,40}|[가-힣]{1,20})\Z")
_HUMP: Final = re.compile(r"[A-Z][a-z]{1,40}")
_LAST_WORD_REACH: Final = 40

_FROM: Final = re.compile(r"(?:<n>)? from (?:<(?:ip|host|id|value)>|[\w\-]+\.[\w.\-]+)")
_NAME_ENDS: Final = re.compile(r"(?:<n>)?(?: (?:from|by|on|at|via|using|port|\[)|[,;:)\]]|\Z)")
_CLIENT_STATUS: Final = re.compile(r"4\d\d\Z")
_LINES: Final = re.compile(r"(?::<n>){1,2}\Z")
_WHOLE_PLACEHOLDER: Final = re.compile(rf"<{PLACEHOLDERS}>")


_SIMPLE: Final = re.compile(
    rf"(?:(?![a-f]{{8}})(?:[^\W\d]|-|<{PLACEHOLDERS}>)++[,.;:]?+(?: |\Z)){{1,128}}+"
)
_HEAD_ADDRESS: Final = re.compile(
    r"\A(?:[A-Za-z][A-Za-z\-]{0,62}\.){1,6}[A-Za-z]{2,24}:<n>(?=[ ,])"
)
"""A host and a port that a message begins with: who it is about, one of many."""

_ADDRESS_BEHIND: Final = re.compile(r" ?[\[(]<ip>[\])]")
"""What tells that the name in front of it is a host's."""

_LETTERS: Final = re.compile(r"[^\W\d]+")
_TRIGGERS: Final = _SWITCHES | _NOTHING | CLIENT_WORDS | {"thread"}
"""Without one of these, a message of words and placeholders alone stays as it is."""


def read(text: str, see: See | None) -> str:
    """Return a text with placeholders for the values that are known by what stands around them.

    Args:
        text: A message after the first pass.
        see: Told of each value.
    """
    head = _HEAD_ADDRESS.match(text)
    if head is not None:
        text = f"<host>{text[head.end() :]}"
        if see is not None:
            see(head[0], "<host>")
    if (
        _SIMPLE.fullmatch(text)
        and _TRIGGERS.isdisjoint(_LETTERS.findall(text))
        and "님" not in text
    ):
        return text
    return _Reader(text, see).read()


class _Reader:
    __slots__ = ("_closing", "_see", "_text", "_value_end", "_word", "_word_before", "_word_end")

    def __init__(self, text: str, see: See | None) -> None:
        self._text = text
        self._see = see
        self._word = ""
        self._word_before = ""
        self._word_end = 0
        self._value_end = 0
        self._closing = -1  # where a quoted text ends that is read like any other

    def read(self) -> str:
        text, shown, at = self._text, [], 0
        while at < len(text):
            match = TOKENS.match(text, at)
            if match is None:
                break
            kind, token = match.lastgroup or "sign", match[0]
            if kind in ("space", "sign", "kept"):
                shown.append(token)
                at += len(token)
                continue
            result, used = self._replaced(kind, token, at)
            shown.append(result)
            if self._see is not None and result != used:
                self._see(used, result)
            at += len(used)
        return "".join(shown).strip()

    def _replaced(self, kind: str, token: str, at: int) -> tuple[str, str]:
        """Return what stands for a token, and how much of it was read."""
        if kind in ("plain", "word"):
            return self._of_word(token, at), token
        if kind in _FIXED:
            return _FIXED[kind], token
        match kind:
            case "given":
                return self._of_given(token, at)
            case "quoted":
                return self._of_quoted(token, at)
            case "path":
                return self._of_path(token, at)
            case "url":
                self._word, self._word_end = "", at  # nothing behind it is a value of what was
                return masked_url(token)
            case "request":
                return _of_request(token), token
            case _:
                return _LINES.sub("", token), token

    def _of_word(self, token: str, at: int) -> str:
        if token in _SWITCHES or _LETTERS_OF_HEX.fullmatch(token):
            masked = True
        elif token in _NOTHING:
            key = self._key_before(at)
            masked = bool(key) and key not in CAUSE_KEYS and ":" in self._text[self._word_end : at]
        elif "." in token and _ADDRESS_BEHIND.match(self._text, at + len(token)):
            self._remember(token, at)
            return "<host>"
        else:
            masked = self._word in CLIENT_WORDS and self._is_name(token, at)
        self._remember(token, at)
        return "<value>" if masked else token

    def _of_given(self, token: str, at: int) -> tuple[str, str]:
        """Read `name=` and, where the value is one of many, the value."""
        self._remember(token[:-1], at)
        word = _last_word(self._word)
        value = VALUE.match(self._text, at + len(token))
        if word in CAUSE_KEYS or word in UPSTREAM_KEYS or value is None:
            return token, token
        text = value[0]
        if _WHOLE_PLACEHOLDER.fullmatch(text):
            return token + text, token + text
        quote = _quote_of(text)
        return f"{token}{quote}<value>{quote}", token + text

    def _of_quoted(self, token: str, at: int) -> tuple[str, str]:
        quote = _quote_of(token)
        if at == self._closing:
            return quote, quote
        if not self._is_value(token, at):
            self._closing = at + len(token) - len(quote)
            return quote, quote
        self._value_end = at + len(token)
        return f"{quote}<value>{quote}", token

    def _of_path(self, token: str, at: int) -> tuple[str, str]:
        result, used = masked_path(token, route=self._key_before(at) in ROUTE_WORDS)
        self._remember(used.partition("/")[0], at, length=len(used))
        return result, used

    def _remember(self, token: str, at: int, *, length: int | None = None) -> None:
        self._word_before, self._word = self._word, token
        self._word_end = at + (len(token) if length is None else length)

    def _key_before(self, at: int) -> str:
        """Return the last word if only signs that give it a value stand between, else ""."""
        between = self._text[self._word_end : at]
        if len(between) > _FARTHEST or not set(between) <= _BETWEEN:
            return ""
        return _last_word(self._word)

    def _is_value(self, quoted: str, at: int) -> bool:
        end = at + len(quoted)
        if self._text.startswith(":", end) or any("\ue000" <= sign <= "\ue0ff" for sign in quoted):
            return False  # the name of a member; something that is to be kept
        if self._value_end and self._text[self._value_end : at].strip() == ",":
            return True
        key, between = self._key_before(at), self._text[self._word_end : at]
        if ":" in between or "=" in between:
            return bool(key) and key not in CAUSE_KEYS
        if between == "(" and not CAUSE_KEYS.isdisjoint(_humps(self._word)):
            return False  # `ColumnNotFound("age")`
        return key in VALUE_WORDS or (key == "in" and between.endswith("("))

    def _is_name(self, token: str, at: int) -> bool:
        """Say whether a word is the name of somebody: `invalid user kim`, `for kim from <ip>`."""
        if self._word_end != at - 1 or token.lower() in NO_NAMES or "::" in token:
            return False
        end = at + len(token)
        if _FROM.match(self._text, end):
            return True
        named = self._word == "user" and self._word_before.lower() in KIND_OF_USER
        return named and _NAME_ENDS.match(self._text, end) is not None


def _last_word(name: str) -> str:
    found = _LAST_WORD.search(name[-_LAST_WORD_REACH:])
    return found[0].lower() if found is not None else ""


def _humps(name: str) -> list[str]:
    """Return the words of the name of a variant."""
    return [word.lower() for word in _HUMP.findall(name[-_LAST_WORD_REACH:])]


def _quote_of(text: str) -> str:
    """Return the quote that a text begins with, "" for one without."""
    bare = text.lstrip("\\")
    return text[: len(text) - len(bare) + 1] if bare[:1] in ("'", '"') else ""


def _of_request(token: str) -> str:
    """Return the line of an access log: of all statuses only those of our own failures tell."""
    line, quote, behind = token.rpartition('"')
    return f"{line.partition(' ')[0]} <path> HTTP/<n>{quote}{_CLIENT_STATUS.sub('<n>', behind)}"
