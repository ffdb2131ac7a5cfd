"""The labels of a repository that issues need."""

from collections.abc import Iterable
from typing import Final

import structlog

from logwatchd.errors import RejectedError, UnauthorizedError
from logwatchd.github.address import repository_path
from logwatchd.github.client import GithubClient
from logwatchd.github.pages import pages
from logwatchd.github.payload import Payloads

_log: Final = structlog.stdlib.get_logger()


class Labels:
    """Makes labels that are missing, each with its colour.

    Args:
        client: Asks GitHub.
        payloads: Makes bodies.
    """

    def __init__(self, client: GithubClient, payloads: Payloads) -> None:
        self._client = client
        self._payloads = payloads
        self._known: dict[str, set[str]] = {}

    async def make(self, repository: str, names: Iterable[str]) -> None:
        """Make those that are missing; without the right to, issues are filed all the same."""
        try:
            known = await self._there(repository)
            for name in names:
                if name not in known:
                    await self.make_one(repository, name)
                    known.add(name)
        except UnauthorizedError as error:
            _log.warning("labels_not_made", error=str(error), hint=error.hint)

    async def make_one(self, repository: str, name: str) -> None:
        """Make a label, unless it is there.

        Raises:
            DeliveryError: As `GithubClient.write`; `UnauthorizedError` where we may not.
        """
        path = f"{repository_path(repository)}/labels"
        try:
            await self._client.write("POST", path, self._payloads.label(name))
        except RejectedError:
            _log.debug("label_there", name=name)

    async def _there(self, repository: str) -> set[str]:
        if repository not in self._known:
            path = f"{repository_path(repository)}/labels"
            items = [item async for page in pages(self._client, path, {}) for item in page]
            names = (item.get("name") for item in items if isinstance(item, dict))
            self._known[repository] = {str(name).lower() for name in names}
        return self._known[repository]
