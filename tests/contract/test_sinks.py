"""What the courier relies on, whatever the sink: one suite for all of them, the fake included.

A new sink is one more entry in `SINKS`.
"""

import io
import json
import re
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass

import pytest
from pydantic import SecretStr

from logwatchd.domain.incident import Reason, State
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.notice import (
    DigestLine,
    DigestNotice,
    Notice,
    TextKind,
    TextNotice,
)
from logwatchd.domain.redact import Redactor
from logwatchd.domain.texts import Language
from logwatchd.errors import DeliveryError, MessageGoneError, TransientError
from logwatchd.ports import Sink
from logwatchd.settings import SinkName
from logwatchd.sinks.console import ConsoleSink
from logwatchd.sinks.discord import DiscordSink
from logwatchd.sinks.discord_address import HOSTS
from logwatchd.sinks.json_lines import JsonLinesSink
from logwatchd.transport import http_client
from tests.fakes.clock import FakeClock
from tests.fakes.discord import Step, fake_discord
from tests.fakes.http import Act
from tests.fakes.notices import NOON, a_card, an_event, an_incident
from tests.fakes.sink import FakeSink

SECRET = "made-up-" + "own-" + "secret"
REDACT = Redactor(own_secrets=[SECRET]).text
HOSTILE = "\x1b[2J@everyone ```\n[a](https://evil.example) \u202e\U000e0041 " + SECRET
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\U000e0000-\U000e0fff]")
COLOURS = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A sink under test.

    Attributes:
        sink: The sink.
        output: Everything that people were shown so far, as they see it.
        fail: Makes the next attempt fail, where the sink's far side can.
    """

    sink: Sink
    output: Callable[[], str]
    fail: Callable[[], None] | None = None


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@asynccontextmanager
async def _discord(clock: FakeClock) -> AsyncGenerator[Subject]:
    async with (
        fake_discord() as peer,
        http_client(user_agent="DiscordBot (x, 0)", hosts=HOSTS) as client,
    ):
        sink = DiscordSink(
            client,
            SecretStr(peer.webhook_url),
            clock=clock,
            language=Language.EN,
            mention_role=None,
            username="logwatchd",
            thread_id=None,
            redact=REDACT,
        )
        yield Subject(
            sink=sink,
            output=lambda: "\n".join(json.dumps(each.json) for each in peer.requests if each.body),
            fail=lambda: peer.play(Step(act=Act.HANG_UP_AFTER)),
        )
        assert peer.violations == []


def _console(*, plain: bool) -> Callable[[FakeClock], AbstractAsyncContextManager[Subject]]:
    @asynccontextmanager
    async def opened(clock: FakeClock) -> AsyncGenerator[Subject]:
        screen = io.StringIO() if plain else _Terminal()
        sink = ConsoleSink(screen, language=Language.EN, clock=clock, redact=REDACT, plain=plain)
        yield Subject(sink=sink, output=lambda: COLOURS.sub("", screen.getvalue()))

    return opened


@asynccontextmanager
async def _json_lines(clock: FakeClock) -> AsyncGenerator[Subject]:
    out = io.StringIO()
    yield Subject(sink=JsonLinesSink(out, clock=clock, redact=REDACT), output=out.getvalue)


@asynccontextmanager
async def _fake(clock: FakeClock) -> AsyncGenerator[Subject]:
    answers: list[DeliveryError] = []
    sink = FakeSink(clock)
    sink._answers = answers
    yield Subject(
        sink=sink,
        output=lambda: "told\n" * len(sink.told),
        fail=lambda: answers.append(TransientError("peer: down", destination="peer")),
    )


SINKS: dict[str, Callable[[FakeClock], AbstractAsyncContextManager[Subject]]] = {
    "discord": _discord,
    "console, plain": _console(plain=True),
    "console, panels": _console(plain=False),
    "JSON lines": _json_lines,
    "fake": _fake,
}


@pytest.fixture
def clock() -> FakeClock:
    """Hold the time."""
    return FakeClock(NOON)


@pytest.fixture(params=SINKS)
async def subject(request: pytest.FixtureRequest, clock: FakeClock) -> AsyncIterator[Subject]:
    """Open each sink in turn."""
    async with SINKS[request.param](clock) as opened:
        yield opened


def notices(text: str = "pool timed out") -> list[Notice]:
    """Return a notice of every kind, with one text in every place."""
    event = an_event(
        message=text, target=text, code=text, request_id=text, causes=(text,), stack_trace=text,
        service=text, location=text, thread=text, fields={text: text},
    )  # fmt: skip
    incident = an_incident(sample=event, template=text, rule=text)
    line = DigestLine(incident=view_of(incident), count=3)
    cards: list[Notice] = [
        a_card(an_incident(sample=event, template=text, rule=text, state=state), reason=reason)
        for state in State
        for reason in Reason
    ]
    return [
        *cards,
        DigestNotice(since=NOON, until=NOON, lines=(line,), held_back={"held_hour_ceiling": 2}),
        DigestNotice(since=NOON, until=NOON, lines=()),
        *(TextNotice(kind=kind, at=NOON, details=(("path", text),)) for kind in TextKind),
    ]


async def test_every_kind_of_notice_is_told(subject: Subject, clock: FakeClock) -> None:
    """A kind that a sink does not know would be retried or buried."""
    for notice in notices():
        shown = len(subject.output())
        receipt = await subject.sink.post(notice)
        assert len(subject.output()) > shown
        assert receipt.posted_at == clock.now()
        clock.advance(seconds=3)


async def test_every_message_has_a_name_of_its_own(subject: Subject) -> None:
    """A card is edited by the name of its message."""
    receipts = [await subject.sink.post(a_card()) for _ in range(3)]
    names = {each.message_id for each in receipts}
    assert len(names) == 3
    assert "" not in names


async def test_an_edit_may_be_repeated_and_keeps_the_message(
    subject: Subject, clock: FakeClock
) -> None:
    """After a crash the same edit is sent again."""
    posted = await subject.sink.post(a_card())
    clock.advance(seconds=60)
    for _ in range(2):
        assert await subject.sink.edit(a_card(an_incident(count=7)), posted) == posted


async def test_an_edit_of_what_is_not_there_fails_as_one_or_is_shown(subject: Subject) -> None:
    """The courier posts anew for `MessageGoneError`, and knows no other way out."""
    posted = await subject.sink.post(a_card())
    gone = type(posted)("9" * 19, posted.posted_at)
    with suppress(MessageGoneError):
        assert await subject.sink.edit(a_card(), gone) == gone


async def test_a_probe_tells_nobody_and_is_safe_to_print(subject: Subject) -> None:
    """`check --online` is run at any time."""
    said = await subject.sink.probe()
    assert subject.output() == ""
    assert said.strip() == said
    assert said.isprintable()
    assert len(said) < 250


async def test_hostile_text_is_neither_acted_on_nor_a_way_out_for_secrets(
    subject: Subject, clock: FakeClock
) -> None:
    """Each sink renders in its own way, and none may forget to."""
    for notice in notices(HOSTILE):
        await subject.sink.post(notice)
        clock.advance(seconds=3)
    shown = subject.output()
    assert not CONTROLS.search(shown)
    assert SECRET not in shown
    assert "FakeSink" in type(subject.sink).__name__ or "REDACTED" in shown


@pytest.mark.parametrize("subject", ["discord", "fake"], indirect=True)
async def test_a_failure_is_an_error_of_delivery_and_passes(subject: Subject) -> None:
    """The courier knows what to do with those alone; the next attempt works."""
    assert subject.fail is not None
    subject.fail()
    with pytest.raises(DeliveryError) as caught:
        await subject.sink.post(a_card())
    assert caught.value.destination == subject.sink.name
    assert (await subject.sink.post(a_card())).message_id


async def test_a_name_is_short_and_plain(subject: Subject) -> None:
    """It is a key in the outbox, a label of metrics and a word in `status`."""
    assert re.fullmatch("[a-z][a-z_-]{1,30}", subject.sink.name)


def test_every_sink_of_the_settings_is_under_contract() -> None:
    """A sink that is added without an entry above is not held to anything."""
    assert {name.value for name in SinkName} <= {each.partition(",")[0] for each in SINKS}
