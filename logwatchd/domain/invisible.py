"""What nobody sees and what can split a word, a secret or a mention in two."""

import re
from typing import Final

_SIGNS: Final = (0x7F, 0x00AD, 0x034F, 0x061C, 0x180E, 0xFEFF)
_RANGES: Final = (
    (0x00, 0x08),
    (0x0B, 0x0C),
    (0x0E, 0x1F),
    (0x80, 0x9F),
    (0x200B, 0x200F),
    (0x202A, 0x202E),
    (0x2060, 0x206F),
    (0xE0000, 0xE007F),
)

_GONE: Final = dict.fromkeys(
    (*_SIGNS, *(sign for first, last in _RANGES for sign in range(first, last + 1)))
)

_COLOUR: Final = re.compile(r"(?:\x1b|\\u001[bB]|\\x1[bB])\[[0-9;]{0,32}+[A-Za-z]")
"""A terminal's escape sequence, also as the text that JSON makes of one when it is nested."""

INVISIBLE_HINT: Final = (
    r"\\u001[bB]\[|\\x1[bB]\[|["
    + "".join(rf"\x{{{sign:X}}}" for sign in _SIGNS)
    + "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in _RANGES)
    + "]"
)
"""RE2 expression that finds one of them."""


def without_invisible(text: str) -> str:
    """Return a text without control signs, terminal colours and signs of no width.

    Tabs and line ends stay.
    """
    return _COLOUR.sub("", text).translate(_GONE)
