"""The catalogue of all user-facing words of alerts, by language."""

from enum import StrEnum
from typing import Final, assert_never

from logwatchd.domain.texts_en import ENGLISH
from logwatchd.domain.texts_ko import KOREAN
from logwatchd.domain.texts_schema import Texts

_REASON_LIMIT: Final = 40


class Language(StrEnum):
    """In which language people are told."""

    EN = "en"
    KO = "ko"


def texts_of(language: Language) -> Texts:
    """Return the words of a language."""
    match language:
        case Language.EN:
            return ENGLISH
        case Language.KO:
            return KOREAN
        case _:
            assert_never(language)


def held_back_reason(texts: Texts, name: str) -> str:
    """Return the words for the name of a reason; an unknown name speaks for itself."""
    letters = "".join(mark if mark.isalnum() else " " for mark in name[:_REASON_LIMIT])
    return texts.held_back_reasons.get(name, letters)
