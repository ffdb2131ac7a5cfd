"""Read a repository as git objects: what git lists and hands out, never its files."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logwatchd.domain.cosmetic import is_cosmetic
from logwatchd.domain.source_paths import language_of
from logwatchd.errors import RepositoryError
from logwatchd.repo.git_process import LIST_SECONDS, Git, pipe, records, skip

BLOB_BYTES: Final = 1024 * 1024
"""A larger source file is generated, and is not read."""

FILES_LIMIT: Final = 20_000
"""Source files of one commit that are read; the rest is counted and said."""

_REF: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@{}^~-]{0,200}")
_COMMIT: Final = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_TIME_DIGITS: Final = 10
"""Until the year 2286."""

_REGULAR: Final = (b"100644", b"100755")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A source file of a commit.

    Attributes:
        path: Its path; plain text, one line.
        blob: The id of its content.
        language: The grammar to read it with.
    """

    path: str
    blob: str
    language: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The source files of a commit.

    Attributes:
        files: The files that are read.
        skipped: Source files that are not: too large, or more than are read.
    """

    files: tuple[SourceFile, ...]
    skipped: int


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit, as far as it is told.

    Attributes:
        id: The whole id.
        summary: Its first line; written by anyone.
        author: Name of the author; written by anyone.
        at: When it was committed, seconds since 1970.
        cosmetic: Whether it is known to have changed only comments or layout of the lines asked for.
    """

    id: str
    summary: str
    author: str
    at: int
    cosmetic: bool = False


class GitRepository:
    """A repository, bare or with a working tree, that may be hostile, shallow or half gone."""

    def __init__(self, directory: Path, *, found: bool = False) -> None:
        """Find the repository; see `Git`.

        Raises:
            RepositoryError: There is no git, or no repository.
        """
        self._git = Git(directory, found=found)

    @property
    def directory(self) -> Path:
        """The repository's own directory: what another process need not find again."""
        return self._git.directory

    def commit(self, ref: str = "HEAD") -> str:
        """Return the id of the commit that a name stands for.

        Raises:
            RepositoryError: The repository knows no such commit.
        """
        if _REF.fullmatch(ref) is None:
            raise RepositoryError(f"{ref[:80]!r} cannot be the name of a commit")
        try:
            found = self._git.output(
                "rev-parse", "--verify", "--quiet", "--end-of-options", f"{ref}^{{commit}}"
            )
        except RepositoryError as error:
            raise RepositoryError(
                f"the repository has no commit {ref}", hint="Fetch it, or name another one."
            ) from error
        name = found.decode("ascii", "replace").strip()
        if _COMMIT.fullmatch(name) is None:
            raise RepositoryError(f"the repository has no commit {ref}")
        return name

    def files(self, commit: str) -> Listing:
        """List the source files of a commit; links, submodules and what is denied are left out.

        Raises:
            RepositoryError: The commit cannot be read.
        """
        arguments = ("ls-tree", "-r", "-l", "-z", "--full-tree", commit)
        found: list[SourceFile] = []
        skipped = 0
        with self._git.running(arguments, seconds=LIST_SECONDS) as process:
            for entry in records(pipe(process.stdout)):
                file = _file_of(entry)
                if file is None:
                    continue
                path, blob, size = file
                if size > BLOB_BYTES or len(found) >= FILES_LIMIT:
                    skipped += 1
                else:
                    found.append(SourceFile(path, blob, language_of(path)))
        return Listing(tuple(found), skipped)

    def blobs(self, names: Iterable[str]) -> Iterator[tuple[str, bytes]]:
        """Yield contents by id, one at a time; what is missing or too large is left out.

        Raises:
            RepositoryError: git ended before all were handed out.
        """
        wanted = list(names)
        if not wanted:
            return
        with self._git.running(("cat-file", "--batch"), seconds=LIST_SECONDS, feed=True) as process:
            asked, answers = pipe(process.stdin), pipe(process.stdout)
            for name in wanted:
                asked.write(name.encode("ascii") + b"\n")
                asked.flush()
                header = answers.readline(200).split()
                if len(header) < 3:  # noqa: PLR2004 -- id, type, size
                    continue  # `… missing`
                size = int(header[2])
                content = answers.read(min(size, BLOB_BYTES))
                skip(answers, size - len(content) + 1)
                if header[1] == b"blob" and size <= BLOB_BYTES:
                    yield name, content
            asked.close()

    def text(self, commit: str, path: str) -> str:
        """Return the text of a source file of a commit.

        Raises:
            RepositoryError: It is not one of those that `files` lists, or is missing.
        """
        entry = self._git.output("ls-tree", "-l", "-z", "--full-tree", commit, "--", path)
        file = _file_of(entry.removesuffix(b"\0"))
        if file is None or file[0] != path or file[2] > BLOB_BYTES:
            raise RepositoryError("no source file of that name is read")
        for _, content in self.blobs([file[1]]):
            return content.decode("utf-8", "replace")
        raise RepositoryError("a source file is missing from the repository")

    def blame(self, commit: str, path: str, start: int, end: int) -> tuple[Commit, ...]:
        """Return the commits that last changed some lines, the newest first.

        Args:
            commit: As of which commit.
            path: A path in it.
            start: First line, from 1.
            end: Last line.

        Returns:
            None twice; the boundary of a shallow clone counts as a commit.

        Raises:
            RepositoryError: The lines cannot be blamed.
        """
        output = self._git.output(
            "blame", "--porcelain", "--no-textconv", f"-L{start},{end}", commit, "--", path
        )
        found: dict[str, dict[str, str]] = {}
        name = ""
        for line in output.decode("utf-8", "replace").split("\n"):
            word, _, rest = line.partition(" ")
            if _COMMIT.fullmatch(word):
                name = word
                found.setdefault(name, {})
            elif name and not line.startswith("\t"):
                found[name][word] = rest
        commits = [
            Commit(
                name,
                values.get("summary", ""),
                values.get("author", ""),
                _seconds(values.get("committer-time", "")),
            )
            for name, values in found.items()
        ]
        return tuple(sorted(commits, key=lambda each: (-each.at, each.id)))

    def history(
        self, commit: str, path: str, start: int, end: int, *, limit: int
    ) -> tuple[Commit, ...]:
        """Return the last commits that touched some lines, the newest first.

        Raises:
            RepositoryError: The history cannot be read.
        """
        output = self._git.output(
            "log", "-p", "--no-color", "--no-textconv", "--no-ext-diff", "--no-show-signature",
            f"-n{limit}", "--format=%x00%H%x00%ct%x00%an%x00%s", f"-L{start},{end}:{path}", commit,
        )  # fmt: skip
        found: list[tuple[list[str], list[str]]] = []
        for line in output.decode("utf-8", "replace").split("\n"):
            parts = line.split("\0")
            # Each line of a diff begins with a mark: no source can forge a head.
            if not parts[0] and len(parts) == 5 and _COMMIT.fullmatch(parts[1]):  # noqa: PLR2004
                found.append((parts[1:], []))
            elif found:
                found[-1][1].append(line)
        return tuple(
            Commit(name, summary, author, _seconds(at), _is_cosmetic(diff))
            for (name, at, author, summary), diff in found
        )


def _is_cosmetic(diff: Sequence[str]) -> bool:
    """Say whether a diff of one file leaves the code as it was."""
    begins = next((at for at, line in enumerate(diff) if line.startswith("@@ ")), len(diff))
    removed = [line[1:] for line in diff[begins:] if line.startswith("-")]
    added = [line[1:] for line in diff[begins:] if line.startswith("+")]
    return bool(removed or added) and is_cosmetic(removed, added)


def _seconds(text: str) -> int:
    """Return a commit's time; anyone can write one that is none."""
    return int(text) if text.isdigit() and len(text) <= _TIME_DIGITS else 0


def _file_of(entry: bytes) -> tuple[str, str, int] | None:
    """Return path, blob and size of an entry of `git ls-tree -l`, None for what is not read."""
    head, _, name = entry.partition(b"\t")
    fields = head.split()
    if len(fields) != 4 or fields[0] not in _REGULAR or fields[1] != b"blob":  # noqa: PLR2004
        return None
    try:
        path = name.decode("utf-8")
    except UnicodeDecodeError:
        return None
    if not language_of(path) or not fields[3].isdigit():
        return None
    return path, fields[2].decode("ascii"), int(fields[3])
