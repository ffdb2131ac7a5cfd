"""Cards as bodies of Discord webhook messages, within every limit."""

from collections.abc import Iterable
from typing import Final, assert_never

from logwatchd.domain.card_parts import (
    Block,
    Card,
    Code,
    Field,
    Graph,
    Inline,
    Line,
    Moment,
    Quote,
    Strong,
    Tone,
    Words,
)
from logwatchd.domain.safe_discord import (
    discord_fence,
    discord_inline,
    discord_plain,
    discord_title,
)
from logwatchd.domain.tainted import Tainted
from logwatchd.sinks.discord_structure import (
    FIELD_NAME_LIMIT,
    FIELD_VALUE_LIMIT,
    FIELDS_LIMIT,
    TITLE_LIMIT,
)

Payload = dict[str, object]
"""A JSON-ready body."""

_DESCRIPTION_ROOM: Final = 4_000
_TOTAL_ROOM: Final = 5_900
"""Less than the limits (4,096 and 6,000): it is not certain how Discord counts emoji."""

_OPTIONAL_FIELDS_ROOM: Final = 1_500
"""What facts may take from the description; five long identifiers fit."""

_FOOTER_ROOM: Final = 200
_LEAST_BLOCK: Final = 60
"""A block with less room than this says nothing."""

_DASH: Final = " — "
_COLOURS: Final = {
    Tone.CRITICAL: 0xE5484D,
    Tone.WARNING: 0xF2A33A,
    Tone.INFO: 0x3E8ED0,
    Tone.QUIET: 0x8B949E,
    Tone.GOOD: 0x30A46C,
}


def payload(card: Card, *, mention_role: str | None, username: str) -> Payload:
    """Render the body of a new message.

    Args:
        card: What to tell.
        mention_role: Id of the role that a card which may call people calls, or None.
        username: The name shown as the sender.

    Returns:
        A body within Discord's limits. It can ping nobody but that role.
    """
    return {"username": username, **_calling(card, mention_role), "embeds": [_embed(card)]}


def edit_payload(card: Card) -> Payload:
    """Render the body that brings a message up to date; it calls nobody."""
    return {**_calling(card, None), "embeds": [_embed(card)]}


def brief_payload(card: Card, *, mention_role: str | None, username: str) -> Payload:
    """Render a body without any text of the log, for when Discord refuses the full one."""
    return {"username": username, **_calling(card, mention_role), "embeds": [_stub(card)]}


def brief_edit_payload(card: Card) -> Payload:
    """Render the edit without any text of the log."""
    return {**_calling(card, None), "embeds": [_stub(card)]}


def _calling(card: Card, mention_role: str | None) -> Payload:
    """Close mentions: what is not named here would be parsed with Discord's defaults."""
    if mention_role is None or not card.mention:
        return {"allowed_mentions": {"parse": []}}
    return {
        "content": f"<@&{mention_role}>",
        "allowed_mentions": {"parse": [], "roles": [mention_role]},
    }


def _embed(card: Card) -> Payload:
    embed: Payload = {
        "title": _title(card),
        "color": _COLOURS[card.tone],
        "timestamp": card.at.isoformat(),
    }
    room = _TOTAL_ROOM - len(_title(card))
    if footer := _joined(_plain(part) for part in card.footer)[:_FOOTER_ROOM]:
        embed["footer"] = {"text": footer}
        room -= len(footer)
    if fields := _fields(card.fields):
        embed["fields"] = fields
        room -= sum(_cost(entry) for entry in fields)
    if description := _description(card.body, min(room, _DESCRIPTION_ROOM)):
        embed["description"] = description
    return embed


def _stub(card: Card) -> Payload:
    facts = [fact for fact in (card.standing, card.ident) if fact]
    if card.count is not None:
        facts.insert(0, f"×{card.count:,}")
    lines = (" · ".join(facts), card.stub)
    return {
        "title": card.lead[:TITLE_LIMIT],
        "description": "\n".join(line for line in lines if line) or card.lead,
        "color": _COLOURS[card.tone],
        "timestamp": card.at.isoformat(),
    }


def _title(card: Card) -> str:
    room = TITLE_LIMIT - len(card.lead) - len(_DASH)
    subject = discord_title(card.subject, room)
    return f"{card.lead}{_DASH}{subject}" if subject else card.lead


def _description(body: Iterable[Line | Block], room: int) -> str:
    """Fill the room from the top; what does not fit stands last and is cut or left out."""
    pieces: list[str] = []
    for part in body:
        piece = _piece(part, room - 1)
        if not piece or len(piece) >= room:
            continue
        pieces.append(piece)
        room -= len(piece) + 1
    return "\n".join(pieces)


def _piece(part: Line | Block, room: int) -> str:
    match part:
        case Line():
            return _joined(_inline(one) for one in part.parts)
        case Block():
            label = f"**{part.label}**\n"
            room = min(part.limit, room - len(label))
            if room < _LEAST_BLOCK:
                return ""
            fence = discord_fence(part.text, room, keep_tail=part.keep_tail)
            return label + fence if fence else ""
        case _:
            assert_never(part)


def _fields(fields: Iterable[Field]) -> list[dict[str, object]]:
    """Render every essential field, and of the others the first that fit."""
    rendered: list[dict[str, object]] = []
    room = _OPTIONAL_FIELDS_ROOM
    for field in fields:
        entry = _field(field)
        if entry is None or len(rendered) == FIELDS_LIMIT:
            continue
        if not field.essential:
            if _cost(entry) > room:
                continue
            room -= _cost(entry)
        rendered.append(entry)
    return rendered


def _field(field: Field) -> dict[str, object] | None:
    parts = [text for text in (_inline(part) for part in field.value) if text]
    while parts and len(" ".join(parts)) > FIELD_VALUE_LIMIT:
        parts.pop()
    if not parts:
        return None
    name = discord_title(Tainted(field.name), FIELD_NAME_LIMIT)
    return {"name": name, "value": " ".join(parts), "inline": not field.wide} if name else None


def _cost(entry: dict[str, object]) -> int:
    return len(str(entry["name"])) + len(str(entry["value"]))


def _joined(texts: Iterable[str]) -> str:
    return " ".join(text.strip() for text in texts if text)


def _inline(part: Inline) -> str:
    match part:
        case Words():
            return part.text
        case Strong():
            return f"**{part.text}**"
        case Graph():
            return f"`{part.text}`"
        case Quote():
            return discord_title(part.text, part.limit)
        case Code():
            return discord_inline(part.text, part.limit)
        case Moment():
            return f"<t:{int(part.at.timestamp())}:{'R' if part.relative else 'f'}>"
        case _:
            assert_never(part)


def _plain(part: Inline) -> str:
    """Render for a footer, where Discord reads neither Markdown nor timestamps."""
    match part:
        case Words() | Strong() | Graph():
            return part.text
        case Quote() | Code():
            return discord_plain(part.text, part.limit)
        case Moment():
            return f"{part.at:%Y-%m-%d %H:%M:%SZ}"
        case _:
            assert_never(part)
