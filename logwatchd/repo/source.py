"""The source of the monitored service, asked about events."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from logwatchd.domain.anchor import Anchor, anchor_of
from logwatchd.domain.clues import clues_of
from logwatchd.domain.event import Event
from logwatchd.domain.sites import Candidate, candidates
from logwatchd.errors import RepositoryError
from logwatchd.repo.build_index import Built, Kill, built_apart
from logwatchd.repo.git import Commit, GitRepository
from logwatchd.repo.index_reader import SourceIndex

_TEXTS_KEPT: Final = 16
"""Files whose text is kept for the next event."""


class SourceRepository:
    """A repository and the index of one of its commits. Used by one thread at a time."""

    def __init__(self, directory: Path, index: Path, *, ref: str = "HEAD") -> None:
        """Prepare; nothing is read yet.

        Args:
            directory: The repository: bare, or with a working tree.
            index: File of the index; the child process makes it.
            ref: The commit that runs: a branch, a tag or an id.
        """
        self._directory = directory
        self._path = index
        self._ref = ref
        self._git: GitRepository | None = None
        self._index: SourceIndex | None = None
        self._texts: dict[str, str] = {}
        self._kill: Kill | None = None
        self._stopped = False

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the index."""
        self.close()

    def close(self) -> None:
        """Close the index; it is opened again by `refresh`."""
        if self._index is not None:
            self._index.close()
            self._index = None

    def refresh(self) -> Built | None:
        """Bring the index up to date with the commit that the name stands for now.

        Returns:
            What was done, None when it was up to date.

        Raises:
            RepositoryError: There is no such repository or commit, or it cannot be indexed.
        """
        self._git = self._git or GitRepository(self._directory)
        commit = self._git.commit(self._ref)
        if self._index is None and self._path.exists():
            self._index = self._opened()
        if self._index is not None and self._index.commit == commit:
            return None
        self._texts.clear()
        self.close()  # one of another format is made anew, and a new file is opened then
        if self._stopped:
            raise RepositoryError("stopping")
        built = built_apart(self._git.directory, commit, self._path, began=self._began)
        self._index = SourceIndex(self._path)
        return built

    def attach(self) -> None:
        """Use the index as it is: another part of the daemon keeps it up to date.

        Raises:
            RepositoryError: There is no such repository, or no index that can be read.
        """
        self._git = self._git or GitRepository(self._directory)
        self._texts.clear()
        self.close()
        self._index = SourceIndex(self._path)

    def _began(self, kill: Kill) -> None:
        self._kill = kill
        if self._stopped:
            kill()

    def stop(self) -> None:
        """End a `refresh` that is running; what follows fails. Safe from any thread."""
        self._stopped = True
        if self._kill is not None:
            self._kill()

    def _opened(self) -> SourceIndex | None:
        try:
            return SourceIndex(self._path)
        except RepositoryError:
            return None

    @property
    def commit(self) -> str:
        """The commit that is indexed, "" before the first `refresh`."""
        return self._index.commit if self._index is not None else ""

    def candidates(self, event: Event) -> tuple[Candidate, ...]:
        """Return the statements that took part in an event, the best first.

        Raises:
            RepositoryError: The index is damaged, or `refresh` did not succeed yet.
        """
        if self._index is None:
            raise RepositoryError("the source is not indexed yet")
        clues = clues_of(event)
        return candidates(clues, self._index.find(clues))

    def anchor(self, event: Event) -> Anchor:
        """Trace an event to the statements that wrote it; see `ports.SourceFinder`.

        Raises:
            RepositoryError: As for `candidates`; lines that cannot be blamed are none.
        """
        ranked = self.candidates(event)
        blamed = ""
        if ranked:
            where = ranked[0].statement
            with suppress(RepositoryError):
                commits = self.blame(where.path, where.line, where.end_line)
                blamed = commits[0].id if commits else ""
        return anchor_of(clues_of(event), ranked, commit=self.commit, blamed=blamed)

    def blame(self, path: str, start: int, end: int) -> tuple[Commit, ...]:
        """Return the commits that last changed some lines, the newest first; see `GitRepository`."""
        return self._reader().blame(self.commit, path, start, end)

    def history(self, path: str, start: int, end: int, *, limit: int) -> tuple[Commit, ...]:
        """Return the last commits that touched some lines, the newest first."""
        return self._reader().history(self.commit, path, start, end, limit=limit)

    def lines(self, path: str, spans: Sequence[tuple[int, int]]) -> list[str]:
        """Return the text of some stretches of lines of a file.

        Raises:
            RepositoryError: The file is not one that is read, or is missing.
        """
        text = self._text(path).split("\n")
        return ["\n".join(text[start - 1 : end]) for start, end in spans]

    def length(self, path: str) -> int:
        """Return how many lines a file has; raises as `lines` does."""
        return len(self._text(path).removesuffix("\n").split("\n"))

    def _text(self, path: str) -> str:
        if path not in self._texts:
            while len(self._texts) >= _TEXTS_KEPT:
                self._texts.pop(next(iter(self._texts)))
            self._texts[path] = self._reader().text(self.commit, path)
        return self._texts[path]

    def _reader(self) -> GitRepository:
        if self._git is None:
            raise RepositoryError("the repository is not open yet")
        return self._git
