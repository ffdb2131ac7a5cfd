"""What Discord documents about a webhook's messages, and what we promise about ours.

Written against the documents, not against the sink, so that one can find the other's mistakes.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
LIVE: Final = {
    "everyone": re.compile(r"@(everyone|here)\b"),
    "mention": re.compile(r"<(@[!&]?|#)\d+>|<id:\w+>"),
    "command": re.compile(r"</[^<>]+:\d+>"),
    "emoji": re.compile(r"<a?:\w+:\d+>"),
    "image": re.compile(r"!\[|<(img|picture|svg|video|iframe|source)", re.IGNORECASE),
    "link": re.compile(r"\b(https?|ftp|wss?|data|javascript|file):/", re.IGNORECASE),
    "masked link": re.compile(r"(?<!\\)\]\("),
    "definition": re.compile(r"(?m)^\s{0,3}\[[^\]]+\]:\s*\S"),
    "invite": re.compile(r"discord(app)?\.(gg|com/invite)", re.IGNORECASE),
}
TIMESTAMP: Final = re.compile(r"<t:-?\d+(:\w)?>")

_FENCED: Final = re.compile(r"```.*?```", re.DOTALL)
_INLINE: Final = re.compile(r"``.+?``|`[^`\n]+`")
_TEXT_LIMITS: Final = {"title": 256, "description": 4096}
_EMBED_KEYS: Final = {"title", "description", "color", "timestamp", "footer", "fields"}


def outside_code(text: str) -> str:
    """Return what Discord reads as Markdown."""
    return _INLINE.sub(" ", _FENCED.sub(" ", text))


def limit_breaches(body: Any) -> list[str]:
    """Return what makes Discord answer 400."""
    if not isinstance(body, dict):
        return ["no object"]
    embeds = body.get("embeds", [])
    found = [] if body.get("content") or embeds else ["empty message"]
    if len(body.get("content") or "") > 2000 or len(embeds) > 10:
        found.append("content or number of embeds")
    if not 1 <= len(body.get("username", "x")) <= 80:
        found.append("username")
    total = 0
    for embed in embeds:
        texts = list(_texts(embed))
        found += [what for what, text, limit in texts if len(text) > limit or not text.strip()]
        total += sum(len(text) for _, text, _ in texts)
        if len(embed.get("fields", [])) > 25:
            found.append("number of fields")
    return [*found, "total"] if total > 6000 else found


def promise_breaches(method: str, query: dict[str, str], body: Any) -> list[str]:
    """Return what Discord would take and we promised not to send."""
    found: list[str] = []
    if method == "POST" and query.get("wait") != "true":
        found.append("not waiting for the message")
    if method == "PATCH" and not {"username", "content"}.isdisjoint(body):
        found.append("edit with a name or content")
    if not body.keys() <= {"username", "content", "embeds", "allowed_mentions"}:
        found.append(f"keys of the body: {sorted(body)}")
    role = re.fullmatch(r"<@&(\d+)>", body.get("content", ""))
    closed = {"parse": [], "roles": [role[1]]} if role else {"parse": []}
    if body.get("allowed_mentions") != closed or ("content" in body and not role):
        found.append("open mentions")
    for embed in body.get("embeds", []):
        if not embed.keys() <= _EMBED_KEYS or embed.get("footer", {"text": ""}).keys() != {"text"}:
            found.append(f"keys of the embed: {sorted(embed)}")
        for what, text, _ in _texts(embed):
            found += [f"{what}: {breach}" for breach in text_breaches(text)]
    return found


def text_breaches(text: str) -> list[str]:
    """Return what is live, hidden or left open in one text of an embed."""
    found = [name for name, pattern in LIVE.items() if pattern.search(outside_code(text))]
    if CONTROLS.search(text):
        found.append("control character")
    if text.count("```") % 2:
        found.append("open fence")
    return found


def _texts(embed: Any) -> Iterator[tuple[str, str, int]]:
    """Yield every counted text of an embed with its name and limit."""
    for key, limit in _TEXT_LIMITS.items():
        if key in embed:
            yield key, embed[key], limit
    for field in embed.get("fields", []):
        yield "field name", field["name"], 256
        yield "field value", field["value"], 1024
    if "footer" in embed:
        yield "footer", embed["footer"]["text"], 2048
