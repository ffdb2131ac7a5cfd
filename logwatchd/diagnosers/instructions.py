"""The instructions for a model: versioned files in the package, or a team's own file."""

from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Final

from logwatchd.domain.texts import Language

_VERSION: Final = "1"
_OWN: Final = "own"
_LIMIT: Final = 20_000
_LANGUAGES: Final = {Language.EN: "English", Language.KO: "Korean"}


@dataclass(frozen=True, slots=True)
class Instructions:
    """What a model is told to do.

    Attributes:
        text: The words.
        name: Their version and a hash of them, to be kept with each answer.
    """

    text: str
    name: str


def instructions(language: Language, file: Path | None = None) -> Instructions:
    """Return the instructions; `{language}` in them becomes the language of the answer.

    Raises:
        OSError: The file cannot be read.
        ValueError: It is no text, or too long.
    """
    resource = files("logwatchd.diagnosers").joinpath("prompts", f"{_VERSION}.txt")
    text = (resource if file is None else file).read_text("utf-8").strip()
    if not 0 < len(text) <= _LIMIT:
        raise ValueError(f"must hold 1 to {_LIMIT} characters")
    text = text.replace("{language}", _LANGUAGES[language])
    version = _VERSION if file is None else _OWN
    return Instructions(text, f"{version}:{sha256(text.encode()).hexdigest()[:12]}")
