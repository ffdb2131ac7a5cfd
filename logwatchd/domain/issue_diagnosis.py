"""The diagnosis in the body of an issue: what was checked, with the place of each quote, and what not.

All that a model or a log wrote stands in a fence; around it are our own words.
"""

from collections.abc import Callable, Iterator
from typing import Final

from logwatchd.domain.diagnosis import Checked, Diagnosis, Verified
from logwatchd.domain.diagnosis_card import small_print
from logwatchd.domain.diagnosis_words import DiagnosisWords
from logwatchd.domain.safe_github import github_fence, github_permalink
from logwatchd.domain.safe_text import one_line
from logwatchd.domain.tainted import Tainted

DIAGNOSIS_LIMIT: Final = 5_000
"""Code points of the fence."""

_LINE_LIMIT: Final = 600
_LINKS_SHOWN: Final = 3

Look = Callable[[Tainted], Tainted]


def diagnosis_section(diagnosis: Diagnosis, words: DiagnosisWords, *, web: str, look: Look) -> str:
    """Return the section, without its heading.

    Args:
        diagnosis: What became of it.
        words: Of the language.
        web: Address of the repository in a browser, by the settings.
        look: Takes the secrets out of each text once more.
    """
    known = diagnosis.verified
    if known is None:
        reason = words.reasons.get(diagnosis.why, diagnosis.why.value)
        return f"{words.not_diagnosed}: {reason}"
    heading = words.likely if known.cause.found else words.hypothesis
    lines = "\n".join(_lines(known, words, look))
    parts = [
        f"{heading(known.confidence, words.kinds[known.kind])}",
        github_fence(Tainted(lines), DIAGNOSIS_LIMIT),
        "\n".join(_links(diagnosis, known, web=web, look=look)),
        small_print(diagnosis, known, words),
    ]
    return "\n\n".join(part for part in parts if part)


def _lines(known: Verified, words: DiagnosisWords, look: Look) -> Iterator[str]:
    yield from _claim(known.cause, words, look)
    for each in known.claims:
        yield from _claim(each, words, look)
    if known.impact.text:
        mark = "" if known.impact.found else f" ({words.unverified})"
        yield f"{words.impact}: {_line(known.impact.text, look)}{mark}"
    for action in known.recommendations:
        effort = words.efforts[action.effort]
        yield f"{words.recommended}: {_line(action.action, look)} ({effort})"
    if known.suspect:
        yield f"{words.suspect}: {known.suspect[:12]} {_line(known.suspect_summary, look)}"
    if known.code_change and known.file:
        yield f"{words.code_change}: {_line(known.file, look)}"
    for text in known.unknown:
        yield f"{words.unknown}: {_line(text, look)}"


def _claim(claim: Checked, words: DiagnosisWords, look: Look) -> Iterator[str]:
    yield _line(claim.text, look) + ("" if claim.found else f" ({words.unverified})")
    for found in claim.found:
        yield f"  {_line(found.place, look)}: {_line(found.quote, look)}"


def _links(diagnosis: Diagnosis, known: Verified, *, web: str, look: Look) -> Iterator[str]:
    """Yield the addresses of the source lines in which evidence was found, each once."""
    shown: set[str] = set()
    for claim in (known.cause, *known.claims):
        for found in claim.found:
            path, line = found.path, found.line
            if not path or look(path) != path or len(shown) >= _LINKS_SHOWN:
                continue
            address = github_permalink(web, diagnosis.commit, path, line)
            if address and address not in shown:
                shown.add(address)
                yield address


def _line(text: Tainted, look: Look) -> str:
    return one_line(look(text), _LINE_LIMIT)
