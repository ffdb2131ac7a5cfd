"""Ask Claude once, as a process of its own: request on standard input, reply on standard output.

Run as `python -m logwatchd.diagnosers.claude`. Only here is the SDK imported: it costs about 50 MB
and a second. The key comes with the request, so no environment and no command line holds it.

The reply is one JSON object: `{"text", "stop", "usage"}` for an answer, whatever it is worth, or
`{"error", "status", "retry_after", "unknown"}`, where `unknown` says that it may have been paid
for. No text of the provider's is repeated in an error: it may echo what was sent.
"""

import ctypes
import json
import resource
import signal
import sys
from contextlib import suppress
from typing import Any, Final

_MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space, most of it never touched; the SDK needs about a third."""

_CPU_SECONDS: Final = 60
_PR_SET_PDEATHSIG: Final = 1
_REFUSED_BEFORE_WORK: Final = frozenset({400, 401, 402, 403, 404, 413, 422, 429, 529})
"""Status codes with which a request is turned away, unpaid."""


def ask(request: dict[str, Any]) -> dict[str, Any]:
    """Make one call, without any retry.

    Args:
        request: `key`, `base_url` or null, `model`, `max_tokens`, `effort` or "", `system`, `user`,
            `schema` and `seconds`.
    """
    try:
        import anthropic  # noqa: PLC0415 -- only in the child, and only when it is called
        import httpx2  # noqa: PLC0415
    except ImportError:
        return {"error": "not installed", "status": 0, "unknown": False}
    output: Any = {
        "format": {"type": "json_schema", "schema": anthropic.transform_schema(request["schema"])}
    }
    if request["effort"]:
        output["effort"] = request["effort"]
    try:
        client = anthropic.Anthropic(
            api_key=request["key"],
            base_url=request["base_url"] or "https://api.anthropic.com",
            timeout=request["seconds"],
            max_retries=0,
        )
        message = client.messages.create(
            model=request["model"],
            max_tokens=request["max_tokens"],
            system=request["system"],
            messages=[{"role": "user", "content": request["user"]}],
            output_config=output,
        )
        return _reply(message)
    except anthropic.APIStatusError as error:
        status = error.status_code
        return {
            "error": "status",
            "status": status,
            "retry_after": error.response.headers.get("retry-after", "")[:40],
            "unknown": status not in _REFUSED_BEFORE_WORK,
        }
    except anthropic.APITimeoutError:
        return {"error": "timeout", "status": 0, "unknown": True}
    except anthropic.APIConnectionError as error:
        unsent = isinstance(error.__cause__, httpx2.ConnectError)
        return {"error": "connection", "status": 0, "unknown": not unsent}
    except Exception as error:  # noqa: BLE001 -- half a body, another form: it may have been paid for
        return {"error": f"unreadable ({type(error).__name__})", "status": 200, "unknown": True}


def _reply(message: Any) -> dict[str, Any]:
    """Take what counts from a message; anything may be missing but the numbers."""
    usage = message.usage
    written = usage.cache_creation
    short = (written.ephemeral_5m_input_tokens or 0) if written is not None else 0
    long = (written.ephemeral_1h_input_tokens or 0) if written is not None else 0
    return {
        "text": "".join(each.text for each in message.content if each.type == "text"),
        "stop": str(message.stop_reason),
        "usage": {
            "input": int(usage.input_tokens),
            "output": int(usage.output_tokens),
            "cache_write_5m": max(short, int(usage.cache_creation_input_tokens or 0) - long),
            "cache_write_1h": long,
            "cache_read": int(usage.cache_read_input_tokens or 0),
        },
    }


def _limit() -> None:
    with suppress(OSError, ValueError):  # the unit may have set lower ones
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError, AttributeError):  # not Linux
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _main() -> None:
    _limit()
    json.dump(ask(json.load(sys.stdin)), sys.stdout)


if __name__ == "__main__":
    _main()
