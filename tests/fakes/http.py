"""A real HTTP/1.1 server on loopback that can also behave badly."""

import asyncio
import json
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

_TURNS: Final = 3
"""Turns of the loop until a connection that was just accepted is a task: or nobody closes it."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it came in; `body` is empty when the peer hung up before reading it."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes
    at: float = field(default_factory=time.time)

    @property
    def path(self) -> str:
        """The path, without the query."""
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        """The query parameters."""
        return dict(parse_qsl(urlsplit(self.target).query))

    @property
    def json(self) -> Any:
        """The body as JSON, or None when it is none."""
        with suppress(ValueError):
            return json.loads(self.body)
        return None


class Act(StrEnum):
    """What the server does with a request."""

    ANSWER = "answer"
    HALF = "half"
    """Send the headers and half of the body, then hang up."""
    HANG_UP_BEFORE = "hang_up_before"
    """Hang up without reading the body."""
    HANG_UP_AFTER = "hang_up_after"
    """Read the body, then hang up without a word."""


@dataclass(slots=True)
class Answer:
    """One answer, or the lack of it."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    act: Act = Act.ANSWER
    delay: float = 0.0
    gate: asyncio.Event | None = None
    """Answer only once this is set."""


Handler = Callable[[Request], Answer]
Peek = Callable[[], Act]
"""Says what will be done with the next request, before its body is read."""


def json_answer(status: int, body: object, headers: Mapping[str, str] | None = None) -> Answer:
    """Build an answer with a JSON body."""
    return Answer(
        status, {"content-type": "application/json", **(headers or {})}, json.dumps(body).encode()
    )


@asynccontextmanager
async def http_server(
    handler: Handler, *, peek: Peek = lambda: Act.ANSWER, port: int = 0
) -> AsyncGenerator[int]:
    """Serve on loopback until the context is left; yields the port, a free one unless given."""
    open_connections: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        open_connections.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                await _connection(reader, writer, handler, peek)
        finally:
            open_connections.discard(task)
            await _closed(writer)

    server = await asyncio.start_server(serve, "127.0.0.1", port, limit=1 << 20)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()
        for _ in range(_TURNS):
            await asyncio.sleep(0)
        for task in list(open_connections):
            task.cancel()
        while open_connections:
            await asyncio.wait(open_connections)


async def _connection(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, handler: Handler, peek: Peek
) -> None:
    while True:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        request_line, *lines = head.strip().split("\r\n")
        method, target, _version = request_line.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in map(_parted, lines)}
        body = b""
        if peek() is not Act.HANG_UP_BEFORE:
            body = await reader.readexactly(int(headers.get("content-length", "0")))
        answer = handler(Request(method, target, headers, body))
        if answer.gate is not None:
            await answer.gate.wait()
        if answer.delay:
            await asyncio.sleep(answer.delay)
        if answer.act in (Act.HANG_UP_BEFORE, Act.HANG_UP_AFTER):
            return
        await _write(writer, answer)
        if answer.act is Act.HALF or headers.get("connection", "").lower() == "close":
            return


def _parted(line: str) -> tuple[str, str, str]:
    return line.partition(":")


async def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    lines = [f"HTTP/1.1 {answer.status} Whatever"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    if answer.status not in (204, 304):
        lines.append(f"Content-Length: {len(answer.body)}")
    body = answer.body[: len(answer.body) // 2] if answer.act is Act.HALF else answer.body
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1") + body)
    await writer.drain()


async def _closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    closing: Awaitable[None] = writer.wait_closed()
    with suppress(ConnectionError, asyncio.CancelledError):
        await closing
