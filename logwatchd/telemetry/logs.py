"""The daemon's own log: structlog to standard error, every text made inert and redacted last."""

import contextlib
import io
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from typing import Final, TextIO, cast

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

from logwatchd.domain.cleaning import visible

_QUIET: Final = ("httpx", "httpcore", "watchfiles", "asyncio", "anyio")
"""Libraries whose INFO lines hold whole addresses (httpx), or say nothing to an operator."""

_NESTING_LIMIT: Final = 4

_PRIORITIES: Final = {
    "debug": 7,
    "info": 6,
    "warning": 4,
    "error": 3,
    "exception": 3,
    "critical": 2,
}
"""What systemd takes in front of a line (sd-daemon(3)), by the name of the logger's method."""


def configure(
    *,
    level: str,
    json_lines: bool | None,
    redact: Callable[[str], str],
    stream: TextIO | None = None,
    render: Processor | None = None,
    journal_stream: str = "",
) -> None:
    """Set up logging for the whole process; may be called again.

    Args:
        level: Least level shown: `debug`, `info`, `warning` or `error`.
        json_lines: Whether to write JSON; None means when the stream is no terminal.
        redact: Applied to every text of every line, as the last thing before it is rendered; what
            a terminal would act on is taken out just before.
        stream: Where to write; standard error by default.
        render: Makes the text of a line in its own way; `json_lines` is not asked then.
        journal_stream: Value of `JOURNAL_STREAM`: when it names the stream, every line tells the
            journal its priority.
    """
    stream = stream or sys.stderr
    for_journal = is_journal(stream, journal_stream)
    clean = _cleaner(redact)
    number = logging.getLevelNamesMapping()[level.upper()]
    as_json = not stream.isatty() if json_lines is None else json_lines
    renderer: list[Processor] = (
        [render]
        if render is not None
        else [structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [structlog.dev.ConsoleRenderer(colors=stream.isatty())]
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _each_text(clean),
            *renderer,
            *([_with_priority] if for_journal else []),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast("TextIO", _Unfailing(stream))),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Cleaning(clean, prioritise=for_journal))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    _catch_strays(clean, _Unfailing(stream))


def is_journal(stream: TextIO, journal_stream: str) -> bool:
    """Say whether a stream leads to the journal (systemd.exec(5)), and not into a pipe or a file.

    Args:
        stream: The stream.
        journal_stream: Value of `JOURNAL_STREAM`: device and inode, inherited by every child.
    """
    try:
        status = os.fstat(stream.fileno())
    except (OSError, ValueError):
        return False
    return journal_stream == f"{status.st_dev}:{status.st_ino}"


def _with_priority(_logger: WrappedLogger, method: str, text: EventDict) -> str:
    """Put the priority in front of a rendered line."""
    return f"<{_PRIORITIES.get(method, _PRIORITIES['info'])}>{text}"


def _cleaner(redact: Callable[[str], str]) -> Callable[[str], str]:
    """Return what every text goes through: the name of a file may hold anything, too."""
    return lambda text: redact(visible(text))


def _catch_strays(clean: Callable[[str], str], stream: TextIO | io.TextIOBase) -> None:
    """Clean what the interpreter itself would print of errors that nobody catches."""

    def show(error: BaseException | None) -> None:
        if error is not None and not isinstance(error, SystemExit):
            stream.write(clean("".join(traceback.format_exception(error))))
            stream.flush()

    sys.excepthook = lambda _kind, error, _trace: show(error)
    sys.unraisablehook = lambda stray: show(stray.exc_value)
    threading.excepthook = lambda stray: show(stray.exc_value)


class _Unfailing(io.TextIOBase):
    """Writes to a stream that may be full or gone; a lost line must not end a daemon that works."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write, or give up."""
        with contextlib.suppress(OSError, ValueError):
            return self._stream.write(text)
        return 0

    def flush(self) -> None:
        """Flush, or give up."""
        # No `contextlib` here: it may be gone when the interpreter ends and closes its streams.
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return


class _Cleaning(logging.Formatter):
    """Formats the lines of libraries; they are cleaned and redacted as our own."""

    def __init__(self, clean: Callable[[str], str], *, prioritise: bool) -> None:
        super().__init__("%(asctime)s %(levelname)s %(name)s: %(message)s")
        self._clean = clean
        self._prioritise = prioritise

    def format(self, record: logging.LogRecord) -> str:
        text = self._clean(super().format(record))
        if not self._prioritise:
            return text
        # The journal makes an entry of each line.
        mark = f"<{_PRIORITIES.get(record.levelname.lower(), _PRIORITIES['info'])}>"
        return "\n".join(mark + line for line in text.split("\n"))


def _shown(value: object) -> str:
    """Return a value as text; one that refuses, such as tainted text, shows what it is."""
    try:
        return str(value)
    except Exception:  # noqa: BLE001 -- a log line must not end a daemon that works
        return f"<{type(value).__name__}>"


def _each_text(clean: Callable[[str], str]) -> Processor:
    def cleaned(value: object, depth: int = 0) -> object:
        if isinstance(value, str):
            return clean(value)
        if isinstance(value, bool | int | float) or value is None:
            return value
        if isinstance(value, dict) and depth < _NESTING_LIMIT:
            return {clean(str(key)): cleaned(each, depth + 1) for key, each in value.items()}
        if isinstance(value, list | tuple) and depth < _NESTING_LIMIT:
            return [cleaned(each, depth + 1) for each in value]
        return clean(_shown(value))

    def process(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {name: cleaned(value) for name, value in event.items()}

    return process
