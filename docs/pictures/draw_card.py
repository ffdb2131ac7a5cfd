"""Draw a card in the look of Discord: our drawing of a real payload, not a screenshot of Discord.

Run by hand from the top of the repository; needs Chromium at /usr/bin/chromium:

    .venv/bin/python -m docs.pictures.draw_card
"""

import html
import re
import subprocess
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from logwatchd.domain.card import card_of
from logwatchd.domain.event import Category, Event, Level, Severity, Tell
from logwatchd.domain.incident import Incident, Reason, State
from logwatchd.domain.notice import CardNotice
from logwatchd.domain.texts import Language
from logwatchd.sinks.discord_payload import payload

NOW: Final = datetime(2026, 2, 3, 4, 31, tzinfo=UTC)
FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--hide-scrollbars",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-device-scale-factor=2",
]
STYLE: Final = """
* { margin: 0; box-sizing: border-box }
body { background: #313338; color: #dbdee1; width: 640px; padding: 16px;
       font: 15px/1.4 "gg sans", "Noto Sans", "Noto Sans CJK KR", "DejaVu Sans", sans-serif }
.name { color: #f2f3f5; font-weight: 600; margin-bottom: 6px }
.app { background: #5865f2; color: #fff; font-size: 10px; border-radius: 3px; padding: 1px 5px;
       margin-left: 6px; vertical-align: 2px }
.embed { background: #2b2d31; border-left: 4px solid; border-radius: 4px; padding: 12px 16px }
.title { color: #f2f3f5; font-weight: 600; margin-bottom: 8px }
pre { background: #1e1f22; border: 1px solid #1a1b1e; border-radius: 4px; padding: 8px;
      font: 13px/1.35 "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace; white-space: pre-wrap;
      margin: 4px 0 8px }
code { background: #1e1f22; border-radius: 3px; padding: 1px 4px;
       font: 13px "DejaVu Sans Mono", "Noto Sans Mono CJK KR", monospace }
.fields { display: grid; grid-template-columns: repeat(3, 1fr); gap: 8px }
.wide { grid-column: 1 / 4 }
.label { color: #f2f3f5; font-size: 13px; font-weight: 600 }
.time { background: #3f4147; border-radius: 3px; padding: 0 2px }
.footer { font-size: 12px; margin-top: 10px; color: #b5bac1 }
"""


def believable(language: Language) -> dict[str, Any]:
    """Return the payload of a problem that a team could have."""
    message = "Failed to load retrospect 17: pool timed out while waiting for an open connection"
    if language is Language.KO:
        message = "회고 17 조회 실패: pool timed out while waiting for an open connection"
    event = Event(
        at=NOW,
        level=Level.ERROR,
        message=message,
        target="server::api::retrospects",
        service="retro-api",
        code="COMMON500",
        request_id="7ebea04a-41d5-4bd3",
        location="src/api/retrospects.rs:142",
    )
    incident = Incident(
        fingerprint="v1:5d41402abc4b2a76",
        state=State.OPEN,
        severity=Severity.CRITICAL,
        category=Category.DATABASE,
        tell=Tell.AT_ONCE,
        rule="database-lost",
        template=message.replace("17", "<n>"),
        sample=event,
        count=128,
        episode=1,
        episode_count=128,
        opened_at=NOW - timedelta(hours=3),
        first_seen=NOW - timedelta(hours=3),
        last_seen=NOW - timedelta(seconds=20),
        active_at=NOW,
        told_at=NOW,
    )
    hourly = (0,) * 20 + (3, 9, 40, 76)
    notice = CardNotice(incident=incident, reason=Reason.FIRST, hourly=hourly)
    return dict(payload(card_of(notice, language), mention_role=None, username="logwatchd"))


def as_html(text: str) -> str:
    """Render the part of Discord's Markdown that cards use."""
    parts = re.split(r"```\n?(.*?)\n?```\n?", text, flags=re.DOTALL)
    return "".join(
        f"<pre>{html.escape(part)}</pre>" if number % 2 else _inline(part)
        for number, part in enumerate(parts)
    )


def _inline(text: str) -> str:
    text = re.sub(r"\\([^\w\s])", r"\1", text)
    text = html.escape(text)
    text = re.sub(r"&lt;t:(\d+):R&gt;", lambda each: _relative(int(each[1])), text)
    text = re.sub(r"``?([^`]+)``?", r"<code>\1</code>", text)
    text = re.sub(r"\*\*(.+?)\*\*", r"<b>\1</b>", text)
    return text.replace("\n", "<br>")


def _relative(seconds: int) -> str:
    away = int(NOW.timestamp()) - seconds
    words = f"{away // 3600} hours ago" if away >= 3600 else f"{away} seconds ago"  # noqa: PLR2004 -- an hour
    return f'<span class="time">{words}</span>'


def page(body: dict[str, Any]) -> str:
    """Return a page with the message."""
    [embed] = body["embeds"]
    fields = "".join(
        f'<div class="{"" if each["inline"] else "wide"}"><div class="label">'
        f"{_inline(each['name'])}</div>{as_html(each['value'])}</div>"
        for each in embed["fields"]
    )
    return (
        f'<!doctype html><meta charset="utf-8"><style>{STYLE}</style>'
        f'<div class="name">{html.escape(body["username"])}<span class="app">APP</span></div>'
        f'<div class="embed" style="border-color:#{embed["color"]:06x}">'
        f'<div class="title">{_inline(embed["title"])}</div>'
        f"{as_html(embed.get('description', ''))}"
        f'<div class="fields">{fields}</div>'
        f'<div class="footer">{html.escape(embed["footer"]["text"])}</div></div>'
    )


def draw(body: dict[str, Any], to: Path, *, height: int) -> None:
    """Write a picture of the message."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "card.html"
        source.write_text(page(body), "utf-8")
        subprocess.run(  # noqa: S603 -- our own file
            [
                "/usr/bin/chromium",
                *FLAGS,
                f"--user-data-dir={folder}/profile",
                f"--window-size=640,{height}",
                f"--screenshot={to}",
                source.as_uri(),
            ],
            check=True,
            capture_output=True,
            timeout=60,
        )


if __name__ == "__main__":
    here = Path(__file__).parent
    draw(believable(Language.EN), here / "card.png", height=470)
    draw(believable(Language.KO), here / "card-ko.png", height=470)
