"""The card of one incident: what happened, where, how often, since when, and how it stands."""

import math
from collections.abc import Iterator
from typing import Final

from logwatchd.domain.anchor import place_words
from logwatchd.domain.card_parts import (
    Block,
    Card,
    Code,
    Field,
    Graph,
    Inline,
    Line,
    Moment,
    Quote,
    Strong,
    Tone,
    Words,
)
from logwatchd.domain.diagnosis_card import diagnosis_lines
from logwatchd.domain.event import Severity
from logwatchd.domain.incident import Reason, State, short_id
from logwatchd.domain.incident_view import EventView, IncidentView
from logwatchd.domain.notice import CardNotice
from logwatchd.domain.sparkline import sparkline
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts_schema import Texts

ICONS: Final = {Severity.CRITICAL: "🔴", Severity.WARNING: "🟠", Severity.INFO: "🔵"}
"""Each two cells wide in a terminal, so that no panel is bent."""

_STATE_ICONS: Final = {State.ACKNOWLEDGED: "👀", State.MUTED: "🔕", State.RESOLVED: "✅"}
_MERGED_ICON: Final = "🔗"
_TONES: Final = {
    Severity.CRITICAL: Tone.CRITICAL,
    Severity.WARNING: Tone.WARNING,
    Severity.INFO: Tone.INFO,
}
_CALLING: Final = frozenset({Reason.FIRST, Reason.REGRESSED, Reason.REMINDER})

_MESSAGE_LIMIT: Final = 1_500
_STACK_LIMIT: Final = 3_000
_PROBLEM_LIMIT: Final = 400
_TITLE_HOLDS: Final = 160
"""A longer problem is cut in the title and is shown in the body too."""

_CAUSES_SHOWN: Final = 4
_CAUSE_LIMIT: Final = 160
_SECOND: Final = 1_000.0
_MINUTE: Final = 60_000.0


def incident_card(notice: CardNotice, texts: Texts) -> Card:
    """Return the card of an incident as it stands now."""
    incident = notice.incident
    ident = short_id(incident.fingerprint)
    standing = texts.merged_standing if notice.merged_into else _standing(incident, texts)
    return Card(
        tone=Tone.QUIET if notice.merged_into else _tone(incident),
        lead=_lead(notice, texts),
        subject=_problem(notice) or incident.sample.message,
        body=tuple(_body(notice, texts)),
        fields=tuple(_fields(notice, texts)),
        footer=(Words(f"{ident} · {texts.label.rule} "), Quote(incident.rule, 80)),
        at=incident.active_at,
        ident=ident,
        count=incident.count,
        standing=standing,
        stub=texts.details_withheld.format(ident=ident),
        mention=_calls(notice),
    )


def tone_of(severity: Severity) -> Tone:
    """Return the tone of an open problem of this severity."""
    return _TONES[severity]


def _lead(notice: CardNotice, texts: Texts) -> str:
    if notice.merged_into:
        return f"{_MERGED_ICON} {texts.merged_standing} · {_kind(notice.incident, texts)}"
    return lead_of(notice.incident, texts)


def lead_of(incident: IncidentView, texts: Texts) -> str:
    """Return the beginning of a title, e.g. `🔴 critical · database`."""
    icon = _STATE_ICONS.get(incident.state, ICONS[incident.severity])
    if incident.state is State.OPEN:
        return f"{icon} {_kind(incident, texts)}"
    return f"{icon} {texts.state.of(incident.state)} · {_kind(incident, texts)}"


def _kind(incident: IncidentView, texts: Texts) -> str:
    words = [texts.severity.of(incident.severity), texts.category.of(incident.category)]
    if incident.sample.panic:
        words.append(texts.panic)
    return " · ".join(words)


def _tone(incident: IncidentView) -> Tone:
    if incident.state is State.RESOLVED:
        return Tone.GOOD
    if incident.state is State.MUTED:
        return Tone.QUIET
    return tone_of(incident.severity)


def _calls(notice: CardNotice) -> bool:
    """Say whether people may be called; not for a problem that someone has taken on or ended."""
    incident = notice.incident
    return (
        incident.severity is Severity.CRITICAL
        and incident.state is State.OPEN
        and notice.reason in _CALLING
        and not notice.merged_into
    )


def _standing(incident: IncidentView, texts: Texts) -> str:
    if incident.state is State.OPEN and incident.regressed:
        return texts.state.regressed
    return texts.state.of(incident.state)


def _body(notice: CardNotice, texts: Texts) -> Iterator[Line | Block]:
    incident = notice.incident
    event = incident.sample
    if notice.maybe_repeat:
        yield Line((Words(f"🔁 {texts.maybe_repeat}"),))
    if notice.merged_into:
        yield Line((Strong(texts.merged(short_id(notice.merged_into))),))
    if incident.regressed:
        yield Line((Strong(texts.regressed(incident.episode)),))
    if notice.reason is Reason.REMINDER and incident.state is State.OPEN:
        yield Line((Strong(texts.reminder(max(incident.reminders, 1))),))
    problem = _problem(notice)
    if len(problem) > _TITLE_HOLDS:
        yield Line((Strong(f"{texts.label.problem}:"), Quote(problem, _PROBLEM_LIMIT)))
    yield Block(text=event.message, label=texts.label.message, limit=_MESSAGE_LIMIT)
    yield from _causes(event, texts)
    if notice.diagnosis is not None:
        yield from diagnosis_lines(notice.diagnosis, texts.diagnosis)
    yield Block(text=event.stack_trace, label=texts.label.stack, limit=_STACK_LIMIT, keep_tail=True)


def _problem(notice: CardNotice) -> Tainted:
    """Return the problem's template, with the names of the source where they are known."""
    anchor = notice.anchor
    return Tainted(anchor.title if anchor is not None else "") or notice.incident.template


def _causes(event: EventView, texts: Texts) -> Iterator[Line]:
    causes = [cause for cause in event.causes if cause]
    for cause in causes[:_CAUSES_SHOWN]:
        yield Line((Words(f"↳ {texts.label.cause}:"), Code(cause, _CAUSE_LIMIT)))
    if len(causes) > _CAUSES_SHOWN:
        yield Line((Words(f"↳ {texts.more_causes(len(causes) - _CAUSES_SHOWN)}"),))


def _fields(notice: CardNotice, texts: Texts) -> Iterator[Field]:
    """Name the facts; what is kept however little room there is comes first."""
    incident, label = notice.incident, texts.label
    yield Field(name=label.state, value=tuple(_state_value(notice, texts)), essential=True)
    yield Field(name=label.count, value=_count_value(incident, texts), essential=True)
    yield Field(name=label.last_seen, value=(Moment(incident.last_seen),), essential=True)
    yield Field(name=label.first_seen, value=(Moment(incident.first_seen),), essential=True)
    if incident.episode > 1:
        yield Field(name=label.since, value=(Moment(incident.opened_at),))
    yield from _source_field(notice, texts)
    yield from _event_fields(incident.sample, texts)
    if any(notice.hourly):
        yield Field(name=label.rate, value=_rate_value(notice.hourly, texts), wide=True)


def _source_field(notice: CardNotice, texts: Texts) -> Iterator[Field]:
    site = notice.anchor.shown if notice.anchor is not None else None
    if site is not None:
        shown = (place_words(site), site.template)
        value = tuple(Code(Tainted(text)) for text in shown if text)
        yield Field(name=texts.label.source, value=value, wide=True)


def _event_fields(event: EventView, texts: Texts) -> Iterator[Field]:
    label = texts.label
    where = tuple(Code(text) for text in (event.target, event.location) if text)
    if where:
        yield Field(name=label.where, value=where)
    facts = (
        (label.code, event.code),
        (label.request, event.request_id),
        (label.service, event.service),
        (label.exception, event.exception_type),
        (label.trace, event.trace_id),
    )
    for name, text in facts:
        if text:
            yield Field(name=name, value=(Code(text),))
    if took := duration_words(event.duration_ms):
        yield Field(name=label.duration, value=(Words(took),))


def _state_value(notice: CardNotice, texts: Texts) -> Iterator[Inline]:
    incident = notice.incident
    if notice.merged_into:
        yield Words(texts.merged_standing)
        return
    yield Words(_standing(incident, texts))
    if incident.state is State.MUTED:
        if incident.muted_until is not None:
            yield Words(texts.muted_until)
            yield Moment(incident.muted_until, relative=False)
        if incident.mute_until_count is not None:
            yield Words(texts.muted_until_count(incident.mute_until_count))


def _count_value(incident: IncidentView, texts: Texts) -> tuple[Inline, ...]:
    total = Words(f"{incident.count:,}")
    if incident.episode_count == incident.count:
        return (total,)
    return (total, Words(f"({texts.this_episode(incident.episode_count)})"))


def _rate_value(hourly: tuple[int, ...], texts: Texts) -> tuple[Inline, ...]:
    told = f"{texts.per_hour(hourly[-1])}, {texts.peak(max(hourly))}"
    return (Graph(sparkline(hourly)), Words(told))


def duration_words(milliseconds: float | None) -> str:
    """Return a duration with its unit, or "" for none and for what cannot be one."""
    if milliseconds is None or not math.isfinite(milliseconds) or milliseconds < 0:
        return ""
    if milliseconds < _SECOND:
        return f"{milliseconds:.0f} ms"
    if milliseconds < _MINUTE:
        return f"{milliseconds / _SECOND:.1f} s"
    minutes, rest = divmod(milliseconds, _MINUTE)
    return f"{minutes:,.0f} min {rest / _SECOND:.0f} s"
