"""Titles, bodies and comments of issues.

Whatever a log wrote stands in a fence or in the title; everything around it is our own words, in
which nothing is live: no mention, no reference but those meant, no closing word, no command.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Final, assert_never

from logwatchd.domain.anchor import place_words
from logwatchd.domain.event import Category, Severity
from logwatchd.domain.incident import State, short_id
from logwatchd.domain.incident_card import ICONS, duration_words
from logwatchd.domain.incident_view import EventView, IncidentView
from logwatchd.domain.issue import OWN_LABEL, IssueNotice
from logwatchd.domain.issue_diagnosis import diagnosis_section
from logwatchd.domain.issue_marker import comment_marker, issue_marker
from logwatchd.domain.issue_steps import Topic
from logwatchd.domain.issue_texts import issue_texts_of
from logwatchd.domain.issue_texts_schema import IssueTexts
from logwatchd.domain.safe_github import (
    TITLE_LIMIT,
    github_facts,
    github_fence,
    github_permalink,
    github_title,
)
from logwatchd.domain.sparkline import sparkline
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import Language, texts_of
from logwatchd.domain.texts_schema import Texts

# What each part may take. Together they stay below GitHub's 65,536 for a body, so that each part is
# cut at its own end and none pushes out another.
_MESSAGE_LIMIT: Final = 10_000
_CAUSES_LIMIT: Final = 8_000
_STACK_LIMIT: Final = 18_000
_FACTS_LIMIT: Final = 8_000
_FIELDS_LIMIT: Final = 14_000

_PLACE_LIMIT: Final = 90
_MERGED_SHOWN: Final = 20
_HOUR: Final = timedelta(hours=1)

Look = Callable[[Tainted], Tainted]
"""Takes the secrets out of a text once more; see `safe_text.redacted_again`."""


def issue_title(notice: IssueNotice, language: Language, *, look: Look) -> str:
    """Return the title: the problem, and where it comes from when that is known."""
    incident, anchor = notice.incident, notice.anchor
    problem = (
        Tainted(anchor.title if anchor is not None else "")
        or incident.template
        or incident.sample.message
    )
    site = anchor.shown if anchor is not None else None
    place = github_title(look(Tainted(place_words(site))), _PLACE_LIMIT) if site else ""
    behind = f" ({place})" if place else ""
    title = github_title(look(problem), TITLE_LIMIT - len(behind))
    return (title or brief_title(notice, language)) + behind


def brief_title(notice: IssueNotice, language: Language) -> str:
    """Return a title in which there is no text of a log."""
    return issue_texts_of(language).untitled(short_id(notice.incident.fingerprint))


def brief_body(notice: IssueNotice, language: Language) -> str:
    """Return a body in which there is no text of a log, for when that may not leave."""
    own, texts = issue_texts_of(language), texts_of(language)
    parts = [*_head(notice, own, texts), own.withheld, *_foot(notice, own)]
    return "\n\n".join(part for part in parts if part)


def issue_labels(severity: Severity, category: Category) -> tuple[str, ...]:
    """Return the names of an issue's labels."""
    return (OWN_LABEL, severity_label(severity), f"category:{category.value}")


def severity_label(severity: Severity) -> str:
    """Return the name of the label for a severity."""
    return f"severity:{severity.value}"


def issue_body(notice: IssueNotice, language: Language, *, web: str, look: Look) -> str:
    """Return the body.

    Args:
        notice: The problem as it stands.
        language: Of our own words.
        web: Address of the repository in a browser, by the settings.
        look: Takes the secrets out of each text once more.
    """
    own, texts = issue_texts_of(language), texts_of(language)
    parts = [
        *_head(notice, own, texts),
        *_event(notice.incident, own, texts, look),
        _source(notice, own, web, look),
        _diagnosis(notice, own, texts, web, look),
        *_foot(notice, own),
    ]
    return "\n\n".join(part for part in parts if part)


def comment_body(topic: Topic, name: str, notice: IssueNotice, language: Language) -> str:
    """Return a comment; there is nothing in it that a log wrote."""
    own, incident = issue_texts_of(language), notice.incident
    match topic:
        case Topic.REGRESSED:
            text = own.regressed(_moment(incident.opened_at))
        case Topic.ESCALATED:
            text = own.escalated(incident.count)
        case Topic.QUIET:
            text = own.quiet(_moment(incident.active_at))
        case _:
            assert_never(topic)
    return f"{comment_marker(name)}\n{text}"


def _head(notice: IssueNotice, own: IssueTexts, texts: Texts) -> tuple[str, ...]:
    marker = issue_marker(notice.incident.fingerprint)
    return (f"{marker}\n{_headline(notice.incident, texts)}", _numbers(notice, own, texts))


def _foot(notice: IssueNotice, own: IssueTexts) -> tuple[str, ...]:
    footer = f"---\n{own.footer}"
    return (_hours(notice, own), _merged(notice, own), _machine(notice, own), footer)


def _headline(incident: IncidentView, texts: Texts) -> str:
    standing = texts.state.of(incident.state)
    if incident.state is State.OPEN and incident.regressed:
        standing = texts.state.regressed
    words = [texts.severity.of(incident.severity), texts.category.of(incident.category)]
    if incident.sample.panic:
        words.append(texts.panic)
    return f"{ICONS[incident.severity]} **{' · '.join(words)}** · {standing}"


def _numbers(notice: IssueNotice, own: IssueTexts, texts: Texts) -> str:
    incident, label = notice.incident, texts.label
    rows = [
        (label.count, own.events(incident.count, incident.episode_count)),
        (label.first_seen, _moment(incident.first_seen)),
        (label.last_seen, _moment(incident.last_seen)),
    ]
    if incident.episode > 1:
        since = f"{_moment(incident.opened_at)} ({own.episode(incident.episode)})"
        rows.append((label.since, since))
    if took := duration_words(incident.sample.duration_ms):
        rows.append((label.duration, took))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def _event(incident: IncidentView, own: IssueTexts, texts: Texts, look: Look) -> Iterator[str]:
    event = incident.sample
    yield _part(own.happened, github_fence(look(event.message), _MESSAGE_LIMIT))
    causes = [(str(number), look(each)) for number, each in enumerate(event.causes, 1)]
    yield _part(own.causes, github_facts(causes, _CAUSES_LIMIT))
    stack = github_fence(look(event.stack_trace), _STACK_LIMIT, keep_tail=True)
    yield _part(own.stack, stack)
    facts = [(name, look(value)) for name, value in _facts(incident, event, texts)]
    yield _part(own.where, github_facts(facts, _FACTS_LIMIT))
    fields = [(look(name), look(value)) for name, value in event.fields.items()]
    yield _part(own.fields, github_facts(fields, _FIELDS_LIMIT))


def _facts(incident: IncidentView, event: EventView, texts: Texts) -> Sequence[tuple[str, Tainted]]:
    label = texts.label
    return (
        (label.where, event.target),
        (label.source, event.location),
        (label.service, event.service),
        (label.code, event.code),
        (label.exception, event.exception_type),
        (label.request, event.request_id),
        (label.trace, event.trace_id),
        (label.rule, incident.rule),
    )


def _source(notice: IssueNotice, own: IssueTexts, web: str, look: Look) -> str:
    site = notice.anchor.shown if notice.anchor is not None else None
    if notice.anchor is None or site is None:
        return ""
    path = Tainted(site.path)
    if look(path) != path:
        return ""  # a secret stands in it, and without it the address leads nowhere
    address = github_permalink(web, notice.anchor.commit, path, site.line)
    return _part(own.source, address)


def _diagnosis(notice: IssueNotice, own: IssueTexts, texts: Texts, web: str, look: Look) -> str:
    if notice.diagnosis is None:
        return ""
    section = diagnosis_section(notice.diagnosis, texts.diagnosis, web=web, look=look)
    return _part(own.diagnosis, section)


def _hours(notice: IssueNotice, own: IssueTexts) -> str:
    counts = notice.hourly
    if not any(counts):
        return ""
    running = notice.at.replace(minute=0, second=0, microsecond=0)
    first = running - _HOUR * (len(counts) - 1)
    rows = [
        f"| {first + _HOUR * at:%m-%d %H}h | {count:,} |"
        for at, count in enumerate(counts)
        if count
    ]
    table = [f"| {own.hour} | {own.number} |", "|---|---:|", *rows]
    return _part(own.by_hour, f"`{sparkline(counts)}`\n\n" + "\n".join(table))


def _merged(notice: IssueNotice, own: IssueTexts) -> str:
    if not notice.merged:
        return ""
    return f"{own.merged}: " + ", ".join(f"#{each}" for each in notice.merged[:_MERGED_SHOWN])


def _machine(notice: IssueNotice, own: IssueTexts) -> str:
    """Return what programs read; there is no text of a log in it."""
    incident = notice.incident
    values = {
        "logwatchd": 1,
        "fingerprint": incident.fingerprint,
        "id": short_id(incident.fingerprint),
        "why": notice.why,
        "state": incident.state.value,
        "severity": incident.severity.value,
        "category": incident.category.value,
        "count": incident.count,
        "episode": incident.episode,
        "first_seen": _moment(incident.first_seen),
        "last_seen": _moment(incident.last_seen),
        "written_at": _moment(notice.at),
    }
    return _part(own.machine, "```json\n" + json.dumps(values, indent=1) + "\n```")


def _part(name: str, content: str) -> str:
    return f"**{name}**\n\n{content}" if content else ""


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC"
