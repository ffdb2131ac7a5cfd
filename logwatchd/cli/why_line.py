"""What would become of a line under the present configuration and state."""

import sqlite3
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from logwatchd.cli.output import print_table
from logwatchd.domain.event import Event, Level, Sighting
from logwatchd.domain.fingerprint import components
from logwatchd.domain.held import Stretch
from logwatchd.domain.incident import short_id
from logwatchd.domain.incident_json import event_values, incident_values
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.mask import template_of
from logwatchd.domain.naming import BEFORE, PRESENT, namer_since
from logwatchd.domain.reasons import MEANINGS
from logwatchd.domain.rule_reasons import mismatches
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shown import Shown, Viewer
from logwatchd.settings import Loaded
from logwatchd.store import links, queries, record
from logwatchd.store.incidents import load_incident

_RULES_SHOWN: Final = 5

_NEVER_COUNTS: Final = (
    "level",
    "line number",
    "thread",
    "request",
    "trace",
    "duration",
    "host",
    "version",
    "other fields",
)


def explain_lines(
    data: bytes, loaded: Loaded, db: sqlite3.Connection, *, now: datetime
) -> Iterator[dict[str, Any]]:
    """Yield what would become of each record, or of each line that is none, as JSON values.

    Args:
        data: Lines, with or without a newline at the end.
        loaded: The configuration.
        db: The state; it is only read.
        now: The present (aware, UTC).
    """
    namer = namer_since(queries.remembered_since(db, PRESENT.version), PRESENT, BEFORE)
    interpreter = Interpreter(
        loaded.rules, loaded.redactor, loaded.settings.service, namer, compile_search=None
    )
    for shown in _shown(data, interpreter, now=now):
        yield _explained(shown, interpreter, loaded, db, now=now)


def print_line(values: dict[str, Any]) -> None:
    """Print what would become of a line, for people."""
    event, rule, decision = values["event"], values["rule"], values["decision"]
    grouping = values["grouping"]
    rows = [
        ("not a record", values["unparsed"] or ""),
        ("message", event["message"]),
        ("level", event["level"]),
        ("target", event.get("target", "")),
        ("rule", rule["name"] if rule else "none matches"),
        *([("severity", rule["severity"]), ("category", rule["category"])] if rule else []),
        *((f"not {each['rule']}", f"fails {', '.join(each['fails'])}") for each in values["not"]),
        ("id", values["fingerprint"]),
        ("template", values["template"]),
        *((f"named by {each['name']}", each["value"]) for each in grouping["components"]),
        ("another group", grouping["differs_by"]),
        ("never counts", ", ".join(grouping["never_counts"])),
        ("counts on", values["counts_on"] if values["counts_on"] != values["fingerprint"] else ""),
        ("known", _known(values["incident"])),
        ("decision", f"{decision['why']}: {decision['meaning']}" if decision else "only counted"),
    ]
    print_table(("what", "how"), [row for row in rows if row[1]])


def _known(incident: dict[str, Any] | None) -> str:
    if incident is None:
        return "no: it would be a new problem"
    return f"{incident['id']}, {incident['state']}, {incident['count']} events"


def _shown(data: bytes, interpreter: Interpreter, *, now: datetime) -> Iterator[Shown]:
    given: list[Stretch] = []
    reader = LineReader(floor=Level.TRACE, witness=given.append)
    viewer, offset = Viewer(interpreter), 0
    for line in data.splitlines(keepends=True):
        reader.feed(line, start=offset, end=offset + len(line), now=now)
        offset += len(line)
    reader.flush(now=now, force=True)
    for stretch in given:
        shown = viewer.shown(stretch, path="", now=now)
        if shown is not None:
            yield shown


def _explained(
    shown: Shown, interpreter: Interpreter, loaded: Loaded, db: sqlite3.Connection, *, now: datetime
) -> dict[str, Any]:
    # What is no record would only be counted; as a message it still says which problem it is.
    event = shown.event or Event(at=now, level=Level.ERROR, message=shown.text)
    verdict = shown.verdict
    name, former = interpreter.namer.names(event, now=now)
    template = template_of(event.message)
    home = links.root_of(db, name)
    outcome = None
    if verdict is not None:
        sighting = Sighting(event, verdict, name, template, former)
        outcome = record.foresee(db, sighting, loaded.settings.policy(), now=now)
        home = outcome.incident.fingerprint
    known = load_incident(db, home)
    return {
        "kind": "line",
        "unparsed": shown.unparsed and shown.unparsed.value,
        "event": event_values(event),
        "rule": None
        if verdict is None
        else {
            "name": verdict.rule,
            "severity": verdict.severity.value,
            "category": verdict.category.value,
            "tell": verdict.tell.value,
        },
        "not": [] if verdict is not None else _not(interpreter.rules, event),
        "fingerprint": name,
        "former": former or None,
        "id": short_id(name),
        "template": template,
        "grouping": _grouping(event),
        "counts_on": home,
        "incident": known and incident_values(known),
        "decision": outcome
        and {
            "action": outcome.decision.action.value,
            "why": outcome.decision.why.value,
            "meaning": MEANINGS.get(outcome.decision.why.value, ""),
            "reason": outcome.reason.value,
        },
    }


def _not(rules: RuleSet, event: Event) -> list[dict[str, Any]]:
    nearest = mismatches(rules.rules, event)[:_RULES_SHOWN]
    return [{"rule": each.rule, "fails": list(each.fails), "of": each.of} for each in nearest]


def _grouping(event: Event) -> dict[str, Any]:
    own = event.fields.get("fingerprint", "")
    parts = [("field fingerprint", own)] if own else components(event)
    return {
        "components": [{"name": name, "value": value} for name, value in parts if value],
        "differs_by": "any of these" if not own else "another value of this field",
        "never_counts": list(_NEVER_COUNTS),
    }
