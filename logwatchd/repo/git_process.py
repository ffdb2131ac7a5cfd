"""Run git so that nothing else runs: no hook, filter, text conversion, pager, check or fetch.

Only plumbing and its like is asked for. Every call has a time limit and a limit on its output.
"""

import os
import shutil
import subprocess
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from logwatchd.errors import RepositoryError

SECONDS: Final = 10.0
LIST_SECONDS: Final = 60.0
_OUTPUT_BYTES: Final = 4 * 1024 * 1024
_ENTRIES_LIMIT: Final = 2_000_000
_CHUNK_BYTES: Final = 64 * 1024

_OPTIONS: Final = (
    "--no-pager",
    "--no-replace-objects",
    "--literal-pathspecs",
    *("-c", "core.fsmonitor=false"),
    *("-c", f"core.hooksPath={os.devnull}"),
    *("-c", f"core.attributesFile={os.devnull}"),
    *("-c", "log.showSignature=false"),
    *("-c", "log.mailmap=false"),
    *("-c", "blame.ignoreRevsFile="),
    *("-c", "protocol.allow=never"),
    *("-c", "core.quotePath=true"),
    *("-c", "safe.directory=*"),
)
_ENVIRONMENT: Final = {
    "PATH": os.defpath,
    "HOME": os.devnull,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LFS_SKIP_SMUDGE": "1",
}


class Git:
    """One repository, named by its own directory once it is found.

    Named, it is neither searched for again nor refused for its owner; what is configured in it
    is taken back by options of ours.
    """

    def __init__(self, directory: Path, *, found: bool = False) -> None:
        """Find the repository.

        Args:
            directory: The repository: bare, or with a working tree.
            found: Whether it is `directory` of one that was found before, and need not be again.

        Raises:
            RepositoryError: There is no git, or no repository.
        """
        git = shutil.which("git")
        if git is None:
            raise RepositoryError("git is not installed", hint="Install git beside logwatchd.")
        if not directory.is_dir():
            raise RepositoryError(f"{directory}: no such directory")
        self._git = git
        self._where: tuple[str, ...] = ("--git-dir", str(directory))
        self.directory = directory
        if found:
            return
        self._where = ("-C", str(directory.absolute()))  # it runs in /
        try:
            name = self.output("rev-parse", "--absolute-git-dir").removesuffix(b"\n")
        except RepositoryError as error:
            raise RepositoryError(
                f"{directory}: no git repository",
                hint="Name a checkout or a bare repository that this user may read.",
            ) from error
        self.directory = Path(os.fsdecode(name))
        self._where = ("--git-dir", str(self.directory))

    def output(self, *arguments: str) -> bytes:
        """Return what a call prints.

        Raises:
            RepositoryError: It failed, took too long or printed too much.
        """
        with self.running(arguments, seconds=SECONDS) as process:
            found = pipe(process.stdout).read(_OUTPUT_BYTES + 1)
            if len(found) > _OUTPUT_BYTES:
                raise RepositoryError(f"git {arguments[0]} printed too much")
        return found

    @contextmanager
    def running(
        self, arguments: Sequence[str], *, seconds: float, feed: bool = False
    ) -> Generator["subprocess.Popen[bytes]"]:
        """Run git while the context lasts; it is killed when the time is over or the context fails.

        Raises:
            RepositoryError: It failed, or was killed.
        """
        process = subprocess.Popen(  # noqa: S603 -- arguments are ours or checked
            [self._git, *_OPTIONS, *self._where, *arguments],
            stdin=subprocess.PIPE if feed else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT,
            cwd="/",
            start_new_session=True,
        )
        timer = threading.Timer(seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield process
            code = process.wait()
        except (OSError, ValueError) as error:
            raise RepositoryError(f"git {arguments[0]} failed: {error}") from error
        finally:
            timer.cancel()
            process.kill()
            process.wait()
            for end in (process.stdin, process.stdout):
                if end is not None:
                    _close(end)
        if code:
            raise RepositoryError(f"git {arguments[0]} failed with status {code}")


def pipe(end: IO[bytes] | None) -> IO[bytes]:
    """Return the end of a pipe that was asked for."""
    if end is None:
        raise ValueError("not a pipe")
    return end


def _close(end: IO[bytes]) -> None:
    try:
        end.close()
    except OSError:
        return  # what was not written yet finds no reader any more


def records(lines: IO[bytes]) -> Iterator[bytes]:
    """Yield what stands between NULs, up to the limit of entries."""
    rest, count = b"", 0
    while chunk := lines.read(_CHUNK_BYTES):
        *whole, rest = (rest + chunk).split(b"\0")
        count += len(whole)
        if count > _ENTRIES_LIMIT or len(rest) > _CHUNK_BYTES:
            raise RepositoryError("the repository lists too many files")
        yield from whole


def skip(data: IO[bytes], count: int) -> None:
    """Read on without keeping anything."""
    while count > 0:
        read = data.read(min(count, _CHUNK_BYTES))
        if not read:
            return
        count -= len(read)
