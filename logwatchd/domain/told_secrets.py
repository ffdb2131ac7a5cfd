"""Secrets that a sentence, a command or a document tells, with no sign between name and value."""

from typing import Final

from logwatchd.domain.secret_formats import Format

_PASSWORD: Final = "password|passwd|passphrase|passcode|pwd|requirepass"  # noqa: S105 -- the words for it
_GAP: Final = r"[ \t]+"
_IS: Final = rf"(?:{_GAP}(?:is|was|to|as|of):?)?"
_TO: Final = rf"(?:{_IS}{_GAP}|[ \t]*(?:->|→|⇒)[ \t]*)"
_PARTICLE: Final = "(?:는|은|이|가|를|을|로)?"
_KO_PASSWORD: Final = rf"(?:비밀번호|비번|암호|패스워드|입력한? ?값){_PARTICLE}"
_KO_WORDS: Final = r"(?:비밀번호|비번|암호|패스워드)[가-힣 ]{0,24}"
_OPEN: Final = r"(?:[ \t]*[:=(\[→>]+[ \t]*[\"'`]?|[ \t]+[\"'`])"
_KEY: Final = (
    r"token|secret|jwt|credential|api[ _\-]?key|(?:access|secret|private|auth|license)[ _\-]key"
)
_KO_TOKEN: Final = rf"(?:토큰|시크릿|키){_PARTICLE}"
_RANDOM: Final = r"[\w\-+/=.~]{16,}"
_NAMES: Final = (
    "password|passwd|pass|pwd|pw|passphrase|token|secret|api-?key|access-?key|secret-?key"
    "|private-?key|credentials?"
)
_ELEMENTS: Final = (
    r"password|passwd|pwd|secret|token|api[_\-]?key|secretkey|accesskey|privatekey|credential"
)

TOLD: Final = (
    Format(
        "password",
        rf"(?i)(?:{_PASSWORD}){_IS}(?:{_GAP}\(?|\()[ \t]*\\*[\"'`]",
        rf"(?i)(?P<keep>(?:^|[^\w.\-])(?:{_PASSWORD}){_IS}(?:{_GAP}\(?|\()[ \t]*\\*[\"'`])"
        r"(?P<token>[^\s\"'`\\][^\"'`\\\n]*)",
        "quoted",
    ),
    Format(
        "password",
        rf"(?i)(?:{_PASSWORD}){_TO}[!-~]*[0-9]",
        rf"(?i)(?P<keep>(?:^|[^\w.\-])(?:{_PASSWORD}){_TO})"
        r"(?P<token>[^\s\"'`,;()<>\[\]{}=:]{6,})",
        "told",
    ),
    Format(
        "password",
        rf"{_KO_PASSWORD}[ \t:=]+[\"'`]?[!-~]",
        rf"(?P<keep>{_KO_PASSWORD}[ \t:=]+[\"'`]?)(?P<token>[!#-&*+\-./0-9:-Z^_a-z|~]{{6,128}})",
        "no_word",
    ),
    Format(
        "password",
        rf"{_KO_WORDS}{_OPEN}[!-~]",
        rf"(?P<keep>{_KO_WORDS}{_OPEN})(?P<token>[!#-&*+\-./0-9:-<>-Z^_a-z|~]{{6,128}})"
        r"(?P<rest>[\s)\]\"'`,]|$)",
        "told",
    ),
    Format(
        "password",
        rf"(?i)(?:{_PASSWORD})[(\[][!-~]*[0-9]",
        rf"(?i)(?P<keep>(?:^|[^\w.\-])(?:{_PASSWORD})[(\[])(?P<token>[^\s\"'()\[\]]{{6,}})",
        "told",
    ),
    Format(
        "password",
        rf"(?i:{_PASSWORD})[ \t]+(?:is|was|to)[ \t]+[a-z]+[A-Z]",
        rf"(?P<keep>(?:^|[^\w.\-])(?i:{_PASSWORD})[ \t]+(?:is|was|to)[ \t]+)(?P<token>[a-z]+[A-Z]\w*)",
        "quoted",
    ),
    Format(
        "api_key",
        r"(?i)\bkey[ \t]+[\"'`]?[\w\-+/]*[0-9]",
        r"(?i)(?P<keep>\bkey[ \t]+[\"'`]?)(?P<token>[\w\-+/=]{32,})",
        "mixed_random",
    ),
    Format(
        "token",
        rf"(?i)(?:{_KEY}){_TO}\\*[\"'`(]?[!-~]*[0-9]",
        rf"(?i)(?P<keep>(?:{_KEY}){_TO}\\*[\"'`(]?)(?P<token>{_RANDOM})",
        "looks_random",
    ),
    Format(
        "token",
        rf"{_KO_TOKEN}[ \t]*[ \t\"'`(\[][!-~]*[0-9]",
        rf"(?P<keep>{_KO_TOKEN}[ \t]*[ \t\"'`(\[][\"'`]?)(?P<token>{_RANDOM})",
        "looks_random",
    ),
    Format(
        "password",
        rf"(?i)--?(?:[a-z0-9]+-)*(?:{_NAMES})[\"',]*\s",
        rf"(?i)(?P<keep>(?:^|[\s\"'\[])--?(?:[a-z0-9]+-)*(?:{_NAMES})[\"',]*[ \t]+[\"']?)"
        r"(?P<token>[^\s\"'\-,][^\s\"',]*)",
        "argument",
    ),
    Format(
        "secret",
        rf"(?i)<[\w.:\-]*(?:{_ELEMENTS})[\s>]",
        rf"(?i)(?P<keep><[\w.:\-]*(?:{_ELEMENTS})(?:\s[^<>]*)?>)(?P<token>[^<>]+)(?P<rest></)",
        "quoted",
    ),
    Format(
        "secret",
        rf"(?i)\b(?:name|key)\\*[\"']?\s*[:=]\s*\\*[\"']?[\w.\-]*(?:{_ELEMENTS})\b",
        rf"(?i)(?P<keep>\b(?:name|key)\\*[\"']?\s*[:=]\s*\\*[\"']?[\w.\-]*(?:{_ELEMENTS})\\*[\"']?"
        r"[\s,;]+\\*[\"']?value\\*[\"']?\s*[:=]\s*\\*[\"']?)(?P<token>[^\s\"'\\,;{}<>]+)",
        "quoted",
    ),
    Format(
        "account",
        r"(?i)계좌|account (?:number|no)",
        rf"(?i)(?P<keep>(?:계좌(?: ?번호)?{_PARTICLE}|account (?:number|no\.?))[ \t]+)"
        r"[0-9][0-9\-]{6,20}[0-9]",
    ),
    Format(
        "passport",
        r"(?i)여권|passport (?:number|no)",
        rf"(?i)(?P<keep>(?:여권 ?번호{_PARTICLE}|passport (?:number|no\.?))[ \t]+)[a-z][0-9a-z]{{6,9}}\b",
        "digit",
    ),
    Format("passport", "여권", rf"(?P<keep>여권{_PARTICLE}[ \t]+)[A-Z]{{1,2}}[0-9]{{7,8}}\b"),
    Format(
        "licence",
        "면허",
        rf"(?P<keep>면허(?: ?번호)?{_PARTICLE}[ \t]+)[0-9]{{2}}-?[0-9]{{2}}-?[0-9]{{6}}-?[0-9]{{2}}",
    ),
    Format(
        "code",
        "인증|보안 ?코드|OTP",
        rf"(?P<keep>(?:(?:인증|보안) ?(?:번호|코드)|OTP){_PARTICLE}[ \t]*[ (\[])[0-9]{{4,8}}\b",
    ),
)
