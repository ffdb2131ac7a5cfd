"""Our own secrets in every dress in which a log may hold them.

No list of formats gives this guarantee: the values that the daemon was configured with never leave
it, whatever they look like.
"""

import json
from base64 import b64encode
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, quote_plus

SHORTEST: Final = 6
"""Code points; a shorter value is too likely to be an ordinary word."""

_LONG_LINE: Final = 16
"""A line of a secret of many lines, such as a key, is a secret of its own from this length on."""


def dresses_of(secrets: Iterable[str]) -> list[str]:
    """Return every form of the secrets to look for, longest first.

    A form is the value itself, in hexadecimal, URL-encoded, JSON-escaped once and twice, and in
    Base64 at each of the three alignments, without the characters that its neighbours decide.

    Args:
        secrets: The values; those shorter than `SHORTEST` are left out.
    """
    found: set[str] = set()
    for secret in secrets:
        bare = secret.strip()
        lines = [line.strip() for line in bare.splitlines()]
        parts = [bare, *(line for line in lines if len(line) >= _LONG_LINE)]
        for part in parts:
            if len(part) >= SHORTEST:
                found.update(form for form in _dresses(part) if len(form) >= SHORTEST)
    return sorted(found, key=lambda form: (-len(form), form))


def _dresses(secret: str) -> Iterator[str]:
    data = secret.encode("utf-8", "replace")
    plain = data.decode()
    yield plain
    yield data.hex()
    yield data.hex().upper()
    for encoded in (quote(plain, safe=""), quote_plus(plain), quote(plain)):
        yield encoded
        yield encoded.lower() if "%" in encoded else encoded
    for ascii_only in (True, False):
        escaped = json.dumps(plain, ensure_ascii=ascii_only)[1:-1]
        yield escaped
        yield escaped.replace("/", "\\/")
        yield json.dumps(escaped, ensure_ascii=ascii_only)[1:-1]
    for shift in range(3):
        core = _core(data, shift)
        yield core
        yield core.replace("+", "-").replace("/", "_")


def _core(data: bytes, shift: int) -> str:
    """Return what Base64 makes of data behind `shift` unknown bytes, wherever the text ends."""
    encoded = b64encode(bytes(shift) + data).decode().rstrip("=")
    first = (0, 2, 3)[shift]
    last = (shift + len(data)) * 8 // 6
    return encoded[first:last]
