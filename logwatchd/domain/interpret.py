"""From a line to a sighting: parse, redact, judge, name. Pure; one object for each configuration."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from logwatchd.domain.candidates import CandidateFinder, wanted_lines
from logwatchd.domain.event import Event, ParsedLine, Sighting, Verdict
from logwatchd.domain.feeding import FedLine, Stretch, fed_lines, has_cut_line
from logwatchd.domain.fingerprint import Fingerprinter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.naming import Former
from logwatchd.domain.needles import Needles, needles_of
from logwatchd.domain.redact import Redactor
from logwatchd.domain.rules import RuleSet


@dataclass(frozen=True, slots=True)
class Interpreter:
    """Knows what matters and what must not be seen.

    Attributes:
        rules: What makes an event worth a person's attention.
        redactor: Replaces secrets and personal data before an event exists.
        service: Name given to events whose line names no service.
        fingerprinter: Names the problem of an event.
        former: Named it before, while both are asked, or None.
        compile_search: Makes what finds the lines that must be read; None where every line is.
        needles: What these lines hold.
    """

    rules: RuleSet
    redactor: Redactor
    service: str = ""
    fingerprinter: Fingerprinter = field(default_factory=Fingerprinter, compare=False)
    former: Former | None = None
    compile_search: Callable[[Needles], CandidateFinder] | None = field(
        default=CandidateFinder, repr=False, compare=False
    )
    needles: Needles = field(init=False)
    _finder: CandidateFinder | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Derive from the rules which lines must be read at all."""
        needles = needles_of(self.rules)
        object.__setattr__(self, "needles", needles)
        search = None if needles.blind else self.compile_search
        finder = search(needles) if search is not None else None
        object.__setattr__(self, "_finder", finder)

    def wanted(
        self, data: bytes, reader: Callable[[], LineReader], *, every: bool = False
    ) -> Iterator[tuple[int, int]]:
        """Yield begin and end of the lines that a reader must be fed; see `wanted_lines`.

        Args:
            data: Whole lines.
            reader: Gives the present reader of this file.
            every: Whether no line may be passed over, because one may be cut.
        """
        return wanted_lines(None if every else self._finder, data, reader)

    def lines(
        self,
        stretch: Stretch,
        reader: Callable[[], LineReader],
        *,
        max_line_bytes: int,
        every: bool = False,
    ) -> Iterator[FedLine]:
        """Yield the lines of a stretch that its reader must be fed, each before the next is asked.

        Args:
            stretch: Whole lines.
            reader: Gives the present reader of this file.
            max_line_bytes: A longer line is cut; cut lines are counted, so none is passed over.
            every: Whether lines that no rule wants are wanted as well.
        """
        every = every or has_cut_line(stretch, max_line_bytes=max_line_bytes)
        places = self.wanted(stretch.data, reader, every=every)
        return fed_lines(stretch, places, max_line_bytes=max_line_bytes)

    def reader(self) -> LineReader:
        """Return a reader for one file."""
        return LineReader(floor=self.rules.floor)

    def sightings(self, records: Sequence[tuple[datetime, ParsedLine]]) -> list[Sighting | None]:
        """Redact, judge and name records, each given with the time when it was read (aware, UTC).

        Stage by stage rather than record by record: what a stage needs then stays in the
        processor's caches, which makes a hundred records a quarter faster.

        Returns:
            For each record, in order, what it is a sighting of; None when no rule wants it.
        """
        event, service = self.redactor.event, self.service
        events = [event(parsed, received_at=at, service=service) for at, parsed in records]
        verdicts = [self.rules.judge(each) for each in events]
        return [
            self._named(each, verdict, now=at) if verdict is not None else None
            for each, verdict, (at, _) in zip(events, verdicts, records, strict=True)
        ]

    def _named(self, event: Event, verdict: Verdict, *, now: datetime) -> Sighting:
        identity = self.fingerprinter.identify(event)
        former = self.former.identify(event, now=now) if self.former is not None else None
        return Sighting(event, verdict, identity.fingerprint, identity.template, identity, former)
