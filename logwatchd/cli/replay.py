"""`logwatchd replay`: what would have been told of old logs."""

import signal
from argparse import Namespace
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from time import monotonic
from types import FrameType
from typing import Final

from logwatchd.app import configure_logs, replay_logs
from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.output import print_json, say
from logwatchd.cli.progress import progress_bar
from logwatchd.cli.replay_text import print_diff, print_report
from logwatchd.domain.replay_diff import diff_values
from logwatchd.domain.replay_report import ReplayReport, report_values
from logwatchd.domain.safe_text import terminal
from logwatchd.domain.tainted import Tainted
from logwatchd.errors import ConfigError
from logwatchd.settings import Loaded, load
from logwatchd.sources.old_logs import OldLog, find_old
from logwatchd.sources.packing import can_unpack

_MIB: Final = 1024 * 1024


def replay(options: Namespace) -> int:
    """Read old logs on a virtual clock and report; with `--diff`, twice."""
    quiet = {"log": {"level": "warning"}}
    loaded = load(flags=quiet, file=options.config, to_run=False)
    other = load(flags=quiet, file=options.diff, to_run=False) if options.diff else None
    configure_logs(loaded)
    logs, problems = find_old(options.paths)
    if problems:
        for each in problems:
            say(f"logwatchd: {loaded.redactor.text(each)}")
        return USAGE
    _need_packages(logs)
    with _stop_at_signal() as stopped:
        report = _run(loaded, logs, stopped, "replay")
        after = _run(other, logs, stopped, str(options.diff)) if other is not None else None
    if options.json:
        values = report_values(report)
        if after is not None:
            values["diff"] = {"after": report_values(after), **diff_values(report, after)}
        print_json(values)
    elif after is not None:
        print_diff(report, after)
    else:
        print_report(report)
    return _verdict(report, after)


def _run(loaded: Loaded, logs: list[OldLog], stopped: list[bool], what: str) -> ReplayReport:
    begun = monotonic()
    size_bytes = sum(each.size_bytes for each in logs)
    with progress_bar(terminal(Tainted(what)), total_bytes=size_bytes) as advance:
        report = replay_logs(loaded, logs, read=advance, stopped=lambda: bool(stopped))
    took = max(monotonic() - begun, 0.001)
    total = report.total()
    say(
        f"{total.lines} lines, {total.events} events in {took:.1f} s: "
        f"{total.bytes / took / _MIB:.0f} MiB/s, {total.events / took:.0f} events/s"
    )
    return report


def _need_packages(logs: Sequence[OldLog]) -> None:
    """Refuse before anything is read what could not be unpacked."""
    missing = sorted({each.packing.value for each in logs if not can_unpack(each.packing)})
    if missing:
        raise ConfigError(
            [(name, "a package is needed to read it") for name in missing],
            hint="pip install 'logwatchd[zstd]', or unpack the files first.",
        )


def _verdict(report: ReplayReport, after: ReplayReport | None) -> int:
    """Say on standard error what is not whole, and return the exit code."""
    for file in report.damaged():
        say(f"logwatchd: {file.damage}; what came before it counts")
    if report.interrupted or (after is not None and after.interrupted):
        say("logwatchd: stopped before the end; the report is of what was read until then")
    return FAILED if report.damaged() else DONE


@contextmanager
def _stop_at_signal() -> Generator[list[bool]]:
    """End the reading at the first signal, with a report; the second one ends the process."""
    stopped: list[bool] = []
    ending = (signal.SIGINT, signal.SIGTERM)

    def stop(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 -- the signature of a handler
        stopped.append(True)
        for each in ending:
            signal.signal(each, signal.SIG_DFL)

    before = [signal.signal(each, stop) for each in ending]
    try:
        yield stopped
    finally:
        for each, handler in zip(ending, before, strict=True):
            signal.signal(each, handler)
