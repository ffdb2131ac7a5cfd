"""The last look at everything that leaves, by someone who does not know how it was made.

The transport sends a `Checked` body and nothing else, and only `checked` makes one: a sink that
forgets the look cannot send. What was looked at is what is sent, byte for byte.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from json import dumps
from typing import Final, final

from logwatchd.domain.cleaning import visible
from logwatchd.domain.safe_text import INVISIBLE
from logwatchd.errors import RejectedError

BODY_LIMIT: Final = 262_144
"""Bytes of a request body; several times the largest body that we build."""

Body = Mapping[str, object]
"""A JSON object."""

_OWN: Final = "[REDACTED:own_secret]"
_SEAL: Final = object()


@final
class Checked:
    """A body that may leave, encoded. Made by `checked` alone."""

    __slots__ = ("content",)

    def __init__(self, content: bytes, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only logwatchd.outgoing.checked makes a checked body")
        self.content: Final = content

    def __repr__(self) -> str:
        return f"Checked({len(self.content)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """What bodies of one kind must look like.

    Attributes:
        destination: The name to use in errors.
        breaches: Names what is wrong with a body, and repeats nothing of it.
        texts: Yields what a reader sees of the texts that are not wholly our own.
    """

    destination: str
    breaches: Callable[[Body], Iterable[str]]
    texts: Callable[[Body], Iterable[str]]


def checked(body: Body, shape: Shape, *, redact: Callable[[str], str]) -> Checked:
    """Look at a body, and encode it.

    Args:
        body: What is to be sent.
        shape: What it must look like.
        redact: Replaces secrets. Whoever draws a body redacts every part of it before; this finds
            our own secrets where that was overlooked. Others are not looked for here: where a
            word was cut or a label stands before it, anything may look like one.

    Raises:
        RejectedError: With the name of every breach, and no text of the body.
    """
    found = set(shape.breaches(body))
    if not found:
        found = set(_text_breaches(shape.texts(body), redact))
    content = b""
    if not found:
        content = dumps(body, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")
        found = {"size"} if len(content) > BODY_LIMIT else set()
    if found:
        message = f"{shape.destination}: own body refused: {', '.join(sorted(found))}"
        hint = "This is a bug; please report it."
        raise RejectedError(message, destination=shape.destination, hint=hint)
    return Checked(content, _SEAL)


def _text_breaches(texts: Iterable[str], redact: Callable[[str], str]) -> Iterator[str]:
    for text in texts:
        bare = text.replace(INVISIBLE, "")
        if visible(bare) != bare:
            yield "invisible characters"
        elif redact(bare).count(_OWN) > bare.count(_OWN):
            yield "own secret"
