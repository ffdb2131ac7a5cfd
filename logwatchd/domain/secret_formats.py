"""What secrets and personal data look like, in the order in which they are looked for.

Every expression is RE2, so it takes linear time. RE2 has no look-around: a `keep` group in front
of the secret is put back. The expressions are our own, from the vendors' public descriptions of
their formats.

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
            looked for in one pass.
        regex: Finds it. Groups `keep` and `rest` are left, everything else of the match goes.
        check: Name of the check that must agree on the group `token`, else on the whole match, or
            "".
    """

    kind: str
    hint: str
    regex: str
    check: str = ""


_BASE64_LINE: Final = r"[A-Za-z0-9+/=]{16,}"
_BREAK: Final = r"(?:\s|\\+[nrt])+"
_SCHEME: Final = r"(?i)(?P<keep>\b[a-z][a-z0-9+.\-]+://"

BLOCKS: Final = (
    Format(
        "private_key",
        "PRIVATE KEY",
        r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----"
        rf"(?:{_BREAK}?(?:[A-Za-z\-]+: [^\n\\]*|{_BASE64_LINE}))*(?:{_BREAK}[A-Za-z0-9+/=]+)?"
        rf"(?:{_BREAK}?-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----)?",
    ),
)
"""A key whole; of one that was cut, the lines that are there."""

ADDRESSES: Final = (
    Format("url_password", r"://[^\s/]*@", _SCHEME + r"[^\s/:@\"'<>]*:)[^\s/\"'<>]+(?P<rest>@)"),
    Format("url_token", r"://[^\s/]*@", _SCHEME + r")[\w.~%\-]{20,}(?P<rest>@)"),
    Format(
        "url_password",
        r"(?i)%3A%2F%2F",
        r"(?i)(?P<keep>%3A%2F%2F[^\s%@/]*%3A)[^\s\"'<>&]+?(?P<rest>%40|@)",
    ),
    Format(
        "discord_webhook",
        r"(?i)/webhooks/",
        r"(?i)(?P<keep>/api(?:/v[0-9]+)?/webhooks/[0-9]{15,21}/)[\w\-]{20,}",
    ),
    Format(
        "discord_webhook",
        r"(?i)%2Fwebhooks%2F",
        r"(?i)(?P<keep>%2Fwebhooks%2F[0-9]{15,21}%2F)[\w\-]{20,}",
    ),
    Format(
        "slack_webhook",
        r"(?i)hooks\.slack\.com/",
        r"(?i)(?P<keep>hooks\.slack\.com/(?:services|workflows)/)[\w/\-]{12,}",
    ),
)

VENDORS: Final = (
    Format(
        "split_key",
        r"[\"']\s*\+?\s*[\"']",
        r"(?:gh[pousr]_|github_pat_|AKIA|ASIA|sk-ant-|sk-proj-)[\w\-]*"
        r"(?:[\"']\s*\+?\s*[\"'][\w\-]+)+",
    ),
    Format(
        "github_token",
        "gh[pousr]_|github_pat_",
        r"gh[pousr]_[A-Za-z0-9_]{16,}(?:[.\-][A-Za-z0-9_\-]{10,})*|github_pat_[A-Za-z0-9_]{20,}",
    ),
    Format(
        "gitlab_token",
        r"\bgl[a-z]+-",
        r"\bgl(?:pat|ptt|cbt|rt|dt|oas|soat|imt|ft|agent)-[\w\-]{16,}",
    ),
    Format("anthropic_key", "sk-ant-", r"sk-ant-[A-Za-z0-9]{2,12}-[\w\-]{16,}"),
    Format("openrouter_key", "sk-or-", r"sk-or-v1-[0-9a-f]{16,}"),
    Format(
        "openai_key",
        "sk-[A-Za-z0-9]",
        r"sk-(?:proj|svcacct|admin|None)-[\w\-]{16,}|\bsk-[\w\-]*T3BlbkFJ[\w\-]+",
    ),
    Format("llm_key", r"\bsk-", r"\bsk-[\w\-]{20,}", "digit"),
    Format(
        "llm_key",
        r"\b(?:xai|gsk|pplx|r8|csk|nvapi)[\-_]",
        r"\b(?:xai|gsk|pplx|r8|csk|nvapi)[\-_][\w\-]{24,}",
        "digit",
    ),
    Format("huggingface_token", r"\bhf_", r"\bhf_[A-Za-z0-9]{24,}"),
    Format(
        "aws_access_key",
        r"(?:AK|AS|AB|AC)(?:IA|CA)[A-Z0-9]",
        r"(?P<keep>^|[^A-Za-z0-9]|m)(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    ),
    Format(
        "slack_token",
        "xox[a-z]|xapp-",
        r"xox[abceoprs](?:\.xox[a-z])?-[A-Za-z0-9\-]{10,}|xapp-[A-Za-z0-9\-]{20,}",
    ),
    Format(
        "stripe_key",
        r"\b[rsp]k_(?:live|test)_|\bwhsec_",
        r"\b[rsp]k_(?:live|test)_[A-Za-z0-9]{10,}|\bwhsec_[A-Za-z0-9+/=]{16,}",
    ),
    Format(
        "google_key",
        r"AIza|GOCSPX-|ya29\.|\b1//0",
        r"AIza[\w\-]{30,}|GOCSPX-[\w\-]{16,}|ya29\.[\w\-.]{20,}|\b1//0[\w\-]{20,}",
    ),
    Format(
        "discord_token",
        r"\b[MNO][\w\-]*\.[\w\-]*\.",
        r"\b[MNO][\w\-]{22,27}\.[\w\-]{6,7}\.[\w\-]{25,45}",
    ),
    Format("telegram_token", "[0-9]:AA", r"[0-9]{8,10}:AA[\w\-]{32,}"),
    Format(
        "package_token",
        r"\bnpm_|\bpypi-|\bdckr_",
        r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[\w\-]{40,}|\bdckr_(?:pat|oat)_[\w\-]{20,}",
    ),
    Format("sendgrid_key", r"\bSG\.", r"\bSG\.[\w\-]{16,}\.[\w\-]{16,}"),
    Format("twilio_key", r"\bSK[0-9a-f]", r"\bSK[0-9a-f]{32}\b"),
    Format(
        "api_key",
        r"\bshp[a-z]+_|\bdo[opr]_v1_|\blin_api_|\bfigd_|\bATATT3|\bdapi[0-9a-f]|\bglsa_|\bhvs\."
        r"|\bNRAK-|\bAGE-SECRET|\bsbp_|\bntn_",
        r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}|\bdo[opr]_v1_[0-9a-f]{40,}|\blin_api_\w{30,}"
        r"|\bfigd_[\w\-]{30,}|\bATATT3[\w\-=]{40,}|\bdapi[0-9a-f]{32}|\bglsa_\w{30,}"
        r"|\bhvs\.[\w\-]{20,}|\bNRAK-[A-Z0-9]{24,}|\bAGE-SECRET-KEY-1[A-Z0-9]{50,}"
        r"|\bsbp_[0-9a-f]{40}|\bntn_\w{40,}",
    ),
    Format(
        "jwt",
        r"eyJ[\w\-]+\.",
        r"eyJ[\w\-]{6,}\.eyJ[\w\-]{4,}(?:\.[\w\-]*){0,3}|eyJ[\w\-]{10,}\.[\w\-]{10,}\.[\w\-]{10,}",
    ),
    Format(
        "encoded_key",
        "c2stYW50|Z2hw|Z2hz|QUtJQ",
        r"\b(?:c2stYW50|Z2hw[Xw]|Z2hz[Xw]|QUtJQ)[A-Za-z0-9+/_\-]{16,}={0,2}",
    ),
)

HEADERS: Final = (
    Format(
        "authorization",
        "(?i)authorization",
        r"(?i)(?P<keep>authorization(?:\\*[\"'])?\s*(?:[:=]|=>)\s*(?:\\*[\"'])?)"
        r"(?:bearer|basic|token|bot|digest|apikey|negotiate|key)\s+[^\s\"',;\\)}\]]{4,}",
    ),
    Format(
        "authorization",
        r"(?i)\bbearer\s",
        r"(?i)(?P<keep>\bbearer\s+)(?P<token>[\w.~+/\-]{16,}=*)",
        "digit",
    ),
    Format(
        "authorization",
        r"\bBasic\s",
        r"(?P<keep>\bBasic\s+)(?P<token>[A-Za-z0-9+/]{12,}={0,2})",
        "digit",
    ),
    Format(
        "secret",
        r"(?:Secret|Password|ApiKey|Token)\w*\(",
        r"(?P<keep>\b(?:Secret|SecretString|SecretBox|Password|ApiKey|AccessToken|Token)"
        r"\(\\*[\"'])(?:[^\"'\\]|\\[^\"'])+",
    ),
)

PERSONAL: Final = (
    Format(
        "email",
        "@|%40",
        r"[A-Za-z0-9._%+'\-]+(?:@|%40)(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,24}\b",
        "email",
    ),
    Format(
        "resident_number",
        r"[0-9]{6}[\- ]?[1-8][0-9]{6}",
        r"\b[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[\- ]?[1-8][0-9]{6}\b",
        "resident",
    ),
    Format(
        "phone",
        r"\b01[016789][\-. ]?[0-9]|\+[0-9]|\b0[0-9]{1,3}-[0-9]",
        r"\b01[016789][\-. ]?[0-9]{3,4}[\-. ]?[0-9]{4}\b"
        r"|\+82[\- ]?\(?0?\)?[0-9]{1,2}[\- ]?[0-9]{3,4}[\- ]?[0-9]{4}\b"
        r"|\b0(?:2|[3-6][1-5]|70|50[0-9]?)-[0-9]{3,4}-[0-9]{4}\b"
        r"|\+[0-9]{1,3}[\- ]\(?[0-9]{2,4}\)?[\- ][0-9]{3,4}[\- ][0-9]{4}\b",
    ),
    Format(
        "card",
        r"[0-9]{4}[\- ]?[0-9]{4}",
        r"\b(?:[2-69][0-9]{3}(?:[\- ][0-9]{4}){3}|3[47][0-9]{2}[\- ][0-9]{6}[\- ][0-9]{5}"
        r"|[2-69][0-9]{13,15})\b",
        "card",
    ),
)
