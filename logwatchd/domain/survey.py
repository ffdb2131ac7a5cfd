"""What kind of log it is: the formats, levels, fields, codes and services in a sample of it."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from logwatchd.domain.event import Event, Level

KINDS_LIMIT: Final = 512
"""Different values of one kind that are counted; a log can hold any number of them."""


@dataclass(slots=True)
class Survey:
    """Counts of a sample. Each counter knows at most `KINDS_LIMIT` values.

    Attributes:
        records: Events in the sample, of any level.
        latest: Latest time that an event says (aware, UTC), or None.
        dialects: Events by the shape of their record.
        levels: Events by level, in lower case.
        services: Events by the service that they name.
        fields: Events by the name of a remaining field.
        codes: Events by error code.
        targets: Events of level ERROR and worse by module path.
    """

    records: int = 0
    latest: datetime | None = None
    dialects: Counter[str] = field(default_factory=Counter)
    levels: Counter[str] = field(default_factory=Counter)
    services: Counter[str] = field(default_factory=Counter)
    fields: Counter[str] = field(default_factory=Counter)
    codes: Counter[str] = field(default_factory=Counter)
    targets: Counter[str] = field(default_factory=Counter)

    def add(self, event: Event, *, at: datetime | None) -> None:
        """Count an event.

        Args:
            event: The redacted event.
            at: When it says that it happened (aware, UTC), or None when it says nothing.
        """
        self.records += 1
        if at is not None and (self.latest is None or at > self.latest):
            self.latest = at
        _count(self.dialects, [event.dialect])
        _count(self.levels, [event.level.name.lower()])
        _count(self.services, [event.service])
        _count(self.fields, event.fields)
        _count(self.codes, [event.code])
        if event.level >= Level.ERROR:
            _count(self.targets, [event.target])


def _count(counter: Counter[str], values: Iterable[str]) -> None:
    for value in values:
        if value and (value in counter or len(counter) < KINDS_LIMIT):
            counter[value] += 1
