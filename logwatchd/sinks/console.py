"""The sink of `--dry-run`: prints what the others would have sent."""

import io
from collections.abc import Callable
from itertools import count
from typing import TextIO

from rich.console import Console, RenderableType

from logwatchd.domain.card import card_to_draw
from logwatchd.domain.notice import Notice, Receipt
from logwatchd.domain.texts import Language
from logwatchd.ports import Clock
from logwatchd.sinks.console_card import panel, update
from logwatchd.sinks.console_plain import plain_card, update_line


class ConsoleSink:
    """Prints a card for each new message and one line for each edit.

    Args:
        stream: Where to; characters that its encoding lacks are replaced.
        language: Of our own words.
        clock: Gives the time of receipts.
        redact: Replaces secrets.
        plain: Whether to print plain lines; None leaves it to the stream: panels on a terminal
            that takes colours, plain lines elsewhere.
    """

    name = "console"

    def __init__(
        self,
        stream: TextIO,
        *,
        language: Language,
        clock: Clock,
        redact: Callable[[str], str],
        plain: bool | None = None,
    ) -> None:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
        self._stream = stream
        self._language = language
        self._clock = clock
        self._redact = redact
        self._console = Console(file=stream, markup=False, emoji=False, highlight=False)
        colourless = not self._console.is_terminal or self._console.no_color
        self._plain = colourless if plain is None else plain
        self._numbers = count(1)

    async def post(self, notice: Notice) -> Receipt:
        """Print the card."""
        card = card_to_draw(notice, self._language, redact=self._redact)
        if self._plain:
            self._write(plain_card(card))
        else:
            self._print(panel(card, width=self._console.width))
        return Receipt(f"console-{next(self._numbers)}", self._clock.now())

    async def edit(self, notice: Notice, receipt: Receipt) -> Receipt:
        """Print one line: the card is on the screen already."""
        card = card_to_draw(notice, self._language, redact=self._redact)
        if self._plain:
            self._write(update_line(card) + "\n")
        else:
            self._print(update(card, width=self._console.width))
        return receipt

    async def probe(self) -> str:
        """Say what it is; it always takes a notice."""
        return "this console"

    def _print(self, drawn: RenderableType) -> None:
        self._console.print(drawn)
        self._stream.flush()

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()
