"""Claude is asked once by a process of its own: the real SDK against a loopback Messages API."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncGenerator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from logwatchd.diagnosers import claude
from logwatchd.diagnosers.answer import answer_schema
from logwatchd.diagnosers.child import ClaudeDiagnoser, ClaudeOptions
from logwatchd.domain.prices import Usage
from logwatchd.domain.prompt import Prompt
from logwatchd.errors import (
    DiagnoserError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.ports import Ended
from tests.fakes.claude import ANSWER, KEY, FakeClaude, failure, fake_claude, half, message
from tests.fakes.daemon import eventually
from tests.fakes.http import Act, Answer

PROMPT = Prompt("Find the cause.", "e1: pool timed out")


@pytest.fixture
async def api() -> AsyncGenerator[FakeClaude]:
    """Serve the API."""
    async with fake_claude() as fake:
        yield fake


def diagnoser(url: str, *program: str, seconds: float = 20.0) -> ClaudeDiagnoser:
    """Return what asks, through the real child or another program in its place."""
    options = ClaudeOptions(
        key=SecretStr(KEY), base_url=url, effort="low", answer_tokens=500, seconds=seconds
    )
    return ClaudeDiagnoser(options, program=program) if program else ClaudeDiagnoser(options)


def python(code: str) -> tuple[str, ...]:
    """Return a program that stands in for the child."""
    return (sys.executable, "-c", code)


async def said(url: str, seconds: float = 20.0) -> dict[str, Any]:
    """Return what the child would print, without starting one: that takes a second each."""
    request = {
        "key": KEY,
        "base_url": url,
        "model": "claude-haiku-5-5",
        "max_tokens": 500,
        "effort": "low",
        "system": PROMPT.system,
        "user": PROMPT.user,
        "schema": answer_schema(),
        "seconds": seconds,
    }
    return await asyncio.to_thread(claude.ask, request)


def printing(reply: object) -> tuple[str, ...]:
    """Return a child that prints this, whatever it is asked."""
    return python(f"print({json.dumps(reply)!r})")


async def test_the_real_child_asks_once_and_brings_answer_and_usage(api: FakeClaude) -> None:
    """From the daemon's pipe through the SDK to the socket and back."""
    reply = await diagnoser(api.url).ask(PROMPT, model="claude-haiku-5-5")

    assert json.loads(reply.text) == ANSWER
    assert (reply.ended, reply.usage) == (Ended.ANSWERED, Usage(input=1_000, output=200))
    [request] = api.requests
    assert request.json["system"] == PROMPT.system
    assert request.json["messages"] == [{"role": "user", "content": PROMPT.user}]
    assert (request.json["model"], request.json["max_tokens"]) == ("claude-haiku-5-5", 500)
    assert request.json["output_config"]["effort"] == "low"


async def test_the_real_child_is_gone_when_the_question_is_cancelled(api: FakeClaude) -> None:
    """SIGTERM must not leave a process behind that holds the key."""
    gate = asyncio.Event()
    api.answers(Answer(gate=gate))
    asking = asyncio.create_task(diagnoser(api.url).ask(PROMPT, model="m"))
    await eventually(lambda: api.requests)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    assert children() == set()
    assert len(api.requests) == 1


def children() -> set[str]:
    """Return the children of this process that run the module that asks."""
    found = set()
    for entry in Path("/proc").iterdir():
        try:
            line = (entry / "cmdline").read_bytes()
            stat = (entry / "stat").read_text()
        except OSError:
            continue
        if b"logwatchd.diagnosers.claude" in line and stat.split(")")[1].split()[1] == str(
            os.getpid()
        ):
            found.add(entry.name)
    return found


@pytest.mark.parametrize(
    ("status", "kind", "unknown"),
    [
        (400, RejectedError, False),
        (401, UnauthorizedError, False),
        (402, UnauthorizedError, False),
        (403, UnauthorizedError, False),
        (404, UnauthorizedError, False),
        (413, RejectedError, False),
        (429, ThrottledError, False),
        (500, TransientError, True),
        (503, TransientError, True),
        (529, ThrottledError, False),
    ],
)
async def test_each_status_is_an_error_of_its_kind_after_one_call(
    api: FakeClaude, status: int, kind: type[Exception], *, unknown: bool
) -> None:
    """The SDK would try again by itself, and each try can be billed; and errors echo secrets."""
    api.answers(failure(status))
    printed = await said(api.url)
    with pytest.raises(kind) as caught:
        await diagnoser(api.url, *printing(printed)).ask(PROMPT, model="m")

    assert caught.type is kind
    assert len(api.requests) == 1
    assert printed["unknown"] is unknown
    assert "sk-" not in json.dumps(printed)
    if isinstance(caught.value, TransientError):
        assert caught.value.outcome_unknown is unknown


@pytest.mark.parametrize(
    ("asked", "pause"), [("7", 7), ("99999999", 3_600), ("Wed, 21 Oct 2026", 0), ("", 0), ("-3", 0)]
)
async def test_a_pause_that_is_asked_for_is_capped(api: FakeClaude, asked: str, pause: int) -> None:
    """The SDK obeys any, even for a month."""
    api.answers(failure(429, retry_after=asked))
    with pytest.raises(ThrottledError) as caught:
        await diagnoser(api.url, *printing(await said(api.url))).ask(PROMPT, model="m")

    assert caught.value.retry_after == timedelta(seconds=pause)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (half(), "connection"),
        (Answer(act=Act.HANG_UP_AFTER), "connection"),
        (Answer(200, {"content-type": "application/json"}, b'{"id": 7'), "unreadable"),
        (Answer(200, {"content-type": "application/json"}, b"[]"), "unreadable"),
        (Answer(200, {"content-type": "text/html"}, b"<html>login</html>"), "unreadable"),
    ],
)
async def test_a_reply_that_cannot_be_read_may_have_been_paid_for(
    api: FakeClaude, answer: Answer, error: str
) -> None:
    """The reservation stays spent: nobody knows what the other side counted."""
    api.answers(answer)
    printed = await said(api.url)

    assert printed["error"].startswith(error)
    assert printed["unknown"] is True
    assert len(api.requests) == 1


async def test_a_reply_that_does_not_come_is_given_up(api: FakeClaude) -> None:
    """And may have been paid for."""
    api.answers(Answer(gate=asyncio.Event()))

    assert await said(api.url, seconds=0.2) == {"error": "timeout", "status": 0, "unknown": True}


async def test_who_cannot_be_reached_was_not_paid() -> None:
    """A network that is down all night must not eat the day's money."""
    printed = await said("http://127.0.0.1:9")

    assert printed == {"error": "connection", "status": 0, "unknown": False}


@pytest.mark.parametrize(
    ("stop", "ended"),
    [
        ("end_turn", Ended.ANSWERED),
        ("refusal", Ended.REFUSED),
        ("max_tokens", Ended.TRUNCATED),
        ("model_context_window_exceeded", Ended.TRUNCATED),
        ("something_new", Ended.TRUNCATED),
    ],
)
async def test_usage_is_known_however_a_reply_ended(
    api: FakeClaude, stop: str, ended: Ended
) -> None:
    """A refusal and half an answer cost as much as a good one."""
    usage = {
        "input_tokens": 10,
        "output_tokens": 20,
        "cache_creation_input_tokens": 30,
        "cache_creation": {"ephemeral_5m_input_tokens": 10, "ephemeral_1h_input_tokens": 20},
        "cache_read_input_tokens": 40,
    }
    api.answers(message("half an ans", stop=stop, usage=usage))
    reply = await diagnoser(api.url, *printing(await said(api.url))).ask(PROMPT, model="m")

    assert reply.ended is ended
    assert reply.usage == Usage(
        input=10, output=20, cache_write_5m=10, cache_write_1h=20, cache_read=40
    )


@pytest.mark.parametrize(
    "code",
    [
        "raise SystemExit(3)",
        "print('Traceback: rubbish')",
        "print('[1]')",
        "print('{}')",
        'print(\'{"text": "x", "stop": "end_turn", "usage": {"input": -1}}\')',
        'print(\'{"text": "x", "stop": "end_turn", "usage": {"input": 1e99}}\')',
        "print('x' * 2_000_000)",
        "import os, signal; os.kill(os.getpid(), signal.SIGKILL)",
    ],
)
async def test_a_child_that_fails_is_no_answer(code: str) -> None:
    """It crashed, was killed for its memory, or says what no child of ours says."""
    with pytest.raises(DiagnoserError):
        await diagnoser("", *python(code)).ask(PROMPT, model="m")


async def test_a_child_that_hangs_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    """In a session of its own, so that nothing is left of it."""
    code = (
        "import subprocess, sys, time; "
        f"p = subprocess.Popen(['sleep', '600']); open({str(tmp_path / 'pid')!r}, 'w').write(str(p.pid)); "
        "time.sleep(600)"
    )
    asking = asyncio.create_task(diagnoser("", *python(code)).ask(PROMPT, model="m"))
    await eventually(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text())
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking

    pid = int((tmp_path / "pid").read_text())
    await eventually(lambda: not alive(pid))


def alive(pid: int) -> bool:
    """Say whether a process runs; one that waits to be buried does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[:1]
    except OSError:
        return False


async def test_a_child_that_takes_too_long_is_given_up() -> None:
    """The time for the call has a little on top, for the start; then it is over."""
    with pytest.raises(TransientError) as caught:
        await diagnoser("", *python("import time; time.sleep(600)"), seconds=-14.8).ask(
            PROMPT, model="m"
        )

    assert caught.value.outcome_unknown


async def test_a_question_is_never_more_tokens_than_was_said() -> None:
    """Bytes bound tokens, in Korean too; the form of the answer and the provider's words count."""
    asks = diagnoser("")

    assert asks.prompt_tokens(Prompt("a", "한")) - asks.prompt_tokens(Prompt("", "")) == 4
    assert asks.prompt_tokens(Prompt("", "")) > 5_000
