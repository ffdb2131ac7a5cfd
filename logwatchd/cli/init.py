"""`logwatchd init`: from a log to a first configuration, and what it would have told."""

import os
from argparse import Namespace
from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from logwatchd.app import configure_logs, replay_logs
from logwatchd.cli import DONE, FAILED, USAGE
from logwatchd.cli.output import print_table, say
from logwatchd.cli.progress import progress_bar
from logwatchd.cli.replay_text import print_told
from logwatchd.domain.event import Level
from logwatchd.domain.lines import LineReader
from logwatchd.domain.replay_report import ReplayReport
from logwatchd.domain.starter import Starter, findings, starter_toml
from logwatchd.domain.survey import Survey
from logwatchd.settings import Loaded, load
from logwatchd.sources.old_logs import OldLog, find_old
from logwatchd.sources.packing import Packing
from logwatchd.sources.sample import sample_of
from logwatchd.wiring import SystemClock, every_line

_DAY: Final = timedelta(days=1)
_NO_FILE: Final = Path(os.devnull)
"""The defaults are looked through, whatever file lies here."""


def init(options: Namespace) -> int:
    """Write a configuration for logs, and print what it would have told over their last day."""
    output: Path = options.output
    if output.exists() and not options.force:
        say(f"logwatchd: {output} is there already; --force replaces it")
        return USAGE
    loaded = load(flags={"log": {"level": "warning"}}, file=_NO_FILE, to_run=False)
    configure_logs(loaded)
    logs, problems = find_old(options.paths)
    logs = [each for each in logs if each.packing is Packing.PLAIN]
    if problems or not logs:
        for each in problems or ["only compressed files there: a daemon follows none"]:
            say(f"logwatchd: {loaded.redactor.text(each)}")
        return USAGE
    now = SystemClock().now()
    survey, unparsed = _survey(loaded, sample_of(logs), now=now)
    if not survey.records:
        why = ", ".join(f"{n} {reason}" for reason, n in unparsed.items()) or "it is empty"
        say(f"logwatchd: no record in the log, so nothing is written: {why}")
        say("  hint: it reads JSON with a level, one record a line; docs/configuration.md")
        return FAILED
    since = (survey.latest or now) - _DAY
    report = _last_day(loaded, logs, since=since)
    starter = Starter(
        paths=[str(Path(each).absolute()) for each in options.paths],
        survey=survey,
        unparsed=unparsed,
        incidents=report.incidents,
        today=now,
    )
    try:
        output.write_text(starter_toml(starter, loaded.redactor.text), "utf-8")
    except (OSError, UnicodeEncodeError) as error:  # the second: a path that is no UTF-8
        say(f"logwatchd: {output} cannot be written: {_reason(error)}")
        return FAILED
    print_table(("what", "how"), list(findings(starter, loaded.redactor.text)), title="The log")
    print_told(report)
    load(file=output, to_run=False)  # what was written is tried, as the daemon will
    say(f"{output} is written. Next: logwatchd --config {output} check")
    return DONE


def _reason(error: OSError | UnicodeEncodeError) -> str:
    if isinstance(error, OSError):
        return error.strerror or type(error).__name__
    return "the path of a log is not UTF-8; name a directory or a glob above it"


def _survey(
    loaded: Loaded, samples: Sequence[bytes], *, now: datetime
) -> tuple[Survey, dict[str, int]]:
    """Count what stands in samples, redacted, and the lines that are no records by reason."""
    interpreter, survey, unparsed = every_line(loaded), Survey(), Counter[str]()
    for data in samples:
        reader, offset = LineReader(floor=Level.TRACE), 0
        for line in data.splitlines(keepends=True):
            end = offset + len(line)
            for parsed in reader.feed(line, start=offset, end=end, now=now):
                event = interpreter.redactor.event(parsed, received_at=now, service="")
                believed = parsed.at is not None and parsed.at <= now + _DAY
                survey.add(event, at=parsed.at if believed else None)
            offset = end
        for parsed in reader.flush(now=now, force=True):
            survey.add(interpreter.redactor.event(parsed, received_at=now, service=""), at=None)
        for reason, n in reader.take_tally().unparsed.items():
            unparsed[reason.value] += n
    return survey, dict(unparsed)


def _last_day(loaded: Loaded, logs: Sequence[OldLog], *, since: datetime) -> ReplayReport:
    """Replay what happened since a time; files that were not written to since are left out."""
    recent = [each for each in logs if each.modified_at >= since] or list(logs)
    with progress_bar("init", total_bytes=sum(each.size_bytes for each in recent)) as advance:
        return replay_logs(loaded, recent, read=advance, stopped=lambda: False, since=since)
