"""Claude, asked through a short-lived child process that is killed as a group."""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from pydantic import SecretStr

from logwatchd.diagnosers.answer import answer_schema
from logwatchd.domain.prices import Usage
from logwatchd.domain.prompt import Prompt
from logwatchd.errors import (
    DeliveryError,
    DiagnoserError,
    RejectedError,
    ThrottledError,
    TransientError,
    UnauthorizedError,
)
from logwatchd.ports import Ended, Reply

NAME: Final = "claude"

_PROGRAM: Final = (sys.executable, "-m", "logwatchd.diagnosers.claude")
_REPLY_BYTES: Final = 1024 * 1024
_MORE_SECONDS: Final = 15.0
"""What the child may take beyond the call: it imports the SDK first."""

_HIDDEN_TOKENS: Final = 5_000
"""What the provider may add to a question of its own: the form of an answer, in its own words."""

_MOST_TOKENS: Final = 10_000_000
"""More than any model takes or gives."""

_LONGEST_PAUSE: Final = timedelta(hours=1)
_OVERLOADED: Final = frozenset({429, 529})
_CLOSED: Final = {
    401: "the key is refused",
    402: "the account has no credit",
    403: "the key may not do that",
    404: "there is no such model, or no such address",
}
_TOKEN_NAMES: Final = frozenset(Usage.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaudeOptions:
    """How Claude is asked.

    Attributes:
        key: The key of the API.
        base_url: Where it is, or "" for the provider's own address.
        effort: How much it may think: `low`, `medium`, `high`, or "" to say nothing of it.
        answer_tokens: Tokens of an answer at most, thoughts included.
        seconds: Time for one call.
    """

    key: SecretStr
    base_url: str
    effort: str
    answer_tokens: int
    seconds: float


class ClaudeDiagnoser:
    """Implements `ports.Diagnoser`."""

    name = NAME

    def __init__(self, options: ClaudeOptions, *, program: Sequence[str] = _PROGRAM) -> None:
        """Prepare; nothing is started yet.

        Args:
            options: How to ask.
            program: What is run for each question.
        """
        self._options = options
        self._program = tuple(program)
        self._schema = answer_schema()
        self.answer_tokens = options.answer_tokens

    def prompt_tokens(self, prompt: Prompt) -> int:
        """See `ports.Diagnoser`: no token is less than a byte."""
        sent = len(prompt.system.encode()) + len(prompt.user.encode())
        return sent + len(json.dumps(self._schema).encode()) + _HIDDEN_TOKENS

    async def ask(self, prompt: Prompt, *, model: str) -> Reply:
        """See `ports.Diagnoser`; cancelled, the child and all that it started are gone."""
        options = self._options
        request = {
            "key": options.key.get_secret_value(),
            "base_url": options.base_url,
            "model": model,
            "max_tokens": options.answer_tokens,
            "effort": options.effort,
            "system": prompt.system,
            "user": prompt.user,
            "schema": self._schema,
            "seconds": options.seconds,
        }
        printed = await self._run(json.dumps(request).encode())
        try:
            values = json.loads(printed)
            if "error" in values:
                raise _error(values)
            return _reply(values)
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            raise DiagnoserError("the process that asks printed no reply") from None

    async def _run(self, request: bytes) -> bytes:
        try:
            child = await asyncio.create_subprocess_exec(
                *self._program,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise DiagnoserError(f"cannot start the process that asks: {error.strerror}") from error
        try:
            async with asyncio.timeout(self._options.seconds + _MORE_SECONDS):
                return await _talk(child, request)
        except TimeoutError:
            raise TransientError(
                "no reply in time", destination=NAME, outcome_unknown=True
            ) from None
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()


async def _talk(child: asyncio.subprocess.Process, request: bytes) -> bytes:
    if child.stdin is None or child.stdout is None:
        raise DiagnoserError("the process that asks has no pipes")
    with suppress(ConnectionError):
        child.stdin.write(request)
        await child.stdin.drain()
        child.stdin.close()
    printed = b""
    while chunk := await child.stdout.read(_REPLY_BYTES):
        printed += chunk
        if len(printed) > _REPLY_BYTES:
            raise DiagnoserError("the process that asks printed too much")
    return printed


def _reply(values: dict[str, Any]) -> Reply:
    usage = {name: int(count) for name, count in values["usage"].items() if name in _TOKEN_NAMES}
    if any(not 0 <= count <= _MOST_TOKENS for count in usage.values()):
        raise ValueError("no number of tokens")
    stops = {"end_turn": Ended.ANSWERED, "refusal": Ended.REFUSED}
    ended = stops.get(values["stop"], Ended.TRUNCATED)
    return Reply(text=str(values["text"]), ended=ended, usage=Usage(**usage))


def _error(values: dict[str, Any]) -> DeliveryError:
    """Return the error that a child's word stands for."""
    status, unknown = int(values["status"]), bool(values["unknown"])
    if values["error"] == "not installed":
        hint = "Install it: pip install 'logwatchd[diagnosis]'."
        return UnauthorizedError("claude: not installed", destination=NAME, hint=hint)
    if status in _CLOSED:
        hint = "Check ANTHROPIC_API_KEY, diagnosis.model and diagnosis.base_url."
        words = f"claude: {_CLOSED[status]} ({status})"
        return UnauthorizedError(words, destination=NAME, hint=hint)
    if status in _OVERLOADED:
        pause = _pause(str(values.get("retry_after", "")))
        return ThrottledError(f"claude: overloaded ({status})", destination=NAME, retry_after=pause)
    if values["error"] == "status" and not unknown:
        return RejectedError(f"claude: refuses the question ({status})", destination=NAME)
    words = f"claude: {values['error']}" + (f" ({status})" if status else "")
    return TransientError(words, destination=NAME, outcome_unknown=unknown)


def _pause(text: str) -> timedelta:
    """Return the pause that was asked for, capped; a date is no number, and counts as none."""
    seconds = float(text) if text.replace(".", "", 1).isdecimal() and text.isascii() else 0.0
    return timedelta(seconds=min(seconds, _LONGEST_PAUSE.total_seconds()))
