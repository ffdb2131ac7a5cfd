"""Values in a message that are known by their looks: numbers, times, addresses, ids.

The first of two passes, and the only one that every message goes through. A message is cut at its
spaces and a piece without a digit is passed on, so the cost of a message is that of its values.
What comes out is the same for all messages of one shape; the second pass remembers its results.
"""

import re
from collections.abc import Callable
from typing import Final

from logwatchd.domain.codes import is_code
from logwatchd.domain.mask_words import masked_word

See = Callable[[str, str], None]
"""Told of each value and what stands for it."""

_MEMO_LIMIT: Final = 4_096
"""Pieces known to hold no digit: the words of the logs at hand, in half a megabyte."""

_MEMO_PIECE_LIMIT: Final = 40

_CLOCK: Final = r"\d{1,2}:\d\d(?::\d\d)?+(?:[.,]\d{1,9}+)?+"
_ZONE: Final = r"(?:Z|[+\-]\d\d:?\d\d)?+"
_V6: Final = (
    r"(?=[0-9a-fA-F:]{0,40}::|(?:[0-9a-fA-F]{1,4}:){7})(?:[0-9a-fA-F]{0,4}:){2,7}"
    r"(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-fA-F]{0,4})(?:%\w{1,15}+)?+"
)
_UNIT: Final = (
    r"(?:[kKMGTP]i?[bB]?(?:/s|ps)?|[bB]ytes?|B|bps|n?s|us|µs|ms|msecs?|secs?|seconds?|m|mins?|minutes?"
    r"|h|hrs?|hours?|d|days?|%|밀리초|초|분|시간|일)"
)
_SUFFIX: Final = r"[^\W\dA-Za-z_]++"
"""What may be glued to a number: `7이`, `5個`. With more behind it, it is no number: `0¹0`."""

PLACEHOLDERS: Final = "(?:n|id|hex|time|ip|email|token|value|name|path|host|custom)"
"""Names in angle brackets that stand for what went; any other text in such brackets is text."""

ENCODED: Final = (
    r"eyJ[\w\-]{5,}+(?:\.[\w\-]*+){1,4}+|[A-Za-z0-9+/_\-]{16,512}+={1,2}+"
    r"|(?:[A-Za-z0-9+/]{4}){2,3}[A-Za-z0-9+/]{2}==(?![\w=])"
)
"""A JSON web token, or base64 that is known by its padding."""

_VALUES: Final = re.compile(
    r"(?<![^\W_])(?:"
    + "|".join(
        f"(?P<{name}>{regex})"
        for name, regex in (
            ("kept", rf"\[REDACTED:[a-z_]{{1,40}}\]|<{PLACEHOLDERS}>"),
            ("email", r"[\w.%+\-]{1,64}+@(?:[\w\-]{1,63}+\.){1,6}+[A-Za-z]{2,24}+"),
            (
                "time",
                (
                    rf"\d{{4}}[\-/]\d{{1,2}}[\-/]\d{{1,2}}(?:[T_:]{_CLOCK}{_ZONE})?+(?!\w)"
                    rf"|\d{{1,2}}/[A-Z][a-z]{{2}}/\d{{4}}:{_CLOCK}(?!\w)|{_CLOCK}{_ZONE}(?![\w:])"
                ),
            ),
            (
                "id",
                r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?!\w)|ThreadId\(\d{1,20}\)",
            ),
            (
                "ip",
                (
                    r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\w:])"
                    r"|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}(?!\d)|/\d{1,2}(?!\d))?+(?![\w.\-]*\w)"
                    rf"|\[{_V6}\](?::\d{{1,5}}(?!\d))?+|{_V6}(?![\w:.])"
                ),
            ),
            ("token", ENCODED),
            (
                "n",
                (
                    r"[+\-]?\d++(?:,\d{3})*+(?:\.\d++)?+(?:[eE][+\-]?\d++)?+(?:/\d++)?+"
                    rf"(?:{_UNIT}(?![A-Za-z0-9_]))?+(?![A-Za-z0-9_])(?!{_SUFFIX}\w)(?!\.\w)"
                    r"|\$\d{1,5}(?!\w)"
                ),
            ),
            ("word", r"\w++(?:(?:::|[.\-'@]|~{1,2})\w++)*+"),
        )
    )
    + ")"
)
_DIGIT: Final = re.compile(r"\d")


class Values:
    """Replaces the values of messages; remembers which pieces hold none."""

    __slots__ = ("_plain",)

    def __init__(self) -> None:
        self._plain: set[str] = set()

    def replaced(self, text: str, see: See | None = None) -> str:
        """Return a text with placeholders for its values, and with single spaces.

        Args:
            text: Any text.
            see: Told of each value.
        """
        plain = self._plain
        pieces = text.split()
        for at, piece in enumerate(pieces):
            if piece in plain:
                continue
            if piece.isdecimal():
                if not is_code(piece, pieces, at, before="", behind=""):
                    pieces[at] = "<n>"
                    if see is not None:
                        see(piece, "<n>")
            elif _DIGIT.search(piece) is not None:
                pieces[at] = _replaced(pieces, at, see)
            elif len(piece) <= _MEMO_PIECE_LIMIT:
                if len(plain) >= _MEMO_LIMIT:
                    plain.clear()
                plain.add(piece)
        return " ".join(pieces)


def _replaced(pieces: list[str], at: int, see: See | None) -> str:
    piece = pieces[at]

    def shown(value: re.Match[str]) -> str:
        kind, text = value.lastgroup, value[0]
        if kind == "word":
            function = piece.startswith("()", value.end())
            result = text if function or _is_code(text, value) else masked_word(text)
        elif kind == "n":
            result = text if _is_code(text, value) else "<n>"
        else:
            result = text if kind == "kept" else f"<{kind}>"
        if see is not None and result != text:
            see(text, result)
        return result

    def _is_code(text: str, value: re.Match[str]) -> bool:
        return is_code(text, pieces, at, before=piece[: value.start()], behind=piece[value.end() :])

    return _VALUES.sub(shown, piece)
