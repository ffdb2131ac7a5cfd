"""From a notice to a card, in one of the languages."""

from typing import assert_never

from logwatchd.domain.card_parts import Card
from logwatchd.domain.digest_card import digest_card, text_card
from logwatchd.domain.incident_card import incident_card
from logwatchd.domain.notice import CardNotice, DigestNotice, Notice, StormNotice, TextNotice
from logwatchd.domain.storm_card import storm_card
from logwatchd.domain.texts import Language, texts_of

__all__ = ["Card", "card_of"]


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
