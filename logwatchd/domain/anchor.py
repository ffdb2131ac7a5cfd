"""Where in the source an incident comes from, as it is kept with the incident."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from logwatchd.domain.clues import Clues
from logwatchd.domain.event import TEMPLATE_LIMIT
from logwatchd.domain.mask import Masker
from logwatchd.domain.sites import Candidate, Role
from logwatchd.domain.statement import Template

SITES_KEPT: Final = 5

_SURE_ENOUGH: Final = 0.5
"""What a statement must reach to be shown as the source, and to give a problem its title."""

_PHRASE_WORDS: Final = 2
"""Words from which on a value says what is wrong, and is no id or name."""

_masker: Final = Masker()


@dataclass(frozen=True, slots=True)
class AnchorSite:
    """One statement that may have taken part.

    Attributes:
        path: Path in the repository; text written by anyone, as are all the others.
        line: From 1.
        function: What stands around it, or "".
        template: What it writes, with the names of its values, or "".
        role: What it has to do with the message.
        sure: How sure that is: 0 to 1.
    """

    path: str
    line: int
    function: str
    template: str
    role: Role
    sure: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """The statements that an incident was traced to.

    Attributes:
        commit: The commit whose source was read.
        sites: The statements, the likeliest origin first; empty when none was found.
        title: The message with the names that its values have in the source, or "".
        blamed: The commit that last changed the first statement, or "" when unknown.
    """

    commit: str
    sites: tuple[AnchorSite, ...]
    title: str = ""
    blamed: str = ""

    @property
    def shown(self) -> AnchorSite | None:
        """The statement to show as the source; None when none is sure enough."""
        first = self.sites[0] if self.sites else None
        return first if first is not None and first.sure >= _SURE_ENOUGH else None


def anchor_of(clues: Clues, ranked: Sequence[Candidate], *, commit: str, blamed: str) -> Anchor:
    """Return what is kept of the statements found for an event."""
    sites = tuple(
        AnchorSite(
            each.statement.path,
            each.statement.line,
            each.statement.function,
            each.statement.template.text[:TEMPLATE_LIMIT],
            each.role,
            each.sure,
        )
        for each in ranked[:SITES_KEPT]
    )
    title = refined_title(clues, ranked[0]) if ranked else ""
    return Anchor(commit, sites, title, blamed)


def refined_title(clues: Clues, candidate: Candidate) -> str:
    """Return the message with its values named as in the source, "" when that is not certain.

    A value of several words says what is wrong, and stays, masked as ever; what stands around the
    statement's text was written by others and is masked, too.
    """
    found = candidate.match
    names = candidate.statement.template.names
    usable = found is not None and not found.lost and len(found.gaps) == len(names)
    if found is None or not usable or candidate.text or candidate.sure < _SURE_ENOUGH:
        return ""
    text = clues.texts[0]
    stretches = sorted(
        [(span, None) for span in found.literals]
        + [(gap, name) for gap, name in zip(found.gaps, names, strict=True)],
        key=lambda each: each[0],
    )
    shown = [_masked(text[: found.start])]
    for (start, end), name in stretches:
        part = text[start:end]
        shown.append(part if name is None else _value(part, name))
    shown.append(_masked(text[found.end :]))
    return " ".join("".join(shown).split())[:TEMPLATE_LIMIT]


def _value(text: str, name: str) -> str:
    if len(text.split()) >= _PHRASE_WORDS or not name:
        return _masked(text)
    return Template(("", ""), (name,)).text


def _masked(text: str) -> str:
    """Mask a part of a message; the spaces around it stay."""
    inner = text.strip()
    if not inner:
        return text
    return text.replace(inner, _masker.template(inner), 1)


def anchor_values(anchor: Anchor) -> dict[str, Any]:
    """Return an anchor as JSON values; the names never change."""
    return {
        "commit": anchor.commit,
        "title": anchor.title,
        "blamed": anchor.blamed,
        "sites": [
            {
                "path": each.path,
                "line": each.line,
                "function": each.function,
                "template": each.template,
                "role": each.role.value,
                "sure": each.sure,
            }
            for each in anchor.sites
        ],
    }


def anchor_from(values: dict[str, Any]) -> Anchor:
    """Return the anchor of values made by `anchor_values`."""
    return Anchor(
        commit=values["commit"],
        sites=tuple(
            AnchorSite(
                each["path"],
                each["line"],
                each["function"],
                each["template"],
                Role(each["role"]),
                each["sure"],
            )
            for each in values["sites"]
        ),
        title=values["title"],
        blamed=values["blamed"],
    )


def place_words(site: AnchorSite) -> str:
    """Return a place for people: `src/retro.rs:88 in load_retrospect`."""
    return f"{site.path}:{site.line}" + (f" in {site.function}" if site.function else "")
