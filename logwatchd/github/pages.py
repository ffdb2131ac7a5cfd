"""Lists of GitHub, page by page."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any, Final

from logwatchd.errors import TransientError, UnauthorizedError
from logwatchd.github.client import GithubClient
from logwatchd.github.replies import NAME
from logwatchd.transport import Reply

PAGE: Final = 25
"""Entries asked for at once: a page is parsed in memory, with every body."""

PAGES_LIMIT: Final = 400
"""Pages that are looked through: 10,000 entries."""


async def pages(
    client: GithubClient, path: str, params: Mapping[str, str]
) -> AsyncGenerator[list[Any]]:
    """Yield the pages of a list. Their addresses are ours: none is taken from a reply.

    Raises:
        DeliveryError: As `GithubClient.read`; and for a list that is too long to be seen whole.
    """
    for number in range(1, PAGES_LIMIT + 1):
        asked = {**params, "per_page": str(PAGE), "page": str(number)}
        reply = await client.read(path, asked)
        yield entries_of(reply)
        if not has_next(reply):
            return
    # Who does not see all of them must not file a second one.
    raise UnauthorizedError(
        f"{NAME}: a list of more than {PAGES_LIMIT * PAGE} entries",
        destination=NAME,
        hint="Take the label logwatchd from old issues, or use another repository.",
    )


def entries_of(reply: Reply) -> list[Any]:
    """Return the entries of a page.

    Raises:
        TransientError: It is no page: to take it for an empty one would file a second issue.
    """
    if not isinstance(reply.body, list):
        raise TransientError(f"{NAME}: broken reply", destination=NAME)
    return reply.body


def has_next(reply: Reply) -> bool:
    """Say whether there is another page; a full one that does not say may have one behind it."""
    link = reply.headers.get("link")
    return 'rel="next"' in link if link else len(entries_of(reply)) == PAGE
