"""Requests to GitHub's REST API: one at a time, writes a second apart, pauses kept.

Thin: it knows addresses, headers and limits. What issues are is `tracker`'s business.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from datetime import timedelta
from typing import Final, Protocol

from pydantic import SecretStr

from logwatchd.errors import ThrottledError, TransientError
from logwatchd.github.replies import (
    NAME,
    failure,
    is_limit_without_time,
    is_success,
    is_unchanged,
)
from logwatchd.outgoing import Checked
from logwatchd.ports import Clock
from logwatchd.transport import BodyKind, HttpClient, Reply

API_VERSION: Final = "2022-11-28"
REPLY_LIMIT: Final = 4 * 1024 * 1024
"""Bytes of a reply: a page of 25 issues, each with a body of 65,536 characters of four bytes."""

BETWEEN_WRITES: Final = timedelta(seconds=1)
"""GitHub's "Best practices": at least one second between requests that change anything."""

_REMEMBERED: Final = 1_000
"""ETags kept: the first page of each list that is polled, and single issues."""

_READS: Final = frozenset({"GET", "HEAD"})


class Credentials(Protocol):
    """Who we are to GitHub. A token that is renewed in time, such as an App's, fits in here."""

    async def token(self) -> SecretStr:
        """Return the token to use now.

        Raises:
            DeliveryError: There is none at present.
        """
        ...


class FixedToken:
    """A token of the settings; implements `Credentials`."""

    def __init__(self, token: SecretStr) -> None:
        self._token = token

    async def token(self) -> SecretStr:
        """See `Credentials`."""
        return self._token


class GithubClient:
    """Asks one GitHub, one request at a time; it waits at most a second by itself.

    Args:
        http: Sends the requests; it follows no redirect.
        api_url: Where the API is, without a slash at the end.
        credentials: Who we are.
        clock: The time.
    """

    def __init__(
        self, http: HttpClient, *, api_url: str, credentials: Credentials, clock: Clock
    ) -> None:
        self._http = http
        self._api_url = api_url
        self._credentials = credentials
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        self._next_write_at = clock.now() + BETWEEN_WRITES  # one before us may just have died
        self._closed_until = clock.now()
        self._limits_in_a_row = 0
        self._etags: OrderedDict[str, str] = OrderedDict()

    async def read(self, path: str, params: Mapping[str, str] | None = None) -> Reply:
        """Read something.

        Args:
            path: Below the address of the API.
            params: Query parameters.

        Raises:
            DeliveryError: As for `write`.
        """
        reply = await self._ask("GET", path, None, params, {})
        return self._checked(reply)

    async def read_if_changed(
        self, path: str, params: Mapping[str, str] | None = None
    ) -> Reply | None:
        """Read something that was read before, unless it is the same: that costs nothing.

        Returns:
            The reply, or None when nothing changed since the last one.

        Raises:
            DeliveryError: As for `write`.
        """
        key = f"{path}?{sorted((params or {}).items())}"
        known = self._etags.get(key)
        reply = await self._ask(
            "GET", path, None, params, {"if-none-match": known} if known else {}
        )
        if known and is_unchanged(reply):
            return None
        self._checked(reply)
        if etag := reply.headers.get("etag"):
            self._etags[key] = etag
            self._etags.move_to_end(key)
            if len(self._etags) > _REMEMBERED:
                self._etags.popitem(last=False)
        return reply

    def forget(self) -> None:
        """Read everything anew: what was read last could not be kept."""
        self._etags.clear()

    async def write(self, method: str, path: str, body: Checked | None) -> Reply:
        """Change something. It is never repeated here.

        Raises:
            ThrottledError: Not before a time that GitHub said, or that its rules ask for.
            TransientError: It may work later; `outcome_unknown` says whether it may have worked.
            MessageGoneError: What it was about is not there (404, 410), or elsewhere (3xx).
            UnauthorizedError: The token, or the repository, does not allow it.
            RejectedError: It will never be taken (422).
        """
        reply = await self._ask(method, path, body, None, {})
        self._check(reply, writes=True)
        return reply

    def _checked(self, reply: Reply) -> Reply:
        self._check(reply, writes=False)
        if reply.kind is not BodyKind.JSON:
            raise TransientError(f"{NAME}: broken reply", destination=NAME)
        return reply

    async def _ask(
        self,
        method: str,
        path: str,
        body: Checked | None,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str],
    ) -> Reply:
        async with self._one_at_a_time:
            now = self._clock.now()
            if now < self._closed_until:
                raise ThrottledError(
                    f"{NAME}: own pause before the next request",
                    destination=NAME,
                    retry_after=self._closed_until - now,
                )
            if method not in _READS:
                await self._wait_for_turn()
            token = await self._credentials.token()
            try:
                return await self._http.request(
                    method,
                    self._api_url + path,
                    destination=NAME,
                    body=body,
                    params=params,
                    headers={
                        "authorization": SecretStr(f"Bearer {token.get_secret_value()}"),
                        "accept": "application/vnd.github+json",
                        "x-github-api-version": API_VERSION,
                        **headers,
                    },
                )
            finally:
                if method not in _READS:
                    self._next_write_at = self._clock.now() + BETWEEN_WRITES

    async def _wait_for_turn(self) -> None:
        wait = min(self._next_write_at - self._clock.now(), BETWEEN_WRITES)
        if wait > timedelta(0):
            await self._clock.sleep(wait.total_seconds())

    def _check(self, reply: Reply, *, writes: bool) -> None:
        if is_success(reply):
            self._limits_in_a_row = 0
            return
        now = self._clock.now()
        error = failure(reply, now=now, limits_in_a_row=self._limits_in_a_row, writes=writes)
        if isinstance(error, ThrottledError):
            self._limits_in_a_row += is_limit_without_time(reply)
            self._closed_until = now + error.retry_after
        raise error
