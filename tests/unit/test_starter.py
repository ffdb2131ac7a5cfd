"""The file that `logwatchd init` writes: which rules it suggests."""

import re
from datetime import datetime
from typing import Any

import pytest

from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Incident
from logwatchd.domain.starter import Starter, starter_toml
from logwatchd.domain.survey import KINDS_LIMIT, Survey
from tests.fakes.clock import NOON
from tests.fakes.notices import an_event, an_incident


def suggested(*incidents: Incident) -> list[str]:
    """Return the names of the rules that are suggested for incidents."""
    starter = Starter(
        paths=["/var/log/app.log"], survey=Survey(), unparsed={}, incidents=incidents, today=NOON
    )
    return re.findall(r'^#name = "(.*)"$', starter_toml(starter, str), re.MULTILINE)


def frequent(message: str, template: str, **changes: Any) -> Incident:
    """Return a warning that came a hundred times, unless it is changed."""
    event = an_event(message=message, target="app::jobs")
    values = {"severity": Severity.WARNING, "count": 100} | changes
    return an_incident(sample=event, template=template, **values)


@pytest.mark.parametrize(
    ("incident", "rules"),
    [
        (frequent("upstream 3 did not answer", "upstream <n> did not answer"), 1),
        (frequent("did not answer", "did not answer", count=19), 0),
        (frequent("did not answer", "did not answer", severity=Severity.CRITICAL), 0),
        (frequent("did not answer", "did not answer", severity=Severity.INFO), 0),
        (frequent("17", "<n>"), 0),
    ],
    ids=["often", "seldom", "critical", "told anyway to nobody", "nothing but a number"],
)
def test_a_rule_is_suggested_for_what_is_frequent_and_can_be_told_apart(
    incident: Incident, rules: int
) -> None:
    """A rule without words would silence a whole module once its signs are away."""
    assert len(suggested(incident)) == rules


def test_what_is_little_of_everything_told_is_no_noise() -> None:
    """Twenty events of a hundred thousand are the ones to read."""
    loud = frequent("the queue is full", "the queue is full", count=100_000)
    rare = frequent("the key is missing", "the key is missing", count=20)

    assert len(suggested(loud, rare)) == 1


def test_a_survey_counts_no_more_values_than_it_can_hold() -> None:
    """Whoever logs chooses the names of fields and services."""
    survey = Survey()
    for n in range(KINDS_LIMIT + 50):
        survey.add(an_event(service=f"s{n}", fields={f"f{n}": "1"}), at=None)

    assert survey.records == KINDS_LIMIT + 50
    assert len(survey.services) == KINDS_LIMIT
    assert len(survey.fields) == KINDS_LIMIT


def test_the_latest_time_is_the_latest_one_that_is_said() -> None:
    """The last day of a log ends there; lines are a little out of order."""
    survey, earlier = Survey(), datetime(2026, 1, 1, tzinfo=NOON.tzinfo)
    for at in (earlier, NOON, None, earlier):
        survey.add(an_event(), at=at)

    assert survey.latest == NOON
