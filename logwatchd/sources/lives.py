"""What is known of files that are not being followed: where to resume, and what is over.

A file that is truncated begins another life under the same number. The past lives are kept,
because a copy of what was truncated may turn up; and for each pattern a mark is kept, so that a
file which appears while nobody looks is known to be new.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from logwatchd.domain.position import FileState, Position
from logwatchd.ports import Chunk
from logwatchd.sources.cursor import printable
from logwatchd.sources.identity import digest

Identity = tuple[int, int]
"""Device and inode number."""

_Name = TypeVar("_Name", bound=Hashable)

_PAST_LIMIT: Final = 1_000
"""Past lives remembered at most; the oldest are forgotten first."""


@dataclass(frozen=True, slots=True)
class Displaced:
    """A life that ended before it was seen to be read to its end: a copy may hold the rest.

    Attributes:
        position: Up to where it was read.
        while_down: Whether nobody looked, so that whole lives after it may be unread as well.
    """

    position: Position
    while_down: bool


class Lives:
    """Positions of files that nobody follows, by number and by name."""

    def __init__(self) -> None:
        self._patterns: set[str] = set()
        self._live: dict[str, Position] = {}
        self._live_by_path: dict[str, dict[str, Position]] = {}
        self._past: dict[str, Position] = {}
        self._past_by_path: dict[str, dict[str, Position]] = {}
        self._by_number: dict[Identity, dict[str, Position]] = {}
        self.were_restored = False
        """Whether an earlier run of the daemon knew a file."""
        self.displaced: list[Displaced] = []
        """Lives that ended before they were seen to be read to their ends."""

    def restore(self, positions: Sequence[Position]) -> None:
        """Take over what was remembered.

        Of two living lives of one number the older one ended: its end was not remembered in time.
        """
        for position in positions:
            self._add(position)
        self.were_restored = bool(self._by_number)
        for identity in list(self._by_number):
            for position in self.of(identity)[:-1]:
                if position.state is FileState.LIVE:
                    self.retire(position.cut_short())
                    self.displaced.append(Displaced(position, while_down=True))

    def is_known(self, identity: Identity) -> bool:
        """Say whether a file with this number was ever followed."""
        return identity in self._by_number

    def of(self, identity: Identity) -> list[Position]:
        """Return the lives of the files with a number, the newest last."""
        lives = self._by_number.get(identity, {}).values()
        return sorted(lives, key=lambda each: each.generation)

    def living(self, path: str | None = None) -> list[Position]:
        """Return the positions of files that were being followed when the daemon ended.

        Args:
            path: Only those that had this name, if any.
        """
        if path is None:
            return list(self._live.values())
        return list(self._live_by_path.get(path, {}).values())

    def past(self, path: str) -> list[Position]:
        """Return the positions of files of a name that were emptied or are gone, oldest first."""
        return list(self._past_by_path.get(path, {}).values())

    def begins(self, head: bytes) -> bool:
        """Say whether one of the files began with these bytes: its first 1,024, or all it had."""
        known = digest(head)
        return any(
            each.head_bytes == len(head) and each.head_digest == known
            for lives in (self._live, self._past)
            for each in lives.values()
        )

    def new_patterns(self, patterns: Iterable[str]) -> list[str]:
        """Return those patterns that were never watched."""
        return [each for each in patterns if _pattern_key(each) not in self._patterns]

    def note_pattern(self, pattern: str) -> Chunk:
        """Remember that a pattern is watched from now on."""
        key = _pattern_key(pattern)
        mark = Position(
            key=key, path=printable(pattern), device=0, inode=0, state=FileState.PATTERN
        )
        self._add(mark)
        return Chunk(
            key=key, path=mark.path, data=b"", base=0, end=0, position_at=lambda _offset: mark
        )

    def retire(self, position: Position) -> Chunk:
        """Remember a past life: a copy of it may turn up."""
        past = replace(position, state=FileState.ROTATED)
        self.forget(past.key)
        self._add(past)
        while len(self._past) > _PAST_LIMIT:
            self.forget(next(iter(self._past)))
        return Chunk(
            key=past.key,
            path=past.path,
            data=b"",
            base=past.offset,
            end=past.offset,
            ended=True,
            position_at=lambda _offset: past,
        )

    def forget(self, key: str) -> None:
        """Forget one life, if it is known: whoever follows the file knows better."""
        position = self._live.pop(key, None) or self._past.pop(key, None)
        if position is None:
            return
        _drop(self._by_number, (position.device, position.inode), key)
        is_live = position.state is FileState.LIVE
        _drop(self._live_by_path if is_live else self._past_by_path, position.path, key)

    def _add(self, position: Position) -> None:
        match position.state:
            case FileState.PATTERN:
                self._patterns.add(position.key)
                return
            case FileState.LIVE:
                self._live[position.key] = position
                self._live_by_path.setdefault(position.path, {})[position.key] = position
            case FileState.ROTATED:
                self._past[position.key] = position
                self._past_by_path.setdefault(position.path, {})[position.key] = position
        same = self._by_number.setdefault((position.device, position.inode), {})
        same[position.key] = position


def _drop(index: dict[_Name, dict[str, Position]], name: _Name, key: str) -> None:
    same = index[name]
    del same[key]
    if not same:
        del index[name]


def _pattern_key(pattern: str) -> str:
    return f"glob:{printable(pattern)}"
