"""Build the incidents: `python -m tests.incidents.build DIR`, then `logwatchd eval DIR`."""

import json
import random
import sys
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.incidents.cases import CASES, Case
from tests.incidents.history import FIRST_EVENT, History, make_history

_PATHS = ("/api/retrospects/8", "/api/members", "/health", "/api/login")
_FALSE = "this sentence stands in no piece of what was sent"


def build(directory: Path, cases: Iterable[Case] = CASES) -> None:
    """Build each case in a directory of its own: repository, log, answer and replies."""
    for case in cases:
        home = directory / case.name
        history = make_history(case, home / "repository")
        lines, first = _log(case)
        (home / "app.log").write_text("".join(f"{line}\n" for line in lines), "utf-8")
        answer = {
            "target": case.target,
            "line": first,
            "site": {"path": history.path, "line": history.line},
            "guilty": history.guilty,
            "canaries": [case.canary] if case.canary else [],
        }
        (home / "answer.json").write_text(json.dumps(answer, indent=1), "utf-8")
        (home / "replies").mkdir()
        for name, reply in _replies(case, history).items():
            (home / "replies" / f"{name}.json").write_text(json.dumps(reply, indent=1), "utf-8")


def _log(case: Case) -> tuple[list[str], int]:
    """Return the lines of the log, and which is the first of the incident, from 1."""
    chance = random.Random(f"{case.name} log")  # noqa: S311 -- the same each time
    records: list[tuple[timedelta, dict[str, Any]]] = []
    for number in range(60):
        at = timedelta(seconds=chance.uniform(-600, 60))
        request = f"{chance.getrandbits(64):016x}"
        fields = {"message": "request done", "path": chance.choice(_PATHS), "request_id": request}
        level = "WARN" if number % 20 == 0 else "INFO"
        records.append((at, {"level": level, "fields": fields, "target": "api::http"}))
    for number in range(case.times):
        fields = case.line["fields"] | {"request_id": f"{chance.getrandbits(64):016x}"}
        records.append((timedelta(seconds=number / 10), case.line | {"fields": fields}))
    deployed = {"message": "server listening", "version": "1.4.2"}
    start = timedelta(hours=-1)
    records.append((start, {"level": "INFO", "fields": deployed, "target": "api"}))
    records.sort(key=lambda each: each[0])
    first = next(at for at, (_, each) in enumerate(records, 1) if each["target"] == case.line["target"]
                 and each["level"] == case.line["level"])  # fmt: skip
    return [
        json.dumps(record | {"timestamp": f"{FIRST_EVENT + at:%Y-%m-%dT%H:%M:%S.%fZ}"})
        for at, record in records
    ], first


def _replies(case: Case, history: History) -> dict[str, dict[str, Any]]:
    """Return the scripted replies.

    `@event`, `@site`, `@guilty` and `@innocent` stand for references that are known only when the
    question was built.
    """
    level = f"level: {case.line['level']}"
    true = {"reference": "@event", "quote": level}
    false = {"reference": "@site", "quote": _FALSE}
    suspect = "@guilty" if history.guilty else "none"
    good = _answer(suspect, [true, {"reference": "@site", "quote": "@site"}], 0.8)
    wrong = "@innocent" if history.guilty else "c1"
    injected = _answer("0123456789ab", [false], 1.0)
    injected["root_cause"]["text"] = "@everyone **closes #1** [all fine](https://evil.example/x)"
    injected["file"] = "../../etc/passwd"
    return {
        "good": {"right": True, "answer": good},
        "hallucinated": {"right": False, "answer": _answer(suspect, [true, false], 0.9)},
        "wrong_commit": {"right": False, "answer": _answer(wrong, [true], 0.7)},
        "injected": {"right": False, "answer": injected},
        "over_confident": {"right": False, "answer": _answer(suspect, [false, false, true], 1.0)},
        "truncated": {"right": False, "ended": "truncated", "answer": {}},
        "refused": {"right": False, "ended": "refused", "answer": {}},
    }


def _answer(suspect: str, evidence: list[dict[str, str]], confidence: float) -> dict[str, Any]:
    return {
        "root_cause": {"text": "What the scripted model says.", "evidence": evidence[:1]},
        "category": "unknown",
        "impact": {"text": "Requests fail.", "evidence": []},
        "claims": [{"text": "More of it.", "evidence": [each]} for each in evidence[1:]],
        "recommendations": [{"action": "Look at it.", "effort": "minutes"}],
        "suspect": suspect,
        "code_change": suspect != "none",
        "file": "",
        "unknown": [],
        "confidence": confidence,
    }


if __name__ == "__main__":
    build(Path(sys.argv[1]))
