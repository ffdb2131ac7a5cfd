"""`logwatchd status`, `incidents`, `show`: what the running or last daemon knows."""

from argparse import Namespace
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from logwatchd.cli import DONE, FAILED
from logwatchd.cli.decided import decision_values, link_values, outcome_values, print_outcomes
from logwatchd.cli.diagnosis_text import diagnosis_rows, feedback_rows, feedback_values
from logwatchd.cli.files import file_json, print_files, with_lag
from logwatchd.cli.output import ago, print_json, print_table, say
from logwatchd.domain.anchor import Anchor, place_words
from logwatchd.domain.diagnosis_json import diagnosis_values
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Incident, State, short_id
from logwatchd.domain.incident_json import incident_values, iso, storm_values
from logwatchd.domain.merging import Link
from logwatchd.domain.sparkline import sparkline
from logwatchd.settings import Loaded, load
from logwatchd.store import anchors, diagnoses, feedback, links, queries
from logwatchd.store.files import opened_beside
from logwatchd.store.incidents import hourly
from logwatchd.store.lock import holder_of
from logwatchd.store.rows import at_us
from logwatchd.wiring import SystemClock

_STALE: Final = timedelta(minutes=1)
_TITLE_WIDTH: Final = 80


def status(options: Namespace) -> int:
    """Print how things stand."""
    loaded = _loaded(options)
    directory = loaded.state_dir
    now = SystemClock().now()
    holder = holder_of(directory)
    with opened_beside(directory) as db:
        standing = queries.standing(db)
    problems = _problems(standing, holder, now=now)
    files = with_lag(standing.files, standing.note, running=bool(holder))
    if options.json:
        print_json(_status_values(standing, holder, problems, files))
        return DONE
    waiting = {name: counts.get("pending", 0) for name, counts in standing.outbox.items()}
    buried = sum(counts.get("buried", 0) for counts in standing.outbox.values())
    lost = standing.totals.get("lost_bytes", 0)
    rows = [
        ("daemon", f"running: {holder}" if holder else "not running"),
        ("health", "degraded" if problems else "ok"),
        *(("problem", each) for each in problems),
        ("state", f"{loaded.redactor.text(str(directory))} ({standing.size_bytes // 1024} KiB)"),
        ("lines read", str(standing.totals.get("lines", 0))),
        ("events", str(standing.totals.get("events", 0))),
        *([("lost", f"{lost} bytes of files emptied before they were read")] if lost else []),
        *_lag_rows(standing.note if holder else {}),
        ("incidents", _counts(standing.incidents) or "none"),
        *([("merged", f"{standing.merged} into others")] if standing.merged else []),
        *(
            (
                "storm",
                f"{each.problems} new problems of {each.target or '-'} since {iso(each.since)}",
            )
            for each in standing.storms
        ),
        ("outbox", ", ".join(f"{name}: {n} waiting" for name, n in waiting.items()) or "empty"),
        *([("buried", f"{buried} refused for good")] if buried else []),
        *_issue_rows(standing),
        *_accuracy_rows(standing),
        *([("last error", standing.last_error)] if standing.last_error else []),
    ]
    print_table(("what", "how"), rows)
    print_files(files, known=standing.files_known, now=now)
    return DONE


def _accuracy_rows(standing: queries.Standing) -> list[tuple[str, str]]:
    return [
        (f"diagnoses, {each.name}", f"{each.right} found right, {each.wrong} wrong")
        for found in standing.accuracy.values()
        for each in found
    ]


def incidents(options: Namespace) -> int:
    """List the problems."""
    with opened_beside(_loaded(options).state_dir) as db:
        found = queries.incidents(
            db,
            states=tuple(State(each) for each in options.state_is),
            severities=tuple(Severity(each) for each in options.severity),
            limit=options.limit,
        )
        names = [each.fingerprint for each in found]
        merged, sources = links.links_of(db, names), anchors.load(db, names)
    into = {name: link.merged_into for name, link in merged.items()}
    if options.json:
        print_json(
            [
                incident_values(
                    each,
                    sources.get(each.fingerprint),
                    merged_into=into.get(each.fingerprint, ""),
                )
                for each in found
            ]
        )
        return DONE
    now = SystemClock().now()
    rows = [
        (
            short_id(each.fingerprint),
            each.severity.value,
            _standing(each, into.get(each.fingerprint, "")),
            each.category.value,
            str(each.count),
            ago(each.active_at, now=now),
            _problem(each, sources.get(each.fingerprint))[:_TITLE_WIDTH],
        )
        for each in found
    ]
    print_table(("id", "severity", "state", "category", "count", "last", "problem"), rows)
    return DONE


def show(options: Namespace) -> int:
    """Print everything known about one problem."""
    now = SystemClock().now()
    with opened_beside(_loaded(options).state_dir) as db:
        incident = one(queries.find(db, options.id), options.id)
        if incident is None:
            return FAILED
        decisions = queries.decisions(db, incident.fingerprint)
        outcomes = queries.outcomes(db, incident.fingerprint)
        hours = hourly(db, incident.fingerprint, now=now)
        link = links.link_of(db, incident.fingerprint)
        merged_here = links.links_into(db, incident.fingerprint)
        anchor = anchors.load(db, [incident.fingerprint]).get(incident.fingerprint)
        diagnosis = diagnoses.load(db, incident.fingerprint)
        said = feedback.load(db, incident.fingerprint)
    into = link.merged_into if link else ""
    if options.json:
        values = incident_values(incident, anchor, merged_into=into)
        values["diagnosis"] = diagnosis and diagnosis_values(diagnosis)
        values["feedback"] = [feedback_values(each) for each in said]
        values["hourly"] = list(hours)
        values["merged_here"] = [link_values(each) for each in merged_here]
        values["decisions"] = [decision_values(each) for each in decisions]
        values["outcomes"] = [outcome_values(each) for each in outcomes]
        print_json(values)
        return DONE
    rows = _incident_rows(incident, hours, anchor, into, merged_here)
    if diagnosis is not None:
        rows += [*diagnosis_rows(diagnosis), *feedback_rows(said)]
    print_table(("what", "how"), rows)
    print_table(
        ("when", "decision", "detail"),
        [(iso(each.at), each.why, each.detail) for each in decisions],
    )
    print_outcomes(outcomes)
    return DONE


def one_name(found: Sequence[str], name: str) -> str | None:
    """Return the one fingerprint meant, or say why there is none."""
    match found:
        case [fingerprint]:
            return fingerprint
        case []:
            say(f"logwatchd: no problem {name!r}; `logwatchd incidents` lists them")
        case _:
            say(f"logwatchd: {name!r} could be any of {', '.join(found)}")
    return None


def one(found: list[Incident], name: str) -> Incident | None:
    """Return the one incident meant, or say why there is none."""
    meant = one_name([each.fingerprint for each in found], name)
    return next((each for each in found if each.fingerprint == meant), None)


def _loaded(options: Namespace) -> Loaded:
    flags = {"state_dir": str(options.state)} if options.state else {}
    return load(flags=flags, file=options.config, to_run=False)


def _problems(standing: queries.Standing, holder: str, *, now: datetime) -> list[str]:
    note = standing.note
    problems = [f"{name}: {why}" for name, why in dict(note.get("problems", {})).items()]
    if holder and note and now - at_us(note["at_us"]) > _STALE:
        problems.append(f"the daemon has not said anything since {iso(at_us(note['at_us']))}")
    if standing.oldest_pending is not None and now - standing.oldest_pending > timedelta(hours=2):
        problems.append(f"a notice waits since {iso(standing.oldest_pending)}")
    return problems if holder else []


def _lag_rows(note: dict[str, Any]) -> list[tuple[str, str]]:
    found = note.get("files") or {}
    if not found.get("behind"):
        return []
    return [("behind", f"{found['behind']} files, {found['lag_bytes']} bytes not read yet")]


def _issue_rows(standing: queries.Standing) -> list[tuple[str, str]]:
    words = ", ".join(f"{count} {phase}" for phase, count in standing.issues.items())
    return [("issues", words)] if words else []


def _status_values(
    standing: queries.Standing, holder: str, problems: list[str], files: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "running": bool(holder),
        "holder": holder,
        "degraded": bool(problems),
        "problems": problems,
        "incidents": standing.incidents,
        "merged": standing.merged,
        "storms": [storm_values(each) for each in standing.storms],
        "outbox": standing.outbox,
        "oldest_pending": standing.oldest_pending and iso(standing.oldest_pending),
        "last_error": standing.last_error,
        "issues": standing.issues,
        "accuracy": {
            by: [{"name": each.name, "right": each.right, "wrong": each.wrong} for each in found]
            for by, found in standing.accuracy.items()
        },
        "totals": standing.totals,
        "files": [file_json(each) for each in files],
        "files_known": standing.files_known,
        "size_bytes": standing.size_bytes,
        "daemon": standing.note,
    }


def _counts(found: dict[str, dict[str, int]]) -> str:
    return "; ".join(
        f"{state}: " + ", ".join(f"{n} {severity}" for severity, n in counts.items())
        for state, counts in found.items()
    )


def _standing(incident: Incident, merged_into: str) -> str:
    return f"merged into {short_id(merged_into)}" if merged_into else incident.state.value


def _problem(incident: Incident, anchor: Anchor | None) -> str:
    return (anchor.title if anchor is not None else "") or incident.template


def _source_rows(anchor: Anchor | None) -> list[tuple[str, str]]:
    if anchor is None:
        return []
    rows = []
    for number, site in enumerate(anchor.sites):
        text = f"{place_words(site)} {site.role.value} `{site.template}`, {site.sure:.0%} sure"
        rows.append(("source" if number == 0 else "or source", text))
    return [*rows, ("source commit", anchor.commit), ("last changed by", anchor.blamed)]


def _incident_rows(
    incident: Incident,
    hours: tuple[int, ...],
    anchor: Anchor | None,
    merged_into: str,
    merged_here: Sequence[Link],
) -> list[tuple[str, str]]:
    event = incident.sample
    rows = [
        ("id", incident.fingerprint),
        ("problem", _problem(incident, anchor)),
        *_source_rows(anchor),
        ("state", incident.state.value + (" (regressed)" if incident.regressed else "")),
        ("merged into", merged_into),
        *(("merged here", f"{each.fingerprint}, {each.events} events") for each in merged_here),
        ("severity", incident.severity.value),
        ("category", incident.category.value),
        ("rule", incident.rule),
        (
            "count",
            f"{incident.count} in all, {incident.episode_count} in episode {incident.episode}",
        ),
        ("last 24 hours", sparkline(hours)),
        ("first seen", iso(incident.first_seen)),
        ("last seen", iso(incident.last_seen)),
        ("latest message", event.message),
        *(("cause", each) for each in event.causes),
        ("target", event.target),
        ("location", event.location),
        ("code", event.code),
        ("exception", event.exception_type),
        ("request", event.request_id),
        ("trace", event.trace_id),
        ("service", event.service),
        *((f"field {name}", value) for name, value in event.fields.items()),
    ]
    return [(name, value) for name, value in rows if value]
