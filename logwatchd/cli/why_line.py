"""What would become of a line under the present configuration and state."""

import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from logwatchd.cli.output import print_table
from logwatchd.domain.aliases import Join, join, near_keys
from logwatchd.domain.event import Event, Level, Sighting
from logwatchd.domain.explain import Explanation, NamedBy, explain
from logwatchd.domain.held import Stretch
from logwatchd.domain.identity import VERSION, Identity
from logwatchd.domain.incident import short_id
from logwatchd.domain.incident_json import event_values, incident_values
from logwatchd.domain.interpret import Interpreter
from logwatchd.domain.lines import LineReader
from logwatchd.domain.reasons import MEANINGS
from logwatchd.domain.rule_reasons import mismatches
from logwatchd.domain.rules import RuleSet
from logwatchd.domain.shown import Shown, Viewer
from logwatchd.settings import Loaded
from logwatchd.store import links, queries, record
from logwatchd.store.aliases import SqliteAliases, join_of
from logwatchd.store.incidents import load_incident
from logwatchd.wiring import interpreter_of

_RULES_SHOWN: Final = 5

_DIFFERS_BY: Final = {
    NamedBy.CONTENT: "another value of any component; what a mask took away does not count",
    NamedBy.EVENT: "another value of the field `fingerprint`",
    NamedBy.RULE: "another [[fingerprint]] rule, or other values of its parts",
    NamedBy.RULE_AND_CONTENT: "another value of any component or of the rule's parts",
}
"""What would have to differ for another group."""

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
    interpreter = interpreter_of(
        loaded, named_since=queries.remembered_since(db, VERSION), every_line=True
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
        ("named by", grouping["named_by"].replace("_", " ")),
        *((each["name"], each["value"]) for each in grouping["components"]),
        *(("part of the rule", each) for each in grouping["parts"]),
        *(("masked", f"{each['text']} as {each['shown']}") for each in grouping["masks"]),
        *(("kept", each) for each in grouping["keeps"]),
        *_join_rows(grouping["join"]),
        ("another group", grouping["differs_by"]),
        ("never counts", ", ".join(grouping["never_counts"])),
        ("counts on", values["counts_on"] if values["counts_on"] != values["fingerprint"] else ""),
        ("known", _known(values["incident"])),
        ("decision", f"{decision['why']}: {decision['meaning']}" if decision else "only counted"),
    ]
    print_table(("what", "how"), [row for row in rows if row[1]])


def _join_rows(joined: dict[str, Any] | None) -> list[tuple[str, str]]:
    if joined is None:
        return []
    return [("joined", f"{joined['group']}, {joined['how']}: like {joined['like']}")]


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
    explanation = explain(event, interpreter.fingerprinter)
    identity = explanation.identity
    explanation = replace(explanation, join=_joined(db, identity, now=now))
    group = explanation.join.group if explanation.join is not None else identity.fingerprint
    home = links.root_of(db, group)
    outcome = None
    if verdict is not None:
        former = interpreter.former.identify(event, now=now) if interpreter.former else None
        sighting = Sighting(event, verdict, group, identity.template, identity, former)
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
        "fingerprint": identity.fingerprint,
        "id": short_id(home),
        "template": identity.template,
        "grouping": _grouping(explanation),
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


def _grouping(explanation: Explanation) -> dict[str, Any]:
    joined = explanation.join
    return {
        "named_by": explanation.named_by.value,
        "rule": explanation.rule or None,
        "parts": list(explanation.parts),
        "components": [
            {"name": each.name, "value": each.value, "masked": each.masked}
            for each in explanation.components
        ],
        "masks": [{"text": each.text, "shown": each.shown} for each in explanation.masks],
        "keeps": list(explanation.keeps),
        "join": joined
        and {
            "group": joined.group,
            "how": joined.how.value,
            "like": " ".join(joined.like),
            "pattern": " ".join(joined.pattern),
        },
        "differs_by": _DIFFERS_BY[explanation.named_by],
        "never_counts": list(_NEVER_COUNTS),
    }


def _joined(db: sqlite3.Connection, identity: Identity, *, now: datetime) -> Join | None:
    """Return why an event belongs to an older group, also when its words were never seen."""
    likeness = identity.likeness
    if likeness is None:
        return None
    aliases = SqliteAliases(db, now=now)
    if aliases.group_of(identity.fingerprint) is not None:
        return join_of(db, identity.fingerprint)
    keys = near_keys(likeness)
    return join(likeness.words, aliases.near(keys)) if keys else None
