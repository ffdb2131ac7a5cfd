"""Redact a text that comes line by line, where one secret may stand on many lines."""

import re
from collections.abc import Callable
from typing import Final

_HIDDEN_KEY: Final = "[REDACTED:private_key]"
_KEY_BEGINS: Final = "-----BEGIN "
_KEY_BEHIND: Final = "PRIVATE KEY"
_KEY_ENDS: Final = "-----END "
_KEY_LINE: Final = re.compile(
    r"\s{0,8}(?:[A-Za-z0-9+/=]{1,200}|[A-Za-z\-]{1,40}: .{0,200})\s{0,8}\Z"
)
_KEY_LINES: Final = 400
"""Lines of a key that are waited for; the longest in use have about two hundred."""


class LineRedactor:
    """Redacts the lines of one text in order. Alone, a line of a private key looks like nothing."""

    def __init__(self, redact: Callable[[str], str]) -> None:
        """Begin a text.

        Args:
            redact: Redacts one line.
        """
        self._redact = redact
        self._key_lines = 0  # lines that may still belong to a private key

    def line(self, text: str) -> str:
        """Return the next line without secrets, with the line end that it had."""
        if self._is_of_key(text):
            return _HIDDEN_KEY + text[len(text.rstrip("\r\n")) :]
        begun = text.rfind(_KEY_BEGINS)
        goes_on = begun >= 0 and _KEY_BEHIND in text[begun:] and _KEY_ENDS not in text[begun:]
        self._key_lines = _KEY_LINES if goes_on else 0
        return self._redact(text)

    def _is_of_key(self, text: str) -> bool:
        """Say whether a line is one of a private key that began on a line before."""
        if not self._key_lines or _KEY_BEGINS in text:
            return False
        ends = text.lstrip().startswith(_KEY_ENDS)
        self._key_lines = 0 if ends else self._key_lines - 1
        return ends or _KEY_LINE.match(text) is not None
