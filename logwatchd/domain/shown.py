"""What whoever follows a log gets to see of one line: the event, or the line itself, redacted."""

from dataclasses import dataclass
from datetime import datetime

from logwatchd.domain.cleaning import clean
from logwatchd.domain.event import MESSAGE_LIMIT, STACK_LIMIT, Event, ParsedLine, Unparsed, Verdict
from logwatchd.domain.held import Stretch
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.redact_lines import LineRedactor


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One line as it may be seen, or the lines of one block.

    Attributes:
        path: Where the file was last seen.
        offset: Where its first byte stands in the file.
        lines: How many lines of the file it is.
        event: The event, or None when there is only the text.
        verdict: What the rules made of the event.
        text: The line as it stands when it is no record; the lines of a block; else "".
        at: When it was written, if the line or its envelope says so (aware, UTC).
        unparsed: Why it is no record; None for an event with a level.
    """

    path: str
    offset: int
    lines: int
    event: Event | None
    verdict: Verdict | None
    text: str
    at: datetime | None
    unparsed: Unparsed | None


class Viewer:
    """Shows the lines of one file. Nothing that it returns holds a secret that we know of."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter
        self._lines = LineRedactor(interpreter.redactor.text)

    def shown(self, stretch: Stretch, *, path: str, now: datetime) -> Shown | None:
        """Return what may be seen of a stretch of lines, or None when there is nothing to see.

        Args:
            stretch: What the reader gave out.
            path: Where the file was last seen.
            now: Stands in for a missing time of an event (aware, UTC).
        """
        plain = stretch.plain
        parsed, at, text, unparsed = stretch.result, None, "", None
        if plain is not None:
            parsed, at, unparsed = parsed or plain.parsed, plain.at, plain.reason
            text = self._text(plain.text, limit=STACK_LIMIT if parsed else MESSAGE_LIMIT)
        if parsed is None and plain is None:
            return None
        event = None if parsed is None else self._event(parsed, now=now)
        judged = event is not None and unparsed is None
        return Shown(
            path=path,
            offset=stretch.start,
            lines=stretch.lines,
            event=event,
            verdict=self._interpreter.rules.judge(event) if judged and event else None,
            text=text,
            at=at if parsed is None else parsed.at,
            unparsed=unparsed,
        )

    def _event(self, parsed: ParsedLine, *, now: datetime) -> Event:
        service = self._interpreter.service
        return self._interpreter.redactor.event(parsed, received_at=now, service=service)

    def _text(self, text: str, *, limit: int) -> str:
        """Redact first and cut then, so that no half of a secret is left at the cut."""
        return clean(self._lines.line(text), limit)
