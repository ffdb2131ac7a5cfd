"""Discord's webhooks on loopback: state, documented limits, and scripts of bad behaviour.

Also a program for tests of whole processes:

    python -m tests.fakes.discord --port-file FILE --requests FILE.jsonl [--script FILE.json]

The script is a JSON array of steps, the keys of `Step`; null is a step of good behaviour. A step
is used up by one request; behind the last one everything works.
"""

import argparse
import asyncio
import json
import re
import signal
import time
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TextIO

from tests.fakes.discord_rules import limit_breaches, promise_breaches
from tests.fakes.http import Act, Answer, Request, http_server, json_answer

WEBHOOK_PATH: Final = "/api/webhooks/1234567890/" + "made-up-" + "token"
_WEBHOOK: Final = re.compile(r"/api(?:/v\d+)?/webhooks/(\d+)/([\w-]+)(?:/messages/([\w@-]+))?")
_FIRST_MESSAGE: Final = 9_000_000_000_000_000_001
_CHANNEL: Final = "4242"


@dataclass(slots=True, kw_only=True)
class Step:
    """What to do with one request instead of what Discord would do.

    Attributes:
        status: Status to answer, or None for the good answer, which is then delayed, cut or
            withheld; the message is posted all the same.
        headers: Headers to answer.
        body: JSON to answer.
        raw: Body to answer as it is.
        act: Whether and how the answer arrives.
        delay: Seconds to wait before it.
        gate: An event to wait for before it (in-process only).
        taken: Whether the message is posted although the answer says or shows otherwise.
    """

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: object = None
    raw: str | None = None
    act: Act = Act.ANSWER
    delay: float = 0.0
    gate: asyncio.Event | None = None
    taken: bool = False


class FakeDiscord:
    """The state of one webhook, and what was asked of it.

    Attributes:
        requests: Every request, in order.
        messages: The last body of every message, by id.
        violations: What Discord forbids or we promised not to send.
    """

    def __init__(self, script: Sequence[Step | None] = (), log: TextIO | None = None) -> None:
        self.requests: list[Request] = []
        self.messages: dict[str, dict[str, Any]] = {}
        self.violations: list[str] = []
        self.webhook_url = ""
        self._script: deque[Step | None] = deque(script)
        self._log = log

    def play(self, *steps: Step | None) -> None:
        """Add steps to the script."""
        self._script.extend(steps)

    def peek(self) -> Act:
        """Say what will be done with the next request."""
        step = self._script[0] if self._script else None
        return Act.ANSWER if step is None else step.act

    def handle(self, request: Request) -> Answer:
        """Take one request."""
        self.requests.append(request)
        self._note(request)
        step = self._script.popleft() if self._script else None
        if step is None:
            return self._good(request)
        bodiless = step.act is Act.HANG_UP_BEFORE
        sees = step.taken or (step.status is None and not bodiless)
        answer = self._good(request) if sees else Answer()
        if step.status is not None:
            answer = json_answer(step.status, step.body, step.headers)
            answer.body = answer.body if step.body is not None else b""
        if step.raw is not None:
            answer.body = step.raw.encode()
        answer.act, answer.delay, answer.gate = step.act, step.delay, step.gate
        return answer

    def _good(self, request: Request) -> Answer:
        """Answer as Discord does."""
        place = _WEBHOOK.fullmatch(request.path)
        if place is None:
            return json_answer(404, {"message": "404: Not Found", "code": 0})
        webhook, message_id = place[1], place[3]
        if request.method == "GET":
            return json_answer(200, {"id": webhook, "name": "alerts", "channel_id": _CHANNEL})
        if not request.headers.get("user-agent"):
            self.violations.append("no user agent")
        if breaches := limit_breaches(request.json):
            self.violations += breaches
            return json_answer(400, {"message": "Invalid Form Body", "code": 50035})
        self.violations += promise_breaches(request.method, request.query, request.json)
        if request.method == "POST":
            message_id = str(_FIRST_MESSAGE + len(self.messages))
        elif message_id not in self.messages:
            return json_answer(404, {"message": "Unknown Message", "code": 10008})
        self.messages[message_id] = self.messages.get(message_id, {}) | request.json
        if request.method == "POST" and request.query.get("wait") != "true":
            return Answer(204)
        limits = {"X-RateLimit-Limit": "5", "X-RateLimit-Remaining": "4"}
        return json_answer(200, {"id": message_id, "channel_id": _CHANNEL, **request.json}, limits)

    def _note(self, request: Request) -> None:
        if self._log is None:
            return
        entry = {
            "method": request.method,
            "path": request.target,
            "body": request.json,
            "time": time.time(),
        }
        self._log.write(json.dumps(entry, ensure_ascii=False) + "\n")
        self._log.flush()


@asynccontextmanager
async def fake_discord(
    *script: Step | None, log: TextIO | None = None
) -> AsyncGenerator[FakeDiscord]:
    """Serve a webhook on loopback until the context is left."""
    peer = FakeDiscord(script, log)
    async with http_server(peer.handle, peek=peer.peek) as port:
        peer.webhook_url = f"http://127.0.0.1:{port}{WEBHOOK_PATH}"
        yield peer


def read_script(path: Path) -> list[Step | None]:
    """Read a script from a file."""
    entries = json.loads(path.read_text("utf-8"))
    return [
        None if entry is None else Step(**(entry | {"act": Act(entry.get("act", "answer"))}))
        for entry in entries
    ]


async def _serve(port_file: Path, requests: Path, script: Sequence[Step | None]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    with requests.open("a", encoding="utf-8") as log:
        async with fake_discord(*script, log=log) as peer:
            draft = port_file.with_suffix(".draft")
            draft.write_text(str(peer.webhook_url.split(":")[2].partition("/")[0]), "utf-8")
            draft.replace(port_file)
            await stop.wait()


def main() -> None:
    """Serve until told to stop."""
    parser = argparse.ArgumentParser(description="Discord's webhooks on loopback.")
    parser.add_argument("--port-file", type=Path, required=True)
    parser.add_argument("--requests", type=Path, required=True)
    parser.add_argument("--script", type=Path)
    given = parser.parse_args()
    script = read_script(given.script) if given.script else []
    asyncio.run(_serve(given.port_file, given.requests, script))


if __name__ == "__main__":
    main()
