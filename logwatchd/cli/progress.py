"""A progress bar on standard error for long work; nothing where that is no terminal."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager

Advance = Callable[[int, int], None]
"""Takes the bytes and the events done since the last call."""


@contextmanager
def progress_bar(what: str, *, total_bytes: int) -> Generator[Advance]:
    """Show bytes done of all, their rate and the events; gone when the work is done."""
    if not sys.stderr.isatty():
        yield lambda _bytes, _events: None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TextColumn("{task.fields[events]:,} events"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(file=sys.stderr), transient=True) as progress:
        task = progress.add_task(what, total=total_bytes, events=0)
        events = 0

        def advance(size_bytes: int, more_events: int) -> None:
            nonlocal events
            events += more_events
            progress.update(task, advance=size_bytes, events=events)

        yield advance
