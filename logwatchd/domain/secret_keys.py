"""Which names stand for a secret: `api_key` does, `key_path` and `max_tokens` do not.

The last word of a name decides, for English puts the noun last: `password_reset_url` is a URL.
"""

import re
from typing import Final

_WORD: Final = re.compile(r"[A-Z]{1,64}(?![a-z])|[A-Z]?[a-z]{1,64}|[0-9]{1,20}|[가-힣]{1,32}")

_NAME_LIMIT: Final = 256
"""Code points of a name that are looked at, from its end."""

_ONE_WORD: Final = {
    "password": "password",
    "passwords": "password",
    "passwd": "password",
    "pwd": "password",
    "pass": "password",
    "passphrase": "password",
    "pw": "password",
    "secret": "secret",
    "secrets": "secret",
    "token": "token",
    "tokens": "token",
    "jwt": "token",
    "bearer": "token",
    "apikey": "api_key",
    "authorization": "authorization",
    "auth": "authorization",
    "cookie": "cookie",
    "cookies": "cookie",
    "credential": "credentials",
    "credentials": "credentials",
    "sessionid": "session",
    "phpsessid": "session",
    "jsessionid": "session",
    "sid": "session",
    "session": "session",
    "otp": "code",
    "totp": "code",
    "pin": "code",
    "cvv": "code",
    "cvc": "code",
    "signature": "signature",
    "sig": "signature",
    "ssn": "resident_number",
    "rrn": "resident_number",
    "비밀번호": "password",
    "비번": "password",
    "암호": "password",
    "패스워드": "password",
    "토큰": "token",
    "시크릿": "secret",
    "인증키": "api_key",
    "비밀키": "secret",
    "인증번호": "code",
    "주민번호": "resident_number",
    "주민등록번호": "resident_number",
    "카드번호": "card",
    "계좌번호": "account",
    "전화번호": "phone",
    "휴대폰번호": "phone",
}

_TWO_WORDS: Final = {
    ("api", "key"): "api_key",
    ("api", "keys"): "api_key",
    ("api", "키"): "api_key",
    ("private", "key"): "private_key",
    ("secret", "key"): "secret",
    ("access", "key"): "secret",
    ("account", "key"): "secret",
    ("signing", "key"): "secret",
    ("encryption", "key"): "secret",
    ("master", "key"): "secret",
    ("shared", "key"): "secret",
    ("auth", "key"): "secret",
    ("session", "id"): "session",
    ("session", "key"): "session",
    ("security", "code"): "code",
    ("card", "number"): "card",
    ("resident", "no"): "resident_number",
    ("resident", "number"): "resident_number",
    ("webhook", "url"): "webhook",
}

_NEUTRAL: Final = frozenset(
    {
        "value",
        "raw",
        "plain",
        "plaintext",
        "text",
        "confirm",
        "confirmation",
        "header",
        "new",
        "old",
    }
)
"""Words behind the noun that change nothing: `password_confirmation`."""

_COUNTED: Final = frozenset({"token", "tokens", "pass", "auth", "session", "sig", "signature"})
"""Nouns whose value may be a small number: `tokens=812`, `pass=3`."""

_WORD_ABOUT: Final = re.compile(
    "none|null|nil|true|false|yes|no|on|off|set|unset|empty|missing|absent|provided|required"
    "|optional|undefined|unknown|invalid|incorrect|wrong|mismatch|expired|revoked|rejected|denied"
    "|error|failed|failure|ok|sensitive|redacted|filtered|hidden|masked|is|must|not|and|or|for|of"
    "|from|the|was|has|does|cannot|should|too|already|string|str|basic|bearer|만료|없음|불일치|오류",
    re.IGNORECASE,
)
"""Values that are no secret but a word about one: `token: expired`."""


KINDS_OF_KEYS: Final = frozenset({*_ONE_WORD.values(), *_TWO_WORDS.values()})
"""Every kind of secret that a name can stand for."""


def kind_of_key(name: str) -> str:
    """Return what kind of secret a name stands for, or "".

    Args:
        name: Name of a field, a header, a variable; dotted, snake, camel or kebab.
    """
    words = [word.lower() for word in _WORD.findall(name[-_NAME_LIMIT:])]
    while len(words) > 1 and (words[-1] in _NEUTRAL or words[-1].isdigit()):
        words.pop()
    if not words:
        return ""
    if len(words) > 1 and (words[-2], words[-1]) in _TWO_WORDS:
        return _TWO_WORDS[words[-2], words[-1]]
    return _ONE_WORD.get(words[-1], "")


def is_worth_hiding(name: str, value: str) -> bool:
    """Say whether the value of a secret-looking name is a secret, not a number or a word about it.

    Args:
        name: The name; one for which `kind_of_key` is not "".
        value: The value without its quotes.
    """
    bare = value.strip().strip("*•…·-_.,:;!?").strip()
    if not bare or _WORD_ABOUT.fullmatch(bare):
        return False
    if bare[0] in "<[({$" and bare[-1] in ">])}":
        return False
    noun = (_WORD.findall(name[-_NAME_LIMIT:]) or [""])[-1].lower()
    if noun in _COUNTED and _is_small_number(bare):
        return False
    return not (noun == "pwd" and bare.startswith("/"))


def _is_small_number(text: str) -> bool:
    digits = text.replace(",", "").replace(".", "").removesuffix("ms").removesuffix("%")
    return digits.isdigit() and len(digits) < 10  # noqa: PLR2004 -- longer ones are no counts
