"""Second looks at what an expression found, where the shape alone is not enough."""

import re
from collections.abc import Callable, Mapping
from typing import Final

_NOT_A_PERSON: Final = frozenset({"git", "root", "noreply", "no-reply"})
"""Local parts of addresses that name no person: `git@github.com` is how a repository is cloned."""

_LABEL: Final = re.compile("주민|rrn|resident|ssn", re.IGNORECASE)
REACH: Final = 24
"""Code points in front of a token that a check may look at."""

_CARD_DIGITS: Final = range(14, 17)
_CARD_HEADS: Final = re.compile("4|5[1-5]|2[2-7]|3[4-9]|6|9")


def _has_digit(token: str, _before: str) -> bool:
    return any(sign.isdigit() for sign in token)


def _is_email(token: str, before: str) -> bool:
    if before.endswith("://"):
        return False  # the user of a URL, which is kept
    local = token.replace("%40", "@").partition("@")[0]
    return local.lower() not in _NOT_A_PERSON


def _is_resident(token: str, before: str) -> bool:
    digits = [int(sign) for sign in token if sign.isdigit()]
    if len(token) > len(digits):
        return True
    if _LABEL.search(before):
        return True
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(weight * digit for weight, digit in zip(weights, digits, strict=False))
    return (11 - total % 11) % 10 == digits[-1]


def _is_card(token: str, _before: str) -> bool:
    digits = [int(sign) for sign in token if sign.isdigit()]
    if len(digits) not in _CARD_DIGITS or not _CARD_HEADS.match(token):
        return False
    return _luhn(digits)


def _luhn(digits: list[int]) -> bool:
    total = sum(digits[-1::-2])
    for digit in digits[-2::-2]:
        total += digit * 2 - 9 * (digit > 4)  # noqa: PLR2004 -- the cross sum of a doubled digit
    return total % 10 == 0


CHECKS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "digit": _has_digit,
    "email": _is_email,
    "resident": _is_resident,
    "card": _is_card,
}
"""Each says whether a token is what it looks like, from the token and the text just before it."""
