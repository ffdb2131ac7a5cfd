"""What secrets look like wherever they stand: blocks, addresses, headers, commands, hashes.

Every expression is RE2, so it takes linear time. RE2 has no look-around: a `keep` group in front
of the secret is put back. The expressions are our own, from the vendors' public descriptions of
their formats and from what logs were seen to hold.

The minimum lengths are a little below the vendors', so that a cut token goes, too, and high enough
that `ghp_parser` and `task-runner-service` stay.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of secret.

    Attributes:
        kind: What the placeholder calls it.
        hint: A cheap expression without which `regex` cannot match; the hints of all formats are
            looked for in one pass, in several texts at once, with line ends between them.
        regex: Finds it. Groups `keep` and `rest` are left, everything else of the match goes; with
            a group `secret` only that goes.
        check: Name of the check that must agree on the group `token`, else on the whole match, or
            "".
    """

    kind: str
    hint: str
    regex: str
    check: str = ""


START: Final = r"(?:\b|\\[nrt]|%[0-9A-Fa-f]{2})"
"""Where a token may begin: at a word, behind an escaped line end, behind a URL-encoded sign."""

KEPT_START: Final = START.replace("?:", "?P<keep>")

_BASE64_LINE: Final = r"[A-Za-z0-9+/=]{16,}"
_BREAK: Final = r"(?:(?:\s|\\+[nrt])+)"
_KEY_NAME: Final = r"[A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
_SLASHES: Final = r":\\*/\\*/"
_SCHEME: Final = rf"(?i)(?P<keep>\b[a-z][a-z0-9+.\-]+{_SLASHES}"

BLOCKS: Final = (
    Format(
        "private_key",
        "BEGIN [A-Z0-9 ]*PRIVATE KEY",
        rf"-----BEGIN {_KEY_NAME}"
        rf"(?:{_BREAK}?(?:[A-Za-z\-]+: [^\n\\]*|{_BASE64_LINE}))*(?:{_BREAK}[A-Za-z0-9+/=]+)?"
        rf"(?:{_BREAK}?-----END {_KEY_NAME})?",
    ),
    Format(
        "private_key",
        "END [A-Z0-9 ]*PRIVATE KEY",
        rf"(?:{_BASE64_LINE}{_BREAK})+(?:[A-Za-z0-9+/=]+{_BREAK})?-----END {_KEY_NAME}",
    ),
    Format(
        "private_key",
        "LS0tLS1CRUdJTi",
        # "-----BEGIN RSA P…", EC, OPENSSH, ENCRYPTED, or no name, in Base64; not a certificate.
        r"LS0tLS1CRUdJTi(?:BSU0EgU|BFQyBQ|BPUEVOU|BFTkNSWVBURU|BQUklWQVR)[A-Za-z0-9+/_\-]*={0,2}",
    ),
)
"""A key whole; of one that was cut, the lines that are there."""

ADDRESSES: Final = (
    Format(
        "url_token",
        ":x-oauth-basic@",
        _SCHEME + r")[\w.~%\-]{20,}:x-oauth-basic(?P<rest>@)",
    ),
    Format(
        "url_password",
        rf"{_SLASHES}[^\s/]*@",
        _SCHEME + r"[^\s/:@\"'<>\[]*:)[^\s/\"'<>]+(?P<rest>@)",
    ),
    Format("url_token", rf"{_SLASHES}[^\s/]*@", _SCHEME + r")[\w.~%\-]{20,}(?P<rest>@)"),
    Format(
        "url_password",
        r"(?i)%3A%2F%2F",
        r"(?i)(?P<keep>%3A%2F%2F[^\s%@/]*%3A)[^\s\"'<>&]+?(?P<rest>%40|@)",
    ),
    Format(
        "url_password",
        r"@(?:tcp|udp|unix)?\(",
        r"(?P<keep>[\w.\-]+:)[^\s\"'<>()]+(?P<rest>@(?:tcp|udp|unix)?\()",
    ),
    Format(
        "url_password",
        r"(?i)jdbc:",
        r"(?i)(?P<keep>jdbc:[a-z:]+[\w.\-]+/)[^\s\"'<>/@]+(?P<rest>@)",
    ),
    Format(
        "discord_webhook",
        r"(?i)/webhooks/",
        r"(?i)(?P<keep>/api\\*(?:/v[0-9]+\\*)?/webhooks\\*/[0-9]{15,21}\\*/)[\w\-]{20,}",
    ),
    Format(
        "discord_webhook",
        r"(?i)%2Fwebhooks%2F",
        r"(?i)(?P<keep>%2Fwebhooks%2F[0-9]{15,21}%2F)[\w\-]{20,}",
    ),
    Format(
        "slack_webhook",
        r"(?i)hooks\.slack\.com",
        r"(?i)(?P<keep>hooks\.slack\.com(?:\\*/|%2F)(?:services|workflows|triggers)(?:\\*/|%2F))"
        r"[\w/\-%]{12,}",
    ),
    Format(
        "webhook",
        r"(?i)webhook\.office\.com|hooks\.zapier\.com|wh\.jandi\.com|/hooks/[a-z0-9]",
        r"(?i)(?P<keep>webhook\.office\.com/webhookb2/|hooks\.zapier\.com/hooks/catch/"
        r"|wh\.jandi\.com/connect-api/webhook/)[\w/@\-]{12,}|/hooks/[a-z0-9]{26}\b",
    ),
)

_VALUE: Final = r"[^\s\"',;\\(){}<>\[\]]"
_SCHEMES: Final = (
    "bearer|basic|token|bot|apikey|api-key|negotiate|key|jwt|kakaoak|ssws|oauth|dpop|geniekey"
    "|splunk|hmac|signature"
)

HEADERS: Final = (
    Format(
        "authorization",
        r"(?i)authorization",
        rf"(?i)(?P<keep>authorization(?:\\*[\"'])?\s*(?:[:=,]|=>)\s*(?:\\*[\"'])?"
        rf")(?:{_SCHEMES})[ \t]+(?:token=)?(?P<token>{_VALUE}{{4,}})",
        "credential",
    ),
    Format(
        "authorization",
        r"(?i)\bresponse=\\*\"?[0-9a-f]{32}",
        r"(?i)(?P<keep>\bresponse=\\*\"?)[0-9a-f]{32,128}\b",
    ),
    Format(
        "authorization",
        r"(?i)\b(?:bearer|kakaoak|dpop|ssws|geniekey)\s",
        r"(?i)(?P<keep>\b(?:bearer|kakaoak|dpop|ssws|geniekey)[ \t]+)(?P<token>[\w.~+/\-]{16,}=*)",
        "digit",
    ),
    Format(
        "authorization",
        r"\bAUTH (?:PLAIN|LOGIN|XOAUTH2)\s",
        r"(?P<keep>\bAUTH (?:PLAIN|LOGIN|XOAUTH2)[ \t]+)(?P<token>[A-Za-z0-9+/]{12,}={0,2})",
        "mixed",
    ),
    Format(
        "authorization",
        r"\bBasic\s",
        r"(?P<keep>\bBasic[ \t]+)(?P<token>[A-Za-z0-9+/]{12,}={0,2})",
        "digit",
    ),
)

_CALL: Final = (
    r"\b(?:[A-Z][A-Za-z0-9]*)?(?:Secret|SecretString|SecretStr|SecretBox|Password|Passphrase|ApiKey"
    r"|AccessKey|Token|Credential)\(\s*"
)

_STRUCT: Final = r"(?:Secret|Password|ApiKey|Token)(?:String|Box)?"

CALLS: Final = (
    Format(
        "secret",
        _CALL + r"\\*[\"']",
        rf"(?P<keep>{_CALL}\\*[\"'])(?P<token>(?:[^\"'\\]|\\[^\"'])+)",
        "wrapped",
    ),
    Format(
        "secret",
        _CALL + r"[\w\-]",
        rf"(?P<keep>{_CALL})(?P<token>[\w!@#$%^&*.+/=~\-]{{8,}})(?P<rest>\s*\))",
        "random",
    ),
    Format(
        "secret",
        rf"{_STRUCT}\s*\{{",
        rf"(?P<keep>{_STRUCT}\s*\{{\s*(?:value|inner|raw|plain|text|old|new|current): (?:Some\()?\\*\")"
        r"(?P<token>(?:[^\"\\]|\\[^\"])+)",
        "quoted",
    ),
)
"""Values in the debug form of a type whose name says what they are: `Secret("…")`."""

_CLIENTS: Final = (
    r"\b(?:mysql\w*|mariadb\w*|mongo\w*|sshpass|(?:docker|podman|helm registry) login)"
)

COMMANDS: Final = (
    Format(
        "password",
        r"\b(?:curl|wget|https?ie)\s",
        r"(?P<keep>\b(?:curl|wget|https?ie)\b[^\n]*?\s(?:-u|--user|--proxy-user)[ =]?[\"']?"
        r"[^\s:\"']+:)[^\s\"']+",
    ),
    Format(
        "password",
        _CLIENTS + r"\s",
        rf"(?P<keep>{_CLIENTS}\b[^\n]*?\s-p[ =]?[\"']?)(?P<token>[^\s\"'\-][^\s\"']+)",
        "no_number",
    ),
    Format(
        "password",
        r"\b(?:redis-cli|ldap\w+)\s",
        r"(?P<keep>\b(?:redis-cli|ldap\w+)\b[^\n]*?\s-(?:a|w)[ =][\"']?)[^\s\"'\-][^\s\"']+",
    ),
    Format(
        "password",
        r"(?i)\bidentified\s",
        r"(?i)(?P<keep>\bidentified\s+(?:with\s+[\w'\"]+\s+)?(?:by|as)\s+(?:password\s+)?\\*['\"])"
        r"(?:[^'\"\\]|\\[^'\"])+",
    ),
)
"""Passwords on command lines and in SQL, where no name stands in front of them."""

HASHES: Final = (
    Format(
        "password_hash",
        r"\$(?:2[abxy]?|argon2\w*|[156y]|7|scrypt|pbkdf2[\w\-]*)\$|pbkdf2_sha[0-9]+\$"
        r"|SCRAM-SHA-256\$|\{S?SHA[0-9]*\}",
        r"\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{22,53}"
        r"|\$(?:argon2\w*|scrypt|pbkdf2[\w\-]*)\$[\w$=,.+/\-]{20,}"
        r"|\$[1567y]\$[\w=,./\-]+\$[./A-Za-z0-9]{20,}(?:\$[./A-Za-z0-9]+)?"
        r"|pbkdf2_sha[0-9]+\$[0-9]+\$[\w+/=]+\$[\w+/=]{20,}"
        r"|SCRAM-SHA-256\$[\w+/=:$]{40,}|\{S?SHA[0-9]*\}[A-Za-z0-9+/=]{20,}",
    ),
)
"""What a password was made into: whoever has it can try passwords at home."""
