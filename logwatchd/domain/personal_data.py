"""What is personal in any text: addresses, numbers of people, phones and cards; Korea first."""

from typing import Final

from logwatchd.domain.secret_formats import Format

_DASH: Final = r"[\-\x{2010}-\x{2015}\x{2212}]"
_GAP: Final = rf"(?:{_DASH}|[. ])?"

PERSONAL: Final = (
    Format(
        "email",
        "@|%40",
        r"[\pL\pN._%+'\-]+(?:@|%40)(?:[\pL\pN\-]+\.)+(?:[A-Za-z]{2,24}\b|한국|닷컴|닷넷|xn--[a-z0-9]+)",
        "email",
    ),
    Format(
        "resident_number",
        rf"\b[0-9]{{6}}(?: ?{_DASH} ?| )?[1-8][0-9]{{6}}",
        rf"\b[0-9]{{2}}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])(?: ?{_DASH} ?| )?[1-8][0-9]{{6}}\b",
        "resident",
    ),
    Format(
        "phone",
        rf"\b01[016789]{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}|\+[0-9]|\b82{_DASH}1"
        rf"|\b0[0-9]{{1,3}}(?:{_DASH}|\) ?)[0-9]{{3,4}}{_DASH}",
        rf"\b01[016789]{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}\b"
        rf"|(?:\+82|\b82{_DASH}1){_GAP}(?:\(0\))?0?[0-9]{{0,2}}{_GAP}[0-9]{{3,4}}{_GAP}[0-9]{{4}}\b"
        rf"|\(?\b0(?:2|[3-6][1-5]|70|50[0-9]?)(?:{_DASH}|\) ?)[0-9]{{3,4}}{_DASH}[0-9]{{4}}\b"
        rf"|\+[0-9]{{1,3}}[\-. ]\(?[0-9]{{1,4}}\)?(?:[\-. ][0-9]{{2,4}}){{2,3}}\b"
        r"|\+[1-9][0-9]{9,14}\b",
        "phone",
    ),
    Format(
        "card",
        r"\b(?:[2-69][0-9]{3}[\- ][0-9]{4}[\- ][0-9]|[2-69][0-9]{13}|3[0-9]{3}[\- ][0-9]{6})",
        r"\b(?:[2-69][0-9]{3}(?:[\- ][0-9]{4}){3}|3[0-9]{3}[\- ][0-9]{6}[\- ][0-9]{4,5}"
        r"|[2-69][0-9]{13,15})\b",
        "card",
    ),
)

IP_ADDRESS: Final = Format(
    "ip_address",
    r"[0-9]\.[0-9]{1,3}\.[0-9]|[0-9a-fA-F]:[0-9a-fA-F:]",
    r"\b(?:[0-9]{1,3}\.){3}[0-9]{1,3}\b|\b[0-9a-fA-F]{1,4}(?::[0-9a-fA-F]{0,4}){2,7}",
    "ip_address",
)
"""Hidden only where a team asks for it: an address is what a diagnosis of a network needs."""
