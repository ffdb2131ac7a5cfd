"""Writes the two dashboards of Grafana: `python deploy/grafana/make_dashboards.py`.

Generated, so that every panel has a title, a description, a unit and matchers for job and instance,
and so that the two agree. By hand rather than by grafana-foundation-sdk: its JSON is these few
keys, and its versions follow no order that a lock file could hold.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

_HERE: Final = Path(__file__).parent / "dashboards"
_SOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
_WIDTH: Final = 24
_HEIGHT: Final = 8
_ME: Final = 'job=~"$job", instance=~"$instance"'
"""What every query asks for."""


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel.

    Attributes:
        title: Its title.
        description: What it shows, and when to worry.
        queries: Legend and query; `ME` stands for the matchers of job and instance.
        unit: Grafana's name of the unit.
        kind: Grafana's name of the kind of panel.
        width: Of 24 columns.
        stacked: Whether the series are drawn on top of each other.
    """

    title: str
    description: str
    queries: tuple[tuple[str, str], ...]
    unit: str = "short"
    kind: str = "timeseries"
    width: int = 12
    stacked: bool = False


def _stat(title: str, description: str, query: str, unit: str = "short") -> Panel:
    return Panel(title, description, ((title, query),), unit=unit, kind="stat", width=4)


DAEMON: Final = (
    _stat("Ready", "1 when it reads and tells.", "min(logwatchd_ready{ME})"),
    _stat("Problems", "What keeps it from its job.", "sum(logwatchd_problems{ME})"),
    _stat(
        "Line to notice, p99",
        "Of new messages in the range; a tenth of a second is promised, without Discord's own.",
        "histogram_quantile(0.99, sum by (le) "
        "(increase(logwatchd_line_to_notice_seconds_bucket{ME}[$__range])))",
        "s",
    ),
    _stat("Behind", "The longest lag of a log.", "max(logwatchd_file_lag_seconds{ME})", "s"),
    _stat("Lost", "Bytes emptied before they were read.", "sum(logwatchd_lost_bytes{ME})", "bytes"),
    _stat("Memory", "Below 64 MB is promised.", "max(process_resident_memory_bytes{ME})", "bytes"),
    Panel(
        "Reading",
        "Bytes of whole lines a second.",
        (("read", "sum(rate(logwatchd_read_bytes_total{ME}[$__rate_interval]))"),),
        unit="Bps",
    ),
    Panel(
        "Lines",
        "Lines a second, and those that are no records or were cut.",
        (
            ("lines", "sum(rate(logwatchd_lines_total{ME}[$__rate_interval]))"),
            (
                "no record: {{reason}}",
                "sum by (reason) (rate(logwatchd_lines_unparsed_total{ME}[$__rate_interval])) > 0",
            ),
            ("cut", "sum(rate(logwatchd_lines_cut_total{ME}[$__rate_interval])) > 0"),
        ),
    ),
    Panel(
        "Lag by log",
        "Written and not read; the ten furthest behind.",
        (("{{file}}", "topk(10, max by (file) (logwatchd_file_lag_bytes{ME}))"),),
        unit="bytes",
    ),
    Panel(
        "Line to notice",
        "From reading a line to the acceptance of the new message about it.",
        tuple(
            (
                f"p{share * 100:g}",
                (
                    f"histogram_quantile({share}, sum by (le) "
                    "(rate(logwatchd_line_to_notice_seconds_bucket{ME}[$__rate_interval])))"
                ),
            )
            for share in (0.5, 0.99)
        ),
        unit="s",
    ),
    Panel(
        "Attempts to tell",
        "By sink and result; failures that go on need a person.",
        (
            (
                "{{sink}} {{result}}",
                "sum by (sink, result) (increase(logwatchd_notices_total{ME}[$__rate_interval]))",
            ),
        ),
        stacked=True,
    ),
    Panel(
        "Outbox",
        "Messages that wait; buried ones were refused for good.",
        (("{{sink}} {{state}}", "sum by (sink, state) (logwatchd_outbox_jobs{ME})"),),
    ),
    Panel(
        "Oldest in the outbox",
        "How long the oldest message has waited that should have left.",
        (("{{sink}}", "max by (sink) (logwatchd_outbox_oldest_age_seconds{ME})"),),
        unit="s",
    ),
    Panel(
        "Problems by kind",
        "What keeps the daemon from doing all of its job; `logwatchd status` names each.",
        (
            (
                "{{kind}}",
                "sum by (kind) (logwatchd_problems{ME}) > 0 or sum(logwatchd_problems{ME})",
            ),
        ),
    ),
    Panel(
        "Resident memory",
        "Flat, however much is read.",
        (("{{instance}}", "process_resident_memory_bytes{ME}"),),
        unit="bytes",
    ),
    Panel(
        "CPU",
        "Of one core; next to nothing while nothing is written.",
        (("{{instance}}", "rate(process_cpu_seconds_total{ME}[$__rate_interval])"),),
        unit="percentunit",
    ),
)

SERVICE: Final = (
    _stat(
        "Errors",
        "Records that a rule matched, in the range.",
        'sum(increase(logwatchd_events_total{ME, source="files"}[$__range]))',
    ),
    _stat(
        "New problems",
        "Seen for the first time in the range.",
        "sum(increase(logwatchd_incidents_opened_total{ME}[$__range]))",
    ),
    _stat(
        "Came back",
        "Seen again after they were resolved.",
        "sum(increase(logwatchd_incidents_regressed_total{ME}[$__range]))",
    ),
    _stat(
        "Resolved",
        "By time or by hand, in the range.",
        "sum(increase(logwatchd_incidents_resolved_total{ME}[$__range]))",
    ),
    _stat("Open", "Open at present.", 'sum(logwatchd_incidents{ME, state="open"})'),
    _stat(
        "Held back",
        "Events nobody was told of at once: muted, above a ceiling, or part of a storm.",
        'sum(increase(logwatchd_decisions_total{ME, why=~"held_.*"}[$__range]))',
    ),
    Panel(
        "Errors by category",
        "Records that a rule matched, a second.",
        (
            (
                "{{category}}",
                (
                    "sum by (category) "
                    '(rate(logwatchd_events_total{ME, source="files"}[$__rate_interval]))'
                ),
            ),
        ),
        stacked=True,
    ),
    Panel(
        "Errors by severity",
        "Records that a rule matched, a second.",
        (
            (
                "{{severity}}",
                (
                    "sum by (severity) "
                    '(rate(logwatchd_events_total{ME, source="files"}[$__rate_interval]))'
                ),
            ),
        ),
        stacked=True,
    ),
    Panel(
        "New problems by category",
        "Opened, in each step.",
        (
            (
                "{{category}}",
                (
                    "sum by (category) "
                    "(increase(logwatchd_incidents_opened_total{ME}[$__rate_interval]))"
                ),
            ),
        ),
        stacked=True,
    ),
    Panel(
        "Problems by state",
        "All that are known.",
        (("{{state}}", "sum by (state) (logwatchd_incidents{ME})"),),
        stacked=True,
    ),
    Panel(
        "What was decided",
        "Why people were told, or were not; `logwatchd why` says it for one problem.",
        (
            (
                "{{why}}",
                "sum by (why) (increase(logwatchd_decisions_total{ME}[$__rate_interval])) > 0",
            ),
        ),
        stacked=True,
    ),
    Panel(
        "Most errors by category",
        "Top five in the range. Single problems have no series, as their number has no bound.",
        (
            (
                "{{category}} {{severity}}",
                (
                    "topk(5, sum by (category, severity) "
                    '(increase(logwatchd_events_total{ME, source="files"}[$__range])))'
                ),
            ),
        ),
        kind="bargauge",
    ),
    Panel(
        "Diagnoses",
        "By what became of them; skipped ones met a limit, which their cards say, too.",
        (
            (
                "{{result}}",
                (
                    "sum by (result) (increase(logwatchd_diagnoses_total{ME}[$__rate_interval])) > 0 "
                    "or sum(increase(logwatchd_diagnoses_total{ME}[$__rate_interval]))"
                ),
            ),
        ),
        stacked=True,
    ),
    Panel(
        "Cost",
        "What diagnoses cost in the last day and the last month, and the limits.",
        (
            ("{{window}}", "max by (window) (logwatchd_diagnosis_spent_dollars{ME})"),
            ("limit, {{window}}", "max by (window) (logwatchd_diagnosis_limit_dollars{ME})"),
        ),
        unit="currencyUSD",
    ),
)

DASHBOARDS: Final = {
    "logwatchd-daemon": ("logwatchd: the daemon", DAEMON),
    "logwatchd-service": ("logwatchd: the service it reads", SERVICE),
}


def dashboard(uid: str, title: str, panels: tuple[Panel, ...]) -> dict[str, Any]:
    """Return a dashboard as Grafana keeps it."""
    x = y = 0
    placed = []
    for number, panel in enumerate(panels, 1):
        height = _HEIGHT // 2 if panel.kind == "stat" else _HEIGHT
        placed.append(_panel(number, panel, {"x": x, "y": y, "w": panel.width, "h": height}))
        x += panel.width
        if x >= _WIDTH:
            x, y = 0, y + height
    return {
        "uid": uid,
        "title": title,
        "tags": ["logwatchd"],
        "editable": False,
        "graphTooltip": 1,
        "schemaVersion": 39,
        "version": 1,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "timezone": "browser",
        "templating": {"list": [_source_variable(), *map(_variable, ("job", "instance"))]},
        "annotations": {"list": []},
        "panels": placed,
    }


def _panel(number: int, panel: Panel, place: dict[str, int]) -> dict[str, Any]:
    custom = {"stacking": {"mode": "normal"}} if panel.stacked else {}
    return {
        "id": number,
        "type": panel.kind,
        "title": panel.title,
        "description": panel.description,
        "datasource": _SOURCE,
        "gridPos": place,
        "fieldConfig": {"defaults": {"unit": panel.unit, "custom": custom}, "overrides": []},
        "options": {},
        "targets": [
            {
                "refId": chr(ord("A") + place_of),
                "datasource": _SOURCE,
                "expr": query.replace("ME", _ME),
                "legendFormat": legend,
                "instant": panel.kind != "timeseries",
            }
            for place_of, (legend, query) in enumerate(panel.queries)
        ],
    }


def _source_variable() -> dict[str, Any]:
    return {
        "name": "datasource",
        "label": "Data source",
        "type": "datasource",
        "query": "prometheus",
    }


def _variable(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": name,
        "type": "query",
        "datasource": _SOURCE,
        "query": f"label_values(logwatchd_build_info, {name})",
        "refresh": 2,
        "multi": True,
        "includeAll": True,
        "allValue": ".+",
        "current": {"text": "All", "value": "$__all"},
    }


def main() -> None:
    """Write the files."""
    for uid, (title, panels) in DASHBOARDS.items():
        text = json.dumps(dashboard(uid, title, panels), indent=2) + "\n"
        (_HERE / f"{uid}.json").write_text(text, "utf-8")


if __name__ == "__main__":
    main()
