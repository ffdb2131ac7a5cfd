"""Lines with secrets and lines without, for redaction. No secret stands in the repository.

`tests/data/redaction_lines.jsonl` holds templates: `⟦…⟧` is what must go, all of a line without one
must stay, and so must the parts in `keep`. `‹an36›` stands for 36 random signs.
"""

import json
import re
from base64 import b64encode, urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final
from urllib.parse import quote

_FILE: Final = Path(__file__).parent.parent / "data" / "redaction_lines.jsonl"
_LOWER: Final = "abcdefghijklmnopqrstuvwxyz"
_DIGITS: Final = "0123456789"
_ALPHABETS: Final = {
    "an": _LOWER + _LOWER.upper() + _DIGITS,
    "uw": _LOWER + _LOWER.upper() + _DIGITS + "_",
    "up": _LOWER.upper() + _DIGITS,
    "lo": _LOWER + _DIGITS,
    "hx": "0123456789abcdef",
    "dg": _DIGITS,
}
_ENCODINGS: Final = {
    "base": lambda data: b64encode(data).decode(),
    "url": lambda data: urlsafe_b64encode(data).decode().rstrip("="),
    "quoted": lambda data: quote(b64encode(data).decode(), safe=""),
}
_TOKEN: Final = re.compile("‹([a-z]+?)(?:([0-9]+)(?:_([0-9]+))?)?›")
_SECRET: Final = re.compile("⟦(.*?)⟧", re.DOTALL)
_WORDS: Final = ("Spring", "Passw0rd", "blueHorse", "qwer1234", "Zx9kL", "dragon", "s3cr3t")


@dataclass(frozen=True, slots=True)
class SampleLine:
    """One line and what must become of it.

    Attributes:
        kind: What it is about.
        text: The line.
        secrets: Parts that must go.
        keep: Parts that must stay.
    """

    kind: str
    text: str
    secrets: tuple[str, ...]
    keep: tuple[str, ...]


def sample_lines(seed: int) -> list[SampleLine]:
    """Return every line with secrets drawn from a seed."""
    random = Random(seed)  # noqa: S311 -- the same lines in each run
    found = []
    for number, record in enumerate(_FILE.read_text().splitlines()):
        values = json.loads(record)
        marked = _TOKEN.sub(lambda match: _drawn(random, match), values["text"])
        text = marked.replace("⟦", "").replace("⟧", "")
        secrets = tuple(_SECRET.findall(marked))
        keep = values.get("keep", []) if secrets else [text]
        kept = tuple(_TOKEN.sub(lambda match: _drawn(random, match), each) for each in keep)
        found.append(SampleLine(f"{number + 1}-{values['kind']}", text, secrets, kept))
    return found


def _drawn(random: Random, match: re.Match[str]) -> str:
    name, first, second = match[1], match[2] or "", match[3] or ""
    if name in _ALPHABETS:
        return "".join(random.choices(_ALPHABETS[name], k=int(first)))
    if name in _ENCODINGS:
        return _ENCODINGS[name](random.randbytes(int(first)))
    if name.startswith("card"):
        return _card(random, first, int(second), between={"cardsp": " ", "carddash": "-"}.get(name))
    if name.startswith("rrn"):
        return _resident_number(random, first, between="-" if name == "rrnd" else "")
    return _whole(random, name)


def _whole(random: Random, name: str) -> str:
    if name == "dashes":
        return "-" * 5
    if name == "uuid":
        digits = random.randbytes(16).hex()
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
    if name == "jwt":
        parts = (b'{"alg":"RS256","typ":"JWT"}', b'{"sub":"8123","exp":9}', random.randbytes(64))
        return ".".join(map(_ENCODINGS["url"], parts))
    tail = "".join((*random.choices(_LOWER, k=3), *random.choices(_DIGITS, k=2)))
    return random.choice(_WORDS) + (random.choice("!#_-") if name == "pw" else "") + tail


def _card(random: Random, head: str, length: int, *, between: str | None) -> str:
    """Return a number with a right check digit (ISO/IEC 7812-1)."""
    digits = head + "".join(random.choices(_DIGITS, k=length - len(head) - 1))
    total = 0
    for at, sign in enumerate(reversed(digits)):
        doubled = int(sign) * (2 - at % 2)
        total += doubled - 9 * (doubled > 9)
    digits += str(-total % 10)
    if between is None:
        return digits
    return between.join(digits[at : at + 4] for at in range(0, length, 4))


def _resident_number(random: Random, seventh: str, *, between: str) -> str:
    """Return a Korean resident registration number with a right check digit."""
    digits = "850714" + seventh + "".join(random.choices(_DIGITS, k=5))
    weights = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)
    total = sum(weight * int(digit) for weight, digit in zip(weights, digits, strict=True))
    last = ((13 if seventh in "5678" else 11) - total % 11) % 10
    return f"{digits[:6]}{between}{digits[6:]}{last}"
