"""How a message is cut into tokens once its values are gone, and what is known about words.

Every expression is tried at the beginning of a token only, has possessive or bounded quantifiers,
and the last ones take whole words and single signs: a message is read once, from left to right.
"""

import re
from typing import Final

from logwatchd.domain.mask_words import SOURCE
from logwatchd.domain.values import ENCODED, PLACEHOLDERS

_URL_SIGN: Final = r"[^\s\"'<>()\[\]{}|\\^`,]"
_PART: Final = rf"(?:[^\s\"'<>()\[\]{{}},;|`:=&?#]|<{PLACEHOLDERS}>)"
_QUOTED: Final = (
    r"\"[^\"\n\\]{0,300}+\"|'[^'\n\\]{0,300}+(?:''[^'\n\\]{0,300}+){0,8}+'"
    r"|\\\"[^\"\n\\]{0,300}+\\\""
)
_NAME: Final = r"[A-Za-z_가-힣][\w.\-]{0,63}+"
_LINES: Final = r"(?::<n>){0,2}+"

TOKENS: Final = re.compile(
    "|".join(
        f"(?P<{name}>{regex})"
        for name, regex in (
            ("kept", rf"<{PLACEHOLDERS}>|\[REDACTED:[a-z_]{{1,40}}\]|[\uE000-\uE0FF]"),
            ("plain", r"(?!thread |[가-힣]{2,4}님)[^\W\d_]{1,64}+(?=[ ,;)\]}]|$)"),
            ("space", " "),
            (
                "panicked",
                r"thread (?:'[^'\n]{0,100}+'|<?unnamed>?)(?: \(<n>\))?+ (?=panicked at )",
            ),
            (
                "url",
                rf"[A-Za-z][A-Za-z0-9+.\-]{{1,20}}+://(?:<{PLACEHOLDERS}>|{_URL_SIGN}){{1,2000}}+",
            ),
            ("mac", r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\w:])"),
            ("email", r"[\w.%+\-]{1,64}+@(?:[\w\-]{1,63}+\.){1,6}+[A-Za-z]{2,24}+"),
            ("token", ENCODED),
            ("option", r"Some\((?:[^()]{1,200}+|\([^()]{0,200}+\)){0,8}+\)"),
            (
                "request",
                rf"\"[A-Z]{{3,8}} (?:[^\s\"<]|<{PLACEHOLDERS}>){{1,2000}}+ HTTP/(?:<n>|\d)\"(?: (?:status: )?4\d\d)?+",
            ),
            ("quoted", _QUOTED),
            ("filled", r"\)=\([^()\n]{0,300}+\)"),
            ("given", rf"{_NAME}=(?![=>~])"),
            (
                "path",
                (
                    rf"(?:[\w.\-+@~]{{0,255}}+|<{PLACEHOLDERS}>)(?:/{_PART}{{0,255}}+)++{_LINES}"
                    rf"|[A-Za-z]:\\\\?(?:[^\s\"'<>|:*?,;]|<{PLACEHOLDERS}>){{0,1000}}+"
                ),
            ),
            ("file", rf"[\w\-]{{1,80}}\.{SOURCE}{_LINES}(?!\w)"),
            ("stars", r"\*{2,256}+"),
            ("name", r"[가-힣]{2,4}님(?=[^가-힣]|께|[이은의을과도에]|$)"),
            ("word", r"\w(?:[\w\-]++|(?:::|[.'@])(?=\w))*+"),
            ("sign", r"(?s:.)"),
        )
    )
)
"""The kinds of tokens, the first that fits at a place wins."""

VALUE: Final = re.compile(
    r"Some\((?:[^()]{1,200}+|\([^()]{0,200}+\)){0,8}+\)"
    rf"|{_QUOTED}"
    rf"|(?:[^\s,;()\[\]{{}}\"'`&|<>\\\uE000-\uE0FF]|<{PLACEHOLDERS}>){{1,1000}}+|(?=[\s,;&)\]}}]|$)"
)
"""What stands behind `name=` as its value; nothing at all is a value, too."""

CAUSE_KEYS: Final = frozenset(
    {
        *("error", "err", "reason", "cause", "code", "kind", "type", "state", "status", "message"),
        *("msg", "field", "column", "table", "relation", "constraint", "key", "op", "operation"),
        *("method", "action", "event", "stage", "phase", "detail", "variant", "exception", "class"),
        *(
            "mode",
            "direction",
            "result",
            "step",
            "signal",
            "errno",
            "sqlstate",
            "rc",
            "errcode",
            "retcode",
            "exitcode",
            "outcome",
            "severity",
            "routine",
            "schema",
            "index",
        ),
        *(
            "사유",
            "원인",
            "오류",
            "코드",
            "상태",
            "종류",
            "유형",
            "메시지",
            "테이블",
            "컬럼",
            "필드",
        ),
    }
)
"""Last words of names whose value tells problems apart; other values are one of many."""

UPSTREAM_KEYS: Final = frozenset({"url", "uri", "host", "endpoint", "upstream", "address", "addr"})
"""Last words of names of another system: masked like a URL, so that its name stays."""

VALUE_WORDS: Final = frozenset(
    {
        *("string", "variant", "value", "got", "found", "input", "token", "character", "char"),
        *("like", "ilike", "entry"),
        *("user", "username", "login", "account", "customer", "member", "tenant", "nickname"),
        *("session", "id", "email", "sub", "subject", "값", "입력값", "문자열", "사용자", "회원"),
        *("고객", "계정", "닉네임", "이메일", "아이디"),
    }
)
"""Words in front of a quoted value that is one of many."""

CLIENT_WORDS: Final = frozenset({"user", "for", "by"})
"""Words in front of the name of somebody who comes from an address."""

KIND_OF_USER: Final = frozenset({"invalid", "unknown", "illegal", "for", "as", "by", "nonexistent"})
"""Words in front of `user` that make the next word a name."""

NO_NAMES: Final = frozenset(
    {
        *("is", "was", "has", "not", "does", "did", "can", "cannot", "could", "with", "and", "or"),
        *("in", "to", "of", "the", "a", "an", "data", "input", "authentication", "requests"),
    }
)
"""Words that follow `user` in a sentence and are no name."""

ROUTE_WORDS: Final = frozenset(
    {
        *("get", "post", "put", "patch", "delete", "head", "options", "route", "endpoint", "url"),
        *("uri", "api", "경로"),
    }
)
"""Words in front of a route of a server."""
