"""Second looks at what an expression found, where the shape alone is not enough."""

import re
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final

from logwatchd.domain.secret_keys import Key
from logwatchd.domain.secret_values import is_secret, looks_random

_PASSWORD: Final = Key("password", "password", sure=True)

REACH: Final = 24
"""Code points in front of a token that a check may look at."""

_NOT_A_PERSON: Final = frozenset({"git", "root", "noreply", "no-reply"})
"""Local parts of addresses that name no person: `git@github.com` is how a repository is cloned."""

_NOT_A_DOMAIN: Final = frozenset(
    {"internal", "local", "localhost", "localdomain", "lan", "svc", "cluster"}
    | {"service", "socket", "timer", "target", "slice", "mount", "path", "scope", "swap", "device"}
)
"""Last parts of what follows an at sign in the name of a machine or of a systemd unit."""

_RESIDENT_LABEL: Final = re.compile("주민|외국인|등록번호|rrn|resident|ssn", re.IGNORECASE)
_AMOUNT_LABEL: Final = re.compile(r"(?:lag|offset|diff|delta|range|seq)\W*\Z", re.IGNORECASE)

_CARD_DIGITS: Final = range(14, 17)
_CARD_HEADS: Final = re.compile("4|5[1-5]|2[2-7]|3[4-9]|6|9")

_PHONE_DIGITS: Final = 8
"""A number of fewer digits is none that can be called from abroad."""

_ABOUT_A_SECRET: Final = re.compile(
    "(?:invalid|wrong|bad|weak|missing|unexpected|expired|unknown|mismatched|incorrect|empty)",
    re.IGNORECASE,
)
_CALLED: Final = re.compile(r"\w+(?=\([\s\\\"']*\Z)")
_NO_PASSWORD: Final = re.compile(
    r"(?i:argon2|bcrypt|scrypt|pbkdf2|sha[0-9]|md5|utf|v[0-9])|[A-Z]{2,}[-_]?[0-9]+\Z"
)
"""Algorithms and error codes, of which a sentence about a password tells."""

_NAMED_BEHIND: Final = re.compile(
    r"[A-Z]{2}[A-Z0-9]*(?:[-_][A-Z0-9]+)+|[a-z_]+=.*|[\w/\-]+\.[a-z]{1,4}:[0-9]+(?::[0-9]+)?"
)
"""`AES-256-GCM`, `min_length=8`, `check.rs:42`: what Korean names without a sign behind `암호`."""


def _has_digit(token: str, _before: str) -> bool:
    return any(sign.isdigit() for sign in token)


def _is_no_word(token: str, _before: str) -> bool:
    """A digit, or a sign that stands in passwords and in no word or name."""
    return not _NAMED_BEHIND.fullmatch(token) and any(
        sign.isdigit() or sign in "!@#^&*" for sign in token.rstrip("!*")
    )


def _is_mixed(token: str, before: str) -> bool:
    """Letters of both cases and a digit: no name that a person gave."""
    return _has_digit(token, before) and not token.islower() and not token.isupper()


def _is_credential(token: str, _before: str) -> bool:
    """Anything behind `Authorization: Bearer` but a word about it."""
    odd = any(sign.isdigit() or sign.isupper() for sign in token)
    return odd and is_secret(_PASSWORD, token, quoted=False)


def _is_quoted(token: str, _before: str) -> bool:
    return is_secret(_PASSWORD, token, quoted=True)


def _is_told(token: str, before: str) -> bool:
    """A password behind the word for one: what is no word of a sentence."""
    if _NO_PASSWORD.match(token) or "::" in token or token.startswith("/"):
        return False
    odd = sum(sign.isdigit() for sign in token) > 1 or not token.isalnum() or not token.islower()
    return _is_random(token, before) and odd and is_secret(_PASSWORD, token, quoted=False)


def _is_argument(token: str, _before: str) -> bool:
    """What follows `--password`, unless a sentence does."""
    return is_secret(_PASSWORD, token, quoted=False) and not (token.isalpha() and token.islower())


def _is_wrapped(token: str, before: str) -> bool:
    """`InvalidToken("it is too old")` says something about a secret, `Token("x9…")` is one."""
    if not is_secret(_PASSWORD, token, quoted=True):
        return False
    name = _CALLED.search(before)
    if name is None or not (_ABOUT_A_SECRET.match(name[0]) or name[0].endswith("Token")):
        return True
    return " " not in token and (looks_random(token) or any(sign.isdigit() for sign in token))


def _is_random(token: str, _before: str) -> bool:
    return looks_random(token) or (
        any(sign.isdigit() for sign in token) and any(sign.isalpha() for sign in token)
    )


def _is_no_number(token: str, _before: str) -> bool:
    """`-p 3306` is a port."""
    return not token.replace(":", "").isdigit()


def _is_email(token: str, before: str) -> bool:
    if before.endswith("://"):
        return False  # the user of a URL, which is kept
    local, _, domain = token.replace("%40", "@").partition("@")
    if domain.rpartition(".")[2].lower() in _NOT_A_DOMAIN:
        return False
    return local.lower() not in _NOT_A_PERSON


def _is_resident(token: str, before: str) -> bool:
    digits = [int(sign) for sign in token if sign.isdigit()]
    if not token.replace(" ", "").isdigit() or _RESIDENT_LABEL.search(before):
        return True
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(weight * digit for weight, digit in zip(weights, digits, strict=False))
    base = 13 if digits[6] in (5, 6, 7, 8) else 11  # foreigners count from two more
    return (base - total % 11) % 10 == digits[-1]


def _is_phone(token: str, before: str) -> bool:
    digits = sum(sign.isdigit() for sign in token)
    return digits >= _PHONE_DIGITS and not (
        token.startswith("+") and _AMOUNT_LABEL.search(before) is not None
    )


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


def _is_ip_address(token: str, _before: str) -> bool:
    try:
        ip_address(token)
    except ValueError:
        return False
    return True


CHECKS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "digit": _has_digit,
    "no_word": _is_no_word,
    "mixed": _is_mixed,
    "random": _is_random,
    "credential": _is_credential,
    "wrapped": _is_wrapped,
    "quoted": _is_quoted,
    "told": _is_told,
    "argument": _is_argument,
    "looks_random": lambda token, _before: looks_random(token),
    "mixed_random": lambda token, before: _is_mixed(token, before) and looks_random(token),
    "no_number": _is_no_number,
    "email": _is_email,
    "resident": _is_resident,
    "phone": _is_phone,
    "card": _is_card,
    "ip_address": _is_ip_address,
}
"""Each says whether a token is what it looks like, from the token and the text just before it."""
