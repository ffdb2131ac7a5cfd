"""Old logs through the daemon's decisions, on a virtual clock."""

import bz2
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest

from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.notice import CardNotice, Receipt
from logwatchd.domain.policy import Policy, Why, telling
from logwatchd.domain.position import Position, Tally
from logwatchd.domain.redact import Redactor
from logwatchd.domain.replay_report import Message, ReplayReport, report_values
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shipped_rules import SHIPPED
from logwatchd.domain.storm import StormPolicy
from logwatchd.domain.tainted import Tainted
from logwatchd.pipeline.replay import Run, replay
from logwatchd.ports import Batch, JobKind
from logwatchd.sources.old_logs import find_old
from logwatchd.store.sqlite import Limits, open_store
from tests.fakes.clock import NOON

SECOND, MINUTE, HOUR, DAY = (timedelta(seconds=each) for each in (1, 60, 3_600, 86_400))
FIRST, LATE, AGAIN, REMINDER = "told_first", "told_late", "told_regressed", "told_reminder"


def line(at: datetime, message: str = "disk is full", level: str = "ERROR") -> str:
    """Return a line as `tracing` writes it."""
    record = {
        "timestamp": at.isoformat(),
        "level": level,
        "fields": {"message": message},
        "target": "app::disk",
    }
    return json.dumps(record) + "\n"


def interpreter_of_the_shipped_rules() -> Interpreter:
    """Return what a configuration that says nothing about rules gives."""
    redactor = Redactor(own_secrets=(), extra_keys=(), extra_patterns=())
    return Interpreter(RuleSet(SHIPPED), redactor)


def run_of(paths: Iterable[Path], *, stop_after: int = 10**9, **policy: Any) -> ReplayReport:
    """Replay files with the shipped rules."""
    logs, problems = find_old([str(each) for each in paths])
    assert not problems
    asked = Counter[str]()

    def stopped() -> bool:
        asked["times"] += 1
        return asked["times"] > stop_after

    run = Run(
        interpreter=interpreter_of_the_shipped_rules(),
        policy=Policy(**policy),
        limits=Limits(),
        max_line_bytes=256 * 1024,
        latest=NOON + 400 * DAY,
        read=lambda _bytes, _events: None,
        stopped=stopped,
    )
    return replay(logs, run)


def replayed(tmp_path: Path, lines: Sequence[str], **policy: Any) -> ReplayReport:
    """Replay lines as one file."""
    path = tmp_path / "app.log"
    path.write_text("".join(lines))
    return run_of([path], **policy)


def told(report: ReplayReport) -> list[tuple[datetime, str]]:
    """Return when something was told, and why."""
    return [(each.at, each.why) for each in report.messages]


def cards(report: ReplayReport) -> list[tuple[datetime, str]]:
    """Return the same without digests."""
    return [(each.at, each.why) for each in report.messages if each.incident is not None]


def test_a_problem_is_told_when_it_was_first_seen(tmp_path: Path) -> None:
    """By the clock of its events, not by ours; what no rule wants is counted."""
    report = replayed(
        tmp_path, [line(NOON - HOUR, level="INFO"), line(NOON, level="INFO"), line(NOON + MINUTE)]
    )

    assert told(report) == [(NOON + MINUTE, FIRST)]
    assert (report.first_at, report.last_at) == (NOON + MINUTE, NOON + MINUTE)
    assert report.total().lines == 3
    assert report.total().below == 2


def test_what_recurs_is_told_by_the_digest_when_the_hour_is_over(tmp_path: Path) -> None:
    """A second after it, with the events beyond the cards; also for the last hour of the log."""
    report = replayed(tmp_path, [line(NOON + n * MINUTE) for n in range(90)])

    digests = [each for each in report.messages if each.incident is None]
    assert [(each.at, each.events) for each in digests] == [
        (NOON + HOUR + SECOND, 59),
        (NOON + 2 * HOUR + SECOND, 30),
    ]


def test_a_storm_of_new_problems_is_one_message_and_counted(tmp_path: Path) -> None:
    """It holds what was new in its second, and ends by itself, long before the next line."""
    words = [f"the {chr(97 + n % 26) * 2}{chr(97 + n // 26) * 2} broke" for n in range(100)]
    lines_at = [NOON + n * SECOND / 3 for n in range(100)]
    lines = [line(at, each) for at, each in zip(lines_at, words, strict=True)]
    report = replayed(tmp_path, [*lines, line(NOON + 3 * HOUR)], digest=False)

    assert report.whys == {FIRST: 11, "told_storm": 1}
    [storm] = [each for each in report.messages if each.why == "told_storm"]
    assert (storm.at, storm.problems, storm.incident) == (lines_at[11], 12, None)
    assert report.held_back() == {"held_storm": 90}
    assert report.decisions["storm_ended"] == 1
    assert report_values(report)["held_back"] == {"held_storm": 90}


def test_edits_keep_their_pace(tmp_path: Path) -> None:
    """At most every 30 seconds; every ten minutes once the card is an hour old."""
    report = replayed(tmp_path, [line(NOON + n * SECOND) for n in range(3_600)], digest=False)

    assert cards(report) == [(NOON, FIRST)]
    assert report.edits == 120
    report = replayed(tmp_path, [line(NOON + n * MINUTE) for n in range(181)], digest=False)
    assert report.edits == 60 + 12


def test_an_open_problem_is_reminded_of_after_four_hours_and_then_after_eight(
    tmp_path: Path,
) -> None:
    """The wait doubles."""
    report = replayed(tmp_path, [line(NOON + n * 10 * MINUTE) for n in range(6 * 13)], digest=False)

    assert cards(report) == [
        (NOON, FIRST),
        (NOON + 4 * HOUR, REMINDER),
        (NOON + 12 * HOUR, REMINDER),
    ]


def test_a_problem_that_comes_back_after_a_day_of_quiet_has_regressed(tmp_path: Path) -> None:
    """It is resolved in between, although no line was written at that time."""
    back = NOON + DAY + HOUR
    report = replayed(tmp_path, [line(NOON), line(back), line(back + MINUTE)], digest=False)

    assert cards(report) == [(NOON, FIRST), (back, AGAIN)]
    assert report.decisions["resolved_quiet"] == 1
    assert report.incidents[0].episode == 2


def test_one_second_less_of_quiet_is_no_regression(tmp_path: Path) -> None:
    """Decisions hold to the second."""
    back = NOON + DAY - SECOND
    report = replayed(tmp_path, [line(NOON), line(back), line(back + MINUTE)], digest=False)

    assert cards(report) == [(NOON, FIRST), (back, REMINDER)]


def test_resolve_after_holds_for_its_severity(tmp_path: Path) -> None:
    """Months without a line are crossed at once, and everything due in them is done."""
    waits = dict.fromkeys(Policy().resolve_after, 100 * DAY)
    later = NOON + 99 * DAY
    report = replayed(tmp_path, [line(NOON), line(later), line(later)], resolve_after=waits)

    assert report.decisions["resolved_quiet"] == 0
    assert cards(report) == [(NOON, FIRST), (later, REMINDER)]


def test_ceilings_hold_back_and_say_so(tmp_path: Path) -> None:
    """The eleventh warning of an hour waits; the digest names it; a critical one is not held."""
    lines = [
        line(NOON + n * SECOND, f"the {each * 3} broke") for n, each in enumerate("abcdefghijklm")
    ]
    lines.append(line(NOON + 20 * SECOND, "database connection lost"))
    lines.append(line(NOON + 2 * HOUR, "the mmm broke"))
    report = replayed(tmp_path, lines, storm=StormPolicy(problems=100))

    whys = Counter(report.whys)
    assert whys == {FIRST: 11, LATE: 1, "digest": 1}
    assert report.held_back() == {"held_hour_ceiling": 3}
    assert report.never_told == 2
    [digest] = [each for each in report.messages if each.incident is None]
    assert (digest.problems, digest.events, digest.held_back) == (3, 3, 3)
    assert report.peak_hour is not None
    assert (report.peak_hour.since, report.peak_hour.messages) == (NOON, 11)
    assert report.peak_day is not None
    assert report.peak_day.messages == 13


def test_files_of_two_services_are_merged_by_the_time_of_their_events(tmp_path: Path) -> None:
    """As the daemon would have read them side by side."""
    a, b = tmp_path / "a.log", tmp_path / "b.log"
    a.write_text("".join(line(NOON + n * MINUTE, "the a broke") for n in range(0, 60, 2)))
    b.write_text("".join(line(NOON + n * MINUTE, f"{'b' * n} broke") for n in range(1, 60, 20)))
    report = run_of([a, b], digest=False)

    assert [at for at, _ in cards(report)] == [NOON + n * MINUTE for n in (0, 1, 21, 41)]
    assert report.total().events == 33


def test_rotated_files_are_read_oldest_first_whatever_they_are_called(tmp_path: Path) -> None:
    """Compressed ones too; their order is that of their events."""
    lines = [line(NOON + n * MINUTE) for n in range(90)]
    (tmp_path / "app.log").write_text("".join(lines[60:]))
    (tmp_path / "app.log.1").write_text("".join(lines[30:60]))
    (tmp_path / "app.log.2.gz").write_bytes(gzip.compress("".join(lines[:30]).encode()))
    report = run_of([tmp_path / "app.log*"])
    (tmp_path / "whole").mkdir()
    whole = replayed(tmp_path / "whole", lines)

    assert told(report) == told(whole)
    assert report.incidents == whole.incidents
    assert report.edits == whole.edits


def test_an_archive_that_ends_too_early_counts_as_far_as_it_goes(tmp_path: Path) -> None:
    """And the other files are read."""
    levels = ["ERROR", *["DEBUG"] * 19]
    lines = [line(NOON + n * SECOND, f"it took {n}", levels[n % 20]) for n in range(40_000)]
    packed = bz2.compress("".join(lines).encode())
    (tmp_path / "app.log.1.bz2").write_bytes(packed[: len(packed) * 3 // 4])
    (tmp_path / "app.log").write_text(line(NOON + 3 * DAY, "the other"))
    report = run_of([tmp_path / "app.log*"], digest=False)

    [damaged] = report.damaged()
    assert "ends too early" in damaged.damage
    assert 500 < damaged.tally.events < 2_000
    assert report.total().events == damaged.tally.events + 1


def test_a_line_from_the_future_does_not_empty_the_report(tmp_path: Path) -> None:
    """One wrong clock must not move what follows into one instant."""
    lines = [line(NOON + n * MINUTE) for n in range(60 * 5)]
    lines.insert(1, line(NOON + 300 * DAY, "from the future"))
    lines.insert(5, line(NOON + 3_000 * DAY, "from far away"))
    report = replayed(tmp_path, lines, digest=False)

    assert [why for _, why in cards(report)] == [FIRST, FIRST, FIRST, REMINDER]
    assert report.last_at == NOON + 299 * MINUTE
    assert report.files[0].disbelieved == 2


def test_hostile_lines_are_counted_and_nothing_stops(tmp_path: Path) -> None:
    """Whatever stands in an old log."""
    path = tmp_path / "app.log"
    path.write_bytes(
        b"\0\0\0\n\xff\xfe\n[1]\n{\n" + b"[" * 5_000 + b"\n"
        b'{"level":"ERROR","timestamp":"9999-99-99","message":"\\ud800\\u001b[2J"}\n'
        + b'{"level":"ERROR","timestamp":1e999,"message":"x"}\n'
        + b"x" * 600_000
        + b"\n"
        + line(NOON).encode().rstrip()
    )
    report = run_of([path])

    assert report.total().lines == 9
    assert report.total().events == 3
    assert report.total().cut == 1
    assert report.first_at == NOON
    json.dumps(report_values(report), allow_nan=False)


def test_a_panic_at_the_end_and_plain_text_have_a_moment_too(tmp_path: Path) -> None:
    """What a crashed program said last is what one looks for."""
    report = replayed(
        tmp_path, [line(NOON), "thread 'main' panicked at src/a.rs:4:5:\nthe last words\n"]
    )

    titles = [each.incident.template for each in report.messages if each.incident]
    assert titles[1:] == [Tainted("the last words")]
    assert told(report)[1][0] == NOON


def test_nothing_in_a_file_is_an_empty_report(tmp_path: Path) -> None:
    """No event, no clock."""
    (tmp_path / "empty.log").write_bytes(b"")
    (tmp_path / "empty.gz").write_bytes(gzip.compress(b""))
    report = run_of([tmp_path / "empty.*"])

    assert report.first_at is None
    assert report_values(report)["messages_total"] == 0
    assert not report.damaged()


def test_a_replay_that_is_stopped_reports_what_it_has(tmp_path: Path) -> None:
    """Ctrl-C after an hour of reading must not throw the hour away."""
    path = tmp_path / "app.log"
    path.write_text("".join(line(NOON + n * SECOND) for n in range(5_000)))
    report = run_of([path], stop_after=2)

    assert report.interrupted
    assert 0 < report.total().events < 5_000
    assert report.messages


def test_a_replay_decides_the_same_twice(tmp_path: Path) -> None:
    """Nothing of the present gets into it, so that two configurations can be compared."""
    lines = [line(NOON + n * 7 * MINUTE, f"broke {'abc'[n % 3]}") for n in range(600)]

    first, second = (report_values(replayed(tmp_path, lines)) for _ in range(2))
    assert first == second


def test_lists_are_limited_and_totals_are_exact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A storm does not make a report of a gigabyte."""
    monkeypatch.setattr("logwatchd.pipeline.replay.LISTED", 5)
    lines = [line(NOON + n * HOUR, f"{'x' * n} broke") for n in range(1, 30)]
    values = report_values(replayed(tmp_path, lines, digest=False))

    assert len(values["messages"]) == len(values["incidents"]) == 5
    assert values["messages_total"] == values["incidents_total"] == 29


def test_many_problems_at_once_stay_within_memory(tmp_path: Path) -> None:
    """More than one transaction takes, in one virtual second."""
    lines = [line(NOON, f"{n:b}".replace("0", "a").replace("1", "b")) for n in range(2_000)]
    report = replayed(tmp_path, lines)

    assert report.total().events == 2_000
    assert sum(each.count for each in report.incidents) <= 2_000
    assert report.whys.total() <= 12
    assert all(isinstance(each, Message) for each in report.messages)


def test_more_files_than_may_be_open_are_all_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order suffers, no event does, and the clock is still not set back."""
    monkeypatch.setattr("logwatchd.pipeline.replay._MOST_OPEN", 2)
    for number in range(6):
        lines = [line(NOON + n * MINUTE, f"{'x' * number} broke") for n in range(number, 120)]
        (tmp_path / f"{number}.log").write_text("".join(lines))
    report = run_of([tmp_path])

    assert report.total().events == sum(120 - number for number in range(6))
    moments = [at for at, _ in told(report)]
    assert moments == sorted(moments)


async def test_a_replay_decides_as_the_daemon_did(tmp_path: Path) -> None:
    """The same events through the daemon's store, looked at every 20 seconds for two days."""
    step, chance = 20 * SECOND, Random(7)  # noqa: S311 -- the same at each run
    policy = Policy(edit_every=2 * step, ceiling_hour=3, ceiling_day=8, sinks=("live",))
    begin = NOON + HOUR
    steps = [begin + n * step for n in range(2 * 4_320)]
    problems = ["the disk broke", "the pool broke", "the net broke", "the cache broke", "panic"]
    busy = [at for at in steps if at.hour == 19 or (at.hour < 18 and at.day == begin.day)]
    events = {at: chance.choice(problems) for at in busy if chance.random() < 0.2}
    events |= dict.fromkeys(steps[::700], "database connection lost")
    report = replayed(
        tmp_path,
        [line(at, events[at]) for at in sorted(events)],
        edit_every=2 * step,
        ceiling_hour=3,
        ceiling_day=8,
    )

    decisions, edits = Counter[str](), 0
    messages: list[tuple[datetime, str]] = []
    interpreter = interpreter_of_the_shipped_rules()
    nowhere = Position(key="1", path="", device=0, inode=0)
    async with open_store(None, policy, limits=Limits(), now=begin) as store:
        for now in steps:
            decisions.update((await store.sweep(now=now)).reasons)
            if now in events:
                reader = interpreter.reader()
                raw = line(now, events[now]).encode()
                [parsed] = reader.feed(raw, start=0, end=len(raw), now=now)
                [sighting] = interpreter.sightings([(now, parsed)])
                assert sighting is not None
                batch = Batch(path="", sightings=(sighting,), position=nowhere, tally=Tally())
                decisions.update((await store.record([batch], now=now)).reasons)
            while (job := await store.claim("live", now=now)) is not None:
                if job.kind is JobKind.EDIT:
                    edits += now <= max(events) + 2 * HOUR
                elif isinstance(job.notice, CardNotice):
                    messages.append((now, telling(job.notice.reason).value))
                else:
                    messages.append((now, "digest"))
                await store.finish(job, receipt=job.receipt or Receipt("1", now), now=now)

    grid = [(begin + -((begin - at) // step) * step, why) for at, why in told(report)]
    assert grid == messages
    assert report.edits == edits
    for why in Why:
        if why is not Why.RESOLVED_QUIET:  # those of the days behind the last event
            assert report.decisions[why.value] == decisions[why.value], why
