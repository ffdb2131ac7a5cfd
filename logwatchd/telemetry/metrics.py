"""What is counted, under the names that Prometheus has for such things.

Counters of the state go on over a restart, exactly; those of the process begin anew. Every value
that a label can have is one of ours, but for the names of files: those are cleaned, cut, and no
more than `FILES_SHOWN` at once. Values that have not occurred are shown as 0, so that the first
occurrence is an increase.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate, islice, product
from typing import Final

from prometheus_client import exposition
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.openmetrics import exposition as openmetrics

from logwatchd import __version__
from logwatchd.domain.condition import Condition, Phase, ProblemKind
from logwatchd.domain.diagnosis import DiagnosisWhy
from logwatchd.domain.event import Category, Severity, Unparsed
from logwatchd.domain.incident import State
from logwatchd.domain.issue_policy import IssueWhy
from logwatchd.domain.lag import PathLag, WatchedFile, lag_by_path
from logwatchd.domain.policy import Why
from logwatchd.domain.prices import NANODOLLARS
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.tainted import Tainted
from logwatchd.ports import Counted, JobKind
from logwatchd.telemetry.process import process_families

FILES_SHOWN: Final = 50
"""Files with a lag of their own, the furthest behind first; the others are one, `other`."""

_NAME_LIMIT: Final = 160
_OTHER: Final = "other"

Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SinkSeen:
    """What was seen of a sink since the start.

    Attributes:
        results: Attempts by kind of job and by result.
        bounds_seconds: Upper bounds of the histogram.
        line_to_notice: New messages within each bound and beyond the one before it; the last
            beyond all.
        line_to_notice_seconds: The sum of their times.
        delivered_at: When an attempt last succeeded (aware, UTC), or None.
    """

    results: Mapping[tuple[JobKind, str], int]
    bounds_seconds: Sequence[float]
    line_to_notice: Sequence[int]
    line_to_notice_seconds: float
    delivered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """How everything stood at one moment.

    Attributes:
        at: When (aware, UTC).
        since: When watching began (aware, UTC).
        condition: How the daemon was.
        counted: What the state counted; None when it could not be asked.
        files: The files being followed.
        batches: Batches read and not recorded yet.
        defects: Records lost to a defect of ours since the start.
        sinks: The sinks, by name.
    """

    at: datetime
    since: datetime
    condition: Condition
    counted: Counted | None
    files: Sequence[WatchedFile]
    batches: int
    defects: int
    sinks: Mapping[str, SinkSeen]


@dataclass(frozen=True, slots=True)
class _Total:
    """A total of the state as a counter.

    Attributes:
        metric: Its name, without `_total`.
        text: What it counts.
        labels: What its labels are called.
        known: Values that are shown although they have not occurred.
        parts: What one of what is shown is made of, such as nanodollars of a dollar.
    """

    metric: str
    text: str
    labels: Labels = ()
    known: tuple[Labels, ...] = ()
    parts: int = 1


_KINDS: Final = tuple((s.value, c.value) for s, c in product(Severity, Category))

_TOTALS: Final = {
    "lines": _Total("logwatchd_lines", "Whole lines read."),
    "bytes": _Total("logwatchd_read_bytes", "Bytes of the lines read."),
    "cut": _Total("logwatchd_lines_cut", "Lines longer than the limit."),
    "unparsed": _Total(
        "logwatchd_lines_unparsed",
        "Lines that did not become a record.",
        ("reason",),
        tuple((each.value,) for each in Unparsed),
    ),
    "events": _Total(
        "logwatchd_events",
        "Events recorded: records that a rule matched, and silences.",
        ("source", "severity", "category"),
        tuple(("files", *kind) for kind in _KINDS),
    ),
    "opened": _Total(
        "logwatchd_incidents_opened", "Problems seen first.", ("severity", "category"), _KINDS
    ),
    "regressed": _Total(
        "logwatchd_incidents_regressed",
        "Problems seen again after they were resolved.",
        ("severity", "category"),
        _KINDS,
    ),
    "resolved": _Total(
        "logwatchd_incidents_resolved",
        "Problems resolved, by time or by hand.",
        ("severity", "category"),
        _KINDS,
    ),
    "decided": _Total(
        "logwatchd_decisions",
        "Decisions by name; *held_* are messages held back.",
        ("why",),
        tuple((each.value,) for each in (*Why, *IssueWhy)),
    ),
    "diagnosed": _Total(
        "logwatchd_diagnoses",
        "Diagnoses by what became of them.",
        ("result",),
        tuple((each.value,) for each in DiagnosisWhy),
    ),
    "spent": _Total(
        "logwatchd_diagnosis_cost_dollars",
        "What settled calls of models cost.",
        ("model",),
        parts=NANODOLLARS,
    ),
    "tokens": _Total("logwatchd_diagnosis_tokens", "Tokens of settled calls.", ("kind", "model")),
    "forgotten": _Total("logwatchd_incidents_forgotten", "Problems forgotten to stay small."),
}
"""By the first part of the total's name."""


def page(seen: Observation, accept: str, *, redact: Callable[[str], str]) -> tuple[str, bytes]:
    """Return the metrics as text.

    Args:
        seen: What to tell.
        accept: What the client takes: OpenMetrics when it says so, else the classic format.
        redact: Takes secrets out of the names of files.

    Returns:
        The type of the content, and the content.
    """
    collected = _Collected(tuple(families(seen, redact=redact)))
    if "application/openmetrics-text" in accept:
        return openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest(collected)  # type: ignore[no-untyped-call]
    return exposition.CONTENT_TYPE_PLAIN_0_0_4, exposition.generate_latest(collected)


def families(seen: Observation, *, redact: Callable[[str], str]) -> Iterator[Metric]:
    """Yield every metric."""
    yield InfoMetricFamily("logwatchd_build", "What runs.", value={"version": __version__})
    yield from _condition(seen.condition)
    if seen.counted is not None:
        yield from _counters(seen.counted.totals)
        yield from _state(seen.counted, seen.sinks, now=seen.at)
    yield _gauge(
        "logwatchd_state_up", "Whether the state could be asked.", seen.counted is not None
    )
    yield from _reading(seen, redact)
    yield from _deliveries(seen.sinks)
    yield from process_families()


@dataclass(frozen=True, slots=True)
class _Collected:
    """What prometheus_client's formats take for a registry."""

    metrics: tuple[Metric, ...]

    def collect(self) -> Iterable[Metric]:
        return self.metrics


def _condition(condition: Condition) -> Iterator[Metric]:
    yield _gauge(
        "logwatchd_ready",
        "Whether the daemon reads and tells, however well.",
        condition.phase is Phase.READY,
    )
    problems = GaugeMetricFamily(
        "logwatchd_problems", "What keeps the daemon from doing all of its job.", labels=["kind"]
    )
    for kind in ProblemKind:
        problems.add_metric([kind.value], condition.problems.get(kind, 0))
    yield problems


def _counters(totals: Mapping[str, int]) -> Iterator[Metric]:
    found: dict[str, dict[Labels, int]] = {name: {} for name in _TOTALS}
    for name, value in totals.items():
        what, _, rest = name.partition(":")
        if what not in found:
            continue
        # Only the last label may hold a colon: the name of a model.
        labels = tuple(rest.split(":", len(_TOTALS[what].labels) - 1)) if rest else ()
        if len(labels) == len(_TOTALS[what].labels):
            found[what][labels] = value
    for what, total in _TOTALS.items():
        counter = CounterMetricFamily(total.metric, total.text, labels=total.labels)
        known: tuple[Labels, ...] = total.known if total.labels else ((),)
        for values, count in (dict.fromkeys(known, 0) | found[what]).items():
            counter.add_metric(values, count / total.parts)
        yield counter


def _state(counted: Counted, sinks: Mapping[str, SinkSeen], *, now: datetime) -> Iterator[Metric]:
    yield _gauge(
        "logwatchd_lost_bytes",
        "Bytes of logs emptied or deleted before they were read; less when a copy brings them back.",
        counted.totals.get("lost_bytes", 0),
    )
    yield _gauge("logwatchd_state_size_bytes", "Size of the state.", counted.size_bytes)
    incidents = GaugeMetricFamily("logwatchd_incidents", "Problems known.", labels=["state"])
    for state in State:
        incidents.add_metric([state.value], counted.incidents.get(state.value, 0))
    yield incidents
    yield from _money(counted)
    jobs = GaugeMetricFamily(
        "logwatchd_outbox_jobs", "Messages and edits to be sent.", labels=["sink", "state"]
    )
    known = {(name, state): 0 for name in sinks for state in ("pending", "claimed", "buried")}
    for labels, count in (known | dict(counted.outbox)).items():
        jobs.add_metric(labels, count)
    yield jobs
    ages = GaugeMetricFamily(
        "logwatchd_outbox_oldest_age_seconds",
        "How long the oldest of those has waited that should have left.",
        labels=["sink"],
    )
    for name in sinks.keys() | counted.overdue_since.keys():
        since = counted.overdue_since.get(name, now)
        ages.add_metric([name], max(0.0, (now - since).total_seconds()))
    yield ages


def _money(counted: Counted) -> Iterator[Metric]:
    spent = GaugeMetricFamily(
        "logwatchd_diagnosis_spent_dollars",
        "What diagnoses cost in the window, reserved money included.",
        labels=["window"],
    )
    limit = GaugeMetricFamily(
        "logwatchd_diagnosis_limit_dollars", "What they may cost in it.", labels=["window"]
    )
    for window, dollars in counted.dollars.items():
        spent.add_metric([window], dollars.spent)
        limit.add_metric([window], dollars.limit)
    yield from (spent, limit)


def _reading(seen: Observation, redact: Callable[[str], str]) -> Iterator[Metric]:
    yield _gauge("logwatchd_files_followed", "Files being followed.", len(seen.files))
    size = GaugeMetricFamily("logwatchd_file_lag_bytes", "Written, not read.", labels=["file"])
    age = GaugeMetricFamily(
        "logwatchd_file_lag_seconds",
        "How old the oldest byte may be that was not read.",
        labels=["file"],
    )
    for name, lag in _lags(seen, redact).items():
        size.add_metric([name], lag.lag_bytes)
        age.add_metric([name], lag.lag.total_seconds())
    yield from (size, age)
    yield _gauge("logwatchd_channel_batches", "Batches read and not recorded yet.", seen.batches)
    yield CounterMetricFamily(
        "logwatchd_defects", "Records lost to a defect of logwatchd.", value=seen.defects
    )


def _lags(seen: Observation, redact: Callable[[str], str]) -> dict[str, PathLag]:
    lags = lag_by_path(
        seen.files,
        now=seen.at,
        since=seen.since,
        name_of=lambda path: one_line(Tainted(redact(path)), _NAME_LIMIT),
    )
    shown = dict(islice(lags.items(), FILES_SHOWN))
    rest = islice(lags.values(), FILES_SHOWN, None)
    return {**shown, _OTHER: sum(rest, PathLag())}


def _deliveries(sinks: Mapping[str, SinkSeen]) -> Iterator[Metric]:
    attempts = CounterMetricFamily(
        "logwatchd_notices", "Attempts to tell people.", labels=["sink", "kind", "result"]
    )
    latency = HistogramMetricFamily(
        "logwatchd_line_to_notice_seconds",
        "From reading a line to the acceptance of the new message about it.",
        labels=["sink"],
    )
    last = GaugeMetricFamily(
        "logwatchd_last_delivery_timestamp_seconds",
        "When the sink last took something, since 1970.",
        labels=["sink"],
    )
    for name, sink in sinks.items():
        for (kind, result), count in sink.results.items():
            attempts.add_metric([name, kind.value, result], count)
        bounds = [*(str(each) for each in sink.bounds_seconds), "+Inf"]
        buckets = list(zip(bounds, accumulate(sink.line_to_notice), strict=True))
        latency.add_metric([name], buckets, sink.line_to_notice_seconds)
        if sink.delivered_at is not None:
            last.add_metric([name], sink.delivered_at.timestamp())
    yield from (attempts, latency, last)


def _gauge(name: str, text: str, value: float) -> Metric:
    return GaugeMetricFamily(name, text, value=value)
