"""Places in source code: `file:line`."""

import re
from typing import Any, Final

from logwatchd.domain.cleaning import as_text, clean

_PATH_LIMIT: Final = 300
"""Code points of a path that are looked at."""

_DIGITS_LIMIT: Final = 9
"""Digits of a line's number; no file has a thousand million lines."""

_PLACE: Final = re.compile(rf"([^\n]{{1,{_PATH_LIMIT}}}):([0-9]{{1,9}})\Z")
_COLUMN: Final = re.compile(r":[0-9]{1,9}\Z")

_LOOKS_LIKE_FILE: Final = re.compile(r"(?=[^A-Za-z]{0,300}[A-Za-z])[^./\\]{0,300}[./\\]")

PANIC_HEAD: Final = re.compile(
    r"\s{0,8}(?:thread '([^'\n]{0,200}+)'(?: \([0-9]{1,20}\))? )?panicked at "
)
"""How a panic's message begins; group 1 is the name of the thread."""

# `panicked at src/main.rs:4:5:` since 1.73, `panicked at 'text', src/main.rs:4:5` before it.
_NEW_PLACE: Final = re.compile(r"([^\s':][^\n':]{0,300}):([0-9]{1,9}):([0-9]{1,9})(?![0-9])")
_OLD_PLACE: Final = re.compile(
    r"'[,:] ([^\n':,]{1,300}):([0-9]{1,9})(?::[0-9]{1,9})?\s{0,4}(?:\n|\Z)"
)


def place_of(value: Any) -> str:
    """Return `file:line` of a text such as `src/main.rs:4:5`, without its column; else ""."""
    if not isinstance(value, str) or len(value) > _PATH_LIMIT:
        return ""
    text = clean(value).strip()
    found = _PLACE.match(text)
    if found is None or not _LOOKS_LIKE_FILE.match(text):
        return ""  # a time of day, a port
    shorter = _PLACE.match(_COLUMN.sub("", text))
    return shorter[0] if shorter is not None else found[0]


def place(file: Any, line: Any) -> str:
    """Return `file:line` of a file's name and a line's number, "" when they are none."""
    number = str(line) if isinstance(line, int) and not isinstance(line, bool) else line
    if not isinstance(file, str) or not isinstance(number, str):
        return ""
    if not (number.isascii() and number.isdigit() and len(number) <= _DIGITS_LIMIT):
        return ""
    return f"{as_text(file, _PATH_LIMIT)}:{number}"


def is_panic(text: str) -> bool:
    """Say whether a text is a panic's."""
    return "panicked at " in text and PANIC_HEAD.match(text) is not None


def thread_in_panic(text: str) -> str:
    """Return the thread's name that a panic's text begins with, else ""."""
    found = PANIC_HEAD.match(text)
    return clean(found[1] or "") if found is not None else ""


def place_in_panic(text: str) -> str:
    """Return `file:line` of a panic's text, "" when it is no panic's."""
    head = PANIC_HEAD.match(text)
    if head is None:
        return ""
    found = _NEW_PLACE.match(text, head.end()) or _OLD_PLACE.search(text, head.end())
    return clean(f"{found[1]}:{found[2]}") if found is not None else ""
