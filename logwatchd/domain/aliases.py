"""Decide whether a skeleton that was never seen is an old problem in other words.

Two rules, and no other: it is *absorbed* when it differs from a known one only where one of the two
has a value (`peer * is gone`, `peer local is gone`), and it is a *variant* when it is the fifth
word in one place of an otherwise equal, long message. Neither ever touches what is marked as firm:
codes, names of classes, quoted names, opposites. A group keeps the name of its first skeleton, so a
name never changes and nothing has to be renamed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from operator import ne
from typing import Final, Protocol

from logwatchd.domain.firm_words import FIRM
from logwatchd.domain.identity import Identity, Likeness, name_of
from logwatchd.domain.skeleton import WILDCARD

VARIANTS: Final = 4
"""Words in one place that are problems of their own; a variable of one word raises no more alerts."""

VARIANT_WORDS: Final = 6
"""Least number of words, besides the place in question, that variants have in common."""

ABSORB_WORDS: Final = 3
"""Least number of words that are the same where one is absorbed."""

NEAR_LIMIT: Final = 64
"""Known skeletons that a new one is compared with, for each of its three keys; the first ones."""

ALIASES_LIMIT: Final = 1_000
"""Skeletons of one group that are remembered; what joins later is compared anew each time."""

_PIECES: Final = 3
"""Pieces of a skeleton; two that differ in at most two places have one of three in common."""

_KEY_BYTES: Final = 8


class How(StrEnum):
    """How a skeleton came to its group."""

    FIRST = "first"
    ABSORBED = "absorbed"
    VARIANT = "variant"
    PATTERN = "pattern"
    """No message had it yet: it covers those that joined."""


@dataclass(frozen=True, slots=True)
class Known:
    """A skeleton that others are compared with.

    Attributes:
        group: The fingerprint of its group.
        words: The skeleton.
    """

    group: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Join:
    """Why a skeleton belongs to an old group.

    Attributes:
        group: The fingerprint of the group.
        how: By which rule.
        like: The skeleton of the group that it was compared with.
        places: Where the two differ, counted from 0.
        pattern: What covers both, with a wildcard in each of these places.
    """

    group: str
    how: How
    like: tuple[str, ...]
    places: tuple[int, ...]
    pattern: tuple[str, ...]


def join(words: tuple[str, ...], near: Sequence[Known]) -> Join | None:
    """Decide which group a new skeleton joins, if any.

    Args:
        words: The new skeleton.
        near: Known skeletons of the same context, first come first; others do not matter.
    """
    values = words.count(WILDCARD)
    fixed = len(words) - values
    variants: dict[int, dict[str, Known]] = {}
    for known in near:
        if len(known.words) != len(words):
            continue
        more = known.words.count(WILDCARD) - values
        if not more and fixed <= VARIANT_WORDS:
            continue  # neither can absorb the other, and too little is left in common
        places = _differences(words, known.words)
        if more and len(places) == abs(more):
            # All differ in one direction: one of the two has a value where the other has a word.
            alike = fixed - max(more, 0)
            if alike >= ABSORB_WORDS and not _is_firm(words, known.words, places):
                return _joined(words, known, How.ABSORBED, places)
        elif not more and len(places) == 1 and not _is_firm(words, known.words, places):
            others = variants.setdefault(places[0], {})
            others.setdefault(known.words[places[0]], known)
    for at, others in sorted(variants.items()):
        if len(others) >= VARIANTS:
            return _joined(words, next(iter(others.values())), How.VARIANT, (at,))
    return None


def _differences(one: Sequence[str], other: Sequence[str]) -> tuple[int, ...]:
    return tuple(at for at, differs in enumerate(map(ne, one, other)) if differs)


def _is_firm(one: Sequence[str], other: Sequence[str], places: Iterable[int]) -> bool:
    """Say whether two skeletons differ in something that is no value."""
    return any(one[at].startswith(FIRM) or other[at].startswith(FIRM) for at in places)


def _joined(words: tuple[str, ...], known: Known, how: How, places: tuple[int, ...]) -> Join:
    pattern = tuple(WILDCARD if at in places else word for at, word in enumerate(words))
    return Join(known.group, how, known.words, places, pattern)


@dataclass(frozen=True, slots=True)
class Alias:
    """A skeleton that is known by now.

    Attributes:
        fingerprint: Its own, which follows from its content.
        group: That of the group it belongs to: its own, or that of the group's first.
        how: By which rule.
        words: The skeleton.
        keys: What others find it by; () when it need not be found.
        like: For one that joined: the skeleton that it was compared with.
    """

    fingerprint: str
    group: str
    how: How
    words: tuple[str, ...]
    keys: tuple[int, ...] = ()
    like: tuple[str, ...] = ()


class Aliases(Protocol):
    """The skeletons that are known. It only grows: an alias is never changed."""

    def group_of(self, fingerprint: str) -> str | None:
        """Return the group of a skeleton, None for one that was never seen."""
        ...

    def near(self, keys: Sequence[int]) -> Sequence[Known]:
        """Return the first `NEAR_LIMIT` skeletons of each key, first come first."""
        ...

    def size_of(self, group: str) -> int:
        """Return how many skeletons of a group are known."""
        ...

    def add(self, alias: Alias) -> None:
        """Remember a skeleton; one that is known stays as it is."""
        ...


def settled(identity: Identity, aliases: Aliases) -> str:
    """Return the group that an event belongs to, and remember what is new about it.

    Args:
        identity: What is known of the event by its content.
        aliases: The skeletons known so far.
    """
    likeness = identity.likeness
    if likeness is None:
        return identity.fingerprint
    known = aliases.group_of(identity.fingerprint)
    if known is not None:
        return known
    keys = near_keys(likeness)
    joined = join(likeness.words, aliases.near(keys)) if keys else None
    own = identity.fingerprint
    if joined is None:
        aliases.add(Alias(own, own, How.FIRST, likeness.words, keys))
        return own
    if aliases.size_of(joined.group) < ALIASES_LIMIT:
        covers = joined.pattern == likeness.words
        known_by = keys if covers else ()
        aliases.add(
            Alias(own, joined.group, joined.how, likeness.words, known_by, like=joined.like)
        )
        if not covers and joined.pattern != joined.like:
            aliases.add(_pattern(joined, likeness.context))
    return joined.group


def _pattern(joined: Join, context: bytes) -> Alias:
    pattern = Likeness(context, joined.pattern)
    keys = near_keys(pattern)
    return Alias(name_of(pattern), joined.group, How.PATTERN, pattern.words, keys)


def near_keys(likeness: Likeness) -> tuple[int, ...]:
    """Return what near skeletons are found by: one of these is the same. () when none can be near."""
    context, words = likeness.context, likeness.words
    count = len(words)
    if count <= ABSORB_WORDS:
        return ()
    bounds = [count * piece // _PIECES for piece in range(_PIECES + 1)]
    return tuple(
        _key(context, count, piece, words[bounds[piece] : bounds[piece + 1]])
        for piece in range(_PIECES)
    )


def _key(context: bytes, count: int, piece: int, words: Sequence[str]) -> int:
    text = f"{count} {piece} {' '.join(words)}".encode("utf-8", "surrogatepass")
    digest = blake2b(text, digest_size=_KEY_BYTES, key=context).digest()
    return int.from_bytes(digest, "big", signed=True)
