"""Tell what a message says apart from what it says it about.

`user 17 not found` and `user 99 not found` are one problem, `status 500` and `status 503` are two.
Numbers, ids, addresses, times and values go; words, error codes, HTTP statuses and `os error N`
stay. What stays decides identity, so a change here gives old problems new names: it needs a new
version of the fingerprint.
"""

import re
import unicodedata
from typing import Final

from logwatchd.domain.invisible import without_invisible
from logwatchd.domain.mask_reader import read
from logwatchd.domain.text_overrides import (
    KEPT_BEHIND,
    NO_TEXT_OVERRIDES,
    TextOverrides,
    restored,
    without_private,
)
from logwatchd.domain.values import PLACEHOLDERS, See, Values

LENGTH_LIMIT: Final = 4_096
"""Code points of a message that count; a longer one differs in what it carries, not in kind."""

_MEMO_LIMIT: Final = 256
_MEMO_TEXT_LIMIT: Final = 512
"""Code points; longer texts are not remembered, so that hostile ones cost no memory."""

_MONTH: Final = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DAY: Final = "(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_ZONE: Final = r"(?: (?:(?:Z|UTC|GMT|KST|[A-Z][DS]T)\b|<n>))?+"
_TIMES: Final = re.compile(
    rf"(?:{_DAY},? )?<n> {_MONTH} <n> <time>{_ZONE}"
    rf"|(?:{_DAY},? )?{_MONTH} <n>,? <time>{_ZONE}(?: <n>)?"
    rf"|<time>(?: <time>)*+{_ZONE}"
)
_UNITS: Final = re.compile(
    r"<n> (?:[kKMGTP]?i?B(?:/s)?|[bB]ytes?|ns|us|µs|ms|msecs?|milliseconds?|secs?|seconds?|mins?|minutes?"
    r"|hrs?|hours?|days?|percent|[smhd%])(?![\w/'])"
)
_LIST: Final = re.compile(rf"(?<=[(\[])(<{PLACEHOLDERS}>)(?:,\s?<{PLACEHOLDERS}>)++")
_ROWS: Final = re.compile(rf"(\(<{PLACEHOLDERS}>\))(?:,\s?\(<{PLACEHOLDERS}>\))++")


class Masker:
    """Masks messages; remembers the shapes of those it has seen."""

    __slots__ = ("_overrides", "_templates", "_values")

    def __init__(self, overrides: TextOverrides = NO_TEXT_OVERRIDES) -> None:
        self._overrides = overrides
        self._values = Values()
        self._templates: dict[str, str] = {}

    def shape(self, message: str) -> str:
        """Return a message without the values that are known by their looks alone.

        All that is known of a message by its content follows from its shape, so this is what
        results are remembered by.
        """
        text = _cleaned(message)
        if not self._overrides.asks:
            return self._values.replaced(text)
        text, kept = self._overrides.applied(text)
        return KEPT_BEHIND.join((self._values.replaced(text), *kept))

    def template(self, message: str) -> str:
        """Replace the parts of a message that differ between repeats of one problem.

        Args:
            message: Redacted text, any length; `LENGTH_LIMIT` code points of it count.

        Returns:
            One line to be read by people, with `<n>`, `<id>` and the like for what went. Applying
            it to its own result changes nothing, unless a text was put together to that end.
        """
        return self.template_of_shape(self.shape(message))

    def template_of_shape(self, shape: str) -> str:
        """Return the template of all messages of one shape."""
        known = self._templates.get(shape)
        if known is None:
            known = _template(shape, None)
            if len(shape) <= _MEMO_TEXT_LIMIT:
                if len(self._templates) >= _MEMO_LIMIT:
                    self._templates.clear()
                self._templates[shape] = known
        return known

    def explained(self, message: str) -> tuple[str, list[tuple[str, str]], list[str]]:
        """Return the template, each text that went with what stands for it, and what was kept."""
        seen: list[tuple[str, str]] = []

        def see(text: str, shown: str) -> None:
            seen.append((text, shown))

        text, kept = _cleaned(message), list[str]()
        if self._overrides.asks:
            text, kept = self._overrides.applied(text)
        shape = KEPT_BEHIND.join((self._values.replaced(text, see), *kept))
        return _template(shape, see), seen, kept


def _cleaned(message: str) -> str:
    text = message[:LENGTH_LIMIT]
    if not text.isprintable():
        text = without_private(without_invisible(text))
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def _template(shape: str, see: See | None) -> str:
    text, *kept = shape.split(KEPT_BEHIND)
    if "<time>" in text:
        text = _TIMES.sub("<time>", text)
    if "<n> " in text:
        text = _UNITS.sub("<n>", text)
    shown = read(text, see)
    if ">," in shown or ")," in shown:
        shown = _ROWS.sub(r"\1", _LIST.sub(r"\1", shown))
    if not shown.isascii():
        shown = unicodedata.normalize("NFC", shown)
    shown = restored(shown, kept) if kept else shown
    return shown if len(shown) <= LENGTH_LIMIT else shown[:LENGTH_LIMIT].rpartition(" ")[0]
