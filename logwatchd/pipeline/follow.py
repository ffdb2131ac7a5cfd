"""Source to display: every line of the files as it comes, for `logwatchd tail`.

What is shown is shown first and recorded then: whoever is killed in between shows it again after
the restart, and nothing is ever left out. (The daemon, which must not count twice, does both in
one transaction; a terminal or a pipe takes part in none.)
"""

import asyncio
import signal
from collections.abc import Callable, Generator, Sequence
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Final

import structlog

from logwatchd.domain.event import Level
from logwatchd.domain.held import Stretch
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.position import Position
from logwatchd.domain.shown import Shown, Viewer
from logwatchd.errors import StateUnusableError, StoreError
from logwatchd.pipeline.marks import Marks
from logwatchd.ports import Batch, Chunk, Clock, Display, Source, Store

_LINES_AT_ONCE: Final = 100
"""Lines read before they are shown and the other tasks get a turn: some milliseconds."""

_FLUSH_SECONDS: Final = 0.25
"""Longest pause between two looks at unfinished blocks, while there are any."""

_GRACE_SECONDS: Final = 1.0
"""Time to finish what is in hand after the first signal; a reader that is stuck gets no more."""

_log = structlog.stdlib.get_logger()


@dataclass(slots=True)
class _Stream:
    """One file's reader, what it gave out, and where it may have to be read again from.

    Attributes:
        viewer: Turns what was given out into what may be seen.
        given: Stretches that were given out and not shown yet.
        reader: Holds what is not finished; tells `given`.
        path: Where the file was last seen.
        marks: Where the file may have to be read again from; empty without a store.
    """

    viewer: Viewer
    given: list[Stretch] = field(default_factory=list)
    reader: LineReader = field(init=False)
    path: str = ""
    marks: Marks = field(default_factory=Marks)

    def __post_init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        """Take a new reader; what the present one holds is forgotten."""
        self.reader = LineReader(floor=Level.TRACE, witness=self.given.append)
        self.marks.forget_unfinished()


class Follow:
    """Shows one source's lines, and records the positions behind them.

    One chunk is in hand at a time: while the display waits for its reader, nothing is read.
    """

    def __init__(
        self,
        source: Source,
        display: Display,
        clock: Clock,
        interpreter: Interpreter,
        *,
        store: Store | None,
        max_line_bytes: int,
        errors_only: bool = False,
    ) -> None:
        """Prepare.

        Args:
            source: Where lines come from; it ends by itself in a single pass.
            display: Who sees them.
            clock: The present.
            interpreter: Knows what matters and what must not be seen.
            store: Keeps the positions; None to keep none.
            max_line_bytes: Longest line that is looked at whole.
            errors_only: Whether only events that a rule matches are shown.
        """
        self._source = source
        self._display = display
        self._clock = clock
        self._interpreter = interpreter
        self._store = store
        self._max_line_bytes = max_line_bytes
        self._errors_only = errors_only
        self._streams: dict[str, _Stream] = {}
        self._unrecorded: dict[str, Batch] = {}
        self._turn = asyncio.Lock()
        self._waiting = asyncio.Event()
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        """Follow until the source ends or a signal comes.

        With a store, a block that is not finished at the end is shown after the restart; without
        one, it is shown as it is.

        Raises:
            StateUnusableError: The state cannot be used any more.
            BrokenPipeError: Nobody looks at the display any more. Both within `ExceptionGroup`.
        """
        with self._signals():
            async with asyncio.TaskGroup() as workers:
                tasks = [
                    workers.create_task(self._read(), name="read"),
                    workers.create_task(self._flush(), name="flush"),
                    workers.create_task(self._source.attend(), name="attend"),
                    workers.create_task(self._display.watch(), name="display"),
                ]
                await self._stopping.wait()
                with suppress(TimeoutError):
                    async with asyncio.timeout(_GRACE_SECONDS):
                        await self._settle()
                for task in tasks:
                    task.cancel()

    async def _settle(self) -> None:
        """Finish the chunk in hand, and begin no other."""
        await self._turn.acquire()
        if self._store is None:
            for stream in self._streams.values():
                await self._finish(stream, force=True)

    # --- reading ---------------------------------------------------------------------------

    async def _read(self) -> None:
        resume: Sequence[Position] = () if self._store is None else await self._store.positions()
        async with aclosing(self._source.chunks(resume)) as chunks:
            async for chunk in chunks:
                async with self._turn:
                    await self._take(chunk)
        self._stopping.set()

    async def _take(self, chunk: Chunk) -> None:
        stream = self._streams.get(chunk.key)
        if stream is None:
            viewer = Viewer(self._interpreter)
            stream = self._streams[chunk.key] = _Stream(viewer)
        stream.path = chunk.path
        await self._feed(stream, chunk)
        if chunk.ended:
            await self._finish(stream, force=True)
            del self._streams[chunk.key]
        if self._store is not None:
            stream.marks.note(chunk, stream.reader)
            await self._record(stream)
        if stream.reader.due() is not None:
            self._waiting.set()

    async def _feed(self, stream: _Stream, chunk: Chunk) -> None:
        lines = self._interpreter.lines(
            chunk, lambda: stream.reader, max_line_bytes=self._max_line_bytes, every=True
        )
        for number, (line, start, end, cut) in enumerate(lines, 1):
            feed = partial(stream.reader.feed, line, start=start, end=end, cut=cut)
            self._guarded(stream, partial(feed, now=self._clock.now()))
            if number % _LINES_AT_ONCE == 0:
                await self._show(stream)
                await self._clock.sleep(0)
        await self._show(stream)

    async def _flush(self) -> None:
        """Finish blocks of lines whose time is over; for ever."""
        while True:
            await self._waiting.wait()
            await self._clock.sleep(_FLUSH_SECONDS)
            async with self._turn:
                await self._flush_overdue()

    async def _flush_overdue(self) -> None:
        now = self._clock.now()
        self._waiting.clear()
        for stream in self._streams.values():
            due = stream.reader.due()
            if due is not None and due <= now:
                await self._finish(stream)
                await self._record(stream)
            if stream.reader.due() is not None:
                self._waiting.set()

    async def _finish(self, stream: _Stream, *, force: bool = False) -> None:
        now = self._clock.now()
        self._guarded(stream, partial(stream.reader.flush, now=now, force=force))
        await self._show(stream)

    def _guarded(self, stream: _Stream, read: Callable[[], object]) -> None:
        """Read. A defect of ours must not end it at one line, at every start again.

        The text is not logged: it was not redacted.
        """
        try:
            read()
        except Exception as defect:  # noqa: BLE001 -- the edge between a line and the command
            _log.error("line_defect", path=stream.path, error=type(defect).__name__)
            stream.begin_anew()

    # --- showing, then recording -----------------------------------------------------------

    async def _show(self, stream: _Stream) -> None:
        """Hand over what was given out; waits as long as the display does."""
        given = list(stream.given)
        stream.given.clear()
        now = self._clock.now()
        seen: list[Shown] = []
        for stretch in given:
            try:
                shown = stream.viewer.shown(stretch, path=stream.path, now=now)
            except Exception as defect:  # noqa: BLE001 -- as in `_guarded`
                _log.error("line_defect", path=stream.path, error=type(defect).__name__)
                continue
            if shown is not None and (shown.verdict is not None or not self._errors_only):
                seen.append(shown)
        if seen:
            await self._display.show(seen)

    async def _record(self, stream: _Stream) -> None:
        """Record the position behind what was shown; one that cannot be is tried again later."""
        if self._store is None:
            return
        position = stream.marks.position(stream.reader)
        if position is None:
            return
        tally = stream.reader.take_tally()
        earlier = self._unrecorded.pop(position.key, None)
        self._unrecorded[position.key] = Batch(
            path=stream.path,
            sightings=(),
            position=position,
            tally=tally if earlier is None else earlier.tally + tally,
        )
        try:
            await self._store.record(tuple(self._unrecorded.values()), now=self._clock.now())
        except StateUnusableError:
            raise
        except StoreError as error:
            # The lines go on; after a restart they would be shown again.
            _log.warning("position_unrecorded", error=str(error), hint=error.hint)
        else:
            self._unrecorded.clear()

    # --- stopping --------------------------------------------------------------------------

    @contextmanager
    def _signals(self) -> Generator[None]:
        """Stop at the first signal; the second one ends the process at once."""
        loop = asyncio.get_running_loop()
        ending = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)

        def handle() -> None:
            for each in ending:
                loop.remove_signal_handler(each)
                signal.signal(each, signal.SIG_DFL)
            self._stopping.set()

        for each in ending:
            loop.add_signal_handler(each, handle)
        try:
            yield
        finally:
            for each in ending:
                loop.remove_signal_handler(each)
