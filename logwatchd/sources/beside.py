"""List the files beside the logs, and where rotations take them, that bear names of rotated logs."""

import os
import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from typing import Final

from logwatchd.sources.copies import rotated_from, rotation_order
from logwatchd.sources.growth import names
from logwatchd.sources.listing import PACKED, Found
from logwatchd.sources.lives import Identity
from logwatchd.sources.whereabouts import entries_in

_WILDCARD: Final = re.compile(r"[*?\[]")


@dataclass(frozen=True, slots=True)
class Rotated:
    """A file that may have been a log, by its name.

    Attributes:
        found: Where it is.
        log: The name under which it was written, if it was a log.
    """

    found: Found
    log: str

    @property
    def is_packed(self) -> bool:
        """Whether it is compressed."""
        return self.found.path.endswith(PACKED)

    @property
    def identity(self) -> Identity:
        """Its numbers."""
        return self.found.device, self.found.inode

    @property
    def order(self) -> tuple[str, tuple[int, int, str]]:
        """What sorts such files, the oldest of each log first."""
        return self.log, rotation_order(self.found.path, self.log)


def rotated_beside(
    directory: str, places: Sequence[str], patterns: Sequence[str], *, listed: Container[Identity]
) -> list[Rotated]:
    """List files that no pattern names, but that may have had a name that one does.

    Args:
        directory: Where the logs are.
        places: Where to look: there, and where rotations take them.
        patterns: What names the logs.
        listed: The files that the patterns name.

    Raises:
        OSError: A place cannot be listed.
    """
    rotated = []
    beginnings = tuple({_beginning(each) for each in patterns})
    for place in places:
        device = os.stat(place).st_dev

        def may_be_log(entry: "os.DirEntry[str]", device: int = device) -> bool:
            if not entry.name.startswith(beginnings) or (device, entry.inode()) in listed:
                return False
            return bool(rotated_from(entry.name))

        for found in entries_in(place, may_be_log):
            logs = rotated_from(os.path.join(directory, os.path.basename(found.path)))
            log = next((each for each in logs if any(names(p, each) for p in patterns)), None)
            if log is not None:
                rotated.append(Rotated(found, log))
    return rotated


def _beginning(pattern: str) -> str:
    """Return how the name of every log, and of every rotated one, begins that a pattern names."""
    name = "" if os.path.isdir(pattern) else os.path.basename(pattern)
    literal = _WILDCARD.split(name)[0]
    return os.path.splitext(literal)[0] if literal == name else literal
