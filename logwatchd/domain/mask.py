"""Tell what a message says apart from what it says it about.

`user 17 not found` and `user 99 not found` are one problem, `status 500` and `status 503` are two.
Numbers, ids, addresses, times and values go; words, error codes, HTTP statuses and `os error N`
stay. What stays decides identity, so a change here gives old problems new names: it needs a new
version of the fingerprint.
"""

import re
import unicodedata
from typing import Final

from logwatchd.domain.invisible import without_invisible
from logwatchd.domain.mask_paths import masked_path, masked_url
from logwatchd.domain.mask_tokens import (
    CAUSE_KEYS,
    CLIENT_WORDS,
    KIND_OF_USER,
    NO_NAMES,
    TOKENS,
    UPSTREAM_KEYS,
    VALUE,
    VALUE_WORDS,
)
from logwatchd.domain.text_overrides import (
    KEPT_BEHIND,
    NO_TEXT_OVERRIDES,
    TextOverrides,
    restored,
    without_private,
)
from logwatchd.domain.values import PLACEHOLDERS, See, Values

LENGTH_LIMIT: Final = 4_096
"""Code points of a message that count; a longer one differs in what it carries, not in kind."""

_MEMO_LIMIT: Final = 2_048
_MEMO_TEXT_LIMIT: Final = 512
"""Code points; longer texts are not remembered, so that hostile ones cost no memory."""

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_ZONE: Final = r"(?: (?:Z|UTC|GMT|KST|[A-Z][DS]T|<n>)\b)?+"
_TIMES: Final = re.compile(
    rf"(?:{_DAY},? )?<n> {_MONTH} <n> <time>{_ZONE}"
    rf"|(?:{_DAY},? )?{_MONTH} <n>,? <time>{_ZONE}(?: <n>)?"
    rf"|<time>(?: <time>)?{_ZONE}"
)
_UNITS: Final = re.compile(
    r"<n> (?:[kKMGTP]?i?B(?:/s)?|[bB]ytes?|ns|us|µs|ms|msecs?|milliseconds?|secs?|seconds?|mins?|minutes?"
    r"|hrs?|hours?|days?|percent|[smhd%])(?![\w/'])"
)
_LIST: Final = re.compile(rf"(?<=[(\[])(<{PLACEHOLDERS}>)(?:,\s?<{PLACEHOLDERS}>)++")
_ROWS: Final = re.compile(rf"(\(<{PLACEHOLDERS}>\))(?:,\s?\(<{PLACEHOLDERS}>\))++")

_BETWEEN: Final = frozenset(" =:\"'(\\")
_FARTHEST: Final = 5
"""Signs that may stand between a name and its value: `"code": "x"` has four."""

_ROUTE_WORDS: Final = frozenset(
    {
        *("get", "post", "put", "patch", "delete", "head", "options", "route", "endpoint", "url"),
        *("uri", "api", "경로"),
    }
)
_SWITCHES: Final = frozenset({"true", "false", "True", "False"})
_NOTHING: Final = frozenset({"None", "null", "nil", "none", "undefined"})
_LAST_WORD: Final = re.compile(r"(?:[A-Z]?[a-z]{1,40}|[A-Z]{1,40}|[가-힣]{1,20})\Z")
_FROM: Final = re.compile(r" from <(?:ip|host|id|value)>| from [\w\-]+\.[\w.\-]+")
_NAME_ENDS: Final = re.compile(r"(?: (?:from|by|on|at|via|using|port|\[)|[,;:)\]]|\Z)")


class Masker:
    """Masks messages; remembers the shapes of those it has seen."""

    __slots__ = ("_overrides", "_templates", "_values")

    def __init__(self, overrides: TextOverrides = NO_TEXT_OVERRIDES) -> None:
        self._overrides = overrides
        self._values = Values()
        self._templates: dict[str, str] = {}

    def shape(self, message: str) -> str:
        """Return a message without the values that are known by their looks alone.

        All that is known of a message by its content follows from its shape, so this is what
        results are remembered by.
        """
        text = _cleaned(message)
        if not self._overrides.asks:
            return self._values.replaced(text)
        text, kept = self._overrides.applied(text)
        return KEPT_BEHIND.join((self._values.replaced(text), *kept))

    def template(self, message: str) -> str:
        """Replace the parts of a message that differ between repeats of one problem.

        Args:
            message: Redacted text, any length; `LENGTH_LIMIT` code points of it count.

        Returns:
            One line to be read by people, with `<n>`, `<id>` and the like for what went. Applying
            it to its own result changes nothing, unless a text was put together to that end.
        """
        return self.template_of_shape(self.shape(message))

    def template_of_shape(self, shape: str) -> str:
        """Return the template of all messages of one shape."""
        known = self._templates.get(shape)
        if known is None:
            known = _template(shape, None)
            if len(shape) <= _MEMO_TEXT_LIMIT:
                if len(self._templates) >= _MEMO_LIMIT:
                    self._templates.clear()
                self._templates[shape] = known
        return known

    def explained(self, message: str) -> tuple[str, list[tuple[str, str]], list[str]]:
        """Return the template, each text that went with what stands for it, and what was kept."""
        seen: list[tuple[str, str]] = []

        def see(text: str, shown: str) -> None:
            seen.append((text, shown))

        text, kept = _cleaned(message), []
        if self._overrides.asks:
            text, kept = self._overrides.applied(text)
        shape = KEPT_BEHIND.join((self._values.replaced(text, see), *kept))
        return _template(shape, see), seen, kept


def _cleaned(message: str) -> str:
    text = message[:LENGTH_LIMIT]
    if not text.isprintable():
        text = without_private(without_invisible(text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _template(shape: str, see: See | None) -> str:
    text, *kept = shape.split(KEPT_BEHIND)
    if "<time>" in text:
        text = _TIMES.sub("<time>", text)
    if "<n>" in text:
        text = _UNITS.sub("<n>", text)
    shown = _Reader(text, see).masked()
    shown = unicodedata.normalize("NFC", _ROWS.sub(r"\1", _LIST.sub(r"\1", shown)))
    shown = restored(shown, kept) if kept else shown
    return shown if len(shown) <= LENGTH_LIMIT else shown[:LENGTH_LIMIT].rpartition(" ")[0]


class _Reader:
    """Reads one message from left to right; remembers the last words."""

    __slots__ = (
        "_closing",
        "_see",
        "_shown",
        "_text",
        "_value_end",
        "_word",
        "_word_before",
        "_word_end",
    )

    def __init__(self, text: str, see: See | None) -> None:
        self._text = text
        self._see = see
        self._shown: list[str] = []
        self._word = ""
        self._word_before = ""
        self._word_end = 0
        self._value_end = 0
        self._closing = -1

    def masked(self) -> str:
        text, shown, at = self._text, self._shown, 0
        while at < len(text):
            match = TOKENS.match(text, at)
            if match is None:
                break
            kind, token = match.lastgroup or "sign", match[0]
            if kind in ("space", "sign", "kept"):
                shown.append(token)
                at += len(token)
                continue
            result, used = _READ[kind](self, token, at)
            shown.append(result)
            if self._see is not None and result != used:
                self._see(used, result)
            at += len(used)
        return "".join(shown).strip()

    def _read_word(self, token: str, at: int) -> tuple[str, str]:
        masked = token in _SWITCHES
        if not masked and token in _NOTHING:
            masked = bool(self._key_before(at)) and ":" in self._text[self._word_end : at]
            masked = masked and not _is_cause(self._word)
        if not masked and self._word in CLIENT_WORDS:
            masked = self._is_client(token, at)
        self._remember(token, at)
        return ("<value>" if masked else token), token

    def _read_given(self, token: str, at: int) -> tuple[str, str]:
        """Read `name=` and, where the value is one of many, the value."""
        self._remember(token[:-1], at)
        word = _last_word(self._word)
        if word in CAUSE_KEYS or word in UPSTREAM_KEYS:
            return token, token
        value = VALUE.match(self._text, at + len(token))
        if value is None:
            return token, token
        quote = value[0][: len(value[0]) - len(value[0].lstrip("\\")) + 1] if value[0] else ""
        shown = f"{quote}<value>{quote}" if quote[-1:] in ("'", '"') else "<value>"
        if value[0].startswith("<") and value[0].endswith(">") and value[0].count("<") == 1:
            shown = value[0]
        return token + shown, token + value[0]

    def _read_quoted(self, token: str, at: int) -> tuple[str, str]:
        quote = token[: len(token) - len(token.lstrip("\\")) + 1]
        if at == self._closing:
            return quote, quote
        if not self._is_value(at, len(token)):
            self._closing = at + len(token) - len(quote)
            return quote, quote
        self._value_end = at + len(token)
        return f"{quote}<value>{quote}", token

    def _read_path(self, token: str, at: int) -> tuple[str, str]:
        route = self._key_before(at) in _ROUTE_WORDS
        result, used = masked_path(token, route=route)
        self._remember(used.partition("/")[0], at, length=len(used))
        return result, used

    def _read_url(self, token: str, at: int) -> tuple[str, str]:
        result, used = masked_url(token)
        self._word_end = at  # nothing behind it is a value of the word before
        self._word = ""
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

    def _is_value(self, at: int, length: int) -> bool:
        if self._text.startswith(":", at + length):
            return False  # the name of a member
        if self._value_end and self._text[self._value_end : at].strip() == ",":
            return True
        key, between = self._key_before(at), self._text[self._word_end : at]
        if ":" in between or "=" in between:
            return bool(key) and not _is_cause(self._word)
        return key in VALUE_WORDS

    def _is_client(self, token: str, at: int) -> bool:
        """Say whether a word is the name of somebody: `invalid user kim from <ip>`."""
        if self._word_end != at - 1 or token.lower() in NO_NAMES or "::" in token:
            return False
        end = at + len(token)
        if self._text.startswith("<n>", end):
            end += len("<n>")
        if _FROM.match(self._text, end):
            return True
        named = self._word == "user" and self._word_before.lower() in KIND_OF_USER
        return named and _NAME_ENDS.match(self._text, end) is not None


def _last_word(name: str) -> str:
    found = _LAST_WORD.search(name[-40:])
    return found[0].lower() if found is not None else ""


def _is_cause(name: str) -> bool:
    return _last_word(name) in CAUSE_KEYS


def _request(token: str) -> str:
    """Return the line of an access log: of its statuses only those of our own failures tell."""
    method, _, rest = token.partition(" ")
    status = '" status: <n>' if rest.endswith(tuple("0123456789")) and "status" in rest else '"'
    if rest.endswith(tuple("0123456789")) and "status" not in rest:
        status = '" <n>'
    return f"{method} <path> HTTP/<n>{status}"


def _fixed(shown: str):  # type: ignore[no-untyped-def]
    def read(_: _Reader, token: str, at: int) -> tuple[str, str]:  # noqa: ARG001
        return shown, token

    return read


_READ: Final = {
    "plain": _Reader._read_word,
    "word": _Reader._read_word,
    "given": _Reader._read_given,
    "quoted": _Reader._read_quoted,
    "path": _Reader._read_path,
    "url": _Reader._read_url,
    "file": lambda self, token, at: (re.sub(r"(?::<n>){1,2}\Z", "", token), token),
    "request": lambda self, token, at: (_request(token), token),
    "panicked": _fixed(""),
    "email": _fixed("<email>"),
    "stars": _fixed("<value>"),
    "token": _fixed("<token>"),
    "option": _fixed("<value>"),
    "name": _fixed("<name>님"),
}
