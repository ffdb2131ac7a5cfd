"""Which values are secrets, where a name says that one may stand there.

`token: expired`, `password: String`, `secret=<none>` and `api_key=$KEY` hold none.
"""

import re
from typing import Final

from logwatchd.domain.secret_keys import Key

_WORD_ABOUT: Final = re.compile(
    "none|null|nil|true|false|yes|no|n/a|on|off|set|unset|empty|missing|absent|provided|required"
    "|optional|undefined|unknown|invalid|incorrect|wrong|mismatch(?:ed)?|expired|revoked|rejected"
    "|denied|error|failed|failure|failing|ok|okay|success(?:ful)?|succeeded|sensitive|redacted"
    "|filtered|hidden|masked|secret|is|are|must|not|and|or|for|of|in|at|on|to|from|by|the|a|an|this"
    "|that|was|has|have|does|cannot|can|should|will|too|already|only|never|please|try|attempts?"
    "|string|str|basic|bearer|digest|header|field|value|used|using|changed|updated|reset|verified"
    "|accepted|valid|ignored|disabled|enabled|locked|blocked|leaked|weak|short|long|minimum|length"
    "|contains?|given|specified|supplied|entered|found|created|deleted|rotated|refresh(?:ed)?|issued"
    "|authentication|authorization|validation|verification|rotation|policy|hash(?:ing|ed)?|check"
    "|active|inactive|closed|open(?:ed)?|started|ended|lost|available|unavailable|todo|tbd|default",
    re.IGNORECASE,
)
"""Values that are no secret but a word about one."""

_TYPE: Final = re.compile(
    r"&?(?:'[a-z]+)?(?:mut )?(?:[A-Za-z_]\w*::){0,8}"
    r"(?:String|str|SecretString|SecretStr|SecretBox|SecretVec|Secret|Option|Optional|Vec|Box|Arc|Rc"
    r"|Cow|Bytes|bytes|Zeroizing|Result|Self|Ident|HeaderValue|HashMap|Sensitive|Redacted|varchar"
    r"|text|char|int|integer|bigint|uuid|bool|boolean|object|number|any|u8|u16|u32|u64|i32|i64"
    r"|usize|bytea|jsonb?|Punct|Literal|Password|Token|ApiKey)"
)
"""Types: what a declaration holds behind a name."""

_STAND_IN: Final = re.compile(
    r"\$+\w*|%\w+%?|%[sdqv]|(?i:your|insert|enter|replace|put|change)[-_ ].*"
    r"|[<\[({$][^\"'\n]*[>\])}]|([xX*#•])\1*|@\w+@|:\w+|\?"
    r"|[A-Z]+(?:_[A-Z]+)+"
)
"""What stands in for a value: a variable, a parameter, a blank to fill in, the same sign again."""

_REFERENCE: Final = re.compile(r"(?:[A-Za-z_]\w*(?:\.|::|->))+[A-Za-z_]+(?:\(.*)?")
"""`req.password`: code that says where a value comes from."""

_SIGNS: Final = re.compile(r"[A-Za-z0-9_\-+/=.~%!@#$^&*]+")
_PLAIN_PART: Final = re.compile(r"[A-Za-z]?[a-z]*[0-9]{0,6}|[A-Z]+[0-9]{0,4}|[0-9]+")
_BETWEEN: Final = re.compile(r"[-_./=+%@]")
_HANGUL: Final = re.compile(r"[가-힣\s]+[.!]?")

_NAMED_RANDOMLY: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|.*\..*")
"""UUIDs and file names: what a key that only finds something looks like."""

_EDGES: Final = "*•…·-_.,:;!? \t\r\n"
"""Signs around a value that are no part of it, or all that a mask left of it."""

_RANDOM_LENGTH: Final = 16
"""Code points from which on a text can look as if drawn by lot."""

_LONG: Final = 20
"""A word of this length is no English one."""

_LEAST_DIGITS: Final = {
    "phone": 7,
    "account": 7,
    "card": 8,
    "resident_number": 6,
    "passport": 5,
    "licence": 6,
    "code": 3,
}
"""Kinds that are numbers, and how many digits make one."""

_LONGEST_NUMBER: Final = 64

_POINTER: Final = re.compile("0x[0-9a-fA-F]{1,16}")

_PROSE_KINDS: Final = frozenset(
    {"token", "authorization", "signature", "credentials", "session", "cookie"}
)
"""Kinds of names that a sentence may use: `unexpected token: identifier`."""

_COUNTED: Final = frozenset(
    {"token", "tokens", "pass", "auth", "session", "sig", "signature"}
    | {"keys", "passwords", "secrets", "credentials", "creds", "cookies"}
)
"""Nouns whose value may be a small number: `tokens=812`, `pass=3`."""


def looks_random(text: str) -> bool:
    """Say whether a text looks drawn by lot, unlike `orders.created.v2` or `2026-01-02`."""
    if len(text) < _RANDOM_LENGTH or not _SIGNS.fullmatch(text):
        return False
    if not any(sign.isdigit() for sign in text):
        return len(text) >= 2 * _RANDOM_LENGTH and not text.islower() and "_" not in text
    return not all(_PLAIN_PART.fullmatch(part) for part in _BETWEEN.split(text))


def is_secret(key: Key, value: str, *, quoted: bool) -> bool:
    """Say whether a value is what its name says.

    Args:
        key: What the name stands for.
        value: The value without its quotes.
        quoted: Whether it had quotes, or is the whole value of a field.
    """
    bare = value.strip(_EDGES)
    if not bare or _WORD_ABOUT.fullmatch(bare) or _STAND_IN.fullmatch(bare):
        return False
    if key.only_random:
        return looks_random(bare) and not _NAMED_RANDOMLY.fullmatch(bare)
    least = _LEAST_DIGITS.get(key.kind)
    if least is not None:
        return len(bare) <= _LONGEST_NUMBER and sum(map(str.isdigit, bare)) >= least
    if key.noun in _COUNTED and (_is_small_number(bare) or _POINTER.fullmatch(bare)):
        return False
    if key.noun == "token" and not any(map(str.isalnum, bare)):
        return False  # one of a language: `unexpected token: }`
    if _TYPE.fullmatch(bare) or (key.noun == "pwd" and bare.startswith("/")):
        return False
    return quoted or _is_no_word(key, bare)


def _is_no_word(key: Key, bare: str) -> bool:
    """Say whether what stands without quotes behind a name is its value, and no text goes on."""
    if _REFERENCE.fullmatch(bare) or _HANGUL.fullmatch(bare):
        return False
    if key.kind == "signature" and "=" in bare and len(bare) < _LONG:
        return False  # parameters, of which one is the signature
    if key.kind not in _PROSE_KINDS or (key.sure and key.kind == "token"):
        return True
    return len(bare) >= _LONG or looks_random(bare) or _is_odd(bare, key.kind)


def _is_odd(text: str, kind: str) -> bool:
    """Say whether a short text cannot be a word, and not a name with a number behind it either."""
    if not any(sign.isdigit() for sign in text):
        return False
    return kind == "token" or not _PLAIN_PART.fullmatch(text)


def _is_small_number(text: str) -> bool:
    digits = text.replace(",", "").replace(".", "").removesuffix("ms").removesuffix("%")
    return digits.isdigit() and len(digits) < 10  # noqa: PLR2004 -- longer ones are no counts
