"""Keep the state to ourselves: the directory 0700, its files 0600, whatever the umask was."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from logwatchd.places import HEARTBEAT_NAME
from logwatchd.store.files import FILE_NAME
from logwatchd.store.lock import LOCK_NAME

DIRECTORY_MODE: Final = 0o700
FILE_MODE: Final = 0o600

TAIL_NAME: Final = "tail"
"""Where `logwatchd tail` keeps its positions in a state directory: never among the daemon's."""

SOURCE_INDEX_NAME: Final = "source-index.sqlite"
"""The index of the monitored service's source, which can be made anew."""

_NAMES: Final = (FILE_NAME, SOURCE_INDEX_NAME)
"""What the names of files begin with; SQLite adds `-wal` and the like."""

_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO


def make_private(directory: Path) -> None:
    """Make a state directory if need be, and close it and its files to others.

    Directories above it that are missing are made as private.

    A directory that holds anything but a state stays as open as it is, such as `/tmp` named by
    mistake: closing that would break more than it protects. `exposure_of` tells what is left.

    Raises:
        OSError: It cannot be made.
    """
    for missing in reversed([each for each in directory.parents if not each.exists()]):
        _make(missing)
    _make(directory)
    with suppress(OSError):  # not ours: what matters then is who may write, which shows soon
        if _holds_only_state(directory):
            _close(directory, DIRECTORY_MODE)
        for path in _files(directory):
            _close(path, FILE_MODE)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=DIRECTORY_MODE)
    except FileExistsError:
        if not directory.is_dir():
            raise
    else:
        _close(directory, DIRECTORY_MODE)  # a umask may have taken too much


def exposure_of(directory: Path) -> str:
    """Say what of a state others may look at, or "" when there is nothing; "" for no state too."""
    try:
        exposed = [each for each in (directory, *_files(directory)) if _is_open(each)]
    except OSError:
        return ""
    return f"{exposed[0]} is open to other users; chmod go-rwx mends it" if exposed else ""


def _holds_only_state(directory: Path) -> bool:
    return all(_is_of_state(name) for name in os.listdir(directory))  # noqa: PTH208 -- names


def _is_of_state(name: str) -> bool:
    return name in (LOCK_NAME, TAIL_NAME, HEARTBEAT_NAME) or name.startswith(_NAMES)


def _files(directory: Path) -> Iterator[Path]:
    for entry in os.scandir(directory):
        if _is_of_state(entry.name) and entry.is_file(follow_symlinks=False):
            yield Path(entry.path)


def _close(path: Path, mode: int) -> None:
    if stat.S_IMODE(path.stat().st_mode) != mode:
        path.chmod(mode)


def _is_open(path: Path) -> bool:
    return bool(path.stat().st_mode & _OTHERS)
