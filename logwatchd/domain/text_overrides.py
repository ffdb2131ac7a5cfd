"""What a team masks and keeps in texts, beyond what is known already."""

from collections.abc import Sequence
from typing import Final

import re2

_KEPT_LIMIT: Final = 64
"""Texts of one message that are kept; further ones are masked like any other."""

_FIRST_KEPT: Final = 0xE000
"""Where the private characters begin that stand for kept texts while a message is masked."""

KEPT_BEHIND: Final = "\ue100"
"""Stands between a shape and each text that is kept in it."""

_PRIVATE: Final = dict.fromkeys(range(_FIRST_KEPT, 0xE101))


class TextOverrides:
    """Masks and keeps, as one expression each.

    Args:
        masks: RE2 expressions of what is masked before anything else.
        keeps: RE2 expressions of what is never masked.
    """

    __slots__ = ("_keep", "_mask", "asks")

    def __init__(self, masks: Sequence[str] = (), keeps: Sequence[str] = ()) -> None:
        self._mask = _any_of(masks)
        self._keep = _any_of(keeps)
        self.asks = bool(masks or keeps)

    def applied(self, text: str) -> tuple[str, list[str]]:
        """Return a text with placeholders for what is masked, and signs for what is kept.

        Returns:
            The text, and the kept texts; the first stands where U+E000 is, and so on.
        """
        kept: list[str] = []
        text = text.encode("utf-8", "replace").decode()
        if self._keep is not None:
            text = self._keep.sub(lambda match: _sign_for(match.group(), kept), text)
        if self._mask is not None:
            text = self._mask.sub("<custom>", text)
        return text, kept


def joined(patterns: Sequence[str]) -> str:
    """Return the expression that finds any of some expressions."""
    return "|".join(f"(?:{pattern})" for pattern in patterns)


def without_private(text: str) -> str:
    """Return a text without the characters that stand for kept ones here."""
    return text.translate(_PRIVATE)


def restored(text: str, kept: Sequence[str]) -> str:
    """Put what was kept back in its places."""
    for at, each in enumerate(kept):
        text = text.replace(chr(_FIRST_KEPT + at), each)
    return text


def _any_of(patterns: Sequence[str]) -> "re2._Regexp | None":
    if not patterns:
        return None
    options = re2.Options()
    options.log_errors = False
    return re2.compile(joined(patterns), options)


def _sign_for(text: str, kept: list[str]) -> str:
    if not text or len(kept) >= _KEPT_LIMIT:
        return text
    kept.append(text)
    return chr(_FIRST_KEPT + len(kept) - 1)


NO_TEXT_OVERRIDES: Final = TextOverrides()
