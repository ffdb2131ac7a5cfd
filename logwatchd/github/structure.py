"""What a body for GitHub must look like; `outgoing.checked` holds every body to it.

Written without a look at how bodies are made: here a body is read as GitHub reads it, line by line,
and outside of fences nothing may be live but what is named below.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

from logwatchd.domain.issue_marker import marked_problem
from logwatchd.github.replies import NAME
from logwatchd.outgoing import Body, Shape

TITLE_LIMIT: Final = 256
BODY_LIMIT: Final = 65_536
LABEL_LIMIT: Final = 50
DESCRIPTION_LIMIT: Final = 100
LABELS_LIMIT: Final = 10

_FENCE: Final = re.compile(r"(`{3,})([a-z]*)")
_MARKER: Final = re.compile(r"<!-- logwatchd:(?:issue|comment) [0-9A-Za-z: -]{1,80} -->")
_LIVE: Final = re.compile(
    r"@[A-Za-z0-9]|<[A-Za-z!/?]|!\[|\]\(|www\.|\bGH-[0-9]|[\w/]#[0-9]|^\s*/[a-z]", re.IGNORECASE
)
_CLOSING: Final = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+\S*#[0-9]", re.IGNORECASE
)
_ADDRESS: Final = re.compile(r"[a-z][a-z0-9+.-]*:[/\\]\S*", re.IGNORECASE)
_LABEL: Final = re.compile(r"[a-z0-9][a-z0-9:-]{0,49}")
_COLOUR: Final = re.compile("[0-9a-f]{6}")
_STATES: Final = frozenset({"open", "closed"})
_REASONS: Final = frozenset({"completed", "duplicate", "reopened"})

Check = Callable[[Any], bool]


def shapes(web: str) -> Mapping[str, Shape]:
    """Return what bodies must look like, by what they are for.

    Args:
        web: Beginning of the only addresses that may stand outside of a fence.
    """

    def body(value: Any) -> bool:
        return _is_text(value, BODY_LIMIT) and not list(_live(value, web))

    def issue(value: Any) -> bool:
        return body(value) and bool(marked_problem(value))

    return {
        "create": _shape({"title": _is_title, "body": issue, "labels": _are_labels}),
        "edit": _shape({}, {"body": issue, "state": _in(_STATES), "state_reason": _in(_REASONS)}),
        "comment": _shape({"body": body}),
        "labels": _shape({"labels": _are_labels}),
        "label": _shape(
            {
                "name": _is_label,
                "color": lambda value: isinstance(value, str) and bool(_COLOUR.fullmatch(value)),
                "description": lambda value: _is_text(value, DESCRIPTION_LIMIT),
            }
        ),
    }


def _shape(needed: Mapping[str, Check], allowed: Mapping[str, Check] | None = None) -> Shape:
    known = {**needed, **(allowed or {})}

    def breaches(body: Body) -> Iterator[str]:
        if not body or not needed.keys() <= body.keys() <= known.keys():
            yield "keys"
            return
        yield from (name for name, value in body.items() if not known[name](value))

    def texts(body: Body) -> Iterator[str]:
        for value in body.values():
            yield from [value] if isinstance(value, str) else map(str, _listed(value))

    return Shape(destination=NAME, breaches=breaches, texts=texts)


def _live(body: str, web: str) -> Iterator[str]:
    """Yield what GitHub would act on, and a fence that is left open."""
    fence = ""
    for number, line in enumerate(body.split("\n")):
        if fence:
            fence = "" if line == fence else fence
        elif opened := _FENCE.fullmatch(line):
            fence = opened[1]
        elif number or not _MARKER.fullmatch(line):
            bare = _ADDRESS.sub(lambda found: "" if found[0].startswith(web) else "@x", line)
            if _LIVE.search(bare) or _CLOSING.search(bare):
                yield "live"
    if fence:
        yield "open fence"


def _is_title(value: Any) -> bool:
    return _is_text(value, TITLE_LIMIT) and "\n" not in value and not list(_live(value, "\0"))


def _is_label(value: Any) -> bool:
    return isinstance(value, str) and bool(_LABEL.fullmatch(value))


def _are_labels(value: Any) -> bool:
    found = _listed(value)
    return 1 <= len(found) <= LABELS_LIMIT and all(map(_is_label, found))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else ()


def _in(values: frozenset[str]) -> Check:
    return lambda value: isinstance(value, str) and value in values


def _is_text(value: Any, limit: int) -> bool:
    return isinstance(value, str) and bool(value.strip()) and len(value) <= limit
