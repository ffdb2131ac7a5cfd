"""One daemon files at a time, also where several watch for one repository.

GitHub has no key by which a creation is done once, and between looking for an issue and making it
another daemon may make it. A label can be made once only: whoever makes it may file, and takes it
away again. Its description says who has it and until when, so that a daemon that died does not hold
up the others for ever.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import structlog

from logwatchd.errors import MessageGoneError, RejectedError, UnauthorizedError
from logwatchd.github.address import repository_path
from logwatchd.github.client import GithubClient
from logwatchd.github.payload import TURN_LABEL, Payloads
from logwatchd.ports import Clock

HOLDS_FOR: Final = timedelta(minutes=10)
"""Longer than any look for a creation whose outcome is unknown."""

_SETTLES_AFTER: Final = timedelta(seconds=5)
"""Two that find one turn over may both take it: who reads its own name after this time has it."""

_log = structlog.stdlib.get_logger()


class Turns:
    """Takes turns at filing, by a label.

    Args:
        client: Asks GitHub.
        payloads: Makes bodies.
        clock: The time.
        holder: Who we are, the same after a restart; letters and digits.
    """

    def __init__(
        self, client: GithubClient, payloads: Payloads, clock: Clock, *, holder: str
    ) -> None:
        self._client = client
        self._payloads = payloads
        self._clock = clock
        self._holder = holder

    async def take(self, repository: str) -> bool:
        """Take the turn, unless another has it; ours, left by a process that died, is ours still.

        Where labels cannot be made there are no turns, and everyone may file.
        """
        try:
            if await self._make(repository):
                return True
            holder, until = await self._read(repository)
            if holder == self._holder:
                return True
            if until > self._clock.now():
                return False
            await self._remove(repository)
            if not await self._make(repository):
                return False
            await self._clock.sleep(_SETTLES_AFTER.total_seconds())
            holder, _ = await self._read(repository)
        except UnauthorizedError as error:
            _log.warning("no_turns", error=str(error), hint=error.hint)
            return True
        return holder == self._holder

    async def end(self, repository: str) -> None:
        """Give the turn to the next; one that is another's by now stays."""
        holder, _ = await self._read(repository)
        if holder == self._holder:
            await self._remove(repository)

    async def _remove(self, repository: str) -> None:
        try:
            await self._client.write("DELETE", _path(repository), None)
        except MessageGoneError:
            return

    async def _make(self, repository: str) -> bool:
        until = self._clock.now() + HOLDS_FOR
        about = f"{self._holder} until {until:%Y-%m-%dT%H:%M:%SZ}"
        body = self._payloads.label(TURN_LABEL, about)
        try:
            await self._client.write("POST", f"{repository_path(repository)}/labels", body)
        except RejectedError:
            return False
        return True

    async def _read(self, repository: str) -> tuple[str, datetime]:
        """Return who has the turn and until when; nobody where there is none."""
        nobody = ("", datetime.min.replace(tzinfo=UTC))
        try:
            reply = await self._client.read(_path(repository))
        except MessageGoneError:
            return nobody
        said: Any = reply.body.get("description") if isinstance(reply.body, dict) else None
        holder, _, until = str(said).partition(" until ")
        try:
            return holder, datetime.strptime(until, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        except ValueError:
            return nobody


def _path(repository: str) -> str:
    return f"{repository_path(repository)}/labels/{TURN_LABEL.replace(':', '%3A')}"
