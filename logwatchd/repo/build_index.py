"""Build or update the index of a repository in a short-lived process of its own.

The grammars and their trees cost some 30 MiB that would not be given back. Run as a program, this
module takes a repository, a commit and the file of the index, and prints a line of JSON.
"""

import gc
import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from logwatchd.errors import RepositoryError

_PATIENCE_SECONDS: Final = 120.0
_MEMORY_BYTES: Final = 1024 * 1024 * 1024
"""Address space of the child: a tree of the largest file that is read takes a tenth of it."""


Kill = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Built:
    """What was done.

    Attributes:
        commit: The commit that is indexed now.
        files: Source files of it.
        read: Files that were read, because their content was new.
        skipped: Source files that are not read: too large, too many, or too much for a reader.
    """

    commit: str
    files: int
    read: int
    skipped: int


def built_apart(
    repository: Path, commit: str, index: Path, *, began: Callable[[Kill], None] | None = None
) -> Built:
    """Bring an index up to date with a commit, in another process.

    Args:
        repository: The repository's own directory, as `GitRepository.directory`.
        commit: A whole commit id.
        index: The file; made when there is none. Cut short, it stays that of the earlier commit.
        began: Called at once with what ends it early; it fails then.

    Raises:
        RepositoryError: It did not work, or took too long.
    """
    try:
        with subprocess.Popen(  # noqa: S603 -- ourselves; the arguments are no options
            [sys.executable, "-m", __spec__.name, str(repository.absolute()), commit, str(index)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as child:
            if began is not None:
                began(child.kill)
            try:
                output, errors = child.communicate(timeout=_PATIENCE_SECONDS)
            finally:
                child.kill()
    except (OSError, subprocess.SubprocessError) as error:
        raise RepositoryError(f"the source could not be indexed: {error}") from error
    try:
        values = json.loads(output)
        if "error" in values:
            raise RepositoryError(str(values["error"]), hint=str(values.get("hint", "")))
        return Built(**values)
    except (ValueError, TypeError) as error:
        last = errors.decode("utf-8", "replace").strip().rpartition("\n")[2]
        raise RepositoryError(f"the source could not be indexed: {last[:300]}") from error


def build(repository: Path, commit: str, index: Path) -> Built:
    """Bring an index up to date with a commit, in this process.

    Raises:
        RepositoryError: The repository cannot be read.
    """
    # Only in the child: the grammars are what it is there for.
    from logwatchd.repo import index_writer  # noqa: PLC0415
    from logwatchd.repo.git import GitRepository  # noqa: PLC0415
    from logwatchd.repo.readers import read_blob  # noqa: PLC0415

    git = GitRepository(repository, found=True)
    listing = git.files(commit)
    index.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    db = index_writer.open_for_writing(index)
    try:
        known = index_writer.known_blobs(db)
        languages = {each.blob: each.language for each in listing.files if each.blob not in known}
        read, skipped = [], listing.skipped
        for name, data in git.blobs(languages):
            try:
                read.append(read_blob(name, data, languages[name]))
            except Exception:  # noqa: BLE001 -- a defect of ours costs the file, not the index
                skipped += 1
        files = [(each.path, each.blob) for each in listing.files]
        index_writer.replace(db, commit, files, read, skipped=skipped)
    finally:
        db.close()
    return Built(commit, len(files), len(read), skipped)


def _main() -> None:
    os.umask(0o077)  # what is private in the repository is private here
    gc.disable()  # it is over before anything would be worth collecting
    with suppress(OSError, ValueError):  # the unit forbids it, and has a limit of its own
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    repository, commit, index = sys.argv[1:]
    try:
        built = build(Path(repository), commit, Path(index))
    except RepositoryError as error:
        print(json.dumps({"error": str(error), "hint": error.hint}))  # noqa: T201 -- to our parent
        return
    print(  # noqa: T201 -- to our parent
        json.dumps({name: getattr(built, name) for name in Built.__dataclass_fields__})
    )


if __name__ == "__main__":
    _main()
