"""Print for people or for programs."""

import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TextIO

from logwatchd.domain.safe_text import terminal
from logwatchd.domain.tainted import Tainted


def print_json(value: Any) -> None:
    """Print one JSON value; ASCII only, so a terminal acts on nothing in it."""
    print(json.dumps(value, indent=2 if sys.stdout.isatty() else None))


def print_table(
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    title: str = "",
    stream: TextIO | None = None,
) -> None:
    """Print a table: drawn on a terminal, tab-separated where it is piped.

    Args:
        columns: Head of each column.
        rows: Texts, also untrusted ones: what a terminal would act on is taken out here.
        title: Printed above it on a terminal.
        stream: Where to; standard output by default.
    """
    stream = stream or sys.stdout
    clean = [[" ".join(terminal(Tainted(cell)).split()) for cell in row] for row in rows]
    if not is_pretty(stream):
        for row in clean:
            print("\t".join(row), file=stream)
        return
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in clean:
        table.add_row(*(Text(cell, style=_STYLES.get(cell, "")) for cell in row))
    Console(file=stream, markup=False, emoji=False, highlight=False).print(table)


_STYLES = {
    "critical": "bold red",
    "warning": "yellow",
    "info": "dim",
    "ok": "green",
    "failed": "bold red",
    "open": "red",
    "resolved": "green",
    "muted": "dim",
}


def is_pretty(stream: TextIO) -> bool:
    """Say whether a stream is a terminal that takes colours."""
    return stream.isatty() and "NO_COLOR" not in os.environ  # noqa: TID251 -- no-color.org


def say(text: str) -> None:
    """Print a line to standard error; it may repeat what a terminal would act on."""
    print(terminal(Tainted(text)), file=sys.stderr)


def ago(at: datetime, *, now: datetime) -> str:
    """Return how long ago something was, in one unit: `3m ago`."""
    seconds = max(0, int((now - at).total_seconds()))
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= length:
            return f"{seconds // length}{unit} ago"
    return f"{seconds}s ago"
