"""Tell what a message says apart from what it says it about.

`user 17 not found` and `user 99 not found` are one problem, `status 500` and `status 503` are two.
Numbers, ids, addresses, times and values go; words, error codes, HTTP statuses and `os error N`
stay. What stays decides identity, so a change here gives old problems new names: it needs a new
version of the fingerprint.
"""

import json
import re
import unicodedata
from functools import lru_cache
from typing import Final

from logwatchd.domain.invisible import without_invisible
from logwatchd.domain.mask_tokens import (
    CAUSE_KEYS,
    CODE_WORDS,
    STATUS_WORDS,
    TOKENS,
    VALUE_WORDS,
)
from logwatchd.domain.mask_words import LINE, masked_path, masked_url, masked_word

LENGTH_LIMIT: Final = 4_096
"""Code points of a message that count; a longer one differs in what it carries, not in kind."""

_MEMO_TEXT_LIMIT: Final = 512
"""Code points; longer texts are not remembered, so that hostile ones cost no memory."""

_STATUS: Final = re.compile(r"[1-5]\d\d")
_SHORT_NUMBER: Final = re.compile(r"-?\d{1,5}")
_LIST: Final = re.compile(r"(?<=[(\[])(<[a-z]{1,12}>)(?:,\s?<[a-z]{1,12}>)++")
_ROWS: Final = re.compile(r"(\(<[a-z]{1,12}>\))(?:,\s?\(<[a-z]{1,12}>\))++")
_PLACEHOLDER: Final = re.compile(r"<[a-z]{1,12}>")
_FOLDED: Final = re.compile(r"[\w*]++")
_BETWEEN: Final = frozenset(" =:\"'(\\")
_FARTHEST: Final = 5
"""Signs that may stand between a name and its value: `"code": "7"` has four."""

_BEFORE_PATH: Final = ("", *" \"'`(=:,[{")
"""Signs behind which a path begins, and is not the rest of one."""

_SWITCHES: Final = frozenset({"true", "false", "None"})


def template_of(message: str) -> str:
    """Replace the parts of a message that differ between repeats of one problem.

    Args:
        message: Redacted text, any length; `LENGTH_LIMIT` code points of it count.

    Returns:
        One line to be read by people, with `<n>`, `<id>` and the like for what went. Applying it
        to its own result changes nothing, unless a text was put together to that end.

    Raises:
        Nothing: any string has a template.
    """
    text = message[:LENGTH_LIMIT]
    return _remembered(text) if len(text) <= _MEMO_TEXT_LIMIT else _template(text)


def _template(message: str) -> str:
    text = unicodedata.normalize("NFC", message)
    shown = _Masker(" ".join(without_invisible(text).split())).masked()
    shown = unicodedata.normalize("NFC", _ROWS.sub(r"\1", _LIST.sub(r"\1", shown)))
    return shown if len(shown) <= LENGTH_LIMIT else shown[:LENGTH_LIMIT].rpartition(" ")[0]


# A message is masked for its fingerprint and for its title, and causes repeat word for word.
_remembered = lru_cache(maxsize=512)(_template)


def identity_of(message: str) -> str:
    """Return what two messages of one problem have in common; for the hash, not for people.

    All placeholders are one wildcard `*`; case, punctuation, the order of JSON keys and a plural
    just behind a number (`1 bad record`, `7 bad records`) do not count.
    """
    template = template_of(_with_sorted_keys(message[:LENGTH_LIMIT]))
    folded = _PLACEHOLDER.sub(" * ", template).lower()
    words: list[str] = []
    for word in _FOLDED.findall(folded):
        if word == "*" and words[-1:] == ["*"]:
            continue
        words.append(_singular(word) if "*" in words[-2:] else word)
    return " ".join(words) or folded


def _singular(word: str) -> str:
    if word.endswith("ies") and len(word) > len("ties"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > len("gas"):
        return word[:-1]
    return word


def _with_sorted_keys(message: str) -> str:
    start, end = message.find("{"), message.rfind("}")
    if start < 0 or end < start or '":' not in message:
        return message
    try:
        value = json.loads(message[start : end + 1])
        ordered = json.dumps(value, sort_keys=True, ensure_ascii=False)
    except (ValueError, RecursionError):
        return message
    return message[:start] + ordered + message[end + 1 :]


class _Masker:
    """Reads one message from left to right; remembers the last words."""

    __slots__ = ("_shown", "_text", "_value_end", "_word", "_word_before", "_word_end")

    def __init__(self, text: str) -> None:
        self._text = text
        self._shown: list[str] = []
        self._word = ""
        self._word_before = ""
        self._word_end = 0
        self._value_end = 0

    def masked(self) -> str:
        at = 0
        while at < len(self._text):
            match = TOKENS.match(self._text, at)
            if match is None:
                break
            kind, token = match.lastgroup or "sign", match.group()
            used = token
            if kind in ("plain", "word", "status"):
                self._shown.append(self._worded(token, at, kind))
            elif kind in _FIXED:
                self._shown.append(_FIXED[kind])
            elif kind == "quoted":
                used = self._quoted(token, at)
            elif kind == "number":
                self._shown.append(token if self._is_code(token, at) else "<n>")
            elif kind == "path":
                shown, used = masked_path(token, whole=self._text[at - 1 : at] in _BEFORE_PATH)
                self._shown.append(shown)
            elif kind == "url":
                shown, used = masked_url(token)
                self._shown.append(shown)
            else:
                self._shown.append(LINE.sub("", token) if kind == "file" else token)
            at += len(used)
        return "".join(self._shown)

    def _quoted(self, token: str, at: int) -> str:
        quote = token[: len(token) - len(token.lstrip("\\")) + 1]
        if not self._is_value(at):
            self._shown.append(quote)
            return quote
        self._shown.append(f"{quote}<value>{quote}")
        self._value_end = at + len(token)
        return token

    def _worded(self, token: str, at: int, kind: str) -> str:
        glued = self._word_end == at - 1 and self._text[at - 1] == "="
        if glued or token in _SWITCHES:
            key = self._key_before(at)
            named = glued or (bool(key) and ":" in self._text[self._word_end : at])
            if named and not key.endswith(CAUSE_KEYS):
                self._remember(token, at)
                return "<value>"
        self._remember(token, at)
        return masked_word(token) if kind == "word" else token

    def _remember(self, token: str, at: int) -> None:
        self._word_before, self._word = self._word, token.partition("/")[0].lower()
        self._word_end = at + len(token)

    def _key_before(self, at: int) -> str:
        """Return the last word if only signs that give it a value stand between, else ""."""
        between = self._text[self._word_end : at]
        if len(between) > _FARTHEST or not set(between) <= _BETWEEN:
            return ""
        return self._word

    def _is_value(self, at: int) -> bool:
        if self._value_end and self._text[self._value_end : at].strip() == ",":
            return True
        key, between = self._key_before(at), self._text[self._word_end : at]
        if ":" in between or "=" in between:
            return bool(key) and not key.endswith(CAUSE_KEYS)
        return key in VALUE_WORDS

    def _is_code(self, token: str, at: int) -> bool:
        last = re.split("[._]", self._key_before(at))[-1]
        if last in CODE_WORDS or (last == "error" and self._word_before == "os"):
            return _SHORT_NUMBER.fullmatch(token) is not None
        return last in STATUS_WORDS and _STATUS.fullmatch(token) is not None


_FIXED: Final = {
    "space": " ",
    "panicked": "",
    "time": "<time>",
    "id": "<id>",
    "email": "<email>",
    "ip": "<ip>",
    "token": "<token>",
    "option": "<value>",
    "name": "<name>님",
}
