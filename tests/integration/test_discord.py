import asyncio
import json
import logging
import signal
import sys
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from watchfiles import awatch

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import State
from logwatchd.domain.notice import Receipt
from logwatchd.domain.texts import Language
from logwatchd.errors import (
    ConfigError,
    DeliveryError,
    LogwatchdError,
    MessageGoneError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.sinks.discord import DiscordSink
from logwatchd.sinks.discord_address import HOSTS, WebhookAddress
from logwatchd.transport import HttpClient, http_client
from tests.fakes.clock import FakeClock
from tests.fakes.discord import WEBHOOK_PATH, FakeDiscord, Step, fake_discord
from tests.fakes.http import Act
from tests.fakes.notices import NOON, a_card, an_event, an_incident

ROLE = "112233445566778899"
SECRET = WEBHOOK_PATH.rpartition("/")[2]


@pytest.fixture
async def peer() -> AsyncIterator[FakeDiscord]:
    """Serve a webhook; what it saw must have kept every rule."""
    async with fake_discord() as fake:
        yield fake
    assert fake.violations == []


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """Open a client."""
    agent = "DiscordBot (https://logwatchd.example, 0)"
    async with http_client(user_agent=agent, hosts=HOSTS) as opened:
        yield opened


@pytest.fixture
def clock() -> FakeClock:
    """Hold the time."""
    return FakeClock(NOON)


@pytest.fixture
def sink(peer: FakeDiscord, client: HttpClient, clock: FakeClock) -> DiscordSink:
    """Build a sink for the webhook."""
    return a_sink(peer.webhook_url, client, clock)


def a_sink(
    url: str,
    client: HttpClient,
    clock: FakeClock,
    *,
    language: Language = Language.EN,
    thread_id: str | None = None,
    redact: Callable[[str], str] = str,
) -> DiscordSink:
    """Build a sink."""
    return DiscordSink(
        client,
        SecretStr(url),
        clock=clock,
        language=language,
        mention_role=ROLE,
        username="logwatchd",
        thread_id=thread_id,
        redact=redact,
    )


def refusal(status: int, code: int) -> Step:
    """Build a step that answers as Discord does when it does not take a request."""
    return Step(status=status, body={"message": "something", "code": code})


def embed_of(message: dict[str, Any]) -> dict[str, Any]:
    """Return the only embed."""
    embed: dict[str, Any] = message["embeds"][0]
    return embed


async def test_a_card_is_posted_and_its_id_comes_back(
    sink: DiscordSink, peer: FakeDiscord, clock: FakeClock
) -> None:
    """The id is what makes later edits possible."""
    receipt = await sink.post(a_card())
    assert receipt.posted_at == clock.now()
    message = peer.messages[receipt.message_id]
    assert message["username"] == "logwatchd"
    assert message["content"] == f"<@&{ROLE}>"
    assert embed_of(message)["title"].startswith("🔴 critical · database — ")
    assert peer.requests[0].query == {"wait": "true"}


@pytest.mark.parametrize(
    ("language", "title", "state"),
    [(Language.EN, "resolved", "State"), (Language.KO, "해결됨", "상태")],
)
async def test_a_card_is_edited_in_place_and_calls_nobody(
    peer: FakeDiscord,
    client: HttpClient,
    clock: FakeClock,
    language: Language,
    title: str,
    state: str,
) -> None:
    """One message for each problem; it follows the problem to its end."""
    sink = a_sink(peer.webhook_url, client, clock, language=language)
    receipt = await sink.post(a_card())
    clock.advance(seconds=60)
    resolved = an_incident(count=42, state=State.RESOLVED)
    assert await sink.edit(a_card(resolved), receipt) == receipt
    edit = peer.requests[-1]
    assert (edit.method, edit.path.rpartition("/")[2]) == ("PATCH", receipt.message_id)
    assert edit.json.keys() == {"embeds", "allowed_mentions"}
    assert edit.json["allowed_mentions"] == {"parse": []}
    embed = embed_of(peer.messages[receipt.message_id])
    assert title in embed["title"]
    assert embed["fields"][0]["name"] == state
    assert embed["fields"][1]["value"] == "42"
    assert len(peer.messages) == 1


async def test_the_largest_card_is_taken(sink: DiscordSink, peer: FakeDiscord) -> None:
    """Limits are counted here as Discord counts them."""
    text = "가😀*`@everyone " * 600
    event = an_event(message=text, stack_trace=text, causes=(text,) * 9, code=text, service=text)
    await sink.post(a_card(an_incident(sample=event, template=text, rule=text), hourly=(9,) * 24))
    assert len(peer.messages) == 1


async def test_a_thread_is_kept_on_posts_and_edits(
    peer: FakeDiscord, client: HttpClient, clock: FakeClock
) -> None:
    """An edit without the thread finds no message; the setting wins over the URL."""
    url = peer.webhook_url + "/?wait=false&thread_id=1&utm=x"
    sink = a_sink(url, client, clock, thread_id="77")
    await sink.edit(a_card(), await sink.post(a_card()))
    await sink.probe()
    assert [request.query for request in peer.requests] == [
        {"wait": "true", "thread_id": "77"},
        {"thread_id": "77"},
        {},
    ]
    await a_sink(url, client, clock).post(a_card())
    assert peer.requests[-1].query == {"wait": "true", "thread_id": "1"}


async def test_a_probe_tells_what_is_there_and_posts_nothing(
    sink: DiscordSink, peer: FakeDiscord
) -> None:
    """`logwatchd check --online` must not disturb anyone."""
    assert await sink.probe() == 'webhook "alerts" in channel 4242'
    assert peer.messages == {}
    peer.play(Step(status=200, body={"name": "\x1b[2Ja\nb", "channel_id": None}))
    assert await sink.probe() == 'webhook "a b" in channel ?'
    peer.play(Step(status=200, raw="<html>hello"))
    with pytest.raises(RejectedError, match="no webhook there"):
        await sink.probe()
    peer.play(refusal(404, 10015))
    with pytest.raises(UnauthorizedError):
        await sink.probe()


async def test_an_answer_without_a_message_leaves_nothing_to_edit(
    sink: DiscordSink, peer: FakeDiscord
) -> None:
    """Someone's proxy that swallows the reply must not cause the message to be posted again."""
    peer.play(Step(status=204), Step(status=200), Step(status=200, body={"ok": True}))
    receipts = [await sink.post(a_card()) for _ in range(3)]
    assert [receipt.message_id for receipt in receipts] == ["", "", ""]
    with pytest.raises(MessageGoneError):
        await sink.edit(a_card(), receipts[0])
    assert len(peer.requests) == 3


async def test_an_answer_that_is_broken_may_hide_a_message(
    sink: DiscordSink, peer: FakeDiscord
) -> None:
    """It says that something was taken, but not what."""
    peer.play(Step(status=200, raw='{"id": "1'))
    with pytest.raises(TransientError) as caught:
        await sink.post(a_card())
    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    "step",
    [
        Step(act=Act.HALF),
        Step(act=Act.HANG_UP_AFTER),
        Step(status=500, taken=True),
        refusal(502, 0),
        Step(status=503, raw="<html>"),
    ],
    ids=["half", "hang-up", "500", "502", "503"],
)
async def test_a_post_whose_fate_is_unknown_is_said_to_be_so(
    sink: DiscordSink, peer: FakeDiscord, step: Step
) -> None:
    """The next attempt is then marked as a possible repeat."""
    peer.play(step)
    with pytest.raises(TransientError) as caught:
        await sink.post(a_card())
    assert caught.value.outcome_unknown
    assert not isinstance(caught.value, ThrottledError)
    assert (await sink.post(a_card(maybe_repeat=True))).message_id
    assert "may be a repeat" in str(peer.requests[-1].json)


async def test_a_post_that_takes_too_long_may_have_been_taken(
    peer: FakeDiscord, clock: FakeClock
) -> None:
    """Discord is slow before it is down."""
    peer.play(Step(gate=asyncio.Event()))
    async with http_client(user_agent="x", hosts=HOSTS, request_seconds=0.3) as hurried:
        with pytest.raises(TransientError) as caught:
            await a_sink(peer.webhook_url, hurried, clock).post(a_card())
    assert caught.value.outcome_unknown
    assert len(peer.messages) == 1


@pytest.mark.parametrize(("status", "code"), [(408, 0), (425, 0), (400, 130000)])
async def test_what_passes_by_itself_is_transient_and_took_nothing(
    sink: DiscordSink, peer: FakeDiscord, status: int, code: int
) -> None:
    """An overloaded Discord is asked again later."""
    peer.play(refusal(status, code))
    with pytest.raises(TransientError) as caught:
        await sink.post(a_card())
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("status", "code", "hint"),
    [
        (404, 10015, "10015"),
        (401, 50027, "50027"),
        (400, 50027, "50027"),
        (401, 0, "401"),
        (403, 50013, "50013"),
        (404, 0, "404"),
        (404, 10003, "10003"),
        (404, 10008, "10008"),
        (400, 220001, "220001"),
        (400, 160005, "160005"),
    ],
)
async def test_a_webhook_that_takes_nothing_any_more_is_not_used_again(
    sink: DiscordSink, peer: FakeDiscord, status: int, code: int, hint: str
) -> None:
    """Discord bans addresses that go on asking; the operator is told what to look at."""
    peer.play(refusal(status, code))
    with pytest.raises(UnauthorizedError) as caught:
        await sink.post(a_card())
    assert hint in caught.value.hint


async def test_a_thread_that_does_not_exist_is_named(
    peer: FakeDiscord, client: HttpClient, clock: FakeClock
) -> None:
    """The webhook is fine then; the other setting is wrong."""
    peer.play(refusal(404, 10003))
    with pytest.raises(UnauthorizedError) as caught:
        await a_sink(peer.webhook_url, client, clock, thread_id="7").post(a_card())
    assert "thread" in caught.value.hint


@pytest.mark.parametrize(("status", "code"), [(404, 10008), (429, 30046), (400, 30046), (404, 0)])
async def test_a_message_that_takes_no_more_edits_is_gone(
    sink: DiscordSink, peer: FakeDiscord, status: int, code: int
) -> None:
    """A new message is posted then; the pause of a 30046 would be for nothing."""
    receipt = await sink.post(a_card())
    peer.play(refusal(status, code))
    with pytest.raises(MessageGoneError):
        await sink.edit(a_card(), receipt)


async def test_a_message_deleted_by_hand_is_gone(sink: DiscordSink) -> None:
    """People tidy up channels."""
    with pytest.raises(MessageGoneError):
        await sink.edit(a_card(), Receipt("123", NOON))


async def test_a_deleted_webhook_is_no_deleted_message(
    sink: DiscordSink, peer: FakeDiscord
) -> None:
    """Both are a 404; only one of them can be helped by a new message."""
    receipt = await sink.post(a_card())
    peer.play(refusal(404, 10015))
    with pytest.raises(UnauthorizedError):
        await sink.edit(a_card(), receipt)


async def test_a_body_that_we_refuse_ourselves_is_told_without_the_text_of_the_log(
    peer: FakeDiscord, client: HttpClient, clock: FakeClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """A secret that only the last look finds costs the details, and not the alert."""

    def forgetful(text: str) -> str:
        """Miss every secret while the card is made, and find it in the block that was drawn."""
        return text.replace("canary", "[REDACTED:own_secret]") if text.startswith("\n") else text

    sink = a_sink(peer.webhook_url, client, clock, redact=forgetful)
    incident = an_incident(sample=an_event(message="the canary sings"), template="a problem")
    await sink.post(a_card(incident))

    [message] = peer.messages.values()
    assert "canary" not in str(message)
    assert "logwatchd show 5d41402a" in embed_of(message)["description"]
    assert "own body refused: own secret" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (400, 50035),
        (400, 50006),
        (413, 40005),
        (413, 0),
        (400, 200000),
        (403, 200001),
        (400, 240000),
    ],
)
async def test_content_that_discord_refuses_is_told_without_the_text_of_the_log(
    sink: DiscordSink, peer: FakeDiscord, status: int, code: int
) -> None:
    """A word that AutoMod dislikes must not hide that the database is down."""
    secretive = an_incident(message="a word that nobody likes")
    peer.play(refusal(status, code))
    receipt = await sink.post(a_card(secretive))
    message = peer.messages[receipt.message_id]
    assert "nobody likes" not in str(message)
    assert message["content"] == f"<@&{ROLE}>"
    assert "5d41402a" in embed_of(message)["description"]
    peer.play(refusal(status, code))
    await sink.edit(a_card(secretive), receipt)
    assert peer.requests[-1].json.keys() == {"embeds", "allowed_mentions"}
    assert "nobody likes" not in str(peer.messages[receipt.message_id])


@pytest.mark.parametrize(("status", "code"), [(400, 50035), (403, 200000)])
async def test_content_refused_twice_is_rejected_for_this_notice_only(
    sink: DiscordSink, peer: FakeDiscord, status: int, code: int
) -> None:
    """The next notice may be taken."""
    peer.play(refusal(status, code), refusal(status, code))
    with pytest.raises(RejectedError, match=str(code)):
        await sink.post(a_card())
    assert len(peer.requests) == 2
    assert (await sink.post(a_card())).message_id


@pytest.mark.parametrize("status", [302, 403, 405, 407])
async def test_what_a_proxy_answers_is_tried_again(
    sink: DiscordSink, peer: FakeDiscord, status: int
) -> None:
    """Without a code of Discord's own it is somebody on the way; no card is lost for it."""
    peer.play(refusal(status, 0))
    with pytest.raises(TransientError) as caught:
        await sink.post(a_card())
    assert caught.value.hint
    assert (await sink.post(a_card())).message_id


@pytest.mark.parametrize(("status", "code"), [(400, 50109), (418, 0)])
async def test_any_other_refusal_is_final(
    sink: DiscordSink, peer: FakeDiscord, status: int, code: int
) -> None:
    """The same request would be refused again."""
    peer.play(refusal(status, code))
    with pytest.raises(RejectedError):
        await sink.post(a_card())
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    ("headers", "body", "seconds"),
    [
        ({"Retry-After": "3"}, {}, 3.0),
        ({"Retry-After": "1"}, {"retry_after": 2.5}, 2.5),
        ({"Retry-After": "1", "X-RateLimit-Reset-After": "4.25"}, {"retry_after": 2}, 4.25),
        ({}, {"retry_after": 0}, 0.25),
        ({}, {}, 30.0),
        ({"Retry-After": "soon"}, {"retry_after": "nan"}, 30.0),
        ({"Retry-After": "-5"}, {"retry_after": -1}, 30.0),
        ({"Retry-After": "inf"}, {"retry_after": True}, 30.0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, {"retry_after": [1]}, 30.0),
        ({"Retry-After": "9" * 400}, {"retry_after": 7}, 7.0),
        ({"Retry-After": "99999999"}, {}, 3600.0),
        ({"Retry-After": "2"}, None, 2.0),
    ],
)
async def test_a_pause_is_as_long_as_discord_says_within_reason(
    sink: DiscordSink, peer: FakeDiscord, headers: dict[str, str], body: object, seconds: float
) -> None:
    """Asking too early prolongs the pause; a mistake must not silence alerts for a year."""
    peer.play(Step(status=429, headers=headers, body=body))
    with pytest.raises(ThrottledError) as caught:
        await sink.post(a_card())
    assert caught.value.retry_after == timedelta(seconds=seconds)
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize("code", [20016, 20028, 20029])
async def test_a_slow_channel_is_a_pause(sink: DiscordSink, peer: FakeDiscord, code: int) -> None:
    """Slow mode and write limits end by themselves."""
    peer.play(Step(status=400, body={"code": code, "retry_after": 5}))
    with pytest.raises(ThrottledError) as caught:
        await sink.post(a_card())
    assert caught.value.retry_after == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("headers", "body", "everything"),
    [
        ({}, {"retry_after": 8, "global": False}, False),
        ({}, {"retry_after": 8, "global": True}, True),
        ({"X-RateLimit-Global": "true"}, {"retry_after": 8}, True),
    ],
)
async def test_nothing_is_sent_during_a_pause(
    sink: DiscordSink,
    peer: FakeDiscord,
    clock: FakeClock,
    headers: dict[str, str],
    body: object,
    everything: bool,
) -> None:
    """A pause for posts leaves edits alone, a global one stops both."""
    receipt = await sink.post(a_card())
    peer.play(Step(status=429, headers=headers, body=body))
    with pytest.raises(ThrottledError):
        await sink.post(a_card())
    clock.advance(seconds=3)
    with pytest.raises(ThrottledError) as caught:
        await sink.post(a_card())
    assert caught.value.retry_after == timedelta(seconds=5)
    assert len(peer.requests) == 2
    if everything:
        with pytest.raises(ThrottledError):
            await sink.edit(a_card(), receipt)
    else:
        await sink.edit(a_card(), receipt)
    clock.advance(seconds=5)
    await sink.post(a_card())


async def test_a_reply_that_was_the_last_one_allowed_is_remembered(
    sink: DiscordSink, peer: FakeDiscord, clock: FakeClock
) -> None:
    """Better to wait unasked than to be refused: refusals are counted against our address."""
    headers = {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "1.5"}
    peer.play(Step(status=200, headers=headers, body={"id": "5"}))
    await sink.post(a_card())
    with pytest.raises(ThrottledError) as caught:
        await sink.post(a_card())
    assert caught.value.retry_after == timedelta(seconds=1.5)
    assert len(peer.requests) == 1
    clock.advance(seconds=1.5)
    await sink.post(a_card())


async def test_no_more_than_thirty_requests_go_out_in_a_minute(
    sink: DiscordSink, peer: FakeDiscord, clock: FakeClock
) -> None:
    """Discord's unwritten limit for one webhook, in no header."""
    receipt = await sink.post(a_card())
    clock.advance(seconds=10)
    for _ in range(29):
        await sink.edit(a_card(), receipt)
    with pytest.raises(ThrottledError) as caught:
        await sink.edit(a_card(), receipt)
    assert caught.value.retry_after == timedelta(seconds=50)
    clock.advance(seconds=50)
    await sink.edit(a_card(), receipt)
    with pytest.raises(ThrottledError) as caught:
        await sink.post(a_card())
    assert caught.value.retry_after == timedelta(seconds=10)
    assert len(peer.requests) == 31


async def test_a_clock_set_back_makes_no_pause_longer(
    sink: DiscordSink, peer: FakeDiscord, clock: FakeClock
) -> None:
    """A correction by a day must not silence alerts for a day."""
    for _ in range(30):
        await sink.post(a_card())
    clock.advance(seconds=-86_400)
    with pytest.raises(ThrottledError) as caught:
        await sink.post(a_card())
    assert caught.value.retry_after == timedelta(seconds=60)


async def test_a_refused_connection_took_nothing(client: HttpClient, clock: FakeClock) -> None:
    """Then the next attempt is no repeat."""
    async with fake_discord() as gone:
        url = gone.webhook_url
    with pytest.raises(TransientError) as caught:
        await a_sink(url, client, clock).post(a_card())
    assert not caught.value.outcome_unknown


@pytest.mark.parametrize(
    "step",
    [
        refusal(404, 10015),
        refusal(400, 50109),
        Step(act=Act.HALF),
        Step(status=429),
        refusal(500, 0),
    ],
)
async def test_no_error_and_no_log_line_holds_the_webhooks_url(
    sink: DiscordSink, peer: FakeDiscord, step: Step, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever has it can post in our name; httpx and httpcore would log it."""
    caplog.set_level(logging.DEBUG)
    peer.play(step)
    with pytest.raises(DeliveryError) as caught:
        await sink.post(a_card())
    told = f"{caught.value!r} {vars(caught.value)} {caught.value.__context__!r} {vars(sink)}"
    assert SECRET not in told + caplog.text
    assert caught.value.destination == "discord"
    assert isinstance(caught.value, LogwatchdError)


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("https://discord.com/api/webhooks/1/t", "https://discord.com/api/v10/webhooks/1/t"),
        ("https://discord.com/api/v9/webhooks/1/t/", "https://discord.com/api/v9/webhooks/1/t"),
        (
            " https://ptb.discord.com/api/webhooks/1/t?wait=1#x",
            "https://ptb.discord.com/api/v10/webhooks/1/t",
        ),
        ("http://127.0.0.1:8080/api/webhooks/1/t", "http://127.0.0.1:8080/api/webhooks/1/t"),
    ],
)
def test_discords_own_addresses_get_a_version(given: str, used: str) -> None:
    """Without one Discord falls back to an old version; others' addresses are left alone."""
    address = WebhookAddress(SecretStr(given), thread_id=None)
    assert address.itself().get_secret_value() == used
    assert address.message("a/../b").get_secret_value() == f"{used}/messages/a%2F..%2Fb"
    assert "/t" not in repr(address)


def test_a_url_that_is_none_is_a_configuration_error() -> None:
    """Its text is a secret even then."""
    with pytest.raises(ConfigError) as caught:
        WebhookAddress(SecretStr("http://[::1/" + SECRET), thread_id=None)
    assert SECRET not in str(caught.value)


async def test_a_warning_calls_nobody(sink: DiscordSink, peer: FakeDiscord) -> None:
    """The role is for what cannot wait."""
    receipt = await sink.post(a_card(an_incident(severity=Severity.WARNING)))
    assert "content" not in peer.messages[receipt.message_id]


async def test_the_fake_runs_as_a_program(
    tmp_path: Path, client: HttpClient, clock: FakeClock
) -> None:
    """End-to-end tests need a Discord outside their own process."""
    port_file, requests = tmp_path / "port", tmp_path / "requests.jsonl"
    script = tmp_path / "script.json"
    script.write_text(json.dumps([{"status": 429, "body": {"retry_after": 1}}, None]), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.fakes.discord"),
        *("--port-file", port_file, "--requests", requests, "--script", script),
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(20):
            async for _ in awatch(tmp_path, rust_timeout=100, yield_on_timeout=True):
                if port_file.exists():
                    break
        url = f"http://127.0.0.1:{port_file.read_text('utf-8')}{WEBHOOK_PATH}"
        sink = a_sink(url, client, clock)
        with pytest.raises(ThrottledError):
            await sink.post(a_card())
        clock.advance(seconds=1)
        assert (await sink.post(a_card())).message_id
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = await process.communicate()
    assert (process.returncode, output) == (0, b"")
    noted = [json.loads(line) for line in requests.read_text("utf-8").splitlines()]
    assert [entry["method"] for entry in noted] == ["POST", "POST"]
    assert noted[1]["path"] == f"{WEBHOOK_PATH}?wait=true"
    assert noted[1]["body"]["username"] == "logwatchd"
