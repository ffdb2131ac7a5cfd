"""What nobody sees and what can split a word, a secret or a mention in two.

The one list of such characters and sequences: text is kept (`cleaning`), redacted, grouped and
shown (`safe_text`) without them.
"""

import re
from typing import Final

_CONTROLS: Final = ((0x00, 0x08), (0x0B, 0x0C), (0x0E, 0x1F), (0x7F, 0x9F))
"""C0 and C1. Not among them: tab, newline and carriage return."""

_HIDDEN: Final = (
    (0x00AD, 0x00AD),  # soft hyphen
    (0x034F, 0x034F),  # grapheme joiner
    (0x061C, 0x061C),  # bidi mark
    (0x115F, 0x1160),  # Hangul fillers: letters without a shape
    (0x17B4, 0x17B5),  # Khmer vowels without a shape
    (0x180B, 0x180F),  # Mongolian selectors and a separator without width
    (0x200B, 0x200F),  # zero-width characters, bidi marks
    (0x202A, 0x202E),  # bidi embeddings and overrides
    (0x2060, 0x206F),  # joiners, invisible operators, bidi isolates
    (0x3164, 0x3164),  # Hangul filler
    (0xFE00, 0xFE0F),  # variation selectors: a row of them spells bytes
    (0xFEFF, 0xFEFF),  # byte order mark
    (0xFFA0, 0xFFA0),  # Hangul filler of half the width
    (0xFFF9, 0xFFFB),  # interlinear annotation
    (0x1D173, 0x1D17A),  # musical formatting
    (0xE0000, 0xE0FFF),  # tags, a hidden alphabet, and more variation selectors
)
_SURROGATES: Final = (0xD800, 0xDFFF)
_SEPARATORS: Final = (0x2028, 0x2029)


def _class(*ranges: tuple[int, int]) -> str:
    return "".join(f"\\U{first:08X}-\\U{last:08X}" for first, last in ranges)


CONTROLS: Final = re.compile(f"[{_class(*_CONTROLS)}]+")
HIDDEN: Final = re.compile(f"[{_class(*_HIDDEN)}]+")
SURROGATES: Final = re.compile(f"[{_class(_SURROGATES)}]")
"""Halves of a character; a text that holds one cannot be encoded."""

SEPARATORS: Final = re.compile(f"[{_class(_SEPARATORS)}]")
"""Ends of lines to some programs, and nothing to others."""

SUSPECT: Final = re.compile(
    f"[\r{_class(*_CONTROLS, *_HIDDEN, _SURROGATES, _SEPARATORS)}]"  # all that cleaning changes
)

# Every part starts with a control character that its repeats exclude, and the repeats are
# possessive, so a failed match costs no more than the distance to the next such character.
ESCAPES: Final = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]{0,64}+[ -/]{0,8}+[@-~]?"  # colours, cursor, erase
    "|(?:\x1b[]PX^_]|[\x90\x98\x9d-\x9f])"  # titles, links, device strings
    "[^\x00-\x1f\x7f-\x9f]*+(?:\x07|\x1b\\\\|\x9c)"
    "|\x1b[ -/]{1,8}+[0-~]"  # character sets
    "|\x1b[0-~]"  # everything that is two characters
)
"""Sequences on which a terminal acts; their text goes with them."""

ESCAPE_STARTS: Final = re.compile("[\x1b\x90-\x9f]")

_COLOUR: Final = re.compile(r"(?:\x1b|\\u001[bB]|\\x1[bB])\[[0-9;]{0,32}+[A-Za-z]")
"""A colour of a terminal, also as the text that JSON makes of one when it is nested."""

INVISIBLE_HINT: Final = (
    r"\\u001[bB]\[|\\x1[bB]\[|["
    + "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in (*_CONTROLS, *_HIDDEN))
    + "]"
)
"""RE2 expression that finds one of them."""

_GONE: Final = re.compile(f"[{_class(*_CONTROLS, *_HIDDEN)}]+")


def without_invisible(text: str) -> str:
    """Return a text as a search should read it: no control signs, no signs of no width.

    Colours of a terminal go too, also escaped ones. Tabs and line ends stay.
    """
    return _GONE.sub("", _COLOUR.sub("", text))
