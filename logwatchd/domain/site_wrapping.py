"""Which statements only pass on, in general words, what another one wrote."""

from dataclasses import replace
from typing import Final

from logwatchd.domain.clues import Clues
from logwatchd.domain.site_evidence import WEAK, Hit
from logwatchd.domain.statement import Kind, is_message
from logwatchd.domain.template_match import Match, begins_part

_MADE_SHARE: Final = 0.97
_WRAPPED_SHARE: Final = 1.05
"""What the place that surely made an error is worth beside the text of the error's type.

It is worth more where the type only wraps another error: then the place says what was tried.
"""


def undominated(hits: list[Hit]) -> list[Hit]:
    """Doubt what was found only inside the literal of another statement, or in one of many words."""
    kept = []
    for hit in hits:
        inside = any(
            other.text == hit.text
            and other.match.covered > hit.match.covered
            and not other.doubt
            and all(_within(span, other.match) for span in hit.match.literals)
            for other in hits
            if other is not hit
        )
        doubt = hit.doubt or ("is part of a longer text" if inside else "")
        doubt = doubt or ("says too little" if hit.score < WEAK / 3 else "")
        kept.append(replace(hit, doubt=doubt))
    return kept


def _within(span: tuple[int, int], place: Match) -> bool:
    return any(start <= span[0] and span[1] <= end for start, end in place.literals)


def with_wrapping(clues: Clues, hits: list[Hit]) -> list[Hit]:
    """Mark the statements that pass on what another one wrote, and weigh what they pass on."""
    sound = [each for each in hits if not each.doubt]
    marked = []
    for hit in hits:
        inner = [each for each in sound if each is not hit and _is_put_into(each, hit, clues)]
        outer = [each for each in sound if each is not hit and _is_put_into(hit, each, clues)]
        score = max(hit.score * _symbol_factor(hit, outer), _made_score(hit, sound))
        marked.append(replace(hit, score=score, wraps=_passes_on(hit, inner)))
    return marked


def _made_score(hit: Hit, sound: list[Hit]) -> float:
    """Return the score of a place when its literal is what an error was made with.

    `NotFound { entity: "team", id }` says little itself; it is what `{entity} {id} not found` says.
    """
    if hit.statement.kind is Kind.DISPLAY or not hit.statement.symbol:
        return 0.0
    span = (hit.match.start, hit.match.end)
    return max(
        (
            each.score * (_WRAPPED_SHARE if each.statement.template.wraps else _MADE_SHARE)
            for each in sound
            if each.statement.kind is Kind.DISPLAY
            and each.statement.symbol == hit.statement.symbol
            and each.text == hit.text
            and not is_message(hit.statement.template)
            and any(start <= span[0] and span[1] <= end for start, end in each.match.gaps)
        ),
        default=0.0,
    )


def _passes_on(hit: Hit, inner: list[Hit]) -> bool:
    """Say whether something more to the point was put into the text.

    The text of an error's type says less than a text made for the occasion; a log statement says
    less than the error that it logs, unless that is only the text of a type.
    """
    for each in inner:
        made = each.statement.kind in (Kind.ERROR, Kind.PANIC) or (
            each.statement.kind is Kind.TEXT and each.score >= WEAK
        )
        if hit.statement.kind is Kind.DISPLAY and (made or not each.statement.template.wraps):
            return True
        if hit.statement.kind in (Kind.LOG, Kind.TEXT) and made and each.score >= WEAK:
            return True
    return False


def _is_put_into(inner: Hit, outer: Hit, clues: Clues) -> bool:
    """Say whether one text fills a value of the other, from end to end of a part."""
    if outer.text != inner.text:
        return outer.text < inner.text and inner.match.whole and outer.statement.kind is Kind.LOG
    text, last = clues.texts[inner.text], len(outer.match.gaps) - 1
    follows = outer.match.end < inner.match.start and text.startswith(": ", outer.match.end)
    if follows and inner.match.whole:
        return True  # a chain of causes on one line
    return inner.match.whole and any(
        start <= inner.match.start
        and inner.match.end <= end
        and (inner.match.start == start or begins_part(text, inner.match.start))
        # A single word in the middle is a value, not what is wrong.
        and (is_message(inner.statement.template) or (number == last and outer.match.end == end))
        for number, (start, end) in enumerate(outer.match.gaps)
    )


def _symbol_factor(hit: Hit, outer: list[Hit]) -> float:
    """Compare the variant that a text is put into with the one whose text stands around it."""
    if not hit.statement.symbol or hit.statement.kind is Kind.DISPLAY:
        return 1.0
    around = [each for each in outer if each.statement.kind is Kind.DISPLAY]
    names = {each.statement.symbol for each in around if each.statement.symbol}
    if not names:
        return 1.0
    return 1.15 if hit.statement.symbol in names else 0.85
