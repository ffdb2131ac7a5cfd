"""A statement in source code that writes a message, and the template that it writes."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

ANY_TARGET: Final = "*"
"""The target of a log statement that names one of which only the running program knows."""

_WORD: Final = re.compile(r"\w{1,64}")
_LETTERS: Final = re.compile(r"[^\W\d_]")


class Kind(StrEnum):
    """What a statement does with its text."""

    LOG = "log"
    ERROR = "error"
    PANIC = "panic"
    DISPLAY = "display"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Template:
    """A text with placeholders: literals and names take turns, a literal first and last.

    Attributes:
        literals: What the program writes as it is; one more than `names`, each may be "".
            White space is folded to single spaces, letters are composed (NFC).
        names: What stands for each value in the source: `id`, `user.name`, or "" for unknown.
    """

    literals: tuple[str, ...]
    names: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The template for people: `Failed to load retrospect {id}: {error}`."""
        shown = [self.literals[0]]
        for name, literal in zip(self.names, self.literals[1:], strict=True):
            shown += [f"{{{name}}}", literal]
        return "".join(shown).strip()

    @property
    def wraps(self) -> bool:
        """Whether it ends in a value: what is wrong below is mostly put there."""
        return bool(self.names) and not any(sign.isalnum() for sign in self.literals[-1])

    def with_constants(self, texts: Mapping[str, str]) -> "Template":
        """Return the template with the constants that it names filled in."""
        if not any(name in texts for name in self.names):
            return self
        literals, names = [self.literals[0]], []
        for name, literal in zip(self.names, self.literals[1:], strict=True):
            if name in texts:
                literals[-1] += _spaces_folded(texts[name]) + literal
            else:
                names.append(name)
                literals.append(literal)
        return Template(tuple(literals), tuple(names))

    def words(self) -> frozenset[str]:
        """Return the words that stand whole in every message written from it, folded in case.

        A word that touches a placeholder may be longer in the message, so it is none.
        """
        return frozenset(word for run in self._runs() for word in run)

    def phrases(self) -> frozenset[str]:
        """Return the stretches of two and of three such words."""
        return frozenset(phrase for run in self._runs() for phrase in phrases_of(run))

    def _runs(self) -> Iterator[list[str]]:
        last = len(self.literals) - 1
        for number, literal in enumerate(self.literals):
            found = list(_WORD.finditer(literal))
            if found and found[0].start() == 0 and number > 0:
                del found[0]
            if found and found[-1].end() == len(literal) and number < last:
                del found[-1]
            yield [match[0].casefold() for match in found]


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One log statement, or one text that becomes part of an error.

    Attributes:
        path: Path in the repository.
        line: First line of the statement, from 1.
        end_line: Last line of it.
        kind: What it does with the text.
        template: What it writes.
        level: The level of a log statement in lower case, "" where none is known.
        function: Name of the function, type or constant around it, "" at the top of a file.
        start: First line of that.
        end: Last line of that.
        modules: Modules that are opened inside the file around it, outermost first.
        target: The target or logger that the statement itself names, or "".
        fields: Names of the structured fields that are logged with it.
        symbol: The variant or error class that the text becomes or describes, e.g.
            `AppError::Internal`, or "".
        codes: Other short literals beside the text, such as an error code.
        via: The macro or function that takes the text, as it is called.
        is_test: Whether it is code of a test.
    """

    path: str
    line: int
    end_line: int
    kind: Kind
    template: Template
    level: str = ""
    function: str = ""
    start: int = 0
    end: int = 0
    modules: tuple[str, ...] = ()
    target: str = ""
    fields: tuple[str, ...] = ()
    symbol: str = ""
    codes: tuple[str, ...] = ()
    via: str = ""
    is_test: bool = False


def folded(text: str) -> str:
    """Return text as templates and messages are compared: composed, white space folded."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def template_from(parts: list[str | None], names: list[str]) -> Template:
    """Return the template of literals and gaps.

    Args:
        parts: Literals as the program writes them, and None for each value.
        names: What stands for each None, in order.
    """
    literals, current, number = [], "", 0
    found: list[str] = []
    for part in parts:
        if part is None:
            literals.append(current)
            found.append(names[number] if number < len(names) else "")
            current, number = "", number + 1
        else:
            current += part
    literals.append(current)
    return Template(tuple(_spaces_folded(each) for each in literals), tuple(found))


def _spaces_folded(literal: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", literal))


def is_message(template: Template) -> bool:
    """Say whether a text reads like one that people are to read, and is no name, path or query."""
    text = " ".join(template.literals).strip()
    if not _LETTERS.search(text) or _QUERY.match(text):
        return False
    words = text.split()
    return len(words) > 1 or any(_is_hangul(sign) for sign in text)


_QUERY: Final = re.compile(
    r"(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|WITH|BEGIN|COMMIT)\s",
    re.IGNORECASE,
)


def _is_hangul(sign: str) -> bool:
    return "가" <= sign <= "힣"


def size_of(word: str) -> int:
    """Return how much a word says by its length: a syllable of Korean holds two letters or three."""
    return sum(2 if _is_hangul(sign) else 1 for sign in word)


def words_of(text: str) -> list[str]:
    """Return the words of a message in order, folded in case."""
    return [match[0].casefold() for match in _WORD.finditer(text)]


def phrases_of(words: Sequence[str]) -> list[str]:
    """Return the stretches of two and of three words."""
    return [
        " ".join(words[at : at + length])
        for length in (2, 3)
        for at in range(len(words) - length + 1)
    ]
