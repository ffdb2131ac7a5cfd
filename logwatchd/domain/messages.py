"""What a message itself says: a code at its head, values for its placeholders."""

import re
from collections.abc import Mapping
from typing import Any, Final

from logwatchd.domain.cleaning import as_text
from logwatchd.domain.event import MESSAGE_LIMIT, VALUE_LIMIT
from logwatchd.domain.levels import LEVEL_WORDS

_BRACKET: Final = re.compile(r"\s{0,8}\[([A-Z0-9][A-Z0-9_-]{1,31})\]")
_LETTER: Final = re.compile("[A-Z]")
_BRACKETS_LIMIT: Final = 3
"""Brackets that are looked at: `[ERROR] [worker] [AI5001]` is as many as people write."""

_HEAD_LIMIT: Final = 128
"""Code points in which that many brackets stand."""

# A name is read once and possessively; what follows is bounded.
_PLACEHOLDER: Final = re.compile(
    r"\{\{|\}\}|\{[@$]?([A-Za-z0-9_.]{1,64}+)(?:,-?[0-9]{1,4})?(?::[^{}]{0,64}+)?\}"
)
_BRACES: Final = {"{{": "{", "}}": "}"}


def code_at_head(message: str) -> str:
    """Return the code in brackets at the head of a message, as `[AI5001] …`, else "".

    A level in brackets before it is passed over and is itself no code.
    """
    if "[" not in message[:_HEAD_LIMIT]:
        return ""
    position = 0
    for _ in range(_BRACKETS_LIMIT):
        found = _BRACKET.match(message, position)
        if found is None:
            return ""
        word = found[1]
        if word not in LEVEL_WORDS:
            return word if _LETTER.search(word) else ""
        position = found.end()
    return ""


def rendered(template: Any, values: Mapping[str, Any]) -> str | None:
    """Return a message template (messagetemplates.org, as Serilog writes it) with its values.

    Args:
        template: Text with placeholders as `{Name}`; one without a value stays as it is.
        values: The members of the record.

    Returns:
        The text, or None when the template is none.
    """
    if not isinstance(template, str):
        return None

    def value_of(found: re.Match[str]) -> str:
        name = found[1]
        if name is None:
            return _BRACES[found[0]]
        value = values.get(name)
        return found[0] if value is None else as_text(value, VALUE_LIMIT)

    return _PLACEHOLDER.sub(value_of, template[:MESSAGE_LIMIT])
