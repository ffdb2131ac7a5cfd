"""Collect what the repository knows of an event: lines of source, and who changed them."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from logwatchd.domain.diagnosis_context import CommitText, Context, Lack, SourceText
from logwatchd.domain.incident import Incident
from logwatchd.domain.outside import names_outside_cause
from logwatchd.domain.source_context import SourceLines, source_lines
from logwatchd.domain.suspects import Touch, Touched, ranked
from logwatchd.errors import RepositoryError
from logwatchd.repo.git import Commit
from logwatchd.repo.source import SourceRepository

COMMITS_LIMIT: Final = 5
BLAMED: Final = 2
"""Sources whose commits are looked up: each is two calls of git."""

_SOURCES: Final = 4
_HISTORY: Final = 3


class RepositoryContext:
    """Implements `ports.ContextFinder` with an index that another part of the daemon makes."""

    def __init__(self, directory: Path, index: Path) -> None:
        """Prepare; nothing is read yet.

        Args:
            directory: The repository.
            index: File of the index.
        """
        self._directory = directory
        self._index = index

    def context(self, incident: Incident) -> Context:
        """See `ports.ContextFinder`."""
        with SourceRepository(self._directory, self._index) as source:
            source.attach()
            return collect(source, incident)


def collect(source: SourceRepository, incident: Incident) -> Context:
    """Collect what bears on an incident, the likeliest first.

    Raises:
        RepositoryError: The index cannot be read; a history that cannot is a lack.
    """
    found = source_lines(source.candidates(incident.sample))[:_SOURCES]
    if not found:
        return Context(commit=source.commit, lacks=(Lack.SITE,))
    lacks: list[Lack] = []
    commits: dict[str, CommitText] = {}
    touched: list[Touched] = []
    for rank, each in enumerate(found[:BLAMED]):
        made = commits_of(source, each)
        if not made and Lack.HISTORY not in lacks:
            lacks.append(Lack.HISTORY)
        for commit in made:
            commits.setdefault(commit.id, commit)
            touched.append(Touched(commit.id, commit.at, commit.touch, rank))
    suspects = ranked(
        touched,
        first_seen=incident.first_seen,
        category=incident.category,
        outside=names_outside_cause(incident.sample),
    )
    suspects = suspects[: COMMITS_LIMIT + 1]
    sources = list(_texts(source, found))
    if len(sources) < len(found):
        lacks.append(Lack.SOURCE)
    return Context(
        commit=source.commit,
        sources=tuple(sources),
        commits=tuple(commits[each.id] for each in suspects if each.id),
        suspects=suspects,
        lacks=tuple(lacks),
    )


def commits_of(source: SourceRepository, lines: SourceLines) -> list[CommitText]:
    """Return the commits that wrote a statement, then those that last touched its function and file.

    A shallow clone or a broken history has none: the lines are still worth reading.
    """
    try:
        wrote = source.blame(lines.path, lines.line, lines.line)
        changed = source.history(lines.path, lines.start, lines.end, limit=_HISTORY)
    except RepositoryError:
        return []
    beside: tuple[Commit, ...] = ()
    with suppress(RepositoryError):  # of a very large file git prints more than is read
        beside = source.history(lines.path, 1, source.length(lines.path), limit=_HISTORY)
    near = {each.id for each in (*wrote, *changed)}
    cosmetic = {each.id for each in (*changed, *beside) if each.cosmetic}
    return [
        *_told(wrote, Touch.STATEMENT, cosmetic),
        *_told(changed, Touch.FUNCTION, cosmetic),
        *_told([each for each in beside if each.id not in near], Touch.FILE, cosmetic),
    ]


def _told(commits: Sequence[Commit], touch: Touch, cosmetic: set[str]) -> Iterator[CommitText]:
    for each in commits:
        did = Touch.COSMETIC if each.id in cosmetic else touch
        yield CommitText(each.id, datetime.fromtimestamp(each.at, UTC), each.summary, did)


def _texts(source: SourceRepository, found: tuple[SourceLines, ...]) -> Iterator[SourceText]:
    for each in found:
        try:
            [text] = source.lines(each.path, [(each.start, each.end)])
        except RepositoryError:
            continue
        yield SourceText(each.path, each.start, text, each.why)
