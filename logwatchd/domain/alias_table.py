"""The skeletons that one run has met, in memory: for filters, which keep no state."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from logwatchd.domain.aliases import NEAR_LIMIT, Alias, Known

TABLE_LIMIT: Final = 100_000
"""Skeletons that are remembered; what comes after them is compared with these alone."""


class AliasTable:
    """Implements `aliases.Aliases`; bounded, forgotten with the process."""

    __slots__ = ("_groups", "_near", "_sizes")

    def __init__(self) -> None:
        self._groups: dict[str, str] = {}
        self._near: dict[int, list[tuple[int, Known]]] = {}
        self._sizes: Counter[str] = Counter()

    def group_of(self, fingerprint: str) -> str | None:
        """See `aliases.Aliases`."""
        return self._groups.get(fingerprint)

    def near(self, keys: Sequence[int]) -> Sequence[Known]:
        """See `aliases.Aliases`."""
        found = {number: known for key in keys for number, known in self._near.get(key, ())}
        return [known for _, known in sorted(found.items(), key=lambda item: item[0])]

    def size_of(self, group: str) -> int:
        """See `aliases.Aliases`."""
        return self._sizes[group]

    def add(self, alias: Alias) -> None:
        """See `aliases.Aliases`."""
        if alias.fingerprint in self._groups or len(self._groups) >= TABLE_LIMIT:
            return
        number = len(self._groups)
        self._groups[alias.fingerprint] = alias.group
        self._sizes[alias.group] += 1
        known = Known(alias.group, alias.words)
        for key in alias.keys:
            others = self._near.setdefault(key, [])
            if len(others) < NEAR_LIMIT:
                others.append((number, known))
