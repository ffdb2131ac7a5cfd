"""Which names stand for a secret: `api_key` does, `key_path` and `max_tokens` do not.

The last word of a name decides, for English and Korean put the noun last: `password_reset_url` is
a URL.
"""

import re
from typing import Final, NamedTuple

_WORD: Final = re.compile(r"[A-Z]{1,64}(?![a-z])|[A-Z]?[a-z]{1,64}|[0-9]{1,20}|[가-힣]{1,32}")

_NAME_LIMIT: Final = 256
"""Code points of a name that are looked at, from its end."""

NOUNS: Final = {
    "password": "password",
    "passwords": "password",
    "passwd": "password",
    "pwd": "password",
    "pass": "password",
    "passphrase": "password",
    "passcode": "password",
    "requirepass": "password",
    "storepass": "password",
    "keypass": "password",
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
    "creds": "credentials",
    "sessionid": "session",
    "phpsessid": "session",
    "jsessionid": "session",
    "sessid": "session",
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
    "jumin": "resident_number",
    "phone": "phone",
    "mobile": "phone",
    "tel": "phone",
    "cellphone": "phone",
    "cardno": "card",
    "iban": "account",
    "비밀번호": "password",
    "비번": "password",
    "암호": "password",
    "패스워드": "password",
    "토큰": "token",
    "시크릿": "secret",
    "인증번호": "code",
    "인증코드": "code",
    "보안코드": "code",
    "확인코드": "code",
    "핀번호": "code",
    "주민번호": "resident_number",
    "주민등록번호": "resident_number",
    "외국인등록번호": "resident_number",
    "카드번호": "card",
    "계좌번호": "account",
    "계좌": "account",
    "통장번호": "account",
    "여권번호": "passport",
    "면허번호": "licence",
    "전화번호": "phone",
    "휴대폰번호": "phone",
    "휴대전화": "phone",
    "휴대폰": "phone",
    "핸드폰": "phone",
    "연락처": "phone",
}
"""Single words; a Korean one also at the end of a longer one: `임시비밀번호`."""

_GLUED: Final = (
    *("password", "passwd", "passphrase", "secret", "token"),
    *("apikey", "secretkey", "privatekey", "accesskey", "sessionid"),
)
"""English ones that also end a word written without a border: `pgpassword`."""

_BEFORE_KEY: Final = {
    "api_key": (
        *("api", "rest", "app", "application", "subscription"),
        *("인증", "서비스", "라이선스"),
    ),
    "private_key": ("private", "ssh", "gpg", "rsa", "pem", "개인"),
    "secret": (
        *("secret", "access", "account", "admin", "aes", "auth", "bearer", "cipher", "consumer"),
        *("crypto", "decryption", "deploy", "encrypt", "encryption", "functions", "hmac"),
        *("ingest", "jwt", "licence", "license", "master", "root", "session", "shared"),
        *("signing", "storage", "vault", "wallet", "webhook"),
        *("시크릿", "비밀", "접근", "액세스", "서명", "암호화", "암호", "복호화", "세션"),
        *("마스터", "보안", "대칭", "웹훅"),
    ),
}
"""What stands in front of `key` or `키`, by what it then is."""

_NEVER_BEFORE_KEY: Final = frozenset(
    {"public", "pub", "primary", "foreign", "unique", "partition", "sort", "row", "hash", "index"}
    | {"cache", "redis", "kafka", "message", "object", "file", "group", "shard", "lock", "lookup"}
    | {"idempotency", "dedup", "dedupe", "i18n", "translation", "registry"}
)
"""Keys that find something and open nothing."""

_BEFORE_NUMBER: Final = {
    "account": ("account", "계좌"),
    "card": ("card", "카드"),
    "code": ("pin",),
    "licence": ("license", "licence", "면허"),
    "passport": ("passport", "여권"),
    "phone": ("phone", "mobile", "전화", "휴대폰", "핸드폰"),
    "resident_number": ("resident", "주민등록", "외국인등록"),
}
"""What stands in front of `number`, `no` or `번호`, by what it then is."""

_BEFORE_CODE: Final = ("security", "otp", "verification", "인증", "보안")

PAIRS: Final = {
    **{
        (first, second): kind
        for kind, words in _BEFORE_KEY.items()
        for first in words
        for second in ("key", "keys", "키")
    },
    **{
        (first, second): kind
        for kind, words in _BEFORE_NUMBER.items()
        for first in words
        for second in ("number", "no", "num", "번호")
    },
    **{(first, second): "code" for first in _BEFORE_CODE for second in ("code", "코드")},
    ("session", "id"): "session",
    ("webhook", "url"): "webhook",
    ("connection", "string"): "secret",
}
"""Names of two words."""

UNSURE_PAIRS: Final = {
    ("honeycomb", "team"): "api_key",
    ("password", "hash"): "password_hash",
    ("passwd", "hash"): "password_hash",
}
"""Names whose value is a secret only when it looks random, as with `routing_key`: most are none."""

NEUTRAL: Final = (
    *("value", "raw", "plain", "plaintext", "text", "confirm", "confirmation"),
    *("header", "new", "old", "base", "data", "값", "확인"),
)
"""Words behind the noun that change nothing: `password_confirmation`."""

KINDS_OF_KEYS: Final = frozenset({*NOUNS.values(), *PAIRS.values(), *UNSURE_PAIRS.values()})
"""Every kind of secret that a name can stand for."""

SECOND_WORDS: Final = frozenset({"값", *(second for _, second in (*PAIRS, *UNSURE_PAIRS))})
"""Words that stand for a secret only behind certain others: `API key`."""

NOUN: Final = "|".join(
    [
        *NOUNS,
        *(rf"{first}[_\-. ]?{second}" for first, second in (*PAIRS, *UNSURE_PAIRS)),
        r"[_\-.]key|(?-i:[a-z]Key)",
    ]
)
"""RE2 expression that every secret name contains, in any case."""


class Key(NamedTuple):
    """What a name stands for.

    Attributes:
        kind: The kind of secret.
        noun: The word that decided, in lower case.
        sure: Whether it cannot be a word of a sentence: `auth_token`, not `token`.
        only_random: Whether only a value that looks random is a secret.
    """

    kind: str
    noun: str
    sure: bool
    only_random: bool = False


def key_of(name: str) -> Key | None:
    """Return what kind of secret a name stands for.

    Args:
        name: Name of a field, a header, a variable; dotted, snake, camel or kebab.
    """
    words = [word.lower() for word in _WORD.findall(name[-_NAME_LIMIT:])]
    while len(words) > 1 and (words[-1] in NEUTRAL or words[-1].isdigit()):
        words.pop()
    if not words:
        return None
    last, sure = words[-1], len(words) > 1
    if sure:
        pair = words[-2], last
        if pair in PAIRS:
            return Key(PAIRS[pair], last, sure)
        if pair in UNSURE_PAIRS:
            return Key(UNSURE_PAIRS[pair], last, sure, only_random=True)
        if last == "key" and words[-2] not in _NEVER_BEFORE_KEY:
            return Key("api_key", last, sure, only_random=True)
    kind = NOUNS.get(last) or (_korean(last) if last >= "가" else _glued(last))
    return Key(kind, last, sure) if kind else None


def _glued(word: str) -> str:
    return next((NOUNS.get(end, "secret") for end in _GLUED if word.endswith(end)), "")


def _korean(word: str) -> str:
    word = word.removesuffix("값").removesuffix("확인")
    for size in range(2, min(len(word), 7) + 1):
        if word[-size:] in NOUNS:
            return NOUNS[word[-size:]]
    return PAIRS.get((word.removesuffix("키"), "키"), "")
