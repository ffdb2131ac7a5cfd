"""Open what issues on GitHub need, from plain values."""

from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr

from logwatchd.domain.texts import Language
from logwatchd.github.address import HOSTS, web_url
from logwatchd.github.client import REPLY_LIMIT, Credentials, GithubClient
from logwatchd.github.payload import Payloads
from logwatchd.github.tracker import GithubTracker
from logwatchd.github.turns import Turns
from logwatchd.ports import Clock
from logwatchd.transport import HttpClient, http_client


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who we are.

    Attributes:
        credentials: Our token, or what renews it.
        login: Our login, or "" to ask for it.
        trusted: Logins that filed issues for us before.
        holder: Who we are to other daemons: letters and digits, the same after a restart.
    """

    credentials: Credentials
    login: str
    trusted: Sequence[str]
    holder: str


@asynccontextmanager
async def github_http(
    api_url: str, *, user_agent: str, proxy: SecretStr | None, ca_file: str | None
) -> AsyncGenerator[HttpClient]:
    """Open a client that asks the one GitHub that is configured, and no other host."""
    host = urlsplit(api_url).hostname or ""
    async with http_client(
        user_agent=user_agent,
        hosts={*HOSTS, host},
        reply_limit=REPLY_LIMIT,
        proxy=proxy,
        ca_file=ca_file,
    ) as http:
        yield http


def github_tracker(
    http: HttpClient,
    api_url: str,
    identity: Identity,
    *,
    clock: Clock,
    language: Language,
    redact: Callable[[str], str],
) -> GithubTracker:
    """Build the tracker of one configuration.

    Args:
        http: From `github_http`.
        api_url: Where the API is.
        identity: Who we are.
        clock: The time.
        language: Of our own words.
        redact: Replaces secrets.
    """
    client = GithubClient(http, api_url=api_url, credentials=identity.credentials, clock=clock)
    payloads = Payloads(web_url(api_url), language, redact)
    turns = Turns(client, payloads, clock, holder=identity.holder)
    return GithubTracker(client, payloads, turns, login=identity.login, trusted=identity.trusted)
