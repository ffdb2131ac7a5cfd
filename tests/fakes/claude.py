"""A server on loopback that speaks the Messages API as the SDK expects it."""

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.http import Act, Answer, Request, http_server, json_answer

KEY = "-".join(["sk", "ant", *("made", "up")])

USAGE = {"input_tokens": 1_000, "output_tokens": 200}

ANSWER: Mapping[str, Any] = {
    "root_cause": {
        "text": "The pool has five connections.",
        "evidence": [{"reference": "e1", "quote": "pool timed out"}],
    },
    "category": "capacity",
    "impact": {"text": "Requests fail.", "evidence": []},
    "claims": [],
    "recommendations": [{"action": "Raise the limit.", "effort": "minutes"}],
    "suspect": "none",
    "code_change": False,
    "file": "",
    "unknown": ["How much load there was."],
    "confidence": 0.5,
}


def message(
    answer: Mapping[str, Any] | str = ANSWER,
    *,
    stop: str = "end_turn",
    usage: Mapping[str, Any] = USAGE,
) -> Answer:
    """Return a message of the model."""
    text = answer if isinstance(answer, str) else json.dumps(answer)
    return json_answer(
        200,
        {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "claude-haiku-5-5",
            "content": [{"type": "text", "text": text}],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": dict(usage),
        },
    )


def failure(status: int, *, retry_after: str = "") -> Answer:
    """Return an error as the API words it."""
    headers = {"retry-after": retry_after} if retry_after else {}
    body = {"type": "error", "error": {"type": "some_error", "message": "key sk-echo in it"}}
    return json_answer(status, body, headers)


def half() -> Answer:
    """Return a message whose body breaks off."""
    answer = message()
    answer.act = Act.HALF
    return answer


@dataclass(slots=True)
class FakeClaude:
    """What was asked, and what is answered next."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    reply: Callable[[Request], Answer] = lambda _: message()

    def answers(self, answer: Answer) -> None:
        """Answer so from now on."""
        self.reply = lambda _: answer

    def handle(self, request: Request) -> Answer:
        """Note a request, hold it to the API's form, and answer."""
        self.requests.append(request)
        assert request.method == "POST"
        assert request.path == "/v1/messages"
        assert request.headers["authorization"] == f"Bearer {KEY}"
        assert request.headers["anthropic-version"]
        body = request.json
        assert body["messages"][0]["role"] == "user"
        assert body["output_config"]["format"]["type"] == "json_schema"
        assert not {"tools", "temperature"} & body.keys()
        return self.reply(request)


@asynccontextmanager
async def fake_claude() -> AsyncGenerator[FakeClaude]:
    """Serve until the context is left."""
    fake = FakeClaude()
    async with http_server(fake.handle) as port:
        fake.url = f"http://127.0.0.1:{port}"
        yield fake
