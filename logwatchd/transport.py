"""HTTP: the only module that knows httpx.

One client that never follows a redirect, never waits for ever, never reads or sends more than it
should, asks no host but those it was built for, and whose errors name a destination and a kind of
failure: never a URL, a header or a body.

The environment is not looked at (`HTTPS_PROXY`, `SSL_CERT_FILE`): what it says reaches this module
through the settings, as `proxy` and `ca_file`.
"""

import asyncio
import logging
import ssl
from collections.abc import Collection, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from json import loads
from types import TracebackType
from typing import Final, Self

import httpx
from pydantic import SecretStr

from logwatchd.domain.hosts import why_no_proxy, why_not_asked
from logwatchd.errors import ConfigError, DeliveryError, RejectedError, TransientError
from logwatchd.outgoing import Checked

CONNECT_SECONDS: Final = 5.0
REQUEST_SECONDS: Final = 15.0
"""From the first byte of the connection to the last of the reply."""

REPLY_LIMIT: Final = 131_072
"""Bytes of a reply that are read where nothing else is said. Discord sends a message back with every
text in it: 6,000 characters of emoji, each escaped as twelve bytes, are 72,000."""

_CONNECTIONS: Final = httpx.Limits(
    max_connections=4, max_keepalive_connections=2, keepalive_expiry=30.0
)
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_TALKATIVE: Final = ("httpx", "httpcore")
"""Loggers that write whole URLs, below WARNING; a webhook's URL is its password."""

_SENDING: Final = ".send_request_headers.started"


class BodyKind(StrEnum):
    """What a reply's body was."""

    EMPTY = "empty"
    JSON = "json"
    OTHER = "other"
    """Not JSON, or longer than the limit."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: The HTTP status.
        headers: Headers by name in lower case.
        kind: What the body was.
        body: The parsed JSON when `kind` is `JSON`, else None.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    kind: BodyKind = BodyKind.EMPTY
    body: object = None


class HttpClient:
    """An HTTP client for a few requests to a few destinations; enter it before use."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        *,
        hosts: Collection[str],
        request_seconds: float,
        reply_limit: int,
    ) -> None:
        self._client = client
        self._hosts = frozenset(hosts)
        self._request_seconds = request_seconds
        self._reply_limit = reply_limit
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        await self._open.enter_async_context(self._client)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    async def request(
        self,
        method: str,
        url: SecretStr | str,
        *,
        destination: str,
        body: Checked | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, SecretStr | str] | None = None,
    ) -> Reply:
        """Send one request and read its reply, whatever its status.

        Args:
            method: The HTTP method.
            url: Where to; never appears in an error.
            destination: The name to use in errors.
            body: A JSON document that was looked at, or None for no body.
            params: Query parameters, added to those of the URL.
            headers: Headers beyond those of every request; never appear in an error.

        Returns:
            The reply.

        Raises:
            TransientError: No whole reply came; `outcome_unknown` says whether the request may
                have been taken all the same.
            RejectedError: The request cannot be sent at all: no such URL, or not a host to ask.
        """
        address = url.get_secret_value() if isinstance(url, SecretStr) else url
        if why := why_not_asked(address, self._hosts):
            raise RejectedError(f"{destination}: the URL {why}", destination=destination)
        sent = _Sent()
        failure: DeliveryError
        try:
            async with asyncio.timeout(self._request_seconds):
                async with self._client.stream(
                    method,
                    _located(address, params),
                    content=None if body is None else body.content,
                    headers=_headers(body, headers),
                    extensions={"trace": sent.trace},
                ) as response:
                    return await _read(response, self._reply_limit)
        except TimeoutError:
            failure = _unanswered("no reply in time", destination, unknown=sent.begun)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
            failure = RejectedError(f"{destination}: not a usable URL", destination=destination)
        except httpx.HTTPError as error:
            never_sent = isinstance(error, _NEVER_SENT) and not sent.begun
            failure = _unanswered(type(error).__name__, destination, unknown=not never_sent)
        # Raised out here so that the error of httpx, which knows the URL, is not its context.
        raise failure


class _Sent:
    """Notes when the first byte of a request goes out."""

    def __init__(self) -> None:
        self.begun = False

    async def trace(self, event: str, _info: Mapping[str, object]) -> None:
        """Take an event of httpcore's `trace` extension."""
        if event.endswith(_SENDING):
            self.begun = True


def http_client(
    *,
    user_agent: str,
    hosts: Collection[str],
    connect_seconds: float = CONNECT_SECONDS,
    request_seconds: float = REQUEST_SECONDS,
    reply_limit: int = REPLY_LIMIT,
    proxy: SecretStr | None = None,
    ca_file: str | None = None,
) -> HttpClient:
    """Build a client; enter it before use.

    Args:
        user_agent: What to call ourselves.
        hosts: The hosts that may be asked; loopback is always allowed.
        connect_seconds: How long a connection may take.
        request_seconds: How long a whole request may take.
        reply_limit: Bytes of a reply that are read.
        proxy: URL of a proxy, or None.
        ca_file: Path of a file of certificates to trust instead of the bundled ones, or None.

    Raises:
        ConfigError: `proxy` or `ca_file` is of no use.
    """
    for name in _TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    if proxy is not None and (why := why_no_proxy(proxy.get_secret_value())):
        raise ConfigError([("proxy", why)])
    try:
        client = httpx.AsyncClient(
            headers={"user-agent": user_agent, "accept-encoding": "identity"},
            timeout=httpx.Timeout(request_seconds, connect=connect_seconds),
            limits=_CONNECTIONS,
            follow_redirects=False,
            trust_env=False,
            proxy=None if proxy is None else proxy.get_secret_value(),
            verify=_trust(ca_file),
        )
    except OSError:
        problem = ("ca_file", "cannot be read, or holds no certificate")
    except (ValueError, httpx.InvalidURL):
        problem = ("proxy", "is not a URL of a proxy")
    else:
        return HttpClient(
            client, hosts=hosts, request_seconds=request_seconds, reply_limit=reply_limit
        )
    raise ConfigError([problem])


@cache
def _trust(ca_file: str | None) -> ssl.SSLContext:
    """Return what certificates are checked against; clients share it, for each costs megabytes."""
    if ca_file is None:
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(cafile=ca_file)


def _headers(body: Checked | None, more: Mapping[str, SecretStr | str] | None) -> dict[str, str]:
    own = {} if body is None else {"content-type": "application/json"}
    return own | {
        name: value.get_secret_value() if isinstance(value, SecretStr) else value
        for name, value in (more or {}).items()
    }


def _located(address: str, params: Mapping[str, str] | None) -> httpx.URL:
    """Add parameters to those of the address; httpx by itself would replace them."""
    url = httpx.URL(address)
    return url.copy_merge_params(params) if params else url


async def _read(response: httpx.Response, limit: int) -> Reply:
    data = bytearray()
    async for piece in response.aiter_raw():
        data += piece
        if len(data) > limit:
            return _reply(response, BodyKind.OTHER)
    if not data.strip():
        return _reply(response, BodyKind.EMPTY)
    try:
        return _reply(response, BodyKind.JSON, loads(data))
    except (ValueError, RecursionError):
        return _reply(response, BodyKind.OTHER)


def _reply(response: httpx.Response, kind: BodyKind, body: object = None) -> Reply:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Reply(response.status_code, headers, kind, body)


def _unanswered(what: str, destination: str, *, unknown: bool) -> TransientError:
    return TransientError(
        f"{destination}: {what}", destination=destination, outcome_unknown=unknown
    )
