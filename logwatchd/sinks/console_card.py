"""Cards as panels, for a terminal. Text becomes rich `Text` objects only, never markup."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rich.box import ROUNDED
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.panel import Panel
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from logwatchd.domain.card_parts import Card, Code, Field, Graph, Inline, Line, Strong, Tone
from logwatchd.domain.safe_text import one_line
from logwatchd.sinks.console_plain import SUBJECT_LIMIT, inline, joined, moment, shown

CARD_WIDTH: Final = 96
"""Cells; wider text is hard to read."""

_TWO_COLUMNS: Final = 76
"""Cells from which facts stand in two columns."""

_COLOURS: Final = {
    Tone.CRITICAL: "red",
    Tone.WARNING: "yellow",
    Tone.INFO: "blue",
    Tone.QUIET: "bright_black",
    Tone.GOOD: "green",
}
_LABEL_STYLE: Final = "dim"
_BAR: Final = "▎ "


def panel(card: Card, *, width: int) -> RenderableType:
    """Return a card as a panel.

    Args:
        card: What to show.
        width: Cells of the terminal.
    """
    colour = _COLOURS[card.tone]
    cells = min(width, CARD_WIDTH)
    sections = _spaced(_sections(card, colour, cells))
    below = joined(card.footer)
    foot = f"{below}{' · ' if below else ''}{moment(card.at)}"
    return Panel(
        Group(*sections),
        title=Text(card.lead, style=f"bold {colour}"),
        title_align="left",
        subtitle=Text(foot, style=_LABEL_STYLE),
        subtitle_align="right",
        border_style=colour,
        box=ROUNDED,
        width=cells,
        padding=(1, 2),
    )


def update(card: Card, *, width: int) -> Text:
    """Return one line, as wide as the terminal at most, that says how an incident stands now."""
    colour = _COLOURS[card.tone]
    line = Text("↻ ", style=_LABEL_STYLE, no_wrap=True)
    line.append(card.ident, style=colour)
    if card.count is not None:
        line.append(f"  ×{card.count:,}", style="bold")
    if card.standing:
        line.append(f"  {card.standing}", style=colour)
    line.append(f"  {one_line(card.subject, SUBJECT_LIMIT)}")
    line.truncate(width, overflow="ellipsis")
    return line


@dataclass(frozen=True, slots=True)
class _Barred:
    """Text with a bar along its left side, however its lines are broken."""

    text: Text
    colour: str

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        inner = options.update_width(max(options.max_width - cell_len(_BAR), 1))
        for line in console.render_lines(self.text, inner, pad=False):
            yield Segment(_BAR, Style.parse(self.colour))
            yield from line
            yield Segment.line()


def _sections(card: Card, colour: str, cells: int) -> Iterator[RenderableType]:
    if card.subject:
        yield Text(one_line(card.subject, SUBJECT_LIMIT), style="bold")
    lines: list[Text] = []
    for part in card.body:
        if isinstance(part, Line):
            lines.append(_text(part.parts))
            continue
        if lines:
            yield Group(*lines)
            lines = []
        if block_lines := shown(card, part):
            yield _block(part.label, block_lines, colour)
    if lines:
        yield Group(*lines)
    narrow = [field for field in card.fields if not field.wide]
    wide = [field for field in card.fields if field.wide]
    if narrow:
        yield _facts(narrow, columns=2 if cells >= _TWO_COLUMNS else 1)
    if wide:
        yield _facts(wide, columns=1)


def _block(label: str, lines: list[str], colour: str) -> RenderableType:
    return Group(Text(label, style=_LABEL_STYLE), _Barred(Text("\n".join(lines)), colour))


def _facts(fields: list[Field], *, columns: int) -> Table:
    """Lay facts out in columns, row by row."""
    grid = Table.grid(padding=(0, 3, 0, 0), expand=True)
    for _ in range(columns):
        grid.add_column(style=_LABEL_STYLE, no_wrap=True)
        grid.add_column(ratio=1, overflow="fold")
    for first in range(0, len(fields), columns):
        row = fields[first : first + columns]
        grid.add_row(*(cell for one in row for cell in (Text(one.name), _text(one.value))))
    return grid


def _text(parts: tuple[Inline, ...]) -> Text:
    styles = {Strong: "bold", Code: "cyan", Graph: "magenta"}
    shown_parts = [Text(inline(part).strip(), style=styles.get(type(part), "")) for part in parts]
    return Text(" ").join(part for part in shown_parts if part)


def _spaced(sections: Iterable[RenderableType]) -> Iterator[RenderableType]:
    for number, section in enumerate(sections):
        if number:
            yield Text("")
        yield section
