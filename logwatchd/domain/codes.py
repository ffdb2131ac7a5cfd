"""Numbers that say what went wrong: error codes, HTTP statuses, exit codes. They are never masked.

A number is known for a code by the word in front of it and, where that word may also announce a
count, by what stands behind it.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

_CODE_WORDS: Final = frozenset(
    {
        *("code", "errno", "sqlstate", "exit", "signal", "hresult", "ntstatus", "코드"),
        *("rc", "errcode", "retcode", "exitcode", "statuscode"),
    }
)
_NO_ERROR_CODES: Final = frozenset(
    {
        *("zip", "postal", "invite", "invitation", "verification", "country", "area", "promo"),
        *("coupon", "otp", "product", "item", "room", "인증", "초대", "우편", "상품", "쿠폰"),
    }
)
"""Words in front of `code` with which it names one of many."""

_STATUS_WORDS: Final = frozenset(
    {"status", "http", "returned", "responded", "answered", "상태", "응답"}
)
_MAYBE_STATUS_WORDS: Final = frozenset(
    {"with", "got", "error", "received", "response", "오류", "에러"}
)
"""Words in front of a status, or of a count: `failed with 503`, `with 500 rows`."""

_REASONS: Final = frozenset(
    {
        *("Bad", "Unauthorized", "Payment", "Forbidden", "Not", "Method", "Request", "Conflict"),
        *("Gone", "Length", "Precondition", "Payload", "Content", "URI", "Unsupported", "Too"),
        *("Unprocessable", "Internal", "Service", "Gateway", "Expectation", "Locked", "Failed"),
    }
)
"""First words of the reason phrases behind a status (RFC 9110, section 15)."""

_NO_COUNT: Final = frozenset(
    {"for", "from", "on", "when", "while", "after", "calling", "at", "in", "to", "by", "and", "but"}
)
"""Words behind a number that is no count."""

_CODE: Final = re.compile(r"-?\d{1,5}|-\d{6,10}|[2-4]\d{9}|0x[0-9a-fA-F]{1,8}|[0-9A-Z]{5}")
_ERROR_STATUS: Final = re.compile(r"[45]\d\d")
_SERVER_CODE: Final = re.compile(r"[1-9]\d{3}|0x[0-9a-fA-F]{8}")
_UNSIGNED_LENGTH: Final = 10
"""Digits of an exit code of Windows that is written without its sign: 3221225477."""

_BETWEEN: Final = "=:\"'([\\"
_FARTHEST: Final = 4
"""Signs that may stand between a name and its value: `"code":"7"` has four."""

_PAIRS: Final = frozenset({("os", "error"), ("exit", "status"), ("exited", "with")})
"""Words that announce a code together."""

_ENDED: Final = frozenset({"exited", "terminated", "ended", "finished", "died", "quit"})
"""Words in front of `with status` that make the exit status of a process of a number."""

_ARROWS: Final = frozenset({"->", "=>", "→"})
"""Signs in front of the status of an answer: `GET /x -> 503`."""

_REACH: Final = 24
"""Code points that are looked at for the word in front of a value."""

_LAST_WORD: Final = re.compile(r"(?:[A-Z]?[a-z]{1,24}|[A-Z]{1,24}|[가-힣]{1,8})\Z")


def is_code(text: str, pieces: Sequence[str], at: int, *, before: str, behind: str) -> bool:
    """Say whether a value of a message is a code.

    Args:
        text: The value.
        pieces: The message, cut at its spaces.
        at: Which piece holds the value.
        before: What of that piece stands in front of the value.
        behind: What of that piece stands behind it.
    """
    if _CODE.fullmatch(text) is None:
        return False
    word, first = _word_before(pieces, at, before)
    if word in _STATUS_WORDS or word in _MAYBE_STATUS_WORDS or word in _CODE_WORDS:
        return _is_announced(text, word, pieces, at, first, behind)
    return _ERROR_STATUS.fullmatch(text) is not None and _has_reason(pieces, at, behind)


def _is_announced(
    text: str, word: str, pieces: Sequence[str], at: int, first: int, behind: str
) -> bool:
    """Say whether a word in front of a value makes it a code; the word is in piece `first`."""
    before = _last_word(pieces[first - 1][-_REACH:]) if first else ""
    if len(text) == _UNSIGNED_LENGTH and text.isdecimal():
        return (before, word) == ("exit", "code")
    if word in _CODE_WORDS:
        return before not in _NO_ERROR_CODES
    if (before, word) in _PAIRS:
        return True
    if word in _STATUS_WORDS and _ERROR_STATUS.fullmatch(text):
        return True
    if (before, word) == ("with", "status") and first > 1:
        return _last_word(pieces[first - 2][-_REACH:]) in _ENDED
    server_code = word == "error" and _SERVER_CODE.fullmatch(text)
    if server_code or (word in _MAYBE_STATUS_WORDS and _ERROR_STATUS.fullmatch(text)):
        return not _is_count(pieces, at, behind)
    return False


def _word_before(pieces: Sequence[str], at: int, before: str) -> tuple[str, int]:
    """Return the word that announces a value, and the piece that it stands in."""
    name = before.rstrip(_BETWEEN)
    if len(before) - len(name) > _FARTHEST:
        return "", at
    while not name and at > 0:
        at -= 1
        if not (name := pieces[at].rstrip(_BETWEEN + "\"')]")) and len(pieces[at]) > 1:
            break
    return _last_word(name[-_REACH:]), at


@lru_cache(maxsize=512)
def _last_word(text: str) -> str:
    if "HTTP/" in text:
        return "http"
    if text in _ARROWS:
        return "got"
    if "grpc" in text.lower():
        return "code"  # a status of gRPC is a number below 20
    text = text.rstrip("\"'`:=)")
    if text.endswith("SqlState"):
        return "sqlstate"
    found = _LAST_WORD.search(text)
    return found[0].lower() if found is not None else ""


def _has_reason(pieces: Sequence[str], at: int, behind: str) -> bool:
    """Say whether a reason phrase follows: `404 Not Found`."""
    follows = pieces[at + 1] if not behind and at + 1 < len(pieces) else ""
    return follows.rstrip(".,:;)\"'") in _REASONS


def _is_count(pieces: Sequence[str], at: int, behind: str) -> bool:
    """Say whether a number counts what follows it: `with 500 rows`."""
    if behind or at + 1 >= len(pieces):
        return False
    follows = pieces[at + 1]
    return follows[0].isalnum() and follows not in _NO_COUNT and follows not in _REASONS
