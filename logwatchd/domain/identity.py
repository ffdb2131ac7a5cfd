"""Which problem an event is, by its content alone."""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from logwatchd.domain.skeleton import plain

VERSION: Final = "v1"

_DIGEST_BYTES: Final = 8
"""Among a million problems the chance that any two share a name is 3 in 10^8."""

_CONTEXT_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Likeness:
    """What decides whether a problem is an old one in other words.

    Attributes:
        context: Digest of all that must be the same: service, module, codes, place.
        words: The skeletons of its texts, one behind the other.
    """

    context: bytes
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Identity:
    """Which problem an event is.

    Attributes:
        fingerprint: `v1:` and 16 hexadecimal digits.
        template: Its message with the variable parts masked; what people see as the title.
        likeness: What other problems it may be like; None when somebody named it.
    """

    fingerprint: str
    template: str
    likeness: Likeness | None


def name_of(likeness: Likeness) -> str:
    """Return the fingerprint of what is known by its content."""
    words = " ".join(map(plain, likeness.words)).encode("utf-8", "surrogatepass")
    digest = blake2b(words, digest_size=_DIGEST_BYTES, key=likeness.context)
    return f"{VERSION}:{digest.hexdigest()}"


def given_name(parts: Iterable[str]) -> str:
    """Return the fingerprint of what an application or a team named."""
    return f"{VERSION}:{_digest(parts, _DIGEST_BYTES).hex()}"


def context_of(parts: Iterable[str]) -> bytes:
    """Return the digest of the parts that must be the same, told apart by their lengths."""
    return _digest(parts, _CONTEXT_BYTES)


def _digest(parts: Iterable[str], size: int) -> bytes:
    digest = blake2b(digest_size=size)
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
