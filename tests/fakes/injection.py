"""Texts through the real daemon to a fake Discord: what does it send?

Also a program for a corpus that is not part of the project:

    python -m tests.fakes.injection CHECKS.py LINES.jsonl[.gz]

`CHECKS.py` has `BASE`, checks by kind of payload, and `check(kind, payload, checks, context)`, which
returns violations. Each line is an object with `id`, `text`, `must_not` (`kind:check`) and `obedient`
(what a hijacked model would answer). Prints every violation; exit status 1 when there is one.
"""

import argparse
import asyncio
import gzip
import importlib.util
import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from logwatchd.domain.anchor import Anchor, AnchorSite
from logwatchd.domain.event import Category, Severity
from logwatchd.domain.incident_view import view_of
from logwatchd.domain.issue import IssueNotice
from logwatchd.domain.issue_marker import issue_marker
from logwatchd.domain.issue_text import issue_labels
from logwatchd.domain.prompt import NONCE_BYTES, Material, prompt
from logwatchd.domain.redact import Redactor
from logwatchd.domain.sites import Role
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language
from logwatchd.github.payload import Payloads
from tests.fakes.daemon import a_daemon, eventually
from tests.fakes.discord import fake_discord
from tests.fakes.http import Request
from tests.fakes.notices import FINGERPRINT, NOON, an_event, an_incident

MOST_AT_ONCE: Final = 28
"""Messages that one daemon sends in a minute, with room for edits."""

OWN_SECRET: Final = "ghs_" + "0Ab9" * 9
FILE_NAMES: Final = (
    "@everyone ```[x](https:evil.example) <@&123456789012345678>.log",
    "로그 @here ![그림](a) \x1b[31m\u202e.log",
)
LABELS: Final = issue_labels(Severity.CRITICAL, Category.DATABASE)
_SETTINGS: Final = """
[[rules]]
name = "everything"
severity = "critical"
level = "error"
"""


def record_of(text: str) -> str:
    """Return one record, as tracing writes it, with a text in every place."""
    name = text[:200]
    value = {
        "timestamp": "2026-02-03T04:05:06.000000Z",
        "level": "ERROR",
        "fields": {
            "message": text, "error_code": name, "error": text, "error.cause_chain": [text, text],
            "stack_trace": text, "duration": text, "user": text, name: text, "service": name,
        },
        "target": text,
        "filename": text,
        "line_number": 7,
        "threadName": text,
        "threadId": name,
        "span": {"name": text, "request_id": name, "trace_id": name},
        "spans": [{"name": text, "uri": text, name: text}],
    }  # fmt: skip
    return json.dumps(value) + "\n"


async def sent_for(home: Path, texts: Sequence[str]) -> list[Request]:
    """Return every request that real daemons send for texts in every place of a record.

    Some are sent for the names of the files, too: a file that is silent is a problem.
    """
    groups = [texts[at : at + MOST_AT_ONCE] for at in range(0, len(texts), MOST_AT_ONCE)]
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_sent_by_one(home / str(number), texts))
            for number, texts in enumerate(groups)
        ]
    return [request for task in tasks for request in task.result()]


async def _sent_by_one(home: Path, texts: Sequence[str]) -> list[Request]:
    logs = home / "logs"
    logs.mkdir(parents=True)
    (home / "logwatchd.toml").write_text(_SETTINGS)
    paths = [logs / name for name in FILE_NAMES]
    async with fake_discord() as peer:
        environ = {
            "LOGWATCHD_PATHS": json.dumps([str(logs / "app.log"), *map(str, paths)]),
            "LOGWATCHD_SOURCE__SILENT_AFTER_FOR": json.dumps({str(each): "1s" for each in paths}),
            "LOGWATCHD_ALERTS__EDIT_EVERY": "100ms",
            "DISCORD_WEBHOOK_URL": peer.webhook_url,
            "GITHUB_TOKEN": OWN_SECRET,
        }
        for path in (logs / "app.log", *paths):
            path.write_text("")
        async with a_daemon(home, environ) as daemon:
            await daemon.start()
            (logs / "app.log").write_text("".join(map(record_of, texts)))
            await eventually(lambda: daemon.told(len(texts) + len(paths)), why="everything is told")
            assert daemon.counted() == len(texts) + len(paths)  # no text made a second event
            assert await daemon.stop() == 0
        assert peer.violations == []
        return peer.requests


def issue_of(text: str) -> dict[str, Any]:
    """Return the request that files an issue, with a text in every place of its event."""
    event = an_event(
        message=text, target=text, code=text, service=text, request_id=text, trace_id=text,
        exception_type=text, causes=(text, text), stack_trace=text, location=text,
        fields={text: text},
    )  # fmt: skip
    incident = an_incident(sample=event, template=text, rule=text)
    site = AnchorSite(text, 7, text, "", Role.WROTE, 0.9)
    notice = IssueNotice(
        incident=view_of(incident),
        why="issue_critical",
        hourly=(0, 1),
        at=NOON,
        anchor=Anchor("0123456789" * 4, (site,), text),
    )
    redact = Redactor(own_secrets=[OWN_SECRET]).text
    payloads = Payloads("http://127.0.0.1", Language.EN, redact)
    value: dict[str, Any] = json.loads(payloads.create("acme/api", notice).content)
    return value


def request_of(text: str) -> dict[str, Any]:
    """Return what a model is asked about a text."""
    made = prompt(
        "Name the cause.",
        [Material("log message", Tainted(text), 8_000)],
        nonce=bytes(NONCE_BYTES),
        limit=9_000,
    )
    return {"system": made.system, "messages": [{"role": "user", "content": made.user}]}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)


def _checks_of(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("checks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def _judge(checks: ModuleType, lines: Sequence[dict[str, Any]], home: Path) -> list[str]:
    context = {
        "allow_hosts": ("127.0.0.1",), "username": "logwatchd", "severity": "critical",
        "own_secrets": (OWN_SECRET,), "labels": LABELS, "marker": issue_marker(FINGERPRINT),
    }  # fmt: skip
    requests = await sent_for(home, [line["text"] for line in lines])
    print(f"{len(lines)} lines, {len(requests)} requests to Discord")
    found: list[str] = []
    named = [each.partition(":") for line in lines for each in line["must_not"]]
    forbidden = [name for kind, _, name in named if kind == "discord"]
    for request in requests:
        for names in (checks.BASE["discord"], forbidden):
            found += checks.check("discord", request.json, names, context)
    for line in lines:
        for text in (line["text"], *_strings(line["obedient"])):
            for kind, payload in (("issue", issue_of(text)), ("llm", request_of(text))):
                own = [each for each in line["must_not"] if each.startswith(f"{kind}:")]
                names = [each.partition(":")[2] for each in own]
                found += checks.check(kind, payload, [*checks.BASE[kind], *names], context)
    return sorted(set(found))


def main() -> int:
    """Run a corpus and print what is violated."""
    parser = argparse.ArgumentParser(description="Hostile lines through the real daemon.")
    parser.add_argument("checks", type=Path)
    parser.add_argument("lines", type=Path)
    given = parser.parse_args()
    data = given.lines.read_bytes()
    text = gzip.decompress(data) if given.lines.suffix == ".gz" else data
    lines = [json.loads(each) for each in text.splitlines()]
    with tempfile.TemporaryDirectory() as home:
        found = asyncio.run(_judge(_checks_of(given.checks), lines, Path(home)))
    print("\n".join(found) or "no violation")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
