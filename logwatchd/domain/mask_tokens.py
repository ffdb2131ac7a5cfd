"""How a message is cut into tokens, and what is known about words.

Every expression is tried at the beginning of a token only, has possessive or bounded quantifiers,
and the last two take whole words and single signs: a message is read once, from left to right.
"""

import re
from typing import Final

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_DAY: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_CLOCK: Final = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9}+)?+"
_ZONE: Final = r"(?: ?(?:Z|UTC|GMT|[+\-]\d\d:?\d\d))?+"
_V6: Final = r"(?=(?:::|[0-9a-fA-F])[0-9a-fA-F:]{0,40}\d)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{0,4}(?:%\w{1,15}+)?+"
_UNIT: Final = (
    r"(?:[kKMGTP]i?[bB](?:/s)?|[bB]ytes?|B|rows?|ns|us|µs|ms|msecs?|s|secs?|seconds?|m|mins?|minutes?"
    r"|h|hours?|d|days?|%)"
)
_URL_SIGN: Final = r"[^\s\"'<>()\[\]{}|\\^`,]"
_REASON: Final = (
    "(?:Bad Request|Unauthorized|Payment|Forbidden|Not Found|Method Not|Not Acceptable|Conflict|Gone"
    "|Length|Precondition|Payload|Content Too|Request|URI|Unsupported|Unprocessable|Too Many"
    "|Internal Server|Not Implemented|Bad Gateway|Service Unavailable|Gateway)"
)
SOURCE: Final = "(?:rs|py|pyi|js|mjs|ts|tsx|go|java|kt|rb|cs|php|c|cc|cpp|h|hpp|swift|scala|ex|sql)"

TOKENS: Final = re.compile(
    "|".join(
        f"(?P<{name}>{regex})"
        for name, regex in (
            ("kept", r"<[a-z]{1,12}>|\[REDACTED:[a-z_]{1,40}\]"),
            (
                "plain",
                rf"(?!{_DAY}, |{_MONTH} |thread '|[가-힣]{{2,4}}님)[^\W\d_]{{1,64}}+(?=[ ,;)\]}}]|$)",
            ),
            ("space", " "),
            ("panicked", r"thread '[^'\n]{0,100}+'(?: \(\d{1,20}+\))?+ (?=panicked at )"),
            (
                "url",
                rf"[A-Za-z][A-Za-z0-9+.\-]{{1,20}}+://(?:<host>|{_URL_SIGN}){_URL_SIGN}{{0,2000}}+",
            ),
            (
                "time",
                (
                    rf"\d{{4}}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{{1,9}}+)?+)?+{_ZONE})?+(?!\w)"
                    rf"|{_DAY}, \d{{1,2}} {_MONTH} \d{{4}} {_CLOCK}{_ZONE}"
                    rf"|{_MONTH} [ \d]\d {_CLOCK}|{_CLOCK}{_ZONE}(?!\w)"
                ),
            ),
            (
                "id",
                r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}(?!\w)|ThreadId\(\d{1,20}\)",
            ),
            ("email", r"[\w.%+\-]{1,64}+@(?:[\w\-]{1,63}+\.){1,6}+[A-Za-z]{2,24}+"),
            (
                "ip",
                (
                    r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}(?![\w:])"
                    r"|\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5}|/\d{1,2})?+(?![\w.]*\w)"
                    rf"|\[{_V6}\](?::\d{{1,5}})?+|{_V6}(?![\w:.<])"
                ),
            ),
            ("token", r"eyJ[\w\-]{5,}+(?:\.[\w\-]*+){1,4}+|[A-Za-z0-9+/_\-]{16,512}+={1,2}+"),
            ("option", r"Some\((?:[^()]{1,200}+|\([^()]{0,200}+\)){0,8}+\)"),
            ("quoted", r"\"[^\"\n\\]{0,300}+\"|'[^'\n\\]{0,300}+'|\\\"[^\"\n\\]{0,300}+\\\""),
            ("status", rf"[1-5]\d\d(?= {_REASON})|HTTP/\d(?:\.\d)?(?!\w)"),
            (
                "number",
                (
                    r"[+\-]?\d++(?:,\d{3})*+(?:\.\d++)?+(?:[eE][+\-]?\d++)?+(?:/\d++)?+"
                    rf"(?: ?{_UNIT}(?![A-Za-z0-9_]))?+(?![A-Za-z0-9_])(?!\.\w)|\$\d{{1,5}}(?!\w)"
                ),
            ),
            (
                "path",
                r"[\w.\-+@~]{0,255}+(?:/[^\s\"'<>()\[\]{},;|`:=&?#]{0,255}+)++(?::\d{1,7}(?!\w)){0,2}+",
            ),
            ("file", rf"[\w\-]{{1,80}}\.{SOURCE}(?::\d{{1,7}}(?!\w)){{0,2}}+(?!\w)"),
            ("name", r"[가-힣]{2,4}님(?![가-힣])"),
            ("word", r"\w(?:[\w\-]++|(?:::|[.'@])(?=\w))*+"),
            ("sign", r"(?s:.)"),
        )
    )
)
"""The kinds of tokens, the first that fits at a place wins."""

KNOWN_WORD: Final = re.compile(
    r"(?i:[iuf](?:8|16|32|64|128)|int[248]|float[48]|utf-?(?:8|16|32)|sha-?[0-9]{1,3}|md5|base(?:32|64)"
    r"|[hre]s(?:256|512)|http[123]|h[23]|ipv?[46]|tls1|oauth2|x86(?:_64)?|x64|aarch64|a[rm][dm]64|s3"
    r"|ec2|k8s|log4j|p[59][0-9]|x509|v[0-9]{1,2})"
)
"""Words with a digit that are names of things, not of one of many."""

ID_HEADS: Final = frozenset(
    {
        *("ACC", "ACCT", "BATCH", "BUILD", "CUST", "EVT", "HOST", "ID", "INV", "INVOICE", "ISSUE"),
        *("JOB", "MSG", "NODE", "ORD", "ORDER", "PO", "POD", "PR", "REQ", "REV", "RUN", "SESS"),
        *("SHARD", "SKU", "TASK", "TICKET", "TKT", "TRX", "TX", "TXN", "USER", "USR", "WORKER"),
    }
)
"""Capital letters in front of a number that make an id of it, not an error code."""

CAUSE_KEYS: Final = (
    *(
        "error",
        "err",
        "reason",
        "cause",
        "code",
        "kind",
        "type",
        "state",
        "status",
        "message",
        "msg",
    ),
    *(
        "field",
        "column",
        "table",
        "relation",
        "constraint",
        "key",
        "op",
        "method",
        "action",
        "event",
    ),
    *("stage", "phase", "detail", "variant", "사유", "원인", "오류", "코드"),
)
"""Names, or ends of names, whose value tells problems apart; other values are one of many."""

VALUE_WORDS: Final = frozenset({"string", "variant", "value", "got", "found", "input"})
"""Words in front of a quoted value that somebody typed."""

CODE_WORDS: Final = frozenset({"code", "errno", "sqlstate", "exit", "코드"})
STATUS_WORDS: Final = frozenset({"status", "http", "returned", "responded", "with", "got", "error"})
"""Words in front of a number that is an HTTP status if it looks like one."""

TEMPORARY: Final = ("/tmp/", "/var/tmp/", "/private/tmp/", "/proc/", "/run/user/")  # noqa: S108 -- read in logs, never opened
