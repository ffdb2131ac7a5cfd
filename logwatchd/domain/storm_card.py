"""The card of a storm: how many new problems of one target there are, and which are the largest."""

from collections.abc import Iterator

from logwatchd.domain.card_parts import Card, Code, Field, Line, Moment, Tone, Words
from logwatchd.domain.digest_card import problem_line, repeat_line
from logwatchd.domain.notice import StormNotice
from logwatchd.domain.tainted import Tainted
from logwatchd.domain.texts_schema import Texts


def storm_card(notice: StormNotice, texts: Texts) -> Card:
    """Return the card of a storm as it stands now."""
    storm = notice.storm
    words = texts.storm
    title = words.title(storm.problems, storm.events)
    return Card(
        tone=Tone.WARNING if storm.ended_at is None else Tone.QUIET,
        lead=f"🌪 {words.lead if storm.ended_at is None else words.lead_ended}",
        subject=Tainted(title),
        body=tuple(_body(notice, texts)),
        fields=tuple(_fields(notice, texts)),
        at=storm.ended_at or storm.since,
        count=storm.events,
        standing=words.goes_on if storm.ended_at is None else words.ended,
        stub=title,
    )


def _body(notice: StormNotice, texts: Texts) -> Iterator[Line]:
    storm, words = notice.storm, texts.storm
    if notice.maybe_repeat:
        yield repeat_line(texts)
    yield Line((Words(words.explained if storm.ended_at is None else words.explained_ended),))
    for each in notice.examples:
        yield problem_line(each)
    more = storm.problems - len(notice.examples)
    if more > 0:
        events = storm.events - sum(each.count for each in notice.examples)
        yield Line((Words(texts.digest_more(more, max(0, events))),))


def _fields(notice: StormNotice, texts: Texts) -> Iterator[Field]:
    storm, label, words = notice.storm, texts.label, texts.storm
    standing = words.goes_on if storm.ended_at is None else words.ended
    yield Field(name=label.state, value=(Words(standing),), essential=True)
    yield Field(name=words.problems, value=(Words(f"{storm.problems:,}"),), essential=True)
    yield Field(name=words.events, value=(Words(f"{storm.events:,}"),), essential=True)
    yield Field(name=words.since, value=(Moment(storm.since),), essential=True)
    if storm.ended_at is not None:
        yield Field(name=words.ended_at, value=(Moment(storm.ended_at),), essential=True)
    if storm.target.strip():
        yield Field(name=label.where, value=(Code(Tainted(storm.target)),))
    if storm.service.strip():
        yield Field(name=label.service, value=(Code(Tainted(storm.service)),))
