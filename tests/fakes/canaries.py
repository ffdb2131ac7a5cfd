"""Secrets that must not sing: one for each secret setting, and every dress to look for."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

WEBHOOK: Final = "Cnry_wh7-" + "kQ2" * 8
PROXY: Final = "Cnry+px/9=" + '"é' + "zT4" * 4
ANTHROPIC: Final = "Cnry-an5-" + "mV8" * 6
GITHUB: Final = "Cnry-gh3-" + "dL6" * 6
ALL: Final = {"webhook": WEBHOOK, "proxy": PROXY, "anthropic": ANTHROPIC, "github": GITHUB}


def dresses(secret: str) -> Iterator[str]:
    """Yield the forms in which a log may hold a secret."""
    data = secret.encode()
    yield secret
    yield data.hex()
    yield data.hex().upper()
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    yield json.dumps(json.dumps(secret))[3:-3]
    for shift in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            yield encode(b"x" * shift + data + b"x" * shift).decode()


def _traces(secret: str) -> Iterator[str]:
    """Yield what there is in a text that holds a secret in any dress."""
    yield from dresses(secret)
    for shift in range(3):
        for encode in (b64encode, urlsafe_b64encode):
            # What stands before and behind it decides the first and the last characters.
            whole = encode(b"x" * shift + secret.encode()).decode().rstrip("=")
            yield whole[(0, 2, 3)[shift] : -1]


def heard(text: str | bytes) -> list[str]:
    """Return the names of the canaries that a text holds in any dress."""
    data = text.encode("utf-8", "replace") if isinstance(text, str) else text
    return [
        name for name, secret in ALL.items() if any(one.encode() in data for one in _traces(secret))
    ]


def heard_in(directory: Path) -> dict[str, list[str]]:
    """Return the files below a directory that hold canaries, with their names."""
    found = {str(each): heard(each.read_bytes()) for each in directory.rglob("*") if each.is_file()}
    return {path: names for path, names in found.items() if names}


def heard_in_all(texts: Iterable[str | bytes]) -> list[str]:
    """Return the names of the canaries that any of the texts holds."""
    return sorted({name for text in texts for name in heard(text)})
