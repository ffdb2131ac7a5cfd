"""Globs and regular expressions that take linear time, whatever the text.

All go to RE2. Texts are matched as bytes: a lone surrogate, which JSON can carry and UTF-8 cannot,
becomes `?` instead of an exception.
"""

from collections.abc import Sequence
from typing import Final

import re2

_MEMO_LIMIT: Final = 2_048
"""Distinct texts whose answer is remembered; module paths and codes repeat endlessly."""

_MEMO_TEXT_LIMIT: Final = 256
"""Longer texts are not remembered, so that hostile ones cost no memory."""

_SET_BYTES: Final = 8 << 20
"""Memory that a set of patterns may use for its states; when it is full, matching slows down."""


def _options(*, max_mem: int = 8 << 20) -> re2.Options:
    options = re2.Options()
    options.log_errors = False
    options.max_mem = max_mem
    return options


def _bytes_options(*, max_mem: int = 8 << 20) -> re2.Options:
    options = _options(max_mem=max_mem)
    options.encoding = re2.Options.Encoding.LATIN1  # a byte is a sign, whatever it means
    return options


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")


def quoted(text: str) -> str:
    """Return the expression that finds just this text."""
    escaped: str = re2.escape(text.encode("utf-8", "replace").decode())
    return escaped


class Glob:
    """A glob, compiled. `*` is any run of characters, `?` any one; case counts.

    An empty text fits none, for it stands for something that is missing.
    """

    __slots__ = ("_compiled", "_exact")

    def __init__(self, glob: str) -> None:
        wild = "*" in glob or "?" in glob
        self._exact = None if wild else glob
        self._compiled = re2.compile(glob_regex(glob), _options()) if wild else None

    def fits(self, text: str) -> bool:
        """Say whether a whole text fits."""
        if self._compiled is None:
            return text == self._exact
        return bool(text) and self._compiled.search(_bytes(text)) is not None


def why_unusable(regex: str, *, limit: int) -> str:
    """Return why an expression cannot be used, or "" when it can (an empty one can).

    Args:
        regex: The expression.
        limit: The most code points it may have.
    """
    if len(regex) > limit:
        return f"is longer than {limit} characters"
    try:
        compiled = re2.compile(_bytes(regex), _options())
    except re2.error as error:
        reason = error.args[0]
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
    if regex and compiled.search(b"") is not None:
        return "matches an empty text, so it would match everything"
    return ""


def glob_regex(glob: str) -> str:
    """Return the expression for a whole text that fits a glob.

    `*` is any run of characters, `?` is any one character, anything else is itself; case counts.
    """
    wild = {"*": ".*", "?": "."}
    return "(?s)\\A" + "".join(wild.get(sign) or quoted(sign) for sign in glob) + "\\z"


class _Bits:
    """Many expressions looked for in one pass; the answer has one bit per owner."""

    __slots__ = ("_owners", "_set", "asked")

    def __init__(self, owned: Sequence[Sequence[str]]) -> None:
        """Compile.

        Args:
            owned: The expressions of each owner; an owner without any is not asked.

        Raises:
            MemoryError: Together they are too large.
        """
        self.asked = 0
        self._owners: list[int] = []
        self._set = re2.Set.SearchSet(_options(max_mem=_SET_BYTES))
        for at, regexes in enumerate(owned):
            for regex in regexes:
                self._set.Add(_bytes(regex))
                self._owners.append(1 << at)
                self.asked |= 1 << at
        try:
            self._set.Compile()
        except re2.error:
            raise MemoryError("the patterns of all rules together are too large") from None

    def found(self, text: str) -> int:
        """Return the bits of the owners of the expressions that are found."""
        bits = 0
        for at in self._set.Match(_bytes(text)) or ():
            bits |= self._owners[at]
        return bits


class BytesIndex:
    """Whether any of many expressions is found in bytes, ASCII letters in any case."""

    __slots__ = ("_set",)

    def __init__(self, regexes: Sequence[str]) -> None:
        """Compile; without an expression nothing is found."""
        options = _bytes_options(max_mem=_SET_BYTES)
        options.case_sensitive = False
        self._set = re2.Set.SearchSet(options)
        for regex in regexes:
            self._set.Add(regex.encode())
        self._set.Compile()

    def finds(self, data: bytes) -> bool:
        """Say whether one is found."""
        return bool(self._set.Match(data))


class BytesPattern:
    """One expression looked for in bytes; case counts."""

    __slots__ = ("_compiled",)

    def __init__(self, regex: str) -> None:
        self._compiled = re2.compile(regex.encode(), _bytes_options())

    def ends(self, data: bytes) -> list[int]:
        """Return where each match ends."""
        if self._compiled.search(data) is None:
            return []
        return [found.end() for found in self._compiled.finditer(data)]


class MemoIndex:
    """Which of many lists of expressions fit a text. The same text is answered from memory."""

    __slots__ = ("_any", "_bits", "_memo")

    def __init__(self, owned: Sequence[Sequence[str]]) -> None:
        self._bits = _Bits(owned)
        self._any = ~self._bits.asked
        self._memo: dict[str, int] = {"": self._any}

    def bits(self, text: str) -> int:
        """Return one bit per owner: set when it has no expression, or when one is found."""
        bits = self._memo.get(text)
        if bits is None:
            bits = self._any | (self._bits.found(text) if self._bits.asked else 0)
            if len(self._memo) >= _MEMO_LIMIT:
                self._memo = {"": self._any}
            if len(text) <= _MEMO_TEXT_LIMIT:
                self._memo[text] = bits
        return bits


class TextIndex:
    """Which of many expressions are found in any of a few texts."""

    __slots__ = ("_any", "_bits", "asked")

    def __init__(self, owned: Sequence[Sequence[str]]) -> None:
        self._bits = _Bits(owned)
        self.asked = self._bits.asked
        self._any = ~self.asked

    def bits(self, texts: Sequence[str]) -> int:
        """Return one bit per owner: set when it has no expression, or when it is found."""
        bits = self._any
        for text in texts:
            if text:
                bits |= self._bits.found(text)
        return bits
