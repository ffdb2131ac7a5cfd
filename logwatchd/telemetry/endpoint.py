"""A very small HTTP server: GET, a handful of pages, one answer for each connection.

Ours, because all that is needed is a few lines, and the servers at hand either run in threads
(`http.server`) or bring a framework. Whoever connects can take no more than one of
`MOST_CONNECTIONS` places for `CLIENT_SECONDS`: a request that is large, slow, endless or no HTTP at
all costs that, and never the loop's time.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

MOST_CONNECTIONS: Final = 8
CLIENT_SECONDS: Final = 5.0
"""From the connection to the last byte of the answer."""

HEAD_LIMIT: Final = 8_192
"""Bytes of the request line and the headers together; a scraper needs some 300."""

_REQUEST: Final = re.compile(rb"([A-Z]{1,16}) (/[!-~]{0,1023}) HTTP/1\.[01]")
_ACCEPT: Final = re.compile(rb"(?i)\r\naccept:([^\r\n]{0,1024})")
_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    431: "Request Header Fields Too Large",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a client gets.

    Attributes:
        status: The HTTP status.
        body: The content.
        content_type: Its type.
    """

    status: int
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


Page = Callable[[str], Awaitable[Answer]]
"""Makes the answer, from what the client accepts."""


@asynccontextmanager
async def serving(host: str, port: int, pages: Mapping[str, Page]) -> AsyncGenerator[int]:
    """Serve pages while the context lasts; at its end open connections are cut.

    Args:
        host: The address to listen on.
        port: The port; 0 for any that is free.
        pages: The pages by their path.

    Yields:
        The port.

    Raises:
        OSError: The address cannot be had.
    """
    open_now: dict[asyncio.Task[None], asyncio.WriteTransport] = {}

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or len(open_now) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        open_now[task] = writer.transport
        try:
            async with asyncio.timeout(CLIENT_SECONDS):
                await _answer(reader, writer, pages)
        except (TimeoutError, OSError, asyncio.IncompleteReadError):
            pass
        finally:
            del open_now[task]
            writer.transport.abort()  # what was written has left, or its time is over

    server = await asyncio.start_server(
        serve, host, port, limit=HEAD_LIMIT, backlog=MOST_CONNECTIONS
    )
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for transport in tuple(open_now.values()):
            transport.abort()  # not `cancel`: asyncio would log it as an error of ours
        if open_now:
            await asyncio.wait(tuple(open_now))


async def _answer(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, pages: Mapping[str, Page]
) -> None:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError:
        answer = Answer(431, b"the request is too long\n")
    else:
        answer = await _answer_to(head, pages)
    allow = "Allow: GET\r\n" if answer.status == 405 else ""  # noqa: PLR2004 -- its name is below
    writer.write(
        f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}\r\n"
        f"Content-Type: {answer.content_type}\r\n"
        f"Content-Length: {len(answer.body)}\r\n"
        f"{allow}"
        "Cache-Control: no-store\r\n"
        "X-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n".encode("ascii")
        + answer.body
    )
    writer.write_eof()
    await writer.drain()
    # A connection closed with something unread is reset, and takes the answer with it.
    while await reader.read(HEAD_LIMIT):
        pass


async def _answer_to(head: bytes, pages: Mapping[str, Page]) -> Answer:
    line = head.partition(b"\r\n")[0]
    request = _REQUEST.fullmatch(line)
    if request is None:
        return Answer(400, b"not a request that is understood here\n")
    if request[1] != b"GET":
        return Answer(405, b"only GET\n")
    page = pages.get(request[2].partition(b"?")[0].decode("ascii"))
    if page is None:
        return Answer(404, "".join(f"{path}\n" for path in pages).encode("ascii"))
    accept = _ACCEPT.search(head)
    return await page(accept[1].decode("latin-1") if accept else "")
