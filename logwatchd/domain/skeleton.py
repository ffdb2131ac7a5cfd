"""What of a template counts: its words, in order, with one wildcard for everything that went.

Case, punctuation, the kind of a placeholder, the order of a map's keys, the length of a list and a
plural behind a number do not count.
"""

import re
from functools import lru_cache
from typing import Final

from logwatchd.domain.firm_words import FIRM, NAMES_FOLLOW, is_firm
from logwatchd.domain.values import PLACEHOLDERS

WILDCARD: Final = "*"

TOKENS_LIMIT: Final = 256
"""Words of a message that count."""

_REPEATED_LIMIT: Final = 8
"""Words of a group whose repeats are one: `node * is up, node * is up`."""

_MEMO_TOKEN_LIMIT: Final = 40
_WORDLESS_LIMIT: Final = 64
"""Code points of a message without a word that count."""

_DEPTH_LIMIT: Final = 16
_MAP_LIMIT: Final = 512

_PARTICLE: Final = "(?:은|는|이|가|을|를|과|와|으로|로|이나|나)(?![가-힣])"
"""Particles whose form follows the sound of the word before them: `7이`, `2가`."""

_PIECES: Final = re.compile(
    rf"(?P<value>(?:<{PLACEHOLDERS}>|\[REDACTED:\w{{1,40}}\])(?:[\"'`)\]]{{0,2}}{_PARTICLE})?+)"
    r"|(?P<quoted>\\?\"[^\"\s\\]{1,200}\\?\"|`[^`\n]{1,200}`|(?<!\w)'[^'\s]{1,200}')"
    r"|(?P<path>[\w.\-]{0,255}+(?:[/\\][\w.\-]{1,255}+)+)"
    rf"|(?P<word>\w+(?:(?:::|[.\-$])?(?:\w+|<{PLACEHOLDERS}>))*+)"
    r"|(?P<sign>[{},:])"
)
_VERBS: Final = {"were": "was", "are": "is", "have": "has", "do": "does"}
"""Verbs behind a plural, and what they are behind a singular: `3 rows were`, `1 row was`."""

_PLACEHOLDER: Final = re.compile(rf"<{PLACEHOLDERS}>|\[REDACTED:\w{{1,40}}\]")
_WORD: Final = re.compile(r"[\w*]+(?:[.\-/$:]+[\w*]+)*+")


def skeleton_of(template: str) -> tuple[str, ...]:
    """Return the words of a template that count, those that must stay as they are marked `FIRM`."""
    if "{" in template and ":" in template:
        words = _sorted_maps(_pieces(template, firm=False, signs=True))
    elif "`" in template:
        words = _pieces(template, firm=False, signs=False)  # a quoted text may hold spaces
    else:
        words = _words(template)
    if "<" in template or "[REDACTED" in template:
        words = _without_repeats(words[: 2 * TOKENS_LIMIT])
        words = [_singular(words, at) for at in range(len(words))]
    return tuple(words[:TOKENS_LIMIT]) or (template.lower()[:_WORDLESS_LIMIT],)


def untyped(template: str) -> str:
    """Return a template with one sign for all kinds of values, as they count: `user <*> is gone`."""
    return _PLACEHOLDER.sub(f"<{WILDCARD}>", template)


def plain(word: str) -> str:
    """Return a word without its mark."""
    return word.removeprefix(FIRM)


def _words(template: str) -> list[str]:
    found: list[str] = []
    named = False
    for token in template.split(" "):
        words = _of_token(token, named) if len(token) <= _MEMO_TOKEN_LIMIT else _new(token, named)
        if words:
            found += words
            named = words[-1] in NAMES_FOLLOW
    return found


def _new(token: str, named: bool) -> tuple[str, ...]:  # noqa: FBT001 -- a part of the key of a memo
    return tuple(_pieces(token, firm=named, signs=False))


_of_token = lru_cache(maxsize=512)(_new)


def _pieces(text: str, *, firm: bool, signs: bool) -> list[str]:
    """Return words and, if asked, the signs of maps.

    Args:
        text: A template, or a part of it without spaces.
        firm: Whether the first word is the name of a thing.
        signs: Whether signs are returned, too.
    """
    found: list[str] = []
    for piece in _PIECES.finditer(text):
        kind, part = piece.lastgroup, piece[0]
        if kind == "value":
            found.append(WILDCARD)
        elif kind != "sign":
            found += _marked(part, firm=firm or kind == "quoted")
        elif signs:
            found.append(part)
        firm = firm if kind == "sign" else found[-1] in NAMES_FOLLOW
    return found


def _marked(text: str, *, firm: bool) -> list[str]:
    words = _WORD.findall(_PLACEHOLDER.sub(WILDCARD, text).lower()) or [text]
    firm = firm or is_firm(text)
    return [FIRM + word if firm and word != WILDCARD else word for word in words]


def _sorted_maps(pieces: list[str]) -> list[str]:
    """Return the words, with the members of each map in the order of their names."""
    stack: list[list[list[str]]] = [[[]]]
    for piece in pieces:
        if piece == "{" and len(stack) < _DEPTH_LIMIT:
            stack.append([[]])
        elif piece == "}" and len(stack) > 1:
            inner = _in_order(stack.pop())
            stack[-1][-1] += inner
        elif piece == "," and len(stack) > 1:
            stack[-1].append([])
        elif piece not in "{},":
            stack[-1][-1].append(piece)
    while len(stack) > 1:
        inner = _in_order(stack.pop())
        stack[-1][-1] += inner
    return [word for word in _in_order(stack.pop()) if word != ":"]


def _in_order(members: list[list[str]]) -> list[str]:
    named = all(":" in member[:4] for member in members) and len(members) <= _MAP_LIMIT
    return [word for member in (sorted(members) if named else members) for word in member]


def _without_repeats(words: list[str]) -> list[str]:
    """Return the words with lists of any length as one: runs of values, and of groups with one."""
    if " ".join(words).count(WILDCARD) == 1:
        return words
    kept: list[str] = []
    for word in words:
        kept.append(word)
        for size in range(1, _REPEATED_LIMIT + 1):
            tail = kept[-size:]
            if WILDCARD in "".join(tail) and kept[-2 * size : -size] == tail:
                del kept[-size:]
                break
    return kept


def _singular(words: list[str], at: int) -> str:
    word = words[at]
    if word in _VERBS and WILDCARD in words[max(0, at - 3) : at]:
        return _VERBS[word]
    if WILDCARD not in words[max(0, at - 2) : at] or word.startswith(FIRM):
        return word
    if word.endswith("ies") and len(word) > len("ties"):
        return word[:-3] + "y"
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > len("gas"):
        return word[:-1]
    return word
