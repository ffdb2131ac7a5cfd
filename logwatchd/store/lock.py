"""One instance for each state directory."""

import errno
import fcntl
import json
import os
import socket
from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from logwatchd.errors import StateHeldError, StateUnusableError, StoreError

LOCK_NAME: Final = "lock"
_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EMFILE, errno.ENFILE})


@contextmanager
def held(directory: Path, *, now: datetime) -> Generator[None]:
    """Hold a state directory while the context lasts.

    The kernel frees the lock when the process ends, however it ends. The file's text only tells
    people who holds it; it stays behind and means nothing by itself.

    Raises:
        StateHeldError: Another instance holds it.
        StateUnusableError: The directory cannot be written.
    """
    path = directory / LOCK_NAME
    try:
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise as_state_error(error, f"state: {path}") from None
    try:
        os.fchmod(fd, 0o600)  # the umask may have taken more than it should
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateHeldError(
                f"state: {directory} is held by {_holder(fd)}",
                hint="Stop that instance, or give this one another state directory.",
            ) from None
        _write(fd, {"pid": os.getpid(), "host": socket.gethostname(), "since": now.isoformat()})
        yield
    finally:
        os.close(fd)


def as_state_error(error: OSError, what: str) -> StoreError:
    """Return what an error of the file system means: a full disk passes, a closed door does not."""
    if error.errno in _PASSING:
        return StoreError(f"{what}: {error.strerror}", hint="Make room; a restart tries again.")
    return StateUnusableError(
        f"{what}: {error.strerror}",
        hint="Make the state directory writable for the daemon's user, or set another one.",
    )


def holder_of(directory: Path) -> str:
    """Say who holds a state directory, or "" when nobody does."""
    try:
        fd = os.open(directory / LOCK_NAME, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _holder(fd)
    finally:
        os.close(fd)
    return ""


def _write(fd: int, value: dict[str, object]) -> None:
    try:
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps(value).encode(), 0)
    except OSError:
        return  # a full disk: the lock holds all the same, only its text is missing


def _holder(fd: int) -> str:
    try:
        value = json.loads(os.pread(fd, 4096, 0))
        return f"process {value['pid']} on {value['host']} since {value['since']}"
    except (ValueError, KeyError, TypeError):
        return "another process"
