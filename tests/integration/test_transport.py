import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from pydantic import SecretStr

from logwatchd.errors import ConfigError, DeliveryError, RejectedError, TransientError
from logwatchd.outgoing import Body, Shape, checked
from logwatchd.transport import (
    REPLY_LIMIT,
    BodyKind,
    HttpClient,
    Reply,
    http_client,
)
from tests.fakes.http import Act, Answer, Request, http_server, json_answer

TOKEN = "very-" + "secret-" + "token"
HOSTS = ("there.example",)
ANYTHING = Shape(destination="there", breaches=lambda _: (), texts=lambda _: ())


class Peer:
    """A server that answers as told and remembers what it was asked."""

    def __init__(self) -> None:
        self.answer = json_answer(200, {"id": "1"})
        self.requests: list[Request] = []
        self.url = ""

    def handle(self, request: Request) -> Answer:
        """Take one request."""
        self.requests.append(request)
        return self.answer

    def peek(self) -> Act:
        """Say what will be done with the next request."""
        return self.answer.act


@pytest.fixture
async def peer() -> AsyncIterator[Peer]:
    """Serve on loopback."""
    fake = Peer()
    async with http_server(fake.handle, peek=fake.peek) as port:
        fake.url = f"http://127.0.0.1:{port}/{TOKEN}"
        yield fake


@pytest.fixture
async def client() -> AsyncIterator[HttpClient]:
    """Open a client."""
    async with http_client(user_agent="logwatchd-test", hosts=HOSTS) as opened:
        yield opened


async def ask(client: HttpClient, url: str, body: Body | None = None) -> Reply:
    """Post a body, or nothing."""
    looked_at = None if body is None else checked(body, ANYTHING, redact=str)
    return await client.request("POST", SecretStr(url), body=looked_at, destination="there")


async def failing(client: HttpClient, url: str, body: Body | None = None) -> DeliveryError:
    """Return the error of a request, having looked for the URL in every part of it."""
    with pytest.raises(DeliveryError) as caught:
        await ask(client, url, body)
    error: BaseException | None = caught.value
    assert error is not None
    assert error.__context__ is None
    assert error.__cause__ is None
    assert TOKEN not in f"{error!r} {error} {caught.value.hint} {vars(error)}"
    assert str(error).startswith("there: ")
    return caught.value


async def test_a_json_reply_comes_back_parsed(client: HttpClient, peer: Peer) -> None:
    """The ordinary case, with everything that the request should carry."""
    peer.answer = json_answer(200, {"id": "1"}, {"X-RateLimit-Remaining": "4"})
    body = checked({"text": "가"}, ANYTHING, redact=str)
    reply = await client.request(
        "POST", peer.url + "?a=1", body=body, params={"b": "2"}, destination="there"
    )
    assert (reply.status, reply.kind, reply.body) == (200, BodyKind.JSON, {"id": "1"})
    assert reply.headers["x-ratelimit-remaining"] == "4"
    request = peer.requests[0]
    assert request.json == {"text": "가"}
    assert request.query == {"a": "1", "b": "2"}
    assert request.headers["user-agent"] == "logwatchd-test"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["accept-encoding"] == "identity"


@pytest.mark.parametrize("status", [204, 302, 404, 429, 503])
async def test_every_status_is_a_reply(client: HttpClient, peer: Peer, status: int) -> None:
    """What a status means is the sink's business; a redirect is never followed."""
    peer.answer = Answer(status, {"Location": "http://127.0.0.1:1/"})
    reply = await ask(client, peer.url, {})
    assert (reply.status, reply.kind, reply.body) == (status, BodyKind.EMPTY, None)
    assert len(peer.requests) == 1


@pytest.mark.parametrize(
    "body",
    [b"<html>", b'{"id":', b"[" * 100_000, b"\xff\xfe", b"0" * (REPLY_LIMIT + 1)],
    ids=["html", "half", "deep", "bytes", "long"],
)
async def test_a_body_that_is_no_json_is_said_to_be_none(
    client: HttpClient, peer: Peer, body: bytes
) -> None:
    """A proxy's error page, an attack or an endless reply must not stop the daemon."""
    peer.answer = Answer(200, {}, body)
    reply = await ask(client, peer.url, {})
    assert (reply.kind, reply.body) == (BodyKind.OTHER, None)


async def test_a_reply_without_end_is_left_after_the_limit(client: HttpClient, peer: Peer) -> None:
    """Memory is bounded, and the connection is given up rather than read to its end."""
    peer.answer = json_answer(200, "x" * (8 * REPLY_LIMIT))  # read to its end, it would be JSON
    assert (await ask(client, peer.url)).kind is BodyKind.OTHER
    peer.answer = json_answer(200, {"id": "2"})
    assert (await ask(client, peer.url)).body == {"id": "2"}


@pytest.mark.parametrize("act", [Act.HALF, Act.HANG_UP_AFTER])
async def test_a_lost_reply_leaves_the_outcome_unknown(
    client: HttpClient, peer: Peer, act: Act
) -> None:
    """The request may have been taken: the next attempt is marked as a possible repeat."""
    peer.answer.act = act
    error = await failing(client, peer.url, {})
    assert isinstance(error, TransientError)
    assert error.outcome_unknown


async def test_a_hang_up_before_the_body_was_read_is_survived(
    client: HttpClient, peer: Peer
) -> None:
    """Bytes went out, so nobody can say what became of them."""
    peer.answer.act = Act.HANG_UP_BEFORE
    error = await failing(client, peer.url, {"text": "x" * 200_000})
    assert isinstance(error, TransientError)
    assert error.outcome_unknown


async def test_a_reply_that_does_not_come_leaves_the_outcome_unknown(peer: Peer) -> None:
    """The server may still be at it; also pins the name of the event that we rely on."""
    peer.answer.gate = asyncio.Event()
    async with http_client(user_agent="x", hosts=HOSTS, request_seconds=0.3) as hurried:
        error = await failing(hurried, peer.url, {})
    assert isinstance(error, TransientError)
    assert error.outcome_unknown


async def test_a_refused_connection_took_nothing(client: HttpClient) -> None:
    """Nothing was sent, so the next attempt is no repeat."""
    async with http_server(lambda _: Answer()) as port:
        pass
    error = await failing(client, f"http://127.0.0.1:{port}/{TOKEN}", {})
    assert isinstance(error, TransientError)
    assert not error.outcome_unknown


@pytest.mark.parametrize(
    "url",
    [
        "",
        TOKEN,
        f"ftp://127.0.0.1/{TOKEN}",
        f"http://[::1/{TOKEN}",
        f"http:///{TOKEN}",
        f"http://there.example/{TOKEN}",
        f"https://elsewhere.example/{TOKEN}",
        f"https://there.example.elsewhere.example/{TOKEN}",
        f"https://there.example@elsewhere.example/{TOKEN}",
        f"https://169.254.169.254/{TOKEN}",
        f"http://[fe80::1]/{TOKEN}",
        f"http://2130706433/{TOKEN}",
    ],
)
async def test_what_is_no_url_of_ours_is_rejected_for_good(client: HttpClient, url: str) -> None:
    """Trying again would not help, nobody is asked, and the text of the setting does not show."""
    assert isinstance(await failing(client, url), RejectedError)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_leads_to_no_second_request(
    client: HttpClient, peer: Peer, status: int
) -> None:
    """Behind 169.254.169.254 a cloud hands out credentials; a body must not follow either."""
    elsewhere = Peer()
    async with http_server(elsewhere.handle) as port:
        for place in ("http://169.254.169.254/latest/meta-data/", f"http://127.0.0.1:{port}/"):
            peer.answer = Answer(status, {"Location": place})
            assert (await ask(client, peer.url, {})).status == status
    assert (len(peer.requests), len(elsewhere.requests)) == (2, 0)


async def test_only_a_body_that_was_looked_at_can_be_sent(client: HttpClient, peer: Peer) -> None:
    """The transport is the last gate: a sink that forgets the look fails at once."""
    body: Any = {"content": "@everyone"}
    with pytest.raises(AttributeError):
        await client.request("POST", peer.url, body=body, destination="there")
    assert peer.requests == []


async def test_a_connection_is_used_again(client: HttpClient, peer: Peer) -> None:
    """A new TLS handshake for each edit would be slow and rude."""
    for _ in range(3):
        await ask(client, peer.url, {})
    peer.answer.act = Act.HANG_UP_AFTER
    await failing(client, peer.url, {})
    peer.answer.act = Act.ANSWER
    assert (await ask(client, peer.url, {})).status == 200


async def test_a_cancelled_request_ends_at_once(peer: Peer) -> None:
    """The daemon stops within its grace period, whatever a server does."""
    peer.answer.gate = asyncio.Event()
    async with http_client(user_agent="x", hosts=HOSTS) as client:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.05):
                await ask(client, peer.url, {})


async def test_the_environment_is_not_looked_at(
    client: HttpClient, peer: Peer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Settings come through one door; a proxy variable left over must not see a webhook."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with http_client(user_agent="x", hosts=HOSTS) as fresh:
        assert (await ask(fresh, peer.url, {})).status == 200


async def test_a_configured_proxy_is_used(peer: Peer) -> None:
    """Some hosts reach the world in no other way."""
    proxy = SecretStr(peer.url.removesuffix(f"/{TOKEN}"))
    peer.answer = Answer(403)
    async with http_client(user_agent="x", hosts=HOSTS, proxy=proxy) as client:
        with pytest.raises(TransientError):  # it takes no tunnel, but it was asked for one
            await ask(client, "https://there.example/path", {})
    assert (peer.requests[0].method, peer.requests[0].target) == ("CONNECT", "there.example:443")


def test_a_useless_proxy_or_certificate_file_is_a_configuration_error() -> None:
    """Found at the start, by name, without showing a password in the URL."""
    for url in (f"gopher://user:{TOKEN}@host", f"http://{TOKEN}@169.254.169.254:80"):
        with pytest.raises(ConfigError) as caught:
            http_client(user_agent="x", hosts=HOSTS, proxy=SecretStr(url))
        assert "proxy" in str(caught.value)
        assert TOKEN not in str(caught.value)
        assert caught.value.__context__ is None
    with pytest.raises(ConfigError, match="ca_file"):
        http_client(user_agent="x", hosts=HOSTS, ca_file="/nowhere/ca.pem")
