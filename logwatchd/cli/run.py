"""`logwatchd run`, and `--dry-run`."""

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

import structlog

import logwatchd.transport  # noqa: F401 -- now, while rich is kept out of it
from logwatchd.app import Mode, configure_logs
from logwatchd.app import run as run_app
from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.endings import raise_expected
from logwatchd.cli.output import say
from logwatchd.settings import Loaded, load
from logwatchd.store.queries import Standing

DEMO_LOG = Path(__file__).parent.parent / "demo" / "demo.log"


def run(options: Namespace) -> int:
    """Run the daemon until it is told to stop, or a dry run."""
    if options.once and not options.dry_run:
        say("logwatchd: --once needs --dry-run")
        return USAGE
    if options.json and not options.dry_run:
        say("logwatchd: --json needs --dry-run; the daemon's own log is JSON by log.format")
        return USAGE

    def read() -> Loaded:
        return load(flags=_flags(options), file=options.config, to_send=not options.dry_run)

    loaded = read()
    configure_logs(loaded)
    mode = Mode(
        keep_state=not options.dry_run,
        once=options.once,
        out=sys.stdout,
        as_json=options.json,
    )
    try:
        standing = asyncio.run(run_app(loaded, mode, reload=read))
    except ExceptionGroup as group:
        raise_expected(group)
        # A defect of ours. The log redacts the stacks too; the service manager restarts us.
        structlog.stdlib.get_logger().critical("crashed", exc_info=group)
        return FAILED
    if options.dry_run:
        _sum_up(standing, as_json=options.json)
    return DONE


def _flags(options: Namespace) -> dict[str, Any]:
    flags: dict[str, Any] = {}
    if options.state is not None:
        flags["state_dir"] = str(options.state)
    if options.paths:
        flags["paths"] = tuple(options.paths)
    if options.from_beginning:
        flags["source"] = {"start_at": "beginning"}
    if options.dry_run:
        flags["sinks"] = ("console",)
        # What stands in the files is what one wants to see; nothing is sent to anyone.
        flags["source"] = {"start_at": "beginning"}
        flags["log"] = {"level": "warning"}
        if not options.paths and not _configured_paths(options):
            flags["paths"] = (str(DEMO_LOG),)
    return flags


def _configured_paths(options: Namespace) -> bool:
    return bool(load(file=options.config, to_run=False).settings.paths)


def _sum_up(standing: Standing, *, as_json: bool) -> None:
    totals = standing.totals
    unparsed = {
        name.partition(":")[2]: count
        for name, count in totals.items()
        if name.startswith("unparsed:")
    }
    problems = sum(sum(each.values()) for each in standing.incidents.values())
    if as_json:
        return
    reasons = ", ".join(f"{count} {name}" for name, count in sorted(unparsed.items()))
    say(
        f"{totals.get('lines', 0)} lines, {totals.get('events', 0)} events in {problems} problems"
        + (f"; not read as records: {reasons}" if reasons else "")
    )
    say("Dry run: nothing was sent, nothing is remembered.")
