"""Which events name a cause outside the code: a full disk, a refused connection, an expired key."""

import re
from typing import Final

from logwatchd.domain.event import Event

_TEXT_READ: Final = 4_096

_OUTSIDE: Final = re.compile(
    r"\(os error (?:28|101|104|110|111|113|122)\)"  # disk, network, quota: errno(3) of Linux
    r"|no space left on device|disk quota exceeded|read-only file system"
    r"|connection (?:refused|reset)|network (?:is )?unreachable|no route to host"
    r"|name or service not known|failed to lookup address|temporary failure in name resolution"
    r"|\b(?:answered|status(?: code)?|http)[ :=]{1,3}(?:429|50[0234]|529)\b"
    r"|overloaded_error|rate.?limit(?:ed|_error)|too many requests|service unavailable|bad gateway"
    r"|insufficient_quota|credit balance"
    r"|\b(?:key|certificate|token|secret|licen[cs]e) (?:has |is |was )?(?:expired|revoked)",
    re.IGNORECASE,
)


def names_outside_cause(event: Event) -> bool:
    """Say whether an event's message, causes or fields name something that no commit changes."""
    texts = (event.message, *event.causes, *event.fields.values())
    return any(_OUTSIDE.search(each[:_TEXT_READ]) for each in texts)
