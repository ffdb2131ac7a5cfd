"""`logwatchd context`: for each event of standard input, the source that it came from."""

import json
import tempfile
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from logwatchd.cli import DONE
from logwatchd.cli.filters import events_of
from logwatchd.cli.output import say
from logwatchd.domain.event import Event, Level
from logwatchd.domain.incident_json import iso
from logwatchd.domain.lines import LineReader
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.source_context import SourceLines, estimated_tokens, source_lines
from logwatchd.domain.tainted import Tainted
from logwatchd.errors import RepositoryError
from logwatchd.repo.collect import BLAMED, COMMITS_LIMIT, commits_of
from logwatchd.repo.source import SourceRepository
from logwatchd.settings import load
from logwatchd.store.private import SOURCE_INDEX_NAME
from logwatchd.wiring import every_line

_SUMMARY_LIMIT: Final = 120


def context(options: Namespace) -> int:
    """Print `{"sources": …, "commits": …, "tokens": n}` for each event."""
    loaded = load(file=options.config, to_run=False)
    with tempfile.TemporaryDirectory(prefix="logwatchd-") as scratch:
        index = Path(options.index or scratch) / SOURCE_INDEX_NAME
        with SourceRepository(options.repo, index, ref=options.commit) as source:
            built = source.refresh()
            if built is not None and built.skipped:
                say(
                    f"logwatchd: {built.skipped} source file(s) are too large, or too many, to be read"
                )
            known: dict[tuple[str, int, int], list[dict[str, Any]]] = {}
            for event in events_of(LineReader(floor=Level.TRACE), every_line(loaded)):
                print(json.dumps(_context(source, event, known)))
    return DONE


def _context(
    source: SourceRepository, event: Event, known: dict[tuple[str, int, int], list[dict[str, Any]]]
) -> dict[str, Any]:
    sources = source_lines(source.candidates(event))
    commits: dict[str, dict[str, Any]] = {}
    for each in sources[:BLAMED]:
        key = (each.path, each.line, each.end)
        if key not in known:
            known[key] = _commits(source, each)
        for commit in known[key]:
            commits.setdefault(commit["id"], commit)
    return {
        "sources": [
            {
                "path": each.path,
                "start": each.start,
                "end": each.end,
                "why": one_line(Tainted(each.why), 400),
            }
            for each in sources
        ],
        "commits": list(commits.values())[:COMMITS_LIMIT],
        "tokens": _tokens(source, sources),
    }


def _commits(source: SourceRepository, lines: SourceLines) -> list[dict[str, Any]]:
    return [
        {
            "id": each.id,
            "summary": one_line(Tainted(each.summary), _SUMMARY_LIMIT),
            "at": iso(each.at),
            "why": each.touch.value,
        }
        for each in commits_of(source, lines)
    ]


def _tokens(source: SourceRepository, sources: Sequence[SourceLines]) -> int:
    try:
        return sum(
            estimated_tokens(text)
            for each in sources
            for text in source.lines(each.path, [(each.start, each.end)])
        )
    except RepositoryError:
        return 0
