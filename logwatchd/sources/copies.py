"""Tell a copy of a log (`copytruncate`) from a new log.

`copytruncate` copies `app.log` to `app.log.1` and then empties `app.log`. When both match a
pattern, the copy shows up as a new file full of lines that were told already, and at its end may
stand lines that were not read before the original was emptied.
"""

import os
from collections.abc import Iterable
from enum import Enum
from typing import Final

from logwatchd.domain.position import FileState, Position
from logwatchd.sources.cursor import FileCursor

_SEPARATORS: Final = ".-_~"


class CopyOf(Enum):
    """What a new file is to a file known already."""

    NONE = 0
    """Nothing: it is read from where new files are read."""
    GROWING = 1
    """As far as one can see, a copy that is still being written. Look again."""
    LIVING = 2
    """A whole copy of a file that is not emptied yet. Look again; it may never be."""


def looks_derived(copy: str, original: str) -> bool:
    """Say whether a name is what a rotation makes of another: `app.log.1`, `app-20260203.log`.

    Names of daily files (`app.2026-02-02.log` and `app.2026-02-03.log`) are not derived from
    each other, nor is a name from itself.
    """
    if os.path.dirname(copy) != os.path.dirname(original):
        return False
    new, old = os.path.basename(copy), os.path.basename(original)
    stem, dot, extension = old.rpartition(".")
    if new.startswith(old) and new != old:
        return new[len(old)] in _SEPARATORS
    return bool(
        dot
        and new != old
        and new.endswith(dot + extension)
        and new.startswith(stem)
        and new[len(stem)] in "-_"
    )


def original_of(file: FileCursor, known: Iterable[Position]) -> Position | CopyOf:
    """Find the file that a new file is a copy of.

    Args:
        file: The new file, at its beginning.
        known: Positions of the files known, past lives included.

    Returns:
        The position of the emptied original, at which reading of the copy goes on; or that there
        is none; or that it is too early to say.
    """
    verdict = CopyOf.NONE
    for position in known:
        if position.offset == 0 or position.inode == file.inode:
            continue
        if not looks_derived(file.path, position.path):
            continue
        if file.matches(position):
            if position.state is FileState.ROTATED:
                return position
            verdict = CopyOf.LIVING
        elif verdict is CopyOf.NONE and _could_grow_into(file, position):
            verdict = CopyOf.GROWING
    return verdict


def _could_grow_into(file: FileCursor, position: Position) -> bool:
    return file.size < position.head_bytes or (
        file.size < position.offset and file.begins_like(position)
    )
