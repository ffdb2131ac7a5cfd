"""How the languages write templates, read into literals and gaps.

Each reader returns what `statement.template_from` takes: texts, and None for each value, and what
the source says of the values: a name, a position, or "" for the next argument.
"""

import re
from collections.abc import Sequence
from typing import Final

Parts = list[str | None]

_BRACES: Final = re.compile(r"\{\{|\}\}|\{([^{}]{0,200})\}")
_PERCENT: Final = re.compile(
    r"%%|%(?:\(([^()]{1,100})\))?[-#0 +']{0,5}(?:\d{1,5}|\*)?(?:\.(?:\d{1,5}|\*))?[hlLzjt]{0,2}"
    r"[diouxXeEfFgGcrsaOjp]"
)
_ESCAPE: Final = re.compile(
    r"\\(?:\r?\n\s*|u\{([0-9A-Fa-f_]{1,8})\}|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|x([0-9A-Fa-f]{2})|(.))",
    re.DOTALL,
)
_SIMPLE: Final = {"n": "\n", "t": "\t", "r": "\r", "0": "", "a": "", "b": "", "f": " ", "v": " "}
_LAST_UNICODE: Final = 0x10FFFF

_CALL: Final = re.compile(r"\.?\b[A-Za-z_]\w*(?:::<[^()]*>)?\(\)\s*\??$")
_PLAIN_NAME: Final = re.compile(r"[A-Za-z_$][\w$]*(?:(?:\.|::|\?\.)[A-Za-z_0-9$]+){0,4}")
_NAME_LIMIT: Final = 40


def braces(text: str) -> tuple[Parts, list[str]]:
    """Read `{}`, `{name}`, `{0}`, `{x:>5}`, `{{` as Rust's `format!` and Python's `format` do.

    Returns:
        The parts, and for each gap its name or number, "" for the next argument.
    """
    parts: Parts = []
    names: list[str] = []
    at = 0
    for found in _BRACES.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[1] is None:
            parts.append(found[0][0])
            continue
        parts.append(None)
        names.append(re.split("[:!]", found[1], maxsplit=1)[0].strip())
    parts.append(text[at:])
    return parts, names


def percent(text: str) -> tuple[Parts, list[str]]:
    """Read `%s`, `%d`, `%(name)s`, `%%` as Python's logging and Node's `util.format` do."""
    parts: Parts = []
    names: list[str] = []
    at = 0
    for found in _PERCENT.finditer(text):
        parts.append(text[at : found.start()])
        at = found.end()
        if found[0] == "%%":
            parts.append("%")
            continue
        parts.append(None)
        names.append(found[1] or "")
    parts.append(text[at:])
    return parts, names


def filled(names: Sequence[str], arguments: Sequence[str]) -> list[str]:
    """Return a readable name for each gap.

    Args:
        names: What `braces` or `percent` said of the gaps.
        arguments: The source of the arguments behind the template, in order; `name = value` for
            named ones.
    """
    following = iter([each for each in arguments if not re.match(r"\s*\w+\s*=[^=]", each)])
    shown = []
    for name in names:
        if not name:
            shown.append(expression_name(next(following, "")))
        elif name.isdigit():
            shown.append(expression_name(arguments[int(name)]) if _has(arguments, name) else name)
        else:
            shown.append(expression_name(name))
    return shown


def _has(arguments: Sequence[str], number: str) -> bool:
    return len(number) < len("1000") and int(number) < len(arguments)


def expression_name(source: str) -> str:
    """Return what an expression is called for people: `self.id.to_string()` is `id`."""
    text = source.strip().lstrip("&*%?").strip()
    while (shorter := _CALL.sub("", text).strip()) != text and shorter:
        text = shorter
    for lead in ("self.", "this."):
        text = text.removeprefix(lead)
    found = _PLAIN_NAME.fullmatch(text)
    return text[:_NAME_LIMIT] if found is not None else ""


def unescaped(text: str) -> str:
    r"""Return the text of a literal's source: `\n`, `\u{…}`, and lines joined by a backslash."""
    if "\\" not in text:
        return text

    def sign(found: re.Match[str]) -> str:
        digits = next((each for each in found.groups()[:4] if each), "")
        if digits:
            number = int(digits.replace("_", "") or "0", 16)
            return chr(number) if number <= _LAST_UNICODE and not _is_surrogate(number) else ""
        return _SIMPLE.get(found[5], found[5]) if found[5] else ""

    return _ESCAPE.sub(sign, text)


def _is_surrogate(number: int) -> bool:
    return 0xD800 <= number < 0xE000  # noqa: PLR2004 -- Unicode, 3.8
