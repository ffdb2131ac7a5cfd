"""What whoever follows a log gets to see of one line: the event, or the line itself, redacted."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from logwatchd.domain.cleaning import clean
from logwatchd.domain.event import MESSAGE_LIMIT, STACK_LIMIT, Event, ParsedLine, Unparsed, Verdict
from logwatchd.domain.held import Stretch
from logwatchd.domain.interpret import Interpreter

_HIDDEN_KEY: Final = "[REDACTED:private_key]"
_KEY_BEGINS: Final = "-----BEGIN "
_KEY_BEHIND: Final = "PRIVATE KEY"
_KEY_ENDS: Final = "-----END "
_KEY_LINE: Final = re.compile(
    r"\s{0,8}(?:[A-Za-z0-9+/=]{1,200}|[A-Za-z\-]{1,40}: .{0,200})\s{0,8}\Z"
)
_KEY_LINES: Final = 400
"""Lines of a key that are waited for; the longest in use have about two hundred."""


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
        self._key_lines = 0  # lines that may still belong to a private key

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
        if self._is_of_key(text):
            return _HIDDEN_KEY
        begun = text.rfind(_KEY_BEGINS)
        goes_on = begun >= 0 and _KEY_BEHIND in text[begun:] and _KEY_ENDS not in text[begun:]
        self._key_lines = _KEY_LINES if goes_on else 0
        return clean(self._interpreter.redactor.text(text), limit)

    def _is_of_key(self, text: str) -> bool:
        """Say whether a line is one of a private key that began on a line before.

        Each line is redacted by itself, and alone a line of base64 looks like nothing.
        """
        if not self._key_lines or _KEY_BEGINS in text:
            return False
        ends = text.lstrip().startswith(_KEY_ENDS)
        self._key_lines = 0 if ends else self._key_lines - 1
        return ends or _KEY_LINE.match(text) is not None
