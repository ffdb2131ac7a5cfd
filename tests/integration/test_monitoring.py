"""Rules and dashboards agree with what the daemon shows, and with what Prometheus takes."""

import importlib.util
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import pytest

from logwatchd.domain.condition import Condition, Phase
from logwatchd.ports import Counted
from logwatchd.telemetry.metrics import Observation, SinkSeen, families
from tests.fakes.clock import NOON
from tests.fakes.daemon import REPOSITORY

PROMETHEUS = REPOSITORY / "deploy" / "prometheus"
GRAFANA = REPOSITORY / "deploy" / "grafana"
RULES = (PROMETHEUS / "logwatchd.rules.yaml").read_text("utf-8")
OPERATIONS = (REPOSITORY / "docs" / "operations.md").read_text("utf-8")
PROMTOOL = shutil.which("promtool")

RECORDED: Final = {"category:logwatchd_events:rate5m"}


def generator() -> ModuleType:
    """Return the script that writes the dashboards."""
    spec = importlib.util.spec_from_file_location("dashboards", GRAFANA / "make_dashboards.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def dashboards() -> dict[str, dict[str, Any]]:
    """Return the dashboards of the repository by name."""
    files = sorted((GRAFANA / "dashboards").glob("*.json"))
    return {each.stem: json.loads(each.read_text("utf-8")) for each in files}


PANELS = [
    pytest.param(panel, id=f"{name}: {panel['title']}")
    for name, board in dashboards().items()
    for panel in board["panels"]
]


def queries() -> Iterator[str]:
    """Yield every query of the dashboards."""
    for board in dashboards().values():
        for panel in board["panels"]:
            yield from (each["expr"] for each in panel["targets"])


def shown() -> set[str]:
    """Return the names of all samples that a daemon with one sink shows."""
    sink = SinkSeen(
        results={},
        bounds_seconds=(1.0,),
        line_to_notice=(0, 0),
        line_to_notice_seconds=0.0,
        delivered_at=NOON,
    )
    seen = Observation(
        at=NOON,
        since=NOON,
        condition=Condition(Phase.READY),
        counted=Counted(totals={}, incidents={}, outbox={}, overdue_since={}, size_bytes=0),
        files=(),
        batches=0,
        defects=0,
        sinks={"discord": sink},
    )
    names = {"up", "logwatchd_notices_total"}  # no attempt was made yet
    for family in families(seen, redact=str):
        names |= {each.name for each in family.samples}
    return names


@pytest.mark.parametrize("text", [RULES, *queries()])
def test_what_is_asked_for_is_shown(text: str) -> None:
    """A query for a name that was changed gives nothing, and an alert on it never fires."""
    asked = set(re.findall(r"\b(?:[\w]+:)?(?:logwatchd|process)_\w+(?::\w+)?", text))
    asked = {each for each in asked if each.endswith(("total", "seconds", "bytes", "bucket"))}

    assert asked - shown() - RECORDED == set()


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_can_be_read_by_someone_who_did_not_make_it(panel: dict[str, Any]) -> None:
    """The rules of Grafana's dashboard linter that a panel can break."""
    assert panel["title"]
    assert panel["description"].endswith((".", "`"))
    assert panel["fieldConfig"]["defaults"]["unit"]
    assert panel["datasource"]["uid"] == "${datasource}"
    for target in panel["targets"]:
        selectors = re.findall(r"\b(?:logwatchd|process)_\w+\{([^}]*)\}", target["expr"])
        assert selectors
        assert all('job=~"$job", instance=~"$instance"' in each for each in selectors)
        assert not re.search(r"\[\d+\w\]", target["expr"]), "a range of its own fits no zoom"
    place = panel["gridPos"]
    assert place["x"] + place["w"] <= 24


def test_a_dashboard_has_its_own_name_and_offers_data_source_job_and_instance() -> None:
    """The rules of Grafana's dashboard linter that a dashboard can break."""
    for name, board in dashboards().items():
        assert board["uid"] == name
        assert not board["editable"]
        assert [each["name"] for each in board["templating"]["list"]] == [
            "datasource",
            "job",
            "instance",
        ]
        places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in board["panels"]]
        assert len(set(places)) == len(places)


def test_the_dashboards_are_what_their_script_writes() -> None:
    """A change by hand would be lost with the next one."""
    made = generator()

    assert dashboards() == {
        uid: made.dashboard(uid, title, panels) for uid, (title, panels) in made.DASHBOARDS.items()
    }


def test_every_alert_stands_in_the_page_with_what_to_do() -> None:
    """It wakes somebody who has never seen it."""
    for name in re.findall(r"- alert: (\w+)", RULES):
        assert f"| `{name}` |" in OPERATIONS, name


@pytest.mark.prometheus
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "config", "prometheus.yaml"),
        ("test", "rules", "logwatchd.rules.test.yaml"),
    ],
)
def test_prometheus_takes_the_rules_and_their_tests_hold(arguments: tuple[str, ...]) -> None:
    """Each alert fires for what it is for, and none for a daemon that works."""
    assert PROMTOOL is not None
    done = subprocess.run(
        [PROMTOOL, *arguments], cwd=PROMETHEUS, capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.prometheus
@pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")
def test_prometheus_can_read_every_query_of_the_dashboards(tmp_path: Path) -> None:
    """Grafana shows one that it cannot only when somebody looks."""
    assert PROMTOOL is not None
    rules = [
        {"record": f"dashboard:query{number}", "expr": _filled_in(query)}
        for number, query in enumerate(queries())
    ]
    file = tmp_path / "queries.yml"  # JSON is YAML
    file.write_text(json.dumps({"groups": [{"name": "dashboards", "rules": rules}]}), "utf-8")
    done = subprocess.run(
        [PROMTOOL, "check", "rules", str(file)], capture_output=True, text=True, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr


def _filled_in(query: str) -> str:
    for name, value in (("$__rate_interval", "1m"), ("$__range", "1h"), ("$job", ".+")):
        query = query.replace(name, value)
    return query.replace("$instance", ".+")
