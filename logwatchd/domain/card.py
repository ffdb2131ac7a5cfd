"""From a notice to a card, in one of the languages."""

from collections.abc import Callable
from typing import assert_never

from logwatchd.domain.card_parts import Card, with_texts
from logwatchd.domain.digest_card import digest_card, text_card
from logwatchd.domain.incident_card import incident_card
from logwatchd.domain.notice import CardNotice, DigestNotice, Notice, StormNotice, TextNotice
from logwatchd.domain.safe_text import redacted_again
from logwatchd.domain.storm_card import storm_card
from logwatchd.domain.texts import Language, texts_of

__all__ = ["Card", "card_of", "card_to_draw"]


def card_of(notice: Notice, language: Language) -> Card:
    """Return the card of a notice.

    Args:
        notice: What to tell; its log text may hold anything.
        language: Of our own words.

    Returns:
        The card; which of its text is trusted shows in the types of its parts.
    """
    texts = texts_of(language)
    match notice:
        case CardNotice():
            return incident_card(notice, texts)
        case DigestNotice():
            return digest_card(notice, texts)
        case StormNotice():
            return storm_card(notice, texts)
        case TextNotice():
            return text_card(notice, texts)
        case _:
            assert_never(notice)


def card_to_draw(notice: Notice, language: Language, *, redact: Callable[[str], str]) -> Card:
    """Return the card of a notice as a sink may draw it, each text redacted once more.

    What a log wrote was redacted when it was read; but a secret may show only now that the text is
    clean, and what the daemon says about itself came another way.

    Args:
        notice: What to tell.
        language: Of our own words.
        redact: Replaces secrets.
    """
    return with_texts(card_of(notice, language), lambda text: redacted_again(text, redact))
