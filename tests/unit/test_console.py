import io
import re
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from logwatchd.domain.incident import Reason, State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.notice import DigestLine, DigestNotice, Receipt, TextKind, TextNotice
from logwatchd.domain.texts import Language
from logwatchd.sinks.console import ConsoleSink
from logwatchd.sinks.console_card import CARD_WIDTH
from tests.fakes.clock import FakeClock
from tests.fakes.notices import MESSAGE, NOON, a_card, an_event, an_incident

STYLES = re.compile(r"\x1b\[[0-9;]*m")


class Screen(io.StringIO):
    """A terminal that remembers what was flushed to it."""

    def __init__(self, *, terminal: bool = True) -> None:
        super().__init__()
        self.terminal = terminal
        self.flushed = ""

    def isatty(self) -> bool:
        """Say whether it is a terminal."""
        return self.terminal

    def flush(self) -> None:
        """Show what was written."""
        self.flushed = self.getvalue()


@pytest.fixture(autouse=True)
def _a_screen_of_known_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the environment of whoever runs the tests out of them."""
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE", "TTY_INTERACTIVE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "100")


def a_sink(
    screen: io.TextIOBase, *, language: Language = Language.EN, plain: bool | None = None
) -> ConsoleSink:
    """Build a sink."""
    stream: Any = screen
    return ConsoleSink(stream, language=language, clock=FakeClock(NOON), redact=str, plain=plain)


async def test_a_terminal_shows_a_panel_in_the_colour_of_the_severity() -> None:
    """The first thing that someone who tries logwatchd sees."""
    screen = Screen()
    await a_sink(screen).post(a_card())
    assert screen.flushed.startswith("\x1b[31m╭─")
    lines = STYLES.sub("", screen.flushed).splitlines()
    assert lines[0].startswith("╭─ 🔴 critical · database ─")
    assert lines[-1].endswith("─ 5d41402a · rule database-pool · 2026-02-03 12:00:00Z ─╯")
    assert any("2026-02-03 11:40:00Z" in line for line in lines)


@pytest.mark.parametrize("columns", [40, 72, 100, 200])
@pytest.mark.parametrize("language", list(Language))
async def test_wide_characters_leave_the_panel_straight(
    language: Language, columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hangul and emoji take two cells each; a bent border looks broken."""
    monkeypatch.setenv("COLUMNS", str(columns))
    event = an_event(
        message="결제 승인 실패 😀\n카드사 응답 없음" * 3,
        causes=("연결이 거부됨",),
        stack_trace="가나다라마바사\n" * 50,
        service="주문-서비스",
        code="결제" * 40,
    )
    incident = an_incident(
        sample=event, template="결제 승인 실패: 카드사 응답 없음" * 4, regressed=True
    )
    screen = Screen()
    await a_sink(screen, language=language).post(a_card(incident, hourly=tuple(range(24))))
    widths = {cell_len(STYLES.sub("", line)) for line in screen.flushed.splitlines()}
    assert widths == {min(columns, CARD_WIDTH)}


@pytest.mark.parametrize("why", ["piped", "no colour", "asked"])
async def test_without_a_colourful_terminal_a_card_is_plain_lines(
    why: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Boxes and escape codes are noise in a file, to grep and to a screen reader."""
    if why == "no colour":
        monkeypatch.setenv("NO_COLOR", "1")
    screen = Screen(terminal=why != "piped")
    event = an_event(message=f"{MESSAGE}\nafter 30 s", stack_trace="0: acquire\n1: create")
    sink = a_sink(screen, plain=True if why == "asked" else None)
    await sink.post(a_card(an_incident(sample=event), hourly=(0, 3)))
    assert screen.flushed.splitlines() == [
        f"5d41402a critical · database — {MESSAGE}",
        "  Latest message:",
        f"    {MESSAGE}",
        "    after 30 s",
        "  Stack trace:",
        "    0: acquire",
        "    1: create",
        "  State: open",
        "  Count: 1",
        "  Last seen: 2026-02-03 12:00:00Z",
        "  First seen: 2026-02-03 11:40:00Z",
        "  Where: backend::db::pool",
        "  Rate, last 24 hours: ·█ 3 this hour, peak 3/h",
        "  2026-02-03 12:00:00Z · 5d41402a · rule database-pool",
        "",
    ]


@pytest.mark.parametrize("plain", [True, False])
async def test_an_edit_is_one_line(plain: bool) -> None:
    """The whole card again for each count would scroll everything away."""
    screen = Screen()
    incident = an_incident(count=1_017, state=State.RESOLVED, message="m" * 300)
    receipt = Receipt("console-1", NOON)
    assert await a_sink(screen, plain=plain).edit(a_card(incident), receipt) is receipt
    line = STYLES.sub("", screen.flushed)
    assert line.startswith("↻ 5d41402a  ×1,017  resolved  mmm")
    assert line.count("\n") == 1
    assert plain or cell_len(line.rstrip("\n")) == 100


async def test_a_message_that_says_no_more_than_the_title_is_not_repeated() -> None:
    """Short cards leave room for the next."""
    screen = Screen(terminal=False)
    await a_sink(screen).post(a_card())
    assert screen.flushed.count(MESSAGE) == 1


async def test_a_long_trace_is_cut_in_the_middle() -> None:
    """A screen holds about fifty lines."""
    trace = "\n".join(f"frame-{number}-" for number in range(500))
    screen = Screen(terminal=False)
    await a_sink(screen).post(a_card(an_incident(sample=an_event(stack_trace=trace))))
    printed = screen.flushed
    assert "frame-0-" in printed
    assert "frame-499-" in printed
    assert "frame-250-" not in printed
    assert "\n    …\n" in printed
    assert len(printed.splitlines()) < 45


@pytest.mark.parametrize("plain", [True, False])
async def test_digests_and_words_of_the_daemon_are_printed_too(plain: bool) -> None:
    """A dry run shows everything that would be sent."""
    screen = Screen()
    sink = a_sink(screen, language=Language.KO, plain=plain)
    line = DigestLine(incident=view_of(an_incident()), count=17)
    first = await sink.post(DigestNotice(since=NOON, until=NOON, lines=(line,)))
    second = await sink.post(TextNotice(kind=TextKind.TEST, at=NOON))
    assert (first.posted_at, first.message_id == second.message_id) == (NOON, False)
    printed = STYLES.sub("", screen.flushed)
    assert "요약: 문제 1건, 이벤트 17건" in printed
    assert f"🔴 ×17 5d41402a {MESSAGE}" in printed
    assert "테스트 알림" in printed


async def test_a_reminder_says_so() -> None:
    """Otherwise it would look like a repeat."""
    screen = Screen(terminal=False)
    await a_sink(screen).post(a_card(an_incident(reminders=2), reason=Reason.REMINDER))
    assert "  Reminder 2: still not resolved\n" in screen.flushed


@pytest.mark.parametrize("plain", [True, False])
async def test_an_old_encoding_loses_characters_and_not_the_card(plain: bool) -> None:
    """Some containers still run with LANG=C."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    await a_sink(stream, plain=plain).post(a_card(an_incident(message="주문 실패")))
    printed = raw.getvalue().decode("ascii")
    assert "?? ??" in printed
    stream.detach()


async def test_a_probe_needs_nothing() -> None:
    """`logwatchd check` asks every sink."""
    assert await a_sink(Screen()).probe() == "this console"


@given(
    st.text(max_size=80)
    | st.sampled_from(["[bold]x[/bold]", "[link=https://evil.example]x", "\x1b[2J", ":smile:"]),
    st.booleans(),
)
@settings(deadline=None)
async def test_log_text_never_styles_or_moves_anything(text: str, plain: bool) -> None:
    """The only escape codes on the screen are our own colours."""
    screen = Screen()
    event = an_event(message=text + "\n[red]", code=text, stack_trace=text, causes=(text,))
    incident = an_incident(sample=event, template=text, rule=text)
    await a_sink(screen, plain=plain).post(a_card(incident))
    await a_sink(screen, plain=plain).edit(a_card(incident), Receipt("1", NOON))
    printed = STYLES.sub("", screen.flushed)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f]", printed)
    assert "[red]" in printed
