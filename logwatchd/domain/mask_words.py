"""Words that hold a digit, and what stands for those that name one of many."""

import re
from typing import Final

SOURCE: Final = "(?:rs|py|pyi|js|mjs|ts|tsx|go|java|kt|rb|cs|php|c|cc|cpp|h|hpp|swift|scala|ex|sql)"
"""Endings of the names of source files."""

_KNOWN: Final = re.compile(
    r"(?i:[iuf](?:8|16|32|64|128)|int[248]|float[48]|utf-?(?:8|16|32)|sha-?[0-9]{1,3}|md5|base(?:32|64)"
    r"|[hre]s(?:256|512)|http[123]|h[23]|ipv?[46]|tls1|oauth2|x86(?:_64)?|x64|aarch64|a[rm][dm]64|s3"
    r"|ec2|k8s|log4j|p[59][0-9]|x509|v[0-9]{1,2}|bm25|rsa2048|tls1_[0-3])"
)
"""Words with a digit that are names of things, not of one of many."""

_CODE: Final = re.compile(r"(?P<head>[A-Z]{2,12})[\-_]?\d{2,4}|[CEFPW]\d{3,4}|ORA-\d{5}")
_ID_HEADS: Final = frozenset(
    {
        *("ACC", "ACCT", "BATCH", "BUILD", "CUST", "EVT", "HOST", "ID", "INV", "INVOICE", "ISSUE"),
        *("JOB", "MSG", "NODE", "ORD", "ORDER", "PO", "POD", "PR", "REQ", "REV", "RUN", "SESS"),
        *("SHARD", "SKU", "TASK", "TICKET", "TKT", "TRX", "TX", "TXN", "USER", "USR", "WORKER"),
    }
)
"""Capital letters in front of a number that make an id of it, not an error code."""

_HEX: Final = re.compile(r"0[xX][0-9a-fA-F]{1,64}|(?=[a-fA-F]*\d)[0-9a-fA-F]{8,512}")
_NUMBERED: Final = re.compile(
    r"(?P<stem>[^\W\d_]{2,64}+(?:[_\-][^\W\d_]{2,64}+){0,8}[_\-]?)-?\d{1,20}"
)
_PART: Final = re.compile(r"[a-z]{2,64}|[A-Z]{2,64}")
"""A part of a name in snake case; in mixed case it may be drawn by lot."""

_SOURCE_FILE: Final = re.compile(rf"[\w.\-]{{1,120}}\.{SOURCE}")
_SYMBOL_HASH: Final = re.compile(r"::h[0-9a-f]{16}\b")
_DIGIT: Final = re.compile(r"\d")


def masked_word(word: str) -> str:
    """Return a word, or what stands for it when it names one of many."""
    if _DIGIT.search(word) is None:
        return word
    if "::" in word:
        return _SYMBOL_HASH.sub("", word)
    if _KNOWN.fullmatch(word):
        return word
    code = _CODE.fullmatch(word)
    if code and code["head"] not in _ID_HEADS:
        return word
    if _HEX.fullmatch(word):
        return "<hex>"
    numbered = _NUMBERED.fullmatch(word)
    if numbered:
        return f"{numbered['stem']}<n>"
    return word if _SOURCE_FILE.fullmatch(word) or _is_snake(word) else "<id>"


def _is_snake(word: str) -> bool:
    """Say whether a word is a name in snake case whose digits are those of names of things.

    `sync_s3_files` is not `purge_s3_files`; `rdd_2_1` is one of many.
    """
    parts = word.split("_")
    return any(map(_PART.fullmatch, parts)) and all(
        _PART.fullmatch(part) or _KNOWN.fullmatch(part) for part in parts
    )
