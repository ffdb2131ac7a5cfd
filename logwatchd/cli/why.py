"""`logwatchd why ID|LINE`: what was decided about a problem, or what would become of a line."""

import re
import sqlite3
import sys
from argparse import Namespace
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from logwatchd.cli import DONE, FAILED
from logwatchd.cli.ask import one_name
from logwatchd.cli.decided import (
    decision_values,
    issue_values,
    issue_words,
    link_values,
    outcome_values,
    print_decisions,
    print_outcomes,
)
from logwatchd.cli.output import print_json, print_table
from logwatchd.cli.why_line import explain_lines, print_line
from logwatchd.domain.incident import Incident, short_id
from logwatchd.domain.incident_json import incident_values, storm_values
from logwatchd.domain.issue_policy import decide_issue
from logwatchd.domain.storm import storm_name, storm_number
from logwatchd.settings import Loaded, load
from logwatchd.store import issue_wants, issues, links, queries, storm_rows
from logwatchd.store.files import FILE_NAME, open_memory, opened_beside
from logwatchd.store.incidents import load_incident
from logwatchd.wiring import SystemClock

_ID: Final = re.compile(r"(v\d{1,9}:)?[0-9a-fA-F]{4,16}|storm:\d{1,18}")
_MOST_DECISIONS: Final = 1_000
_MOST_BYTES: Final = 16 * 1024 * 1024
"""Of standard input: lines beyond it are not looked at."""


def why(options: Namespace) -> int:
    """Explain a problem, a storm, or what would become of lines."""
    flags = {"state_dir": str(options.state)} if options.state else {}
    loaded = load(flags=flags, file=options.config, to_run=False)
    if not _ID.fullmatch(options.what):
        return _why_lines(options, loaded)
    with opened_beside(loaded.state_dir) as db:
        if storm_number(options.what) is not None:
            return _why_storm(options, db)
        return _why_problem(options, loaded, db)


def _why_problem(options: Namespace, loaded: Loaded, db: sqlite3.Connection) -> int:
    name = one_name(queries.find_names(db, options.what), options.what)
    if name is None:
        return FAILED
    home = links.root_of(db, name)
    incident = load_incident(db, home)
    link = links.link_of(db, name)
    storm = storm_rows.storm_of(db, name)
    found = queries.decisions(db, *{name, home}, limit=_MOST_DECISIONS)[::-1]
    outcomes = queries.outcomes(db, home)
    issue = issues.load_issue(db, home)
    verdict = _issue_verdict(loaded, db, incident) if issue is None else None
    if options.json:
        values = {
            "kind": "problem",
            "fingerprint": name,
            "id": short_id(name),
            "counts_on": home,
            "link": link_values(link) if link else None,
            "merged_here": [link_values(each) for each in links.links_into(db, name)],
            "storm": storm,
            "incident": incident and incident_values(incident),
            "issue": issue and issue_values(issue),
            "issue_verdict": verdict,
            "outcomes": [outcome_values(each) for each in outcomes],
            "decisions": [decision_values(each) for each in found],
        }
        print_json(values)
        return DONE
    rows = [("id", name), ("counts on", home if home != name else "")]
    if incident is not None:
        rows += [("problem", incident.template), ("state", incident.state.value)]
        rows += [("events", str(incident.count))]
    rows += [("new in", storm_name(storm) if storm else "")]
    rows += [("issue", issue_words(issue, verdict))]
    print_table(("what", "how"), [row for row in rows if row[1]])
    print_outcomes(outcomes)
    print_decisions(found)
    return DONE


def _issue_verdict(loaded: Loaded, db: sqlite3.Connection, incident: Incident | None) -> str | None:
    """Say what would be decided now about an issue, None where none are configured."""
    policy = loaded.settings.issue_policy()
    if policy is None or incident is None:
        return None
    now = SystemClock().now()
    lately = issue_wants.events_lately(db, incident, often=policy.often, now=now)
    filed = issue_wants.filed_lately(db, now=now)
    return decide_issue(incident, lately=lately, filed=filed, policy=policy, now=now).value


def _why_storm(options: Namespace, db: sqlite3.Connection) -> int:
    storm = storm_rows.load_storm(db, storm_number(options.what) or 0)
    if storm is None:
        return FAILED
    found = queries.decisions(db, options.what, limit=_MOST_DECISIONS)[::-1]
    if options.json:
        values = {"kind": "storm", **storm_values(storm)}
        print_json({**values, "decisions": [decision_values(each) for each in found]})
        return DONE
    rows = [(name, str(value)) for name, value in storm_values(storm).items() if value]
    print_table(("what", "how"), rows)
    print_decisions(found)
    return DONE


def _why_lines(options: Namespace, loaded: Loaded) -> int:
    from_stdin = options.what == "-"
    data = sys.stdin.buffer.read(_MOST_BYTES) if from_stdin else options.what.encode()
    now = SystemClock().now()
    with _state(loaded.state_dir) as db:
        for each in explain_lines(data, loaded, db, now=now):
            if options.json:
                print_json(each)
            else:
                print_line(each)
    return DONE


@contextmanager
def _state(directory: Path) -> Generator[sqlite3.Connection]:
    """Open the state to read, or an empty one where there is none: lines need no daemon."""
    there = (directory / FILE_NAME).exists()
    with opened_beside(directory) if there else closing(open_memory().db) as db:
        yield db
