"""`logwatchd tail`: every line's event as it comes."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Callable, MutableMapping, Sequence
from functools import partial
from glob import has_magic
from pathlib import Path
from typing import Any, Final

import structlog

from logwatchd.app import tail as run_tail
from logwatchd.cli import DONE, FAILED
from logwatchd.cli.endings import first_of, raise_expected
from logwatchd.cli.output import is_pretty
from logwatchd.cli.patient import PatientOutput
from logwatchd.cli.tail_lines import as_json, as_text
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.shown import Shown
from logwatchd.domain.tainted import Tainted
from logwatchd.settings import load
from logwatchd.store.private import TAIL_NAME
from logwatchd.telemetry import logs

_REMARK_LIMIT: Final = 1_000
_REMARKS: Final = {
    "log_missing": "{pattern}: not there yet, waiting for it",
    "log_truncated": "{path}: was emptied with {unread_bytes} bytes unread; from its beginning now",
    "log_packed_unreadable": "{path}: cannot be unpacked to its end: {error}",
    "log_packed_too_large": "{path}: only its first {unpacked} bytes are unpacked",
    "log_unreadable": "{path}: {error}",
    "line_defect": "{path}: a line could not be shown, by a defect of ours: {error}",
    "position_unrecorded": "{error}; lines may be shown again after a restart",
    "notifications_failing": "no notifications ({error}): lines are looked for once a second",
    "state_damaged": "the state was damaged and is now at {moved_to}",
}


def tail(options: Namespace) -> int:
    """Print lines until told to stop."""
    flags: dict[str, Any] = {"paths": tuple(options.paths)}
    if options.from_beginning:
        flags["source"] = {"start_at": "beginning"}
    loaded = load(flags=flags, file=options.config, to_run=False)
    logs.configure(level="warning", json_lines=None, redact=loaded.redactor.text, render=_remark)
    display = _Display(_form(options))
    work = run_tail(
        loaded,
        display,
        keep_in=options.state / TAIL_NAME if options.state else None,
        once=options.once,
        errors_only=options.errors,
    )
    try:
        asyncio.run(work)
    except ExceptionGroup as group:
        raise_expected(group)
        structlog.stdlib.get_logger().critical("crashed", error=repr(first_of(group)))
        return FAILED
    return DONE


class _Display:
    """Implements `ports.Display` on standard output."""

    def __init__(self, form: Callable[[Shown], str]) -> None:
        self._form = form
        self._encoding = sys.stdout.encoding
        self._output = PatientOutput(sys.stdout.fileno())

    async def show(self, items: Sequence[Shown]) -> None:
        """See `ports.Display`."""
        text = "".join(map(self._form, items))
        await self._output.write(text.encode(self._encoding, "backslashreplace"))

    async def watch(self) -> None:
        """See `ports.Display`."""
        await self._output.gone()


def _form(options: Namespace) -> Callable[[Shown], str]:
    if options.json:
        return as_json
    paths = options.paths
    several = len(paths) > 1 or has_magic(paths[0]) or Path(paths[0]).is_dir()
    return partial(as_text, colour=is_pretty(sys.stdout), with_path=several)


def _remark(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """Return what the engine says about itself as a sentence on which a terminal acts in no way."""
    name = str(event["event"])
    values = {key: str(value) for key, value in event.items() if key not in ("event", "timestamp")}
    form = _REMARKS.get(name)
    if form is None:
        form = " ".join([name, *(f"{key}={{{key}}}" for key in values)])
    hint = f" ({values['hint']})" if name == "log_unreadable" and values.get("hint") else ""
    return "logwatchd: " + one_line(Tainted(form.format_map(values) + hint), _REMARK_LIMIT)
