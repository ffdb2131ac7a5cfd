"""What each of GitHub's answers means.

Its documentation: "Rate limits for the REST API", "Best practices for using the REST API" and
"Troubleshooting the REST API".
"""

import re
from datetime import datetime, timedelta
from typing import Final

from logwatchd.errors import (
    DeliveryError,
    MessageGoneError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.transport import Reply

NAME: Final = "github"

SECONDARY_PAUSE: Final = timedelta(seconds=60)
"""The least pause after a limit that does not say how long it holds; doubles with each in a row."""

LONGEST_PAUSE: Final = timedelta(hours=2)
"""A primary limit holds for an hour at most; clocks differ."""

_MOST_DOUBLINGS: Final = 5
_OK: Final = 200
_NOT_MODIFIED: Final = 304
_REDIRECTS: Final = range(300, 400)
_BAD_CREDENTIALS: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404
_GONE: Final = 410
_UNPROCESSABLE: Final = 422
_TOO_MANY: Final = 429
_SERVER: Final = 500
_PASSING: Final = frozenset({408, 409, 425})
_LIMIT_WORDS: Final = ("rate limit", "abuse")
_PERMISSIONS: Final = re.compile(r"[a-z_]{1,40}=[a-z]{1,10}(?:[,;] ?[a-z_]{1,40}=[a-z]{1,10})*")


def is_success(reply: Reply) -> bool:
    """Say whether it did what was asked."""
    return _OK <= reply.status < _REDIRECTS.start


def is_unchanged(reply: Reply) -> bool:
    """Say whether what was read before still holds."""
    return reply.status == _NOT_MODIFIED


def failure(reply: Reply, *, now: datetime, limits_in_a_row: int, writes: bool) -> DeliveryError:
    """Return the error that stands for a reply outside 2xx.

    Args:
        reply: The reply.
        now: The present (aware, UTC).
        limits_in_a_row: Secondary limits without a time that came before this one.
        writes: Whether the request was to change anything.
    """
    message = f"{NAME}: HTTP {reply.status}"
    if pause := _pause(reply, now=now, limits_in_a_row=limits_in_a_row):
        return ThrottledError(message, destination=NAME, retry_after=pause)
    if reply.status >= _SERVER or reply.status in _PASSING:
        unknown = writes and reply.status >= _SERVER
        return TransientError(message, destination=NAME, outcome_unknown=unknown)
    if reply.status in (_BAD_CREDENTIALS, _FORBIDDEN):
        return UnauthorizedError(message, destination=NAME, hint=_hint(reply))
    if reply.status in (_NOT_FOUND, _GONE) or reply.status in _REDIRECTS:
        return MessageGoneError(message, destination=NAME)
    return RejectedError(message, destination=NAME)


def is_limit_without_time(reply: Reply) -> bool:
    """Say whether it is a secondary limit that does not say how long it holds."""
    return (
        reply.status in (_FORBIDDEN, _TOO_MANY)
        and _seconds(reply.headers.get("retry-after")) is None
        and reply.headers.get("x-ratelimit-remaining") != "0"
        and (reply.status == _TOO_MANY or any(word in _said(reply) for word in _LIMIT_WORDS))
    )


def _pause(reply: Reply, *, now: datetime, limits_in_a_row: int) -> timedelta | None:
    """Return the pause that a limit asks for, None when it is no limit.

    403 stands for a missing permission, too: only what names a time or a limit is one.
    """
    if reply.status not in (_FORBIDDEN, _TOO_MANY):
        return None
    after = _seconds(reply.headers.get("retry-after"))
    if after is not None:
        return min(max(timedelta(seconds=after), timedelta(seconds=1)), LONGEST_PAUSE)
    reset = _seconds(reply.headers.get("x-ratelimit-reset"))
    if reply.headers.get("x-ratelimit-remaining") == "0" and reset is not None:
        left = timedelta(seconds=reset - now.timestamp() + 1)
        return min(max(left, timedelta(seconds=1)), LONGEST_PAUSE)
    if not is_limit_without_time(reply):
        return None
    return min(SECONDARY_PAUSE * (1 << min(limits_in_a_row, _MOST_DOUBLINGS)), LONGEST_PAUSE)


def _hint(reply: Reply) -> str:
    if reply.status == _BAD_CREDENTIALS:
        return "The token is wrong, was revoked or has expired. Make a new one and reload."
    if "archived" in _said(reply):
        return "The repository is archived: it takes no changes."
    wanted = reply.headers.get("x-accepted-github-permissions", "")
    if _PERMISSIONS.fullmatch(wanted):
        return f"The token lacks a permission; this call takes {wanted}."
    return "The token lacks a permission: it needs Issues (read and write) and Metadata (read)."


def _said(reply: Reply) -> str:
    """Return GitHub's message, only to look for words of ours in it; it is repeated nowhere."""
    said = reply.body.get("message") if isinstance(reply.body, dict) else None
    return said.lower() if isinstance(said, str) else ""


def _seconds(text: str | None) -> float | None:
    if text is None or not text.isascii() or not text.isdigit() or len(text) > len("9999999999999"):
        return None
    return float(text)
