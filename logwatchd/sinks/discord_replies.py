"""What each of Discord's answers means for the notice."""

from typing import Final

from logwatchd.errors import (
    DeliveryError,
    MessageGoneError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.sinks.discord_pace import Route, pause_of
from logwatchd.transport import Reply

_NAME: Final = "discord"

# Codes: Discord's documentation, "Opcodes and Status Codes".
_UNKNOWN_CHANNEL: Final = 10003
_UNKNOWN_MESSAGE: Final = 10008
_UNKNOWN_WEBHOOK: Final = 10015
_EDITS_EXHAUSTED: Final = 30046
_INVALID_TOKEN: Final = 50027
_OVERLOADED: Final = 130000

_CONTENT_REFUSED: Final = frozenset(
    {
        40005,  # request entity too large
        50006,  # empty message
        50035,  # invalid form body
        200000,  # blocked by AutoMod
        200001,  # blocked by AutoMod (title)
        240000,  # harmful link
    }
)
_MISPLACED: Final = frozenset(
    {
        40067,  # the forum wants a tag
        160005,  # the thread is locked
        220001,  # a forum wants a thread
        220002,  # a thread's name and its id
        220003,  # only forums make threads
        220004,  # not in a forum
    }
)
_SLOWED: Final = frozenset({20016, 20028, 20029})

_OK: Final = 200
_REDIRECTS: Final = 300
_BAD_REQUEST: Final = 400
_NO_CREDENTIALS: Final = frozenset({401, 403, 404})
_NOT_FOUND: Final = 404
_TOO_LARGE: Final = 413
_TOO_MANY: Final = 429
_TRY_AGAIN: Final = frozenset({408, 425})
_BETWEEN: Final = frozenset({403, 405, 407})
"""Without a code of Discord's own these come from a proxy or a firewall on the way."""

_SERVER: Final = 500


def is_success(reply: Reply) -> bool:
    """Say whether the notice was taken."""
    return _OK <= reply.status < _REDIRECTS


def is_global(reply: Reply) -> bool:
    """Say whether a pause is for every request, not only for those of its kind."""
    said = isinstance(reply.body, dict) and reply.body.get("global") is True
    return said or "x-ratelimit-global" in reply.headers


def refuses_content(reply: Reply) -> bool:
    """Say whether other content may be taken: not a matter of credentials, place or time."""
    if not _BAD_REQUEST <= reply.status < _SERVER:
        return False
    return code_of(reply) in _CONTENT_REFUSED or reply.status == _TOO_LARGE


def failure(reply: Reply, route: Route, *, in_thread: bool) -> DeliveryError:
    """Return the error that stands for a reply outside 2xx.

    Args:
        reply: The reply.
        route: What was asked for.
        in_thread: Whether the message was for a thread of the channel.
    """
    code = code_of(reply)
    message = f"{_NAME}: HTTP {reply.status}" + (f", code {code}" if code else "")
    if route is Route.MESSAGE and _is_gone(reply, code):
        return MessageGoneError(message, destination=_NAME)
    if reply.status == _TOO_MANY or code in _SLOWED:
        pause = pause_of(reply.headers, reply.body)
        return ThrottledError(message, destination=_NAME, retry_after=pause)
    if _is_passing(reply, code):
        unknown = route is Route.EXECUTE and reply.status >= _SERVER
        hint = _passing_hint(reply)
        return TransientError(message, destination=_NAME, hint=hint, outcome_unknown=unknown)
    if refuses_content(reply):
        return RejectedError(message, destination=_NAME)
    if hint := _credential_hint(reply, code, in_thread=in_thread):
        return UnauthorizedError(message, destination=_NAME, hint=hint)
    return RejectedError(message, destination=_NAME)


def code_of(reply: Reply) -> int:
    """Return Discord's own code for what went wrong, or 0."""
    code = reply.body.get("code") if isinstance(reply.body, dict) else None
    return code if isinstance(code, int) else 0


def _is_gone(reply: Reply, code: int) -> bool:
    """Say whether a message takes no more edits.

    A 404 without a code comes from something between us and Discord. A new message will show
    whether the webhook is gone too.
    """
    return code in (_UNKNOWN_MESSAGE, _EDITS_EXHAUSTED) or (reply.status == _NOT_FOUND and not code)


def _is_passing(reply: Reply, code: int) -> bool:
    from_between = not code and (reply.status in _BETWEEN or _is_redirect(reply))
    passing = reply.status in _TRY_AGAIN or reply.status >= _SERVER or code == _OVERLOADED
    return passing or from_between


def _is_redirect(reply: Reply) -> bool:
    return _REDIRECTS <= reply.status < _BAD_REQUEST


def _credential_hint(reply: Reply, code: int, *, in_thread: bool) -> str:
    if code == _UNKNOWN_CHANNEL and in_thread:
        return "The configured thread does not exist (code 10003). Check the thread id."
    if code == _UNKNOWN_WEBHOOK:
        return "The webhook was deleted (code 10015). Create a new one and configure its URL."
    if code == _INVALID_TOKEN:
        return "The webhook's token is wrong (code 50027). Copy the whole URL again."
    if code in _MISPLACED:
        return f"The channel does not take such messages (code {code}). Check the thread id."
    if reply.status in _NO_CREDENTIALS:
        return f"Discord knows no such webhook (HTTP {reply.status}, code {code}). Check the URL."
    return ""


def _passing_hint(reply: Reply) -> str:
    if _is_redirect(reply):
        return "The URL redirects, which is not followed. Configure the final URL."
    if reply.status in _BETWEEN:
        return "It is not Discord that answers so; look at the proxy or firewall on the way."
    return ""
