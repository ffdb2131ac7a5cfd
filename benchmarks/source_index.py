"""The index of a repository's statements: building it, updating it for one file, asking it."""

import random
import resource
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.rows import Row
from logwatchd.domain.event import Event
from logwatchd.repo.source import SourceRepository
from tests.fakes.notices import an_event
from tests.service.build import a_repository, commit

_VERBS = [
    "load",
    "save",
    "parse",
    "fetch",
    "merge",
    "update",
    "delete",
    "insert",
    "resolve",
    "render",
    "upload",
    "encode",
    "verify",
]
_NOUNS = [
    "order",
    "invoice",
    "session",
    "token",
    "payment",
    "retrospect",
    "answer",
    "team",
    "member",
    "report",
    "ledger",
]
_FILES = 300
_FUNCTIONS = 25


def source_index() -> list[Row]:
    """Measure on a generated service of about 100,000 lines, three statements in each function."""
    chance = random.Random(1)
    files = {f"src/m{n % 20}/f{n}.rs": _file(chance) for n in range(_FILES)}
    lines = sum(text.count("\n") for text in files.values())
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        a_repository(home / "repo", files)
        with SourceRepository(home / "repo", home / "index.sqlite") as source:
            built = _seconds(source)
            child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
            updates = []
            for n in range(5):
                path = f"src/m{n}/f{n}.rs"
                commit(home / "repo", {path: files[path] + f"// {n}\n"}, "change")
                updates.append(_seconds(source))
            asked = [_asked(source, event) for event in _events(files)]
        size = (home / "index.sqlite").stat().st_size / 2**20
    asked.sort()
    return [
        (f"source index, {lines:,} lines", f"{built:.1f} s, {size:.0f} MiB", "100,000 in 10 s"),
        ("  RSS of the child", f"{child:.0f} MiB", "not the daemon's"),
        ("  update for one file", f"{1000 * min(updates):.0f} to {1000 * max(updates):.0f} ms", "under 100 ms"),
        (
            "  look-up",
            f"p50 {1000 * statistics.median(asked):.2f}, p99 {1000 * asked[-len(asked) // 100]:.2f} ms",
            "under 2 ms",
        ),
    ]  # fmt: skip


def _seconds(source: SourceRepository) -> float:
    begin = time.perf_counter()
    source.refresh()
    return time.perf_counter() - begin


def _asked(source: SourceRepository, event: Event) -> float:
    begin = time.perf_counter()
    source.candidates(event)
    return time.perf_counter() - begin


def _events(files: dict[str, str]) -> list[Event]:
    found = []
    for path, text in list(files.items())[:40]:
        for line in text.splitlines():
            if "AppError::Internal" in line:
                message = line.split('"')[1].replace("{}", "17", 1).replace("{}", "pool timed out")
                found.append(an_event(message=f"Internal Server Error: {message}", target=path))
    return found


def _file(chance: random.Random) -> str:
    return "\n".join(_function(chance, n) for n in range(_FUNCTIONS))


def _function(chance: random.Random, number: int) -> str:
    def words() -> str:
        verb, noun, other = chance.choice(_VERBS), chance.choice(_NOUNS), chance.choice(_NOUNS)
        return f"{verb} {noun} {{}} of the {other} before {chance.choice(_VERBS)}"

    return f"""/// Does what is to be done.
pub async fn {chance.choice(_VERBS)}_{number}(id: i64) -> Result<i64, AppError> {{
    let value = repo.find(id).await.map_err(|e| AppError::Internal(format!("could not {words()}: {{}}", id, e)))?;
    if value.is_empty() {{
        tracing::warn!(id, "nothing to {words()}", value);
        return Err(AppError::NotFound(format!("{chance.choice(_NOUNS)} {{id}} is gone")));
    }}
    let total = value.iter().map(|each| each.amount + 1).sum::<i64>();
    match total {{
        0 => Err(AppError::Empty),
        n => Ok(n),
    }}
}}
"""
