"""Words, paths and URLs, and what stands for the parts of them that name one of many."""

import re
from typing import Final

from logwatchd.domain.mask_tokens import ID_HEADS, KNOWN_WORD, SOURCE, TEMPORARY

_CODE: Final = re.compile(r"(?P<head>[A-Z]{2,12})[\-_]?\d{2,4}|[CEFW]\d{3,4}|ORA-\d{5}")
_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{1,64}|(?=[a-fA-F]*\d)[0-9a-fA-F]{8,512}")
_NUMBERED: Final = re.compile(
    r"(?P<stem>[^\W\d_]{3,64}+(?:[_\-][^\W\d_]{2,64}+){0,8}[_\-]?)\d{1,20}"
)
_SOURCE_FILE: Final = re.compile(rf".*\.{SOURCE}")
_SYMBOL_HASH: Final = re.compile(r"::h[0-9a-f]{16}\b")
_QUERY: Final = re.compile("[?#]")
_DIGIT: Final = re.compile(r"\d")
LINE: Final = re.compile(r"(?::\d{1,7}){1,2}$")
"""Where in a file: it moves with every edit."""


def masked_word(word: str) -> str:
    """Return a word, or what stands for it when it names one of many."""
    if _DIGIT.search(word) is None:
        return word
    if "::" in word:
        return _SYMBOL_HASH.sub("", word)
    if KNOWN_WORD.fullmatch(word):
        return word
    code = _CODE.fullmatch(word)
    if code and code["head"] not in ID_HEADS:
        return word
    if _HEX.fullmatch(word):
        return "<hex>"
    numbered = _NUMBERED.fullmatch(word)
    return f"{numbered['stem']}<n>" if numbered else "<id>"


def masked_url(token: str) -> tuple[str, str]:
    """Return a URL without its query and ids, and the part of the token that was the URL.

    The host stays, for another upstream is another problem; not so a host with a number.
    """
    url = token.rstrip(".,:;!")
    scheme, _, rest = url.partition("://")
    host, slash, path = _QUERY.split(rest, maxsplit=1)[0].partition("/")
    if _DIGIT.search(host):
        host = "<host>"
    return f"{scheme}://{host}{slash}{_masked_parts(path)}", url


def masked_path(token: str, *, whole: bool) -> tuple[str, str]:
    """Return a path without ids and line numbers, and the part of the token that was the path.

    Args:
        token: The path, maybe with a full stop behind it.
        whole: Whether it is a path from its beginning, not the rest of one.
    """
    path = token.rstrip(".") or token
    bare = LINE.sub("", path)
    if _SOURCE_FILE.fullmatch(bare):
        return "/".join(bare.split("/")[-2:]), path
    if whole and bare.startswith(TEMPORARY):
        return "<path>", path
    return _masked_parts(bare), path


def _masked_parts(path: str) -> str:
    return "/".join(masked_word(part) for part in path.split("/"))
