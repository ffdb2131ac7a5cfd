"""What a body for a Discord webhook must look like; `outgoing.checked` holds every body to it."""

import re
from collections.abc import Iterator
from typing import Any, Final

from logwatchd.domain.safe_discord import discord_reading
from logwatchd.outgoing import Body, Shape

# Discord's documentation, "Embed Limits" and "Execute Webhook".
TITLE_LIMIT: Final = 256
DESCRIPTION_LIMIT: Final = 4_096
FIELDS_LIMIT: Final = 25
FIELD_NAME_LIMIT: Final = 256
FIELD_VALUE_LIMIT: Final = 1_024
FOOTER_LIMIT: Final = 2_048
TOTAL_LIMIT: Final = 6_000
USERNAME_LIMIT: Final = 80
COLOUR_LIMIT: Final = 0xFF_FF_FF

_BODY_KEYS: Final = frozenset({"username", "content", "embeds", "allowed_mentions"})
_EMBED_KEYS: Final = frozenset({"title", "description", "color", "timestamp", "footer", "fields"})
_ROLE_MENTION: Final = re.compile(r"<@&([0-9]{1,20})>")
_FENCE: Final = "```"


def _texts(body: Body) -> Iterator[str]:
    """Yield what a reader sees of every text that is not wholly our own."""
    if "username" in body:
        yield str(body["username"])
    embeds: Any = body["embeds"]
    for embed in embeds:
        yield from discord_reading(embed["title"])
        yield from discord_reading(embed.get("description", ""))
        yield embed.get("footer", {}).get("text", "")
        for field in embed.get("fields", ()):
            yield from discord_reading(field["name"])
            yield from discord_reading(field["value"])


def _breaches(payload: Body) -> Iterator[str]:
    if not payload.keys() <= _BODY_KEYS:
        yield "body keys"
    username = payload.get("username", "x")
    if not isinstance(username, str) or not 1 <= len(username.strip()) <= USERNAME_LIMIT:
        yield "username"
    yield from _mention_breaches(payload)
    embeds = payload.get("embeds")
    if not isinstance(embeds, list) or len(embeds) != 1 or not isinstance(embeds[0], dict):
        yield "embeds"
        return
    yield from _embed_breaches(embeds[0])


def _mention_breaches(payload: Body) -> Iterator[str]:
    """Allow one mention in all: the role that stands alone in the content and is named."""
    expected: dict[str, object] = {"parse": []}
    if "content" in payload:
        role = _ROLE_MENTION.fullmatch(str(payload["content"]))
        if role is None:
            yield "content"
            return
        expected["roles"] = [role.group(1)]
    if payload.get("allowed_mentions") != expected:
        yield "allowed mentions"


def _embed_breaches(embed: Body) -> Iterator[str]:
    if not embed.keys() <= _EMBED_KEYS:
        yield "embed keys"
    title, description = embed.get("title"), embed.get("description", "-")
    if not _is_text(title, TITLE_LIMIT) or "\n" in str(title):
        yield "title"
    if not _is_text(description, DESCRIPTION_LIMIT):
        yield "description"
    if str(description).count(_FENCE) % 2:
        yield "open fence"
    colour = embed.get("color", 0)
    if not isinstance(colour, int) or not 0 <= colour <= COLOUR_LIMIT:
        yield "colour"
    footer = embed.get("footer", {"text": "-"})
    footed = isinstance(footer, dict) and footer.keys() == {"text"}
    if not footed or not _is_text(footer["text"], FOOTER_LIMIT):  # type: ignore[index] # checked
        yield "footer"
    fields = embed.get("fields", [])
    if not isinstance(fields, list) or len(fields) > FIELDS_LIMIT:
        yield "fields"
        return
    if not all(_is_field(field) for field in fields):
        yield "field"
    if sum(_lengths(embed)) > TOTAL_LIMIT:
        yield "total"


def _is_field(field: object) -> bool:
    return (
        isinstance(field, dict)
        and field.keys() == {"name", "value", "inline"}
        and _is_text(field["name"], FIELD_NAME_LIMIT)
        and _is_text(field["value"], FIELD_VALUE_LIMIT)
        and isinstance(field["inline"], bool)
    )


def _is_text(value: object, limit: int) -> bool:
    """Say whether it is a text that is not blank: Discord trims white space, then counts."""
    return isinstance(value, str) and bool(value.strip()) and len(value) <= limit


def _lengths(value: object, *, counted: bool = False) -> Iterator[int]:
    """Yield the length of every text of an embed that counts towards the total."""
    if isinstance(value, str) and counted:
        yield len(value)
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _lengths(inner, counted=key != "timestamp")
    elif isinstance(value, list):
        for inner in value:
            yield from _lengths(inner)


DISCORD_MESSAGE: Final = Shape(destination="discord", breaches=_breaches, texts=_texts)
"""The body of a new message, or of an edit."""
