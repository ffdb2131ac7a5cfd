"""The cards that are not about one incident: the digest, and what the daemon says of itself."""

from collections.abc import Iterator
from typing import Final

from logwatchd.domain.card_parts import (
    Block,
    Card,
    Code,
    Field,
    Line,
    Moment,
    Quote,
    Strong,
    Tone,
    Words,
)
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import short_id
from logwatchd.domain.incident_card import ICONS, tone_of
from logwatchd.domain.notice import DigestLine, DigestNotice, TextKind, TextNotice
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts import held_back_reason
from logwatchd.domain.texts_schema import Texts

LINES_LIMIT: Final = 10
DETAILS_LIMIT: Final = 12
REASONS_LIMIT: Final = 6
_LABEL_LIMIT: Final = 60
_TEMPLATE_LIMIT: Final = 120
_NAME: Final = "logwatchd"

_WORST_FIRST: Final = (Severity.CRITICAL, Severity.WARNING, Severity.INFO)
_LOOKS: Final = {
    TextKind.TEST: (Tone.INFO, "🧪"),
    TextKind.STATE_DAMAGED: (Tone.WARNING, "🟠"),
    TextKind.STATE_FAILING: (Tone.CRITICAL, "🔴"),
    TextKind.STATE_RECOVERED: (Tone.GOOD, "✅"),
    TextKind.NOTICE_REFUSED: (Tone.WARNING, "🟠"),
    TextKind.BYTES_LOST: (Tone.WARNING, "🟠"),
    TextKind.DIAGNOSIS_STOPPED: (Tone.WARNING, "🟠"),
    TextKind.ISSUES_HELD: (Tone.WARNING, "🟠"),
    TextKind.ISSUE_REFUSED: (Tone.WARNING, "🟠"),
}


def digest_card(notice: DigestNotice, texts: Texts) -> Card:
    """Return the card of a digest: one line for each of the problems with the most events."""
    problems = len(notice.lines) + notice.more_problems
    events = sum(line.count for line in notice.lines) + notice.more_events
    severities = {line.incident.severity for line in notice.lines}
    worst = next((tone_of(one) for one in _WORST_FIRST if one in severities), Tone.QUIET)
    title = texts.digest_title(problems, events)
    return Card(
        tone=worst,
        lead=f"📋 {_NAME}",
        subject=Tainted(title),
        body=tuple(_digest_body(notice, texts)),
        at=notice.until,
        count=events,
        stub=title,
    )


def text_card(notice: TextNotice, texts: Texts) -> Card:
    """Return the card of something the daemon says about itself."""
    tone, icon = _LOOKS[notice.kind]
    text = texts.self_text.of(notice.kind)
    body = [Line((Words(text.body),))]
    if notice.maybe_repeat:
        body.insert(0, repeat_line(texts))
    return Card(
        tone=tone,
        lead=f"{icon} {_NAME}",
        subject=Tainted(text.title),
        body=tuple(body),
        fields=tuple(
            Field(name=label[:_LABEL_LIMIT], value=(Code(Tainted(value)),), essential=True)
            for label, value in notice.details[:DETAILS_LIMIT]
            if label.strip() and value.strip()
        ),
        at=notice.at,
        stub=text.body,
    )


def _digest_body(notice: DigestNotice, texts: Texts) -> Iterator[Line | Block]:
    if notice.maybe_repeat:
        yield repeat_line(texts)
    span = (Moment(notice.since, relative=False), Words("–"), Moment(notice.until, relative=False))
    yield Line(span)
    shown = notice.lines[:LINES_LIMIT]
    for line in shown:
        yield problem_line(line)
    left = notice.lines[LINES_LIMIT:]
    more_problems = notice.more_problems + len(left)
    if more_problems:
        more_events = notice.more_events + sum(line.count for line in left)
        yield Line((Words(texts.digest_more(more_problems, more_events)),))
    elif not shown:
        yield Line((Words(texts.digest_empty),))
    if held := {name: count for name, count in notice.held_back.items() if count > 0}:
        yield _held_back(held, texts)


def problem_line(line: DigestLine) -> Line:
    """Return one problem of several: how bad, how often, which."""
    incident = line.incident
    return Line(
        (
            Words(ICONS[incident.severity]),
            Strong(f"×{line.count:,}"),
            Code(Tainted(short_id(incident.fingerprint))),
            Quote(incident.template or incident.sample.message, _TEMPLATE_LIMIT),
        )
    )


def _held_back(held: dict[str, int], texts: Texts) -> Line:
    """Tell every number, and the reasons of the largest."""
    largest = sorted(held.items(), key=lambda entry: -entry[1])[:REASONS_LIMIT]
    reasons = ", ".join(f"{held_back_reason(texts, name)}: {count:,}" for name, count in largest)
    return Line((Words(texts.held_back(sum(held.values()), reasons)),))


def repeat_line(texts: Texts) -> Line:
    """Return what marks a message that may have been posted before."""
    return Line((Words(f"🔁 {texts.maybe_repeat}"),))
