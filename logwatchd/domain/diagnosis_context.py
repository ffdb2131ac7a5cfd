"""What a model is shown of an incident: ranked, redacted, and fitted into a number of tokens."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from logwatchd.domain.cleaning import visible
from logwatchd.domain.event import Event
from logwatchd.domain.evidence import Piece
from logwatchd.domain.incident import Incident
from logwatchd.domain.prompt import Material, Prompt, prompt
from logwatchd.domain.source_context import estimated_tokens
from logwatchd.domain.suspects import Suspect, Touch
from logwatchd.domain.tainted import Tainted

_EVENT_SHARE: Final = 3
"""One part in this many of the tokens is the event's at most: a stack trace must leave room."""

_LEAST_TOKENS: Final = 100
"""A piece with less room than this says nothing."""

_FIELD_LIMIT: Final = 500


class Lack(StrEnum):
    """What a diagnosis had to do without."""

    REPOSITORY = "repository"
    SOURCE = "source"
    SITE = "site"
    HISTORY = "history"
    ROOM = "room"
    BETTER_MODEL = "better_model"


@dataclass(frozen=True, slots=True)
class SourceText:
    """Lines of source: as of `Context.commit`, written by anyone."""

    path: str
    start: int
    text: str
    why: str


@dataclass(frozen=True, slots=True)
class CommitText:
    """A commit that touched such lines; its summary was written by anyone."""

    id: str
    at: datetime
    summary: str
    touch: Touch


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What was collected for an event beyond itself.

    Attributes:
        commit: The commit whose source was read, or "".
        sources: The likeliest place first.
        commits: The likeliest suspect first.
        suspects: Their ranking, with the candidate that no commit is to blame.
        lacks: What could not be collected.
    """

    commit: str = ""
    sources: tuple[SourceText, ...] = ()
    commits: tuple[CommitText, ...] = ()
    suspects: tuple[Suspect, ...] = ()
    lacks: tuple[Lack, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked about an incident.

    Attributes:
        prompt: What the model gets.
        pieces: What of it evidence can refer to, by reference.
        lacks: What it does without.
    """

    prompt: Prompt
    pieces: Mapping[str, Piece]
    lacks: tuple[Lack, ...]


def question(
    incident: Incident,
    context: Context,
    instructions: str,
    *,
    tokens: int,
    nonce: bytes,
    redact: Callable[[str], str],
) -> Question:
    """Build what is asked.

    Args:
        incident: The incident; its event is redacted already.
        context: What was collected for it.
        instructions: Our own words.
        tokens: About how many tokens the material may be.
        nonce: Random bytes, fresh for each request.
        redact: Replaces secrets: source and commits may hold some.
    """
    found = list(_pieces(incident, context, redact))
    materials: list[Material] = []
    room, lacks = tokens, list(context.lacks)
    for label, piece in found:
        share = tokens // _EVENT_SHARE if piece.reference == "e1" else room
        limit = _fitting(piece.text, min(share, room))
        if limit < len(piece.text) and Lack.ROOM not in lacks:
            lacks.append(Lack.ROOM)
        if limit:
            materials.append(Material(f"{piece.reference} {label}", Tainted(piece.text), limit))
            room -= min(estimated_tokens(piece.text), share)
    overall = sum(each.limit + len(each.label) + 2 * len(nonce) * 2 + 40 for each in materials)
    made = prompt(instructions, materials, nonce=nonce, limit=overall)
    sent = {label.partition(" ")[0]: text for label, text in made.sent}
    pieces = {
        piece.reference: replace(piece, text=sent[piece.reference])
        for _, piece in found
        if piece.reference in sent
    }
    return Question(made, pieces, tuple(lacks))


def _fitting(text: str, tokens: int) -> int:
    """Return how many code points of a text fit into so many tokens; 0 when too few would."""
    needed = estimated_tokens(text)
    if needed <= tokens:
        return len(text)
    return len(text) * tokens // needed if tokens >= _LEAST_TOKENS else 0


def _pieces(
    incident: Incident, context: Context, redact: Callable[[str], str]
) -> Iterator[tuple[str, Piece]]:
    """Yield the pieces with our words for each, the most important first."""
    yield "log event", Piece(reference="e1", text="\n".join(_event_lines(incident.sample)))
    yield "history of the problem", Piece(reference="h1", text=_history(incident))
    if context.commits:
        yield "ranking of suspects", Piece(reference="r1", text=_ranking(context))
    for number, each in enumerate(context.commits, 1):
        summary = redact(visible(each.summary))
        yield (
            "commit",
            Piece(
                reference=f"c{number}",
                text=f"commit {each.id[:12]} of {each.at:%Y-%m-%d}, {each.touch.value}\n{summary}",
                commit=each.id,
                summary=summary,
            ),
        )
    for number, source in enumerate(context.sources, 1):
        text = redact(visible(source.text))
        end = source.start + text.count("\n")
        yield (
            "source",
            Piece(
                reference=f"s{number}",
                text=f"{source.path} lines {source.start} to {end}: {source.why}\n{text}",
                path=source.path,
                start=source.start,
                source=text,
            ),
        )


def _event_lines(event: Event) -> Iterator[str]:
    """Name the facts of an event a line each, so that they can be quoted."""
    facts = (
        ("time", f"{event.at:%Y-%m-%dT%H:%M:%S}Z"),
        ("level", event.level.name),
        ("message", event.message),
        ("target", event.target),
        ("location", event.location),
        ("service", event.service),
        ("code", event.code),
        ("exception", event.exception_type),
        *(("cause", each) for each in event.causes),
        ("duration_ms", "" if event.duration_ms is None else f"{event.duration_ms:g}"),
        ("request", event.request_id),
        *((f"field {name}", text[:_FIELD_LIMIT]) for name, text in event.fields.items()),
        ("stack", event.stack_trace),
    )
    for name, text in facts:
        if text:
            yield f"{name}: {text}"


def _ranking(context: Context) -> str:
    """Return the suspects by the references of their pieces: no text of anyone."""
    names = {each.id: f"c{number}" for number, each in enumerate(context.commits, 1)}
    return "\n".join(
        f"{place}. {names.get(each.id, 'none')}: {each.why} (score {each.score:.1f})"
        for place, each in enumerate(context.suspects, 1)
    )


def _history(incident: Incident) -> str:
    lines = [
        f"problem: {incident.template}",
        f"events: {incident.count} in all, {incident.episode_count} in this episode",
        f"first seen: {incident.first_seen:%Y-%m-%dT%H:%M:%S}Z",
        f"last seen: {incident.last_seen:%Y-%m-%dT%H:%M:%S}Z",
    ]
    if incident.regressed:
        lines.append(f"it was resolved before and came back: episode {incident.episode}")
    return "\n".join(lines)
