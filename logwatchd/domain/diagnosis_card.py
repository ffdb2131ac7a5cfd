"""The diagnosis on the card of an incident: what was checked, what was not, and what it cost."""

from collections.abc import Iterator
from typing import Final

from logwatchd.domain.card_parts import Code, Inline, Line, Quote, Strong, Words
from logwatchd.domain.diagnosis import Checked, Diagnosis, DiagnosisWhy, Verified
from logwatchd.domain.diagnosis_context import Lack
from logwatchd.domain.diagnosis_words import DiagnosisWords
from logwatchd.domain.incident import short_id
from logwatchd.domain.prices import dollars
from logwatchd.domain.tainted import Tainted

_CAUSE_LIMIT: Final = 500
_TEXT_LIMIT: Final = 240
_QUOTE_LIMIT: Final = 120
_EVIDENCE_SHOWN: Final = 3
_CLAIMS_SHOWN: Final = 2
_RECOMMENDED_SHOWN: Final = 3
_SHORT_COMMIT: Final = 12


def diagnosis_lines(diagnosis: Diagnosis, words: DiagnosisWords) -> Iterator[Line]:
    """Yield what the card says of a diagnosis, the most important first."""
    if diagnosis.verified is None or diagnosis.why is not DiagnosisWhy.DIAGNOSED:
        reason = words.reasons.get(diagnosis.why, diagnosis.why.value)
        paid = f" · {dollars(diagnosis.cost)}" if diagnosis.cost else ""
        yield Line((Words(f"🔎 {words.not_diagnosed}: {reason}{paid}"),))
        return
    known = diagnosis.verified
    yield from _cause(known, words)
    yield from _claims(known)
    if known.suspect:
        commit = Code(Tainted(known.suspect[:_SHORT_COMMIT]))
        shown = Quote(known.suspect_summary, _QUOTE_LIMIT)
        yield Line((Strong(f"{words.suspect}:"), commit, shown))
    if known.false_suspect:
        yield Line((Words(words.false_suspect),))
    yield from _impact(known, words)
    yield from _recommended(known, words)
    yield Line((Words(small_print(diagnosis, known, words)),))


def _cause(known: Verified, words: DiagnosisWords) -> Iterator[Line]:
    heading = words.likely if known.cause.found else words.hypothesis
    strong = Strong(f"🔎 {heading(known.confidence, words.kinds[known.kind])}:")
    yield Line((strong, Quote(known.cause.text, _CAUSE_LIMIT)))
    for found in known.cause.found[:_EVIDENCE_SHOWN]:
        yield Line((Words("✔"), Code(found.place), Code(found.quote, _QUOTE_LIMIT)))


def _claims(known: Verified) -> Iterator[Line]:
    for claim in known.claims[:_CLAIMS_SHOWN]:
        # Code first: behind it no backtick of a text, escaped or not, can be taken for its beginning.
        yield Line((Words("✔"), Code(claim.found[0].place), Quote(claim.text, _TEXT_LIMIT)))


def _impact(known: Verified, words: DiagnosisWords) -> Iterator[Line]:
    if known.impact.text:
        parts: tuple[Inline, ...] = (
            Strong(f"{words.impact}:"),
            Quote(known.impact.text, _TEXT_LIMIT),
        )
        yield Line((*parts, *_mark(known.impact, words)))


def _mark(claim: Checked, words: DiagnosisWords) -> tuple[Inline, ...]:
    return () if claim.found else (Words(f"({words.unverified})"),)


def _recommended(known: Verified, words: DiagnosisWords) -> Iterator[Line]:
    for each in known.recommendations[:_RECOMMENDED_SHOWN]:
        effort = Words(f"({words.efforts[each.effort]})")
        yield Line((Strong(f"{words.recommended}:"), Quote(each.action, _TEXT_LIMIT), effort))
    if known.code_change and known.file:
        yield Line((Strong(f"{words.code_change}:"), Code(known.file)))
    for text in known.unknown[:1]:
        yield Line((Strong(f"{words.unknown}:"), Quote(text, _TEXT_LIMIT)))


def small_print(diagnosis: Diagnosis, known: Verified, words: DiagnosisWords) -> str:
    """Return what was checked, what was missing, whom was asked and what it cost."""
    facts = [words.quotes(known.found, known.quotes)]
    if known.confidence < known.said:
        facts.append(words.capped(known.said))
    if known.dropped:
        facts.append(words.dropped(known.dropped))
    lacks = [words.lacks[Lack(each)] for each in diagnosis.without]
    if lacks:
        facts.append(f"{words.without} {', '.join(lacks)}")
    if diagnosis.reused:
        facts.append(words.reused(short_id(diagnosis.reused)))
    return " · ".join([*facts, diagnosis.model, dollars(diagnosis.cost)])
