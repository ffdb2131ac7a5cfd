"""Requests to GitHub: limits, secrets, redirects."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from logwatchd.errors import (
    DeliveryError,
    MessageGoneError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.github.client import FixedToken, GithubClient
from logwatchd.github.opening import github_http
from logwatchd.outgoing import Shape, checked
from tests.fakes.clock import FakeClock
from tests.fakes.http import Act, Answer, Request, http_server, json_answer

TOKEN = "github" + "_pat_" + "made0up" * 5
ANYTHING = Shape(destination="github", breaches=lambda _: (), texts=lambda _: ())
BODY = checked({"title": "x"}, ANYTHING, redact=str)


class Peer:
    """Answers as told, and remembers what it was asked."""

    def __init__(self) -> None:
        self.answers: list[Answer] = []
        self.requests: list[Request] = []

    def handle(self, request: Request) -> Answer:
        """Take one request."""
        self.requests.append(request)
        return self.answers.pop(0) if self.answers else json_answer(200, {})


@pytest.fixture
def clock() -> FakeClock:
    """Hold the time."""
    return FakeClock()


@pytest.fixture
def peer() -> Peer:
    """Answer."""
    return Peer()


@pytest.fixture
async def client(peer: Peer, clock: FakeClock) -> AsyncIterator[GithubClient]:
    """Open a client."""
    async with http_server(peer.handle, peek=lambda: Act.ANSWER) as port:
        url = f"http://127.0.0.1:{port}"
        async with github_http(url, user_agent="logwatchd-test", proxy=None, ca_file=None) as http:
            credentials = FixedToken(SecretStr(TOKEN))
            yield GithubClient(http, api_url=url, credentials=credentials, clock=clock)


async def failing(client: GithubClient, *, reads: bool = False) -> DeliveryError:
    """Return the error of a request, having looked for the token in every part of it."""
    with pytest.raises(DeliveryError) as caught:
        await (client.read("/x") if reads else client.write("POST", "/x", BODY))
    error = caught.value
    assert TOKEN not in f"{error!r} {error} {error.hint} {vars(error)} {error.__context__!r}"
    return error


async def test_a_request_says_who_asks_and_which_version_it_means(
    client: GithubClient, peer: Peer
) -> None:
    """As GitHub's documentation wants it."""
    await client.write("POST", "/x", BODY)
    headers = peer.requests[0].headers
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert headers["accept"] == "application/vnd.github+json"
    assert headers["x-github-api-version"] == "2022-11-28"
    assert headers["user-agent"] == "logwatchd-test"


async def test_writes_are_a_second_apart_and_reads_are_not(
    client: GithubClient, clock: FakeClock
) -> None:
    """GitHub's best practices."""
    for _ in range(3):
        await client.write("POST", "/x", BODY)
        await client.read("/x")
    assert clock.slept == [1.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("status", "headers", "body", "pause"),
    [
        (403, {"retry-after": "42"}, {}, 42),
        (429, {"retry-after": "0"}, {}, 1),
        (429, {}, {}, 60),
        (403, {}, {"message": "You have triggered an abuse detection mechanism"}, 60),
        (403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1767269100"}, {}, 301),
        (429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999"}, {}, 7_200),
        (429, {"retry-after": "soon"}, {}, 60),
    ],
)
async def test_a_limit_is_a_pause_for_everything(
    status: int,
    headers: dict[str, str],
    body: object,
    pause: int,
    client: GithubClient,
    peer: Peer,
    clock: FakeClock,
) -> None:
    """With and without a time, by its own word or by ours; nothing is asked until it is over."""
    peer.answers = [json_answer(status, body, headers)]
    error = await failing(client)
    assert isinstance(error, ThrottledError)
    start = clock.now()
    clock.advance(seconds=pause - 2)
    assert isinstance(await failing(client, reads=True), ThrottledError)
    assert len(peer.requests) == 1
    clock.advance(seconds=2)
    await client.read("/x")
    assert clock.now() - start <= timedelta(seconds=pause + 2)


async def test_limits_in_a_row_double_the_pause(
    client: GithubClient, peer: Peer, clock: FakeClock
) -> None:
    """Who goes on asking is banned."""
    pauses = []
    for _ in range(4):
        peer.answers = [json_answer(429, {})]
        error = await failing(client)
        assert isinstance(error, ThrottledError)
        pauses.append(error.retry_after.seconds)
        clock.advance(hours=2)
    assert pauses == [60, 120, 240, 480]


@pytest.mark.parametrize(
    ("status", "kind", "hint"),
    [
        (401, UnauthorizedError, "expired"),
        (403, UnauthorizedError, "issues=write"),
        (404, MessageGoneError, ""),
        (410, MessageGoneError, ""),
        (422, RejectedError, ""),
        (500, TransientError, ""),
        (503, TransientError, ""),
    ],
)
async def test_each_status_is_an_error_that_says_what_to_do(
    status: int, kind: type[DeliveryError], hint: str, client: GithubClient, peer: Peer
) -> None:
    """Of a missing permission GitHub says which; nothing else of its answer is repeated."""
    headers = {"x-accepted-github-permissions": "issues=write"}
    peer.answers = [json_answer(status, {"message": f"no, {TOKEN}"}, headers)]
    error = await failing(client)
    assert type(error) is kind
    assert hint in error.hint


async def test_what_a_permission_header_may_hold_is_little(
    client: GithubClient, peer: Peer
) -> None:
    """It is shown to people."""
    headers = {"x-accepted-github-permissions": "@everyone http://evil.example"}
    peer.answers = [json_answer(403, {}, headers)]
    assert "evil" not in (await failing(client)).hint


async def test_after_a_server_error_nobody_knows_whether_a_write_was_taken(
    client: GithubClient, peer: Peer
) -> None:
    """A read has no outcome that matters."""
    peer.answers = [json_answer(502, {}), json_answer(502, {})]
    write, read = await failing(client), await failing(client, reads=True)
    assert isinstance(write, TransientError)
    assert isinstance(read, TransientError)
    assert (write.outcome_unknown, read.outcome_unknown) == (True, False)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
async def test_no_redirect_is_followed(status: int, client: GithubClient, peer: Peer) -> None:
    """The token would go along to whoever an answer names."""
    peer.answers = [json_answer(status, {}, {"location": "http://169.254.169.254/latest"})]
    assert isinstance(await failing(client), MessageGoneError)
    assert len(peer.requests) == 1


async def test_what_did_not_change_is_not_sent_again(client: GithubClient, peer: Peer) -> None:
    """304 does not count against the limit; after `forget` it is read anew."""
    peer.answers = [json_answer(200, [1], {"etag": '"a"'}), Answer(304), json_answer(200, [1])]
    first = await client.read_if_changed("/x", {"page": "1"})
    assert first is not None
    assert await client.read_if_changed("/x", {"page": "1"}) is None
    assert peer.requests[1].headers["if-none-match"] == '"a"'
    client.forget()
    assert await client.read_if_changed("/x", {"page": "1"}) is not None
    assert "if-none-match" not in peer.requests[2].headers


async def test_a_read_that_is_no_json_is_tried_again_later(
    client: GithubClient, peer: Peer
) -> None:
    """A proxy's page must not be taken for an empty list of issues."""
    peer.answers = [Answer(200, {}, b"<html>")]
    assert isinstance(await failing(client, reads=True), TransientError)
