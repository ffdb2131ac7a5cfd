"""Where a webhook's requests go. The URL is a secret: whoever has it can post and delete."""

from contextlib import suppress
from typing import Final
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from logwatchd.errors import ConfigError

HOSTS: Final = frozenset({"discord.com", "discordapp.com", "ptb.discord.com", "canary.discord.com"})
"""The only hosts that are asked; an own relay must listen on a loopback address."""

_UNVERSIONED: Final = "/api/webhooks/"
_VERSIONED: Final = "/api/v10/webhooks/"
"""Without a version Discord takes the oldest that it still knows."""


class WebhookAddress:
    """The addresses of one webhook, and of the messages it wrote.

    Raises:
        ConfigError: The URL is none.
    """

    def __init__(self, webhook_url: SecretStr, *, thread_id: str | None) -> None:
        parts = _split(webhook_url)
        path = parts.path.rstrip("/")
        if parts.hostname in HOSTS and path.startswith(_UNVERSIONED):
            path = path.replace(_UNVERSIONED, _VERSIONED, 1)
        self._base = SecretStr(urlunsplit((parts.scheme, parts.netloc, path, "", "")))
        given = dict(parse_qsl(parts.query))
        self.thread_id = thread_id or given.get("thread_id") or None

    def __repr__(self) -> str:
        return "WebhookAddress(**********)"

    def execute(self) -> SecretStr:
        """Return where a message is posted; `wait` makes Discord answer with the message."""
        return self._with({"wait": "true"} | self._thread())

    def message(self, message_id: str) -> SecretStr:
        """Return where a message is edited."""
        return self._with(self._thread(), below=f"/messages/{quote(message_id, safe='')}")

    def itself(self) -> SecretStr:
        """Return where the webhook describes itself."""
        return self._base

    def _thread(self) -> dict[str, str]:
        return {} if self.thread_id is None else {"thread_id": self.thread_id}

    def _with(self, query: dict[str, str], *, below: str = "") -> SecretStr:
        address = self._base.get_secret_value() + below
        return SecretStr(f"{address}?{urlencode(query)}" if query else address)


def _split(webhook_url: SecretStr) -> SplitResult:
    with suppress(ValueError):
        return urlsplit(webhook_url.get_secret_value().strip())
    raise ConfigError([("discord webhook URL", "is not a URL")])
