"""Discord: one embed for each notice, edited in place, through a channel's webhook."""

from collections.abc import Callable
from typing import Final

import structlog
from pydantic import SecretStr

from logwatchd.domain.card import Card, card_to_draw
from logwatchd.domain.notice import Notice, Receipt
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language
from logwatchd.errors import MessageGoneError, RejectedError, ThrottledError, TransientError
from logwatchd.outgoing import Checked, checked
from logwatchd.ports import Clock
from logwatchd.sinks.discord_address import WebhookAddress
from logwatchd.sinks.discord_pace import Pace, Route
from logwatchd.sinks.discord_payload import (
    Payload,
    brief_edit_payload,
    brief_payload,
    edit_payload,
    payload,
)
from logwatchd.sinks.discord_replies import failure, is_global, is_success, refuses_content
from logwatchd.sinks.discord_structure import DISCORD_MESSAGE
from logwatchd.transport import BodyKind, HttpClient, Reply

_ID_LIMIT: Final = 64
_NAME_LIMIT: Final = 80

Draw = Callable[[Card], Payload]

_log = structlog.stdlib.get_logger()


class DiscordSink:
    """Posts and edits the messages of one webhook.

    It never sleeps: when it is too early for a request, `ThrottledError` says how long to wait.
    """

    name = "discord"

    def __init__(
        self,
        client: HttpClient,
        webhook_url: SecretStr,
        *,
        clock: Clock,
        language: Language,
        mention_role: str | None,
        username: str,
        thread_id: str | None,
        redact: Callable[[str], str],
    ) -> None:
        self._client = client
        self._address = WebhookAddress(webhook_url, thread_id=thread_id)
        self._clock = clock
        self._language = language
        self._mention_role = mention_role
        self._username = username
        self._redact = redact
        self._pace = Pace()

    async def post(self, notice: Notice) -> Receipt:
        """Tell people by a new message; see `ports.Sink` for the errors."""
        reply = await self._tell(
            "POST", self._address.execute(), Route.EXECUTE, notice, (self._full, self._brief)
        )
        return Receipt(_message_id(reply), self._clock.now())

    async def edit(self, notice: Notice, receipt: Receipt) -> Receipt:
        """Bring a message up to date; see `ports.Sink` for the errors."""
        if not receipt.message_id:
            raise MessageGoneError("discord: the message has no id", destination=self.name)
        address = self._address.message(receipt.message_id)
        await self._tell(
            "PATCH", address, Route.MESSAGE, notice, (edit_payload, brief_edit_payload)
        )
        return receipt

    async def probe(self) -> str:
        """Ask the webhook about itself, which posts nothing; see `ports.Sink` for the errors."""
        reply = await self._request("GET", self._address.itself(), Route.WEBHOOK, None)
        if not is_success(reply):
            raise self._failure(reply, Route.WEBHOOK)
        if not isinstance(reply.body, dict):
            hint = "Check the URL: whoever answers there is not Discord."
            raise RejectedError("discord: no webhook there", destination=self.name, hint=hint)
        name = one_line(Tainted(str(reply.body.get("name") or "?")), _NAME_LIMIT)
        channel = one_line(Tainted(str(reply.body.get("channel_id") or "?")), _ID_LIMIT)
        return f'webhook "{name}" in channel {channel}'

    def _full(self, card: Card) -> Payload:
        return payload(card, mention_role=self._mention_role, username=self._username)

    def _brief(self, card: Card) -> Payload:
        return brief_payload(card, mention_role=self._mention_role, username=self._username)

    async def _tell(
        self,
        method: str,
        address: SecretStr,
        route: Route,
        notice: Notice,
        draws: tuple[Draw, Draw],
    ) -> Reply:
        """Send the full card and, when Discord refuses its content, once the brief one."""
        card = card_to_draw(notice, self._language, redact=self._redact)
        full, brief = draws
        reply = await self._request(method, address, route, self._checked(card, full, brief))
        if refuses_content(reply):
            reply = await self._request(method, address, route, self._checked(card, brief))
        if not is_success(reply):
            raise self._failure(reply, route)
        if reply.kind is BodyKind.OTHER:
            unknown = route is Route.EXECUTE
            raise TransientError(
                "discord: broken reply", destination=self.name, outcome_unknown=unknown
            )
        return reply

    def _checked(self, card: Card, draw: Draw, *otherwise: Draw) -> Checked:
        """Draw a body that may leave; one that may not gives way to the next way of drawing it."""
        try:
            return checked(draw(card), DISCORD_MESSAGE, redact=self._redact)
        except RejectedError as error:
            if not otherwise:
                raise
            _log.error("body_refused", sink=self.name, error=str(error), hint=error.hint)
            return self._checked(card, *otherwise)

    async def _request(
        self, method: str, address: SecretStr, route: Route, body: Checked | None
    ) -> Reply:
        self._pace.take(route, now=self._clock.now())
        reply = await self._client.request(method, address, body=body, destination=self.name)
        self._pace.learn(route, reply.headers, now=self._clock.now())
        return reply

    def _failure(self, reply: Reply, route: Route) -> Exception:
        error = failure(reply, route, in_thread=self._address.thread_id is not None)
        if isinstance(error, ThrottledError):
            self._pace.close(
                route, error.retry_after, everything=is_global(reply), now=self._clock.now()
            )
        return error


def _message_id(reply: Reply) -> str:
    """Return the id of the message posted, or "" when the reply does not show it."""
    said = reply.body.get("id") if isinstance(reply.body, dict) else None
    message_id = str(said) if isinstance(said, str | int) else ""
    return message_id if len(message_id) <= _ID_LIMIT else ""
