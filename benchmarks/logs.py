"""A believable log of a Rust backend, of any size, always the same for the same arguments."""

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TARGETS: Final = ("shop::http", "shop::orders", "sqlx::query", "hyper::client::pool", "shop::llm")
_CALM: Final = (
    "finished processing request",
    "connection taken from pool",
    "주문이 접수되었습니다",
    "cache miss",
    "job picked up",
)
_NAMES_A_LEVEL: Final = 'upstream said "ERROR" once, trying again'
_TROUBLE: Final = (
    ("pool timed out while waiting for an open connection", "DB_POOL"),
    ("order %d could not be loaded", "ORD5001"),
    ("token of user %d has expired", "AUTH4010"),
    ("model answered with status 529 after %d ms", "AI5290"),
)
_POOL: Final = 4_096
_ERROR: Final = b'"level":"ERROR"'


@dataclass(frozen=True, slots=True)
class Log:
    """A log that was made."""

    path: Path
    size_bytes: int
    errors: int
    """How many of its lines are errors."""


def write_log(path: Path, *, size_bytes: int, errors_per_mille: int, seed: int = 1) -> Log:
    """Write at least this many bytes; 20 of 1,000 lines are warnings besides the errors."""
    dice = random.Random(seed)
    lines = [_line(dice, errors_per_mille).encode() for _ in range(_POOL)]
    written = errors = 0
    with path.open("wb") as file:
        while written < size_bytes:
            block = dice.choices(lines, k=_POOL)
            written += file.write(b"".join(block))
            errors += sum(_ERROR in line for line in block)
    return Log(path, written, errors)


def _line(dice: random.Random, errors_per_mille: int) -> str:
    drawn = dice.randrange(1_000)
    fields: dict[str, object]
    if drawn < errors_per_mille:
        level, (message, code) = "ERROR", dice.choice(_TROUBLE)
        number = dice.randrange(10**6)
        fields = {"message": message.replace("%d", str(number)), "error_code": code}
    else:
        level = "WARN" if drawn < errors_per_mille + 20 else "INFO"
        message = dice.choice(_CALM) if dice.randrange(200) else _NAMES_A_LEVEL
        fields = {"message": message, "latency_ms": dice.randrange(900), "status": 200}
    span = {"name": "request", "method": "GET", "request_id": f"{dice.getrandbits(64):016x}"}
    record = {
        "timestamp": f"2026-02-03T04:05:{dice.randrange(60):02}.{dice.randrange(10**6):06}Z",
        "level": level,
        "fields": fields,
        "target": dice.choice(_TARGETS),
        "span": span,
        "spans": [span],
    }
    return json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n"
