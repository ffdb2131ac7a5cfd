"""One look at a text that tells which steps of redaction can find something in it.

An ordinary text costs this look and nothing else. There are several sets of expressions and not
one, for the states of a set multiply: as one, all hints want ten times the memory, and a set that
has to forget its states is fifty times slower.
"""

from collections.abc import Sequence
from typing import Final

import re2

from logwatchd.domain.redact_stage import options

SET_BYTES: Final = 2 << 20
"""The most memory for the states of one set; ordinary logs fill a third of it."""


class Gate:
    """Hints, looked for in one pass for each group."""

    __slots__ = ("_sets",)

    def __init__(self) -> None:
        self._sets: list[tuple[re2.Set, list[int]]] = []

    def add(self, group: Sequence[tuple[int, str]], *, max_mem: int = SET_BYTES) -> None:
        """Add a set.

        Args:
            group: Its hints, each with the place of its step. A hint is an RE2 expression that is
                not bound to the edges of the text: several texts may be looked at in one, with
                line ends between them. An empty hint is found in every text.
            max_mem: The most bytes for the set and its states.

        Raises:
            MemoryError: The set does not fit.
        """
        if not group:
            return
        hints = re2.Set.SearchSet(options(max_mem))
        for _, hint in group:
            hints.Add(hint)
        try:
            hints.Compile()
        except re2.error:
            raise MemoryError("the expressions are too large together") from None
        self._sets.append((hints, [place for place, _ in group]))

    def places(self, text: str) -> list[int]:
        """Return the places of the steps that may find something, in order.

        Raises:
            UnicodeEncodeError: The text holds a lone surrogate.
        """
        found: list[int] = []
        for hints, places in self._sets:
            hits = hints.Match(text)
            if hits:
                found += [places[at] for at in hits]
        found.sort()
        return found
