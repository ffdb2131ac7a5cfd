"""The small HTTP server behind the metrics, met by clients of every kind."""

import asyncio
import contextlib

import pytest

from logwatchd.telemetry.endpoint import HEAD_LIMIT, MOST_CONNECTIONS, Answer, serving


async def page(_accept: str) -> Answer:
    """Answer with a few words."""
    return Answer(200, b"fine\n")


async def asked(port: int, request: bytes) -> bytes:
    """Send bytes, and return all that comes back."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(request)
        writer.write_eof()
        return await reader.read()
    finally:
        writer.close()


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n", 200),
        (b"GET /page?a=b HTTP/1.0\r\n\r\n", 200),
        (b"GET /other HTTP/1.1\r\n\r\n", 404),
        (b"GET /../page HTTP/1.1\r\n\r\n", 404),
        (b"POST /page HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi", 405),
        (b"GET http://elsewhere/ HTTP/1.1\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", 400),
        (b"GET /page HTTP/1.1\r\nX: " + b"x" * HEAD_LIMIT + b"\r\n\r\n", 431),
    ],
)
async def test_whatever_is_sent_gets_one_plain_answer(request_: bytes, status: int) -> None:
    """The port may be reached by scanners."""
    async with serving("127.0.0.1", 0, {"/page": page}) as port:
        answer = await asked(port, request_)

    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"\r\nConnection: close\r\n" in answer


async def test_clients_that_say_nothing_take_a_bounded_number_of_places() -> None:
    """One more is turned away at once; when they go there is room again."""
    async with serving("127.0.0.1", 0, {"/page": page}) as port:
        silent = [await asyncio.open_connection("127.0.0.1", port) for _ in range(MOST_CONNECTIONS)]
        await _until(port, served=False)
        for _, writer in silent:
            writer.close()
        await _until(port, served=True)


async def test_the_end_does_not_wait_for_clients() -> None:
    """A daemon that is stopped has other things to do in its last seconds."""
    async with asyncio.timeout(4), serving("127.0.0.1", 0, {"/page": page}) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"GET /pa")
        await writer.drain()
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()


async def _until(port: int, *, served: bool) -> None:
    """Ask until one is served or turned away: connections count a moment after they are made."""
    for _ in range(1_000):
        try:
            answer = await asked(port, b"GET /page HTTP/1.1\r\n\r\n")
        except ConnectionError:
            answer = b""
        if bool(answer) is served:
            return
        await asyncio.sleep(0.01)
    raise AssertionError(f"served is not {served}")
