"""The report of a replay, for people."""

import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from logwatchd.cli.output import is_pretty, print_table
from logwatchd.domain.incident import short_id
from logwatchd.domain.reasons import MEANINGS
from logwatchd.domain.replay_diff import changes
from logwatchd.domain.replay_report import DIGEST, Message, ReplayReport
from logwatchd.domain.safe_text import one_line

_TITLE_WIDTH: Final = 80
_SHOWN: Final = 50
"""Rows of a table that are printed; `--json` lists more."""

_MIB: Final = 1024 * 1024

_DIGEST_MEANING: Final = "what happened beyond the cards in an hour"


def print_report(report: ReplayReport) -> None:
    """Print a report as tables."""
    _section("What was read", ("what", "how"), _reading(report))
    _section("Problems", ("id", "severity", "category", "count", "told", "first", "last", "problem"),
             _incidents(report), of=sum(report.severities.values()))  # fmt: skip
    _messages(report)
    _section("Decisions", ("decision", "events", "meaning"), _numbers(report.decisions))
    _section("In short", ("what", "how"), _short(report))


def print_told(report: ReplayReport) -> None:
    """Print of a report what people would have been told, and what was held back."""
    _messages(report)
    _section("In short", ("what", "how"), _short(report))


def print_diff(before: ReplayReport, after: ReplayReport) -> None:
    """Print what another configuration changes."""
    totals = [
        ("new messages", before.whys.total(), after.whys.total()),
        ("edits", before.edits, after.edits),
        ("problems", sum(before.severities.values()), sum(after.severities.values())),
        ("never told", before.never_told, after.never_told),
        *(
            (why, before.decisions[why], after.decisions[why])
            for why in sorted({*before.decisions, *after.decisions})
        ),
    ]
    rows = [(what, str(old), str(new), _signed(new - old)) for what, old, new in totals]
    _section("In numbers", ("what", "before", "after", "change"), rows)
    found = changes(before, after)
    _section(
        "By problem",
        ("id", "told before", "told after", "severity before", "severity after", "problem"),
        [
            (
                short_id(each.fingerprint),
                str(each.told_before),
                str(each.told_after),
                each.severity_before or "-",
                each.severity_after or "-",
                each.incident.template[:_TITLE_WIDTH] if each.incident else "",
            )
            for each in found[:_SHOWN]
        ],
        of=len(found),
    )


def _messages(report: ReplayReport) -> None:
    _section(
        "What would have been told",
        ("when", "why", "id", "severity", "events", "problem"),
        [_message(each) for each in report.messages[:_SHOWN]],
        of=report.whys.total(),
    )
    _section("Messages", ("why", "number", "meaning"), _numbers(report.whys))


def _section(
    title: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[str, ...]],
    *,
    of: int | None = None,
) -> None:
    rows = list(rows)
    if of is not None and of > len(rows):
        title += f" ({len(rows)} of {of})"
    if not is_pretty(sys.stdout):
        print(f"# {title}")
    print_table(columns, rows, title=title)


def _reading(report: ReplayReport) -> list[tuple[str, str]]:
    total = report.total()
    size = sum(each.size_bytes for each in report.files)
    rows = [
        (
            "files",
            f"{len(report.files)}, {size / _MIB:.1f} MiB ({total.bytes / _MIB:.1f} unpacked)",
        ),
        ("time", _span(report)),
        ("lines", str(total.lines)),
        ("events", str(total.events)),
        ("below every rule's level", str(total.below)),
        *(
            (f"not a record: {reason.value}", str(n))
            for reason, n in sorted(total.unparsed.items())
        ),
        ("cut lines", str(total.cut)),
        ("lost to a defect of ours", str(sum(each.defects for each in report.files))),
        ("times not believed", str(sum(each.disbelieved for each in report.files))),
        *(("damaged", each.damage) for each in report.damaged()[:_SHOWN]),
    ]
    always = ("files", "time", "lines", "events")
    return [row for row in rows if row[0] in always or row[1] != "0"]


def _incidents(report: ReplayReport) -> list[tuple[str, ...]]:
    return [
        (
            short_id(each.fingerprint),
            each.severity.value,
            each.category.value,
            str(each.count),
            str(report.told[each.fingerprint]),
            _moment(each.first_seen),
            _moment(each.last_seen),
            each.template[:_TITLE_WIDTH],
        )
        for each in report.incidents[:_SHOWN]
    ]


def _message(message: Message) -> tuple[str, ...]:
    when, events = _moment(message.at), str(message.events)
    if message.incident is None:
        held = f", {message.held_back} held back" if message.held_back else ""
        return when, message.why, "-", "-", events, f"{message.problems} problems{held}"
    incident = message.incident
    title = one_line(incident.template, _TITLE_WIDTH)
    return when, message.why, short_id(incident.fingerprint), incident.severity.value, events, title


def _numbers(counts: Mapping[str, int]) -> list[tuple[str, str, str]]:
    return [(why, str(n), _meaning(why)) for why, n in sorted(counts.items())]


def _meaning(why: str) -> str:
    return _DIGEST_MEANING if why == DIGEST else MEANINGS.get(why, "")


def _short(report: ReplayReport) -> list[tuple[str, str]]:
    rows = [("new messages", f"{report.whys.total()}, and {report.edits} edits of them")]
    if report.peak_hour is not None:
        rows.append(
            ("most in an hour", f"{report.peak_hour.messages}, {_moment(report.peak_hour.since)}")
        )
    if report.peak_day is not None:
        rows.append(("most in a day", f"{report.peak_day.messages}, {report.peak_day.since:%F}"))
    held = sum(report.held_back().values())
    rows.append(("held back", f"{held} events; {report.never_told} problems never got a card"))
    if report.forgotten:
        rows.append(("forgotten", f"{report.forgotten} problems: store.max_bytes or store.keep"))
    return rows


def _span(report: ReplayReport) -> str:
    if report.first_at is None or report.last_at is None:
        return "no event"
    length = timedelta(seconds=int((report.last_at - report.first_at).total_seconds()))
    return f"{_moment(report.first_at)} to {_moment(report.last_at)} ({length})"


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"


def _signed(number: int) -> str:
    return f"{number:+d}" if number else "0"
